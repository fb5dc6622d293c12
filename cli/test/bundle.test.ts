import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { COMMANDS } from '../src/commands/commands';

const LIB = join(__dirname, '../lib');
const MAIN = join(LIB, 'main.mjs');
/** Code that only the Kubernetes client has, and code that only cdk8s has. */
const CLIENT = 'loadFromDefault(';
const CDK8S = 'isApiObject(';

const MINIMAL = join(__dirname, '../../examples/minimal');

/**
 * The files of the bundle that a file imports, directly or not.
 *
 * @param lazy whether to include those that import() loads later
 */
function imports(file: string, lazy = false, found = new Set<string>()): Set<string> {
  if (found.has(file)) return found;
  found.add(file);
  const text = readFileSync(join(LIB, file), 'utf8');
  const now = /^(?:import|export)?[^'"\n]*(?:from|import) "\.\/([^"]+)";$/gm;
  for (const [, other] of text.matchAll(now)) imports(other, lazy, found);
  if (lazy) for (const [, other] of text.matchAll(/\bimport\("\.\/([^"]+)"\)/g)) imports(other, lazy, found);
  return found;
}

describe('the published command', () => {
  test('prints the same bytes as the library', () => {
    const out = execFileSync(process.execPath, [MAIN, 'synth'], { cwd: MINIMAL, encoding: 'utf8' });
    expect(out).toBe(readFileSync(join(__dirname, '../../test/minimal.yaml'), 'utf8'));
  });

  test('can be executed', () => {
    expect(execFileSync(MAIN, ['--version'], { encoding: 'utf8' })).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test('prints errors without a stack trace, and exits with a code other than 0', () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, 'synth', '--image', 'A'], { cwd: MINIMAL, encoding: 'utf8' });
    expect({ status, stdout, stderr }).toEqual({ status: 1, stdout: '', stderr: expect.stringMatching(/^error: --image is "A".*\n$/) });
    expect(spawnSync(process.execPath, [MAIN, 'synth', '--nonsense'], { encoding: 'utf8' }).status).toBe(64);
  });

  test('loads no dependency by import(), which in a bundle has only the default export of a CommonJS module', () => {
    const sources = readdirSync(join(__dirname, '../src'), { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.ts'));
    const texts = sources.map(file => readFileSync(join(__dirname, '../src', file), 'utf8'));
    const found = texts.flatMap(text => text.match(/import\('(?!\.|node:)[^']*'\)/g) ?? []);
    expect(found).toEqual([]);
  });

  const textOf = (files: Iterable<string>) => [...files].map(file => readFileSync(join(LIB, file), 'utf8')).join('');
  // The same name may occur in files that a command loads later.
  const fileOf = (command: string) => new RegExp(`import\\("\\./(${command}-\\w+\\.mjs)"\\)`).exec(textOf(imports('main.mjs')))![1];

  test('loads neither cdk8s nor the schemas to print its help', () => {
    const text = textOf(imports('main.mjs'));
    expect(text).toContain('Deploy web apps to Kubernetes');
    expect(text.length).toBeLessThan(200_000);
  });

  test.each(Object.keys(COMMANDS))('does not load the Kubernetes client or cdk8s to print the help of %s', name => {
    const text = textOf(imports(fileOf(name)));
    expect(text).not.toContain(CLIENT);
    expect(text).not.toContain(CDK8S);
  });

  test.each(['synth', 'check', 'init', 'eject', 'schema'])('never loads the Kubernetes client for %s, which uses no cluster', name => {
    expect(textOf(imports(fileOf(name), true))).not.toContain(CLIENT);
  });

  test('loads the Kubernetes client for deploy, and cdk8s for synth', () => {
    expect(textOf(imports(fileOf('deploy'), true))).toContain(CLIENT);
    expect(textOf(imports(fileOf('synth'), true))).toContain(CDK8S);
  });

  test('contains the licenses of its dependencies', () => {
    const text = readFileSync(join(LIB, 'LICENSES.txt'), 'utf8');
    for (const name of ['@kubernetes/client-node', 'cdk8s', 'cdk8s-plus-27', 'commander', 'constructs', 'js-yaml', 'yaml']) {
      expect(text).toMatch(new RegExp(`^${name} \\d.*: (MIT|ISC|Apache-2.0)$`, 'm'));
    }
  });
});
