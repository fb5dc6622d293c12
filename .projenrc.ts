/**
 * What this package is made of: `npx projen` reads this file and writes package.json, the tsconfigs, the linter's
 * and jest's settings, the ignore files and the tasks behind `npm run`. Change it here, never there.
 */
import { cdk, IgnoreFile, javascript, JsonFile, ProjenrcFile, YamlFile } from 'projen';
import { addArchitectureRules } from './projenrc/architecture';
import { addCli } from './projenrc/cli';

const project = new cdk.JsiiProject({
  name: 'cdk8s-webapp',
  description: 'High-level cdk8s constructs that run web apps on Kubernetes, scaled to zero and back by KEDA',
  keywords: ['cdk8s', 'kubernetes', 'keda', 'scale-to-zero', 'web', 'constructs'],
  author: 'cdk8s-webapp authors',
  authorAddress: 'maintainers@cdk8s-webapp.dev',
  authorOrganization: true,
  repositoryUrl: 'https://github.com/cdk8s-webapp/cdk8s-webapp.git',
  defaultReleaseBranch: 'main',
  license: 'Apache-2.0',
  copyrightPeriod: '2026', // fixed, so that LICENSE does not change every year
  stability: cdk.Stability.EXPERIMENTAL,

  packageManager: javascript.NodePackageManager.NPM,
  minNodeVersion: '20.0.0',
  projenVersion: '~0.103.25',
  projenrcJs: false,
  sampleCode: false,
  github: false,
  release: false,
  depsUpgrade: false,
  package: false,
  npmignoreEnabled: false, // replaced by a shorter one below

  jsiiVersion: '~6.0.0',
  typescriptVersion: '~6.0.0', // the one that jsii compiles with
  entrypoint: 'lib/src/index.js', // lib/ has both src/ and imports/
  publishToPypi: { distName: 'cdk8s-webapp', module: 'cdk8s_webapp' },
  publishToMaven: { javaPackage: 'dev.cdk8s.webapp', mavenGroupId: 'dev.cdk8s.webapp', mavenArtifactId: 'cdk8s-webapp' },
  publishToGo: { moduleName: 'github.com/cdk8s-webapp/cdk8s-webapp-go' },
  publishToNuget: { dotNetNamespace: 'Cdk8sWebapp', packageId: 'Cdk8sWebapp' },

  // Consumers may have any of these versions; the tests run with the newest ones, which are in the lockfile.
  peerDeps: ['cdk8s@^2.70.0', 'cdk8s-plus-27@^2.9.5', 'constructs@^10.4.0'],
  peerDependencyOptions: { pinnedDevDependency: false },
  devDeps: [
    '@actions/workflow-parser@^0.3.61', // GitHub's parser of workflows, which webapp ci github writes
    '@lezer/common@^1.5.5', // with the two below, the parser of PromQL
    '@lezer/lr@^1.4.12',
    '@prometheus-io/lezer-promql@^0.315.0',
    'cdk8s@^2.70.106',
    'cdk8s-plus-27@^2.9.5',
    'constructs@^10.8.1',
    'cdk8s-cli',
    '@types/node@^20',
    'ajv',
    'esbuild',
    'fast-check',
    'gitlab-ci-local@^4.75.1', // has GitLab's schema of pipelines, which webapp ci gitlab writes
    'tsx',
    'yaml',
  ],

  tsconfig: {
    include: ['src/**/*.ts', 'imports/**/*.ts'],
    compilerOptions: { rootDir: '.', inlineSourceMap: false, inlineSources: false }, // the output is readable without source maps
  },
  tsconfigDevFile: 'tsconfig.dev.json', // for everything that is not published: tests, examples, scripts
  tsconfigDev: {
    include: ['src', 'imports', 'test', 'examples', 'bench', 'projenrc'].map(folder => `${folder}/**/*.ts`).concat('.projenrc.ts'),
    compilerOptions: {
      rootDir: '.',
      paths: { 'cdk8s-webapp': ['./src/index.ts'] }, // tests and examples import the package as its users do
    },
  },

  eslintOptions: {
    dirs: ['src'],
    devdirs: ['test', 'examples', 'bench', 'projenrc', 'cli', '.projenrc.ts'],
    tsconfigPath: './tsconfig.dev.json',
    projectService: false,
    commandOptions: { fix: false }, // to fix files, run `npm run eslint -- --fix`
  },

  jestOptions: {
    passWithNoTests: false,
    junitReporting: false,
    updateSnapshot: javascript.UpdateSnapshot.NEVER,
    jestConfig: {
      collectCoverage: false,
      testTimeout: 60_000, // no test depends on the speed of the machine
      moduleNameMapper: { '^cdk8s-webapp$': '<rootDir>/src/index.ts' },
    },
  },
});

/** `npx projen` runs this file, and generated files refer to it. */
class Projenrc extends ProjenrcFile {
  public readonly filePath = '.projenrc.ts';
}
new Projenrc(project);
project.defaultTask!.exec('tsx .projenrc.ts');

project.package.addField('types', 'lib/src/index.d.ts');
// 1.13.0 lacks the binaries for most platforms, so the lockfile would be incomplete and `npm ci` would fail.
project.package.addPackageResolutions('unrs-resolver@1.12.2');
// No dependency may run install scripts, and none needs them.
project.package.addField('allowScripts', { '@parcel/watcher': false, 'backport': false, 'esbuild': false, 'unrs-resolver': false });
project.tsconfigDev.removeInclude('**/*.ts');
project.eslint!.addIgnorePattern('imports/');
project.eslint!.addIgnorePattern('!.projenrc.ts');
project.eslint!.allowDevDeps('.projenrc.ts');
addCli(project);
addArchitectureRules(project.eslint!);
new javascript.NpmConfig(project).addConfig('omit-lockfile-registry-resolved', 'true'); // no registry URLs in the lockfile

// jsii warns unless development dependencies are the oldest versions that peerDependencies allow; see peerDeps above.
project.compileTask.reset('jsii --silence-warnings=reserved-word --silence-warnings=missing-dev-dependency');
project.compileTask.exec('tsx projenrc/bundle-library.ts');
project.tasks.addEnvironment('JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION', '20');

// The tasks ---------------------------------------------------------------------------------------------------------

/** The jest settings of the tests that need a cluster: test/cluster and cli/test/cluster. */
new JsonFile(project, 'jest.cluster.json', {
  marker: false,
  obj: () => {
    const { moduleNameMapper, transform, reporters } = project.jest!.config;
    const library = { displayName: 'library', testMatch: ['<rootDir>/test/cluster/**/*.cluster.ts'], moduleNameMapper, transform };
    return { reporters, testTimeout: 600_000, projects: [library, '<rootDir>/cli/jest.cluster.json'] };
  },
});

const typecheck = project.addTask('typecheck', {
  description: 'Check the types of everything, tests and examples too',
  steps: [{ exec: 'tsc --noEmit --project tsconfig.dev.json' }, { exec: 'tsc --noEmit --project cli/tsconfig.json' }],
});
const unit = project.addTask('test:unit', {
  description: 'Run jest alone; arguments go to jest',
  exec: 'jest --ci --projects . cli',
  receiveArgs: true,
});

// `npm test` checks all that needs no network and no cluster; the fastest checks come first.
project.testTask.reset();
project.testTask.spawn(typecheck);
project.testTask.spawn(project.compileTask); // tests read its .jsii file
project.testTask.spawn(project.tasks.tryFind('bundle')!);
project.testTask.spawn(unit, { receiveArgs: true });
project.testTask.spawn(project.eslint!.eslintTask);
project.testTask.spawn(project.tasks.tryFind('docgen')!);
project.testTask.spawn(project.tasks.tryFind('package:js')!);
project.tasks.removeTask('build');
project.addTask('build', {
  description: 'Write the generated files anew, then test',
  steps: [{ spawn: 'default' }, { spawn: 'test' }],
});

project.addTask('test:cluster', {
  description: 'Run the tests that need the cluster that KUBECONFIG names',
  steps: [{ spawn: 'bundle' }, { exec: 'jest --ci --maxWorkers=2 --config jest.cluster.json', receiveArgs: true }],
});
project.addTask('test:python', {
  description: 'Build the Python package and compare what it synthesizes with what TypeScript does',
  steps: [{ spawn: 'compile' }, { exec: 'projenrc/python.sh' }],
});
project.addTask('synth', {
  description: 'Synthesize the examples into yaml/',
  exec: 'cdk8s synth',
});
project.addTask('import', {
  description: 'Write imports/ from the CRDs in a folder: npm run import -- FOLDER',
  exec: 'tsx projenrc/import.ts',
  receiveArgs: true,
});
project.addTask('shapes', {
  description: 'Write what is made of the props, after a change of them: src/generated/prop-types.ts, which checks them, and cli/schema/',
  steps: [
    { spawn: 'compile' },
    { exec: 'tsx projenrc/shapes.ts' },
    { exec: 'tsx projenrc/json-schema.ts' },
    { exec: 'tsx projenrc/crd.ts' },
  ],
});
project.addTask('bench', {
  description: 'Compare the library with raw cdk8s and cdk8s-plus, and the command with Helm',
  steps: [{ spawn: 'compile' }, { exec: 'tsx --tsconfig tsconfig.dev.json bench/bench.ts', receiveArgs: true }],
});
project.addTask('schemas', {
  description: 'Write test/schemas/ from the cluster that KUBECONFIG names',
  exec: 'tsx projenrc/schemas.ts',
  receiveArgs: true,
});

new YamlFile(project, 'cdk8s.yaml', {
  obj: {
    language: 'typescript',
    app: 'npx tsx --tsconfig tsconfig.dev.json examples/main.ts',
    output: 'yaml',
  },
});

// What git and npm ignore ---------------------------------------------------------------------------------------------

project.gitignore.exclude('/yaml/', 'tsconfig.tsbuildinfo');
project.gitignore.include('/tsconfig.json', '/imports/');
project.gitattributes.addAttributes('/imports/**', 'linguist-generated');
project.gitattributes.addAttributes('/test/schemas/**', 'linguist-generated');
new IgnoreFile(project, '.npmignore', {
  // A new folder is not published until it is listed here; jsii itself requires the last two lines.
  ignorePatterns: ['/*', '!/lib/', '!/API.md', '!.jsii', 'dist'],
}).readonly = false;

project.synth();
