import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { literal } from './literal';
import { peerDependencies } from '../../../package.json';
import { version } from '../../package.json';
import type { Config } from '../config/config';
import { Failure } from '../ui/failure';
import { formatted } from '../ui/format';
import type { World } from '../ui/world';

export interface EjectOptions {
  /** The folder of the project. */
  readonly folder: string;

  /** Overwrites existing files. */
  readonly force?: boolean;

  /** The environment that the config is in. */
  readonly env?: string;
}

/**
 * Writes a cdk8s project in TypeScript that gives the same objects as the file.
 *
 * @throws Failure if the file is not valid, or files exist
 */
export async function eject(config: Config, { folder, force, env }: EjectOptions, world: World): Promise<void> {
  await config.plan(); // it throws if anything is wrong
  await config.failOnSteps();
  const files = {
    'main.ts': program(config),
    'package.json': formatted({
      name: 'apps',
      private: true,
      scripts: { synth: 'cdk8s synth' },
      dependencies: { 'cdk8s-webapp': `^${version}`, ...peerDependencies },
      devDependencies: { 'cdk8s-cli': '^2.207.0', '@types/node': '^20', 'tsx': '^4.0.0', 'typescript': '^5.9.0' },
    }, 'json'),
    'tsconfig.json': formatted({
      compilerOptions: { target: 'ES2022', module: 'node16', strict: true, noEmit: true, skipLibCheck: true, types: ['node'] },
      include: ['*.ts'],
    }, 'json'),
    'cdk8s.yaml': 'language: typescript\napp: npx tsx main.ts\noutput: yaml\n',
    '.gitignore': 'node_modules/\nyaml/\n',
  };
  const path = resolve(world.cwd, folder);
  const existing = Object.keys(files).filter(file => existsSync(join(path, file)));
  if (existing.length > 0 && !force) throw new Failure(`${folder} already has ${existing.join(', ')}; overwrite with --force`);
  mkdirSync(path, { recursive: true });
  for (const [file, text] of Object.entries(files)) writeFileSync(join(path, file), text);
  world.err(`Wrote ${Object.keys(files).join(', ')} to ${folder}\n`);
  if (config.environments.length > 0 && env === undefined) {
    world.err('note: the project has no environments; use --env to write the project of one\n');
  }
  world.err(`Next: cd ${folder} && npm install && npx cdk8s synth\n`);
}

/** One chart per namespace, as cdk8s has no other place for a namespace. */
function program(config: Config): string {
  const { apps, platform } = config;
  const enums = new Set<string>();
  const charts = new Map<string, string>();
  const variables = new Set(['app', 'App', 'Chart', 'Platform', 'WebApp']);
  const lines = ['const app = new App();'];
  if (platform) lines.push(`new Platform(app, 'platform', ${literal(platform.props, 'PlatformProps', enums)});`);
  for (const app of apps) {
    const namespace = (config.namespaceOf(app) ?? '') as string;
    if (!charts.has(namespace)) {
      charts.set(namespace, unused(identifier(namespace), variables));
      const args = namespace ? `'${namespace}', { namespace: '${namespace}' }` : "'apps'";
      lines.push('', `const ${charts.get(namespace)} = new Chart(app, ${args});`);
    }
    const { name, ...props } = app.props;
    lines.push(`new WebApp(${charts.get(namespace)}, '${app.name}', ${literal(props, 'WebAppProps', enums)});`);
  }
  const names = [...platform ? ['Platform'] : [], 'WebApp', ...enums].sort();
  const imports = ["import { App, Chart } from 'cdk8s';", `import { ${names.join(', ')} } from 'cdk8s-webapp';`, ''];
  return `${[...imports, ...lines].join('\n')}\n\napp.synth();\n`;
}

function identifier(namespace: string): string {
  const words = namespace.split('-').filter(word => word);
  const camel = words.map((word, i) => (i === 0 ? word : word[0].toUpperCase() + word.slice(1))).join('');
  return /^[a-z]/.test(camel) && !RESERVED.has(camel) ? camel : `${camel || 'apps'}Chart`.replace(/^\d/, '_$&');
}

/** Words that cannot be the name of a variable in TypeScript. */
const RESERVED = new Set((
  'break case catch class const continue debugger default delete do else enum export extends false finally for function if implements '
  + 'import in instanceof interface let new null package private protected public return static super switch this throw true try typeof '
  + 'var void while with yield await'
).split(' '));

function unused(name: string, taken: Set<string>): string {
  let free = name;
  for (let i = 2; taken.has(free); i++) free = `${name}${i}`;
  taken.add(free);
  return free;
}
