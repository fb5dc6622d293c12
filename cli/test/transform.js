// jest compiles the files of the command with esbuild, which bundles the package too. `npm run typecheck` checks the types.
const { transformSync } = require('esbuild');

module.exports = {
  process(text, file) {
    return transformSync(text, {
      loader: file.endsWith('.ts') ? 'ts' : 'js',
      format: 'cjs',
      target: 'node20',
      supported: { 'dynamic-import': false }, // it becomes a require, which jest handles
      sourcefile: file,
      sourcemap: 'inline',
      tsconfigRaw: { compilerOptions: { experimentalDecorators: true } },
    });
  },
};
