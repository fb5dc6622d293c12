import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as ts from 'typescript';

const ROOT = join(__dirname, '..');
const MEASURED = join(__dirname, 'measured');

/**
 * A project that uses the compiled library like any other: the files of `measured/` as plain JavaScript, in their own folder. Each runs
 * in a fresh process, in which nothing is compiled.
 */
export class Consumer {
  private readonly folder = mkdtempSync(join(tmpdir(), 'cdk8s-webapp-bench-'));

  constructor() {
    mkdirSync(join(this.folder, 'node_modules'));
    for (const name of ['cdk8s', 'cdk8s-plus-27', 'constructs']) this.link(name, join(ROOT, 'node_modules', name));
    this.link('cdk8s-webapp', ROOT);

    const compilerOptions = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 };
    for (const file of readdirSync(MEASURED)) {
      const { outputText } = ts.transpileModule(readFileSync(join(MEASURED, file), 'utf8'), { compilerOptions });
      writeFileSync(join(this.folder, file.replace(/ts$/, 'js')), outputText);
    }
    writeFileSync(join(this.folder, 'template.json'), JSON.stringify(this.run('template')));
  }

  /** Runs a file of `measured/`, and returns what it prints. */
  public run<T>(file: string, ...args: (string | number)[]): T {
    return JSON.parse(execFileSync(process.execPath, [`${file}.js`, ...args.map(String)], { cwd: this.folder, encoding: 'utf8' }));
  }

  public remove(): void {
    rmSync(this.folder, { recursive: true });
  }

  private link(name: string, target: string): void {
    symlinkSync(target, join(this.folder, 'node_modules', name), 'junction');
  }
}
