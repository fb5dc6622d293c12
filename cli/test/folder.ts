import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { call, Called } from './call';

const created: string[] = [];
afterAll(() => created.forEach(path => rmSync(path, { recursive: true })));

/** A temporary folder with files, in which the command runs. */
export class Folder {
  public readonly path = mkdtempSync(join(tmpdir(), 'webapp-'));

  constructor(files: { readonly [path: string]: string }) {
    created.push(this.path);
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(this.path, path)), { recursive: true });
      writeFileSync(join(this.path, path), text);
    }
  }

  /** Runs a command line in the folder, or in a subfolder. */
  public async call(line: string, below = '.'): Promise<Called> {
    return call(line.split(' '), { cwd: join(this.path, below) });
  }

  public write(path: string, text: string): void {
    writeFileSync(join(this.path, path), text);
  }

  public read(path: string): string {
    return readFileSync(join(this.path, path), 'utf8');
  }

  public list(path = '.'): string[] {
    return readdirSync(join(this.path, path)).sort();
  }
}
