/**
 * The package `cdk8s-webapp-cli` in the folder `cli`: an npm workspace, so that one `npm ci` and one lockfile serve both packages.
 * esbuild bundles its dependencies and the library into a few files, of which a command loads what it uses. The published package
 * starts fast and depends on nothing, so all of its dependencies are development dependencies.
 */
import { cdk, JsonFile } from 'projen';

export function addCli(project: cdk.JsiiProject): void {
  project.package.addField('workspaces', ['cli']);

  new JsonFile(project, 'cli/package.json', {
    obj: () => ({
      name: 'cdk8s-webapp-cli',
      description: 'The webapp command: web apps on Kubernetes from a file of a few lines, without code',
      version: '0.0.0',
      license: 'Apache-2.0',
      repository: { type: 'git', url: 'https://github.com/cdk8s-webapp/cdk8s-webapp.git', directory: 'cli' },
      bin: { webapp: 'lib/main.mjs' },
      files: ['lib/', 'schema/'],
      engines: { node: '>= 20.0.0' },
      publishConfig: { access: 'public' },
      devDependencies: {
        '@kubernetes/client-node': '^1.4.0', // version 2 requires Node.js 22
        '@peculiar/asn1-schema': '^2.11.1',
        '@peculiar/asn1-x509': '^2.11.1',
        '@types/asciichart': '^1.5.8',
        '@types/js-yaml': '^4.0.9',
        '@types/shell-quote': '^1.7.5',
        '@types/ws': '^8.18.1',
        'asciichart': '^1.5.25',
        'commander': '^14.0.3', // version 15 requires Node.js 22
        'dockerfile-ast': '^0.7.1',
        'ignore': '^7.0.16',
        'js-yaml': '^4.3.2',
        'prom-client': '^15.1.3',
        'shell-quote': '^1.12.0',
        'smol-toml': '^1.9.1',
        'tar-stream': '^3.2.2',
        'tinyqueue': '^3.0.0',
        'ws': '^8.18.3',
        'yaml': '^2.9.1',
      },
    }),
  });
  new JsonFile(project, 'cli/tsconfig.json', {
    obj: {
      // The same module resolution as esbuild.
      extends: '../tsconfig.dev.json',
      compilerOptions: { rootDir: '..', module: 'preserve', moduleResolution: 'bundler' },
      include: ['src/**/*.ts', 'schema/*.json', 'test/**/*.ts'],
    },
  });
  const jest = {
    moduleNameMapper: { '^cdk8s-webapp$': '<rootDir>/../src/index.ts' },
    // esbuild compiles the files of cli/, and dependencies that are ES modules, which jest cannot load.
    transform: { '\\.(ts|js)$': '<rootDir>/test/transform.js' },
    transformIgnorePatterns: ['/node_modules/(?!(@kubernetes/client-node|openid-client|oauth4webapi|jose|tinyqueue)/)'],
  };
  new JsonFile(project, 'cli/jest.config.json', {
    marker: false,
    obj: { testMatch: ['<rootDir>/test/**/*.test.ts'], testTimeout: 60_000, ...jest },
  });
  new JsonFile(project, 'cli/jest.cluster.json', {
    marker: false,
    obj: { rootDir: '.', testMatch: ['<rootDir>/test/**/*.cluster.ts'], ...jest },
  });

  const bundle = project.addTask('bundle', {
    description: 'Put the webapp command and all it needs into cli/lib/',
    exec: 'tsx projenrc/bundle.ts',
  });
  project.addTask('webapp', {
    description: 'Run the webapp command: npm run webapp -- ARGUMENTS',
    steps: [{ spawn: bundle.name }, { exec: 'node cli/lib/main.mjs', receiveArgs: true }],
  });

  const eslint = project.eslint!;
  eslint.addOverride({
    files: ['cli/**/*.ts'],
    rules: { 'import/no-extraneous-dependencies': ['error', { devDependencies: true, packageDir: ['.', './cli'] }] },
  });
  eslint.config.settings['import/internal-regex'] = '^cdk8s-webapp$'; // the library is part of the bundle
  (eslint.config as { parserOptions: { project: unknown } }).parserOptions.project = ['./tsconfig.dev.json', './cli/tsconfig.json'];
  project.gitignore.exclude('/cli/lib/', '/cli/LICENSE', '/cli/*.tgz');
  project.gitignore.include('/cli/src/');
  project.gitattributes.addAttributes('/cli/schema/**', 'linguist-generated');
}
