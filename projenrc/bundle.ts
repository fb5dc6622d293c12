/**
 * Writes cli/lib/, what the package `cdk8s-webapp-cli` is: the command, the library and their dependencies in a few ES modules. A module
 * that is imported by `import()` is a file of its own, which is read when it is needed.
 */
import { chmodSync, rmSync } from 'node:fs';
import { buildSync } from 'esbuild';

rmSync('cli/lib', { recursive: true, force: true });
buildSync({
  entryPoints: ['cli/src/main.ts'],
  outdir: 'cli/lib',
  outExtension: { '.js': '.mjs' },
  chunkNames: '[name]-[hash]',
  tsconfig: 'cli/tsconfig.json',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  legalComments: 'linked',
  logLevel: 'warning',
  // Dependencies that are CommonJS ask for Node.js' own modules by require.
  banner: { js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);" },
});
chmodSync('cli/lib/main.mjs', 0o755);
