import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gunzipSync } from 'node:zlib';

const ROOT = join(__dirname, '../..');

/** The types that a jsii module exports. */
function typesOf(folder: string, kinds = ['class', 'enum', 'interface']): string[] {
  const assembly = JSON.parse(readFileSync(join(folder, '.jsii'), 'utf8'));
  const { types } =
    assembly.schema === 'jsii/file-redirect' ? JSON.parse(gunzipSync(readFileSync(join(folder, assembly.filename))).toString()) : assembly;
  return Object.values<{ kind: string; name: string; namespace?: string }>(types)
    .filter(({ kind, namespace }) => kinds.includes(kind) && namespace === undefined)
    .map(({ name }) => name);
}

test.each(['cdk8s', 'cdk8s-plus-27', 'constructs'])('no exported name is also in %s, which users import as well', name => {
  const theirs = typesOf(dirname(require.resolve(`${name}/package.json`)));
  expect(theirs.length).toBeGreaterThan(5);
  expect(typesOf(ROOT).filter(type => theirs.includes(type))).toEqual([]);
});

test('the compiled package is one file, from which ES modules import every class and enum by name', () => {
  const lib = join(ROOT, 'lib');
  expect(readdirSync(lib, { recursive: true }).filter(file => String(file).endsWith('.js'))).toEqual([join('src', 'index.js')]);

  const names = typesOf(ROOT, ['class', 'enum']);
  const program = `import { ${names.join(', ')} } from '${pathToFileURL(join(lib, 'src', 'index.js')).href}'; console.log(typeof WebApp);`;
  expect(execFileSync(process.execPath, ['--input-type=module', '--eval', program], { encoding: 'utf8' })).toBe('function\n');
});
