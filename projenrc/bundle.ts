/**
 * Writes cli/lib/, the content of the package `cdk8s-webapp-cli`: the command, the library and their dependencies in a few ES modules,
 * and the licenses of the dependencies. A module that is imported by `import()` is a separate file, which is read when it is needed.
 */
import { chmodSync, copyFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync, Metafile } from 'esbuild';

rmSync('cli/lib', { recursive: true, force: true });
const { metafile } = buildSync({
  entryPoints: ['cli/src/main.ts'],
  outdir: 'cli/lib',
  outExtension: { '.js': '.mjs' },
  chunkNames: '[name]-[hash]',
  tsconfig: 'cli/tsconfig.json',
  bundle: true,
  metafile: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  legalComments: 'none', // the licenses are in LICENSES.txt
  logLevel: 'warning',
  // CommonJS dependencies load the modules of Node.js with require.
  banner: { js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);" },
});
chmodSync('cli/lib/main.mjs', 0o755);
copyFileSync('LICENSE', 'cli/LICENSE');
writeFileSync('cli/lib/LICENSES.txt', licenses(metafile));

/** The licenses of the bundled dependencies. */
function licenses({ inputs }: Metafile): string {
  const folders = Object.keys(inputs).flatMap(path => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []);
  return [...new Set(folders)].sort().map(folder => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const file = readdirSync(folder).find(found => /^licen[cs]e/i.test(found));
    const notice = existsSync(join(folder, 'NOTICE')) ? readFileSync(join(folder, 'NOTICE'), 'utf8') : '';
    return `${name} ${version}: ${license}\n\n${file ? readFileSync(join(folder, file), 'utf8') : ''}${notice}`;
  }).join(`\n${'-'.repeat(80)}\n\n`);
}
