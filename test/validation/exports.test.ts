import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** The types that a jsii module exports. */
function typesOf(folder: string): string[] {
  const assembly = JSON.parse(readFileSync(join(folder, '.jsii'), 'utf8'));
  const { types } =
    assembly.schema === 'jsii/file-redirect' ? JSON.parse(gunzipSync(readFileSync(join(folder, assembly.filename))).toString()) : assembly;
  return Object.values<{ name: string; namespace?: string }>(types)
    .filter(({ namespace }) => namespace === undefined)
    .map(({ name }) => name);
}

test.each(['cdk8s', 'cdk8s-plus-27', 'constructs'])('no exported name is also in %s, which users import as well', name => {
  const theirs = typesOf(dirname(require.resolve(`${name}/package.json`)));
  expect(theirs.length).toBeGreaterThan(5);
  expect(typesOf(join(__dirname, '../..')).filter(type => theirs.includes(type))).toEqual([]);
});
