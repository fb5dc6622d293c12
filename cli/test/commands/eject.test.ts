import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { transformSync } from 'esbuild';
import ts from 'typescript';
import { call } from '../call';
import { Folder } from '../folder';

const EXAMPLES = join(__dirname, '../../../examples');
const names = readdirSync(EXAMPLES).filter(name => existsSync(join(EXAMPLES, name, 'webapp.yaml')));

/** The YAML that a program synthesizes, in the order of its charts. */
function run(folder: string): string {
  const program = readFileSync(join(folder, 'main.ts'), 'utf8');
  process.env.CDK8S_OUTDIR = join(folder, 'yaml');
  const { code } = transformSync(program, { loader: 'ts', format: 'cjs' });
  jest.isolateModules(() => new Function('require', code)((name: string) => jest.requireActual(name)));
  delete process.env.CDK8S_OUTDIR;
  const charts = [...program.matchAll(/new Chart\(app, '([^']+)'/g)].map(([, id]) => `${id}.k8s.yaml`);
  return charts.map(file => readFileSync(join(folder, 'yaml', file), 'utf8')).join('---\n');
}

describe('webapp eject', () => {
  // In this folder, so that the programs find the library.
  const root = mkdtempSync(join(__dirname, 'ejected-'));
  afterAll(() => rmSync(root, { recursive: true }));

  test.each(names)('writes a project of the example %s that synthesizes the same bytes', async name => {
    const world = { cwd: join(EXAMPLES, name) };
    const folder = join(root, name);
    expect(await call(['eject', '--output', folder], world)).toMatchObject({ code: 0 });
    expect(run(folder)).toBe((await call(['synth'], world)).out);
  });

  test('writes projects that compile', () => {
    const { config } = ts.readConfigFile(join(__dirname, '../../tsconfig.json'), path => ts.sys.readFile(path));
    const { options } = ts.parseJsonConfigFileContent({ ...config, include: [`${root}/**/*.ts`] }, ts.sys, join(__dirname, '../..'));
    const program = ts.createProgram(names.map(name => join(root, name, 'main.ts')), options);
    expect(ts.getPreEmitDiagnostics(program).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))).toEqual([]);
  }, 60_000);

  test('writes code that reads as if written by hand', async () => {
    const folder = new Folder({
      'webapp.yaml': `
name: web
namespace: my-shop
image: web:1
size: m
env: { A-B: it's "so" }
files: { /a: "x\\ny\\n" }
environments: { staging: { image: web:2 } }
`,
      'platform.yaml': 'domain: apps.example.com\n',
    });
    const { err } = await folder.call('eject');
    expect(err).toContain('note: the project has no environments; use --env to write the project of one\n');
    expect(folder.list('cdk8s')).toEqual(['.gitignore', 'cdk8s.yaml', 'main.ts', 'package.json', 'tsconfig.json']);
    expect(folder.read('cdk8s/main.ts')).toBe(`import { App, Chart } from 'cdk8s';
import { AppSize, Platform, WebApp } from 'cdk8s-webapp';

const app = new App();
new Platform(app, 'platform', { domain: 'apps.example.com' });

const myShop = new Chart(app, 'my-shop', { namespace: 'my-shop' });
new WebApp(myShop, 'web', {
  image: 'web:1',
  size: AppSize.M,
  env: { 'A-B': 'it\\'s "so"' },
  files: { '/a': 'x\\ny\\n' },
});

app.synth();
`);
    expect((await folder.call('eject')).err).toContain(
      'cdk8s already has main.ts, package.json, tsconfig.json, cdk8s.yaml, .gitignore; overwrite with --force');
    await folder.call('eject --force --env staging');
    expect(folder.read('cdk8s/main.ts')).toContain("image: 'web:2'");
  });
});
