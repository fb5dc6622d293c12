/**
 * Puts the compiled library into one file, lib/src/index.js, and removes the others: Node.js takes longer to find and read 160 small
 * modules than to run them. What consumers install beside it is not part of the file.
 */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import type { Jsii } from './shapes';

const ENTRY = 'lib/src/index.js';

const { types }: Jsii = JSON.parse(readFileSync('.jsii', 'utf8'));
const names = Object.values(types).filter(({ kind }) => kind !== 'interface').map(({ name }) => name);

buildSync({
  stdin: { contents: `module.exports = require('./${ENTRY}');`, resolveDir: '.' },
  outfile: ENTRY,
  allowOverwrite: true,
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: 'node20',
  packages: 'external',
  logLevel: 'warning',
  // It never runs: from it, Node.js knows which names ES modules can import.
  footer: { js: `0 && (module.exports = { ${names.join(', ')} });` },
});
for (const file of readdirSync('lib', { recursive: true, encoding: 'utf8' }).map(name => join('lib', name))) {
  if (file.endsWith('.js') && file !== join(ENTRY)) rmSync(file);
}
