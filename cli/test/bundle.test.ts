import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const LIB = join(__dirname, '../lib');
const MAIN = join(LIB, 'main.mjs');
const MINIMAL = join(__dirname, '../../examples/minimal');

/** The files that a file of the bundle needs at once; what it imports by import() it needs later. */
function needs(file: string, found = new Set<string>()): Set<string> {
  if (found.has(file)) return found;
  found.add(file);
  for (const [, other] of readFileSync(join(LIB, file), 'utf8').matchAll(/^(?:import|export)?[^'"\n]*(?:from|import) "\.\/([^"]+)";$/gm)) needs(other, found);
  return found;
}

describe('the command as it is published', () => {
  test('prints what the library writes', () => {
    const out = execFileSync(process.execPath, [MAIN, 'synth'], { cwd: MINIMAL, encoding: 'utf8' });
    expect(out).toBe(readFileSync(join(__dirname, '../../test/minimal.yaml'), 'utf8'));
  });

  test('is started as any program', () => {
    expect(execFileSync(MAIN, ['--version'], { encoding: 'utf8' })).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test('shows what is wrong without a stack, and has an exit code', () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, 'synth', '--image', 'A'], { cwd: MINIMAL, encoding: 'utf8' });
    expect({ status, stdout, stderr }).toEqual({ status: 1, stdout: '', stderr: expect.stringMatching(/^error: --image is "A".*\n$/) });
    expect(spawnSync(process.execPath, [MAIN, 'synth', '--nonsense'], { encoding: 'utf8' }).status).toBe(64);
  });

  test('loads neither cdk8s nor the schemas to print its help', () => {
    const text = [...needs('main.mjs')].map(file => readFileSync(join(LIB, file), 'utf8')).join('');
    expect(text).toContain('Web apps on Kubernetes');
    expect(text.length).toBeLessThan(200_000);
  });

  test('loads the Kubernetes client for those commands alone that ask a cluster', () => {
    const client = readdirSync(LIB).filter(file => file.endsWith('.mjs') && readFileSync(join(LIB, file), 'utf8').includes('loadFromDefault('));
    const start = (name: string) => readdirSync(LIB).filter(file => file.startsWith(`${name}-`)).flatMap(file => [...needs(file)]);
    expect(client.length).toBeGreaterThan(0);
    for (const name of ['synth', 'synthesize', 'check', 'init']) expect(start(name).filter(file => client.includes(file))).toEqual([]);
    expect([...needs('main.mjs')].filter(file => client.includes(file))).toEqual([]);
  });

  test('says whose work is in it', () => {
    const text = readFileSync(join(LIB, 'LICENSES.txt'), 'utf8');
    for (const name of ['@kubernetes/client-node', 'cdk8s', 'cdk8s-plus-27', 'commander', 'constructs', 'js-yaml', 'yaml']) expect(text).toMatch(new RegExp(`^${name} \\d.*: (MIT|ISC|Apache-2.0)$`, 'm'));
  });
});
