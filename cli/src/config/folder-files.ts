import { readFileSync, realpathSync, statSync } from 'node:fs';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import type { Fault } from '../../../src/internal';

/** What a ConfigMap can hold: https://kubernetes.io/docs/concepts/configuration/configmap/#configmap-object */
const LARGEST = 1024 * 1024;

/** The files in the folder of webapp.yaml and below it that it names. Each is read once, so that later edits change nothing. */
export class FolderFiles {
  private readonly known = new Map<string, Buffer | Fault>();

  constructor(private readonly folder: string) {}

  /** The content of a file, or why it cannot be read. */
  public read(path: string): Buffer | Fault {
    const known = this.known.get(path) ?? this.readNow(path);
    this.known.set(path, known);
    return known;
  }

  private readNow(path: string): Buffer | Fault {
    const shown = `is ${JSON.stringify(path)}`;
    const outside = fault('format', `${shown}, which is outside of the folder of the file`, 'copy it there, and write its path');
    if (isAbsolute(path) || this.isOutside(resolve(this.folder, path))) return outside;
    try {
      const real = realpathSync(resolve(this.folder, path));
      if (this.isOutside(real)) return outside; // by a symbolic link
      const { size } = statSync(real);
      const hint = `use at most ${LARGEST} bytes, the limit of a ConfigMap`;
      if (size > LARGEST) return fault('range', `${shown}, which has ${size} bytes`, hint);
      return readFileSync(real);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EISDIR') return fault('type', `${shown}, which is a folder`, 'name each of its files');
      const why = code === 'ENOENT' || code === 'ENOTDIR' ? 'which does not exist' : `which cannot be read (${code})`;
      return fault('missing', `${shown}, ${why}`, 'write a path that starts at the folder of the file');
    }
  }

  private isOutside(path: string): boolean {
    const way = relative(realpathSync(this.folder), path);
    const plain = relative(this.folder, path);
    return [way, plain].every(one => one === '..' || one.startsWith(`..${sep}`) || isAbsolute(one));
  }
}

function fault(code: Fault['code'], message: string, hint: string): Fault {
  return { code, message, hint };
}
