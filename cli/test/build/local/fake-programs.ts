import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const created: string[] = [];
afterAll(() => created.forEach(path => rmSync(path, { recursive: true })));

/** A temporary folder of a build. */
const TEMPORARY = new RegExp(`${tmpdir()}/webapp-build-\\w+`, 'g');

/** What the scripts of fake programs use. */
const TOOLS = ['cat', 'cp', 'env', 'grep', 'ls', 'sed', 'sleep', 'tar'];

/** Programs in a folder that is the whole PATH: shell scripts that record how they are called. */
export class FakePrograms {
  public readonly folder = mkdtempSync(join(tmpdir(), 'webapp-fakes-'));

  /** Apart from the programs: what is written here must never follow a link to a real one. */
  private readonly records = mkdtempSync(join(tmpdir(), 'webapp-records-'));

  constructor(scripts: { readonly [program: string]: string } = {}) {
    created.push(this.folder, this.records);
    for (const tool of TOOLS) symlinkSync([`/bin/${tool}`, `/usr/bin/${tool}`].find(path => existsSync(path))!, join(this.folder, tool));
    for (const [name, script] of Object.entries(scripts)) this.add(name, script);
  }

  /** @param script gets its arguments as `$*`, and may write to files in the folder `$RECORDS` */
  public add(name: string, script: string): void {
    const path = join(this.folder, name);
    writeFileSync(path, `#!/bin/sh\nRECORDS=${this.records}\necho "${name} $*" >> "$RECORDS/calls"\n${script}\n`);
    chmodSync(path, 0o755);
  }

  public get env() {
    return { PATH: this.folder };
  }

  /** The command lines, in order. Names of temporary files are replaced. */
  public get calls(): string[] {
    return this.read('calls').split('\n').filter(line => line !== '').map(line => line.replace(TEMPORARY, 'TMP'));
  }

  /** What a program has written to a file in `$RECORDS`; empty if nothing. */
  public read(file: string): string {
    const path = join(this.records, file);
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  }
}
