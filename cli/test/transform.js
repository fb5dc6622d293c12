// What jest compiles the command's files with: esbuild, which makes the package too. Types are `npm run typecheck`'s.
const { transformSync } = require('esbuild');

module.exports = {
  process(text, file) {
    return transformSync(text, {
      loader: file.endsWith('.ts') ? 'ts' : 'js',
      format: 'cjs',
      target: 'node20',
      supported: { 'dynamic-import': false }, // it becomes a require, which jest answers
      sourcefile: file,
      sourcemap: 'inline',
      tsconfigRaw: { compilerOptions: { experimentalDecorators: true } },
    });
  },
};
