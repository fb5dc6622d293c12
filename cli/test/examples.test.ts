import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { call } from './call';

const EXAMPLES = join(__dirname, '../../examples');
const folders = readdirSync(EXAMPLES, { withFileTypes: true }).filter(entry => entry.isDirectory()).map(({ name }) => name);

/** Examples that need code, with the reason. Methods such as `connect` and `addCronJob` are props in the file. */
const CODE_ONLY: { readonly [name: string]: string } = {
  'escape-hatches': 'it changes objects of cdk8s-plus and cdk8s: a second container, and fields by JSON patches',
};

const main = (name: string) => readFileSync(join(EXAMPLES, name, 'main.ts'), 'utf8');
const written = folders.filter(name => existsSync(join(EXAMPLES, name, 'webapp.yaml')));

test('every example has a webapp.yaml, unless it needs code', () => {
  expect(folders.filter(name => !written.includes(name))).toEqual(Object.keys(CODE_ONLY));
});

describe.each(written)('the example %s', name => {
  const folder = mkdtempSync(join(tmpdir(), 'example-'));
  const world = { cwd: join(EXAMPLES, name) };
  afterAll(() => rmSync(folder, { recursive: true }));

  test('synthesizes the same bytes from the file as from TypeScript', async () => {
    process.env.CDK8S_OUTDIR = folder;
    jest.isolateModules(() => void jest.requireActual(join(EXAMPLES, name, 'main')));
    delete process.env.CDK8S_OUTDIR;
    const files = readdirSync(folder);
    // One file per chart, in the order of the program.
    const order = [...main(name).matchAll(/new Chart\(\w+, '([^']+)'/g)].map(([, id]) => `${id}.k8s.yaml`);
    expect(order.slice().sort()).toEqual(files.sort());

    const { code, out, err } = await call(['synth'], world);
    expect(err.replace(/^warning: .*\n/gm, '')).toBe('');
    expect(code).toBe(0);
    expect(out).toBe(order.map(file => readFileSync(join(folder, file), 'utf8')).join('---\n'));
  });

  test('is valid', async () => {
    expect(await call(['check'], world)).toMatchObject({ code: 0, out: '' });
  });
});
