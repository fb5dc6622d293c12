import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { literal } from './literal';
import { peerDependencies } from '../../../package.json';
import { version } from '../../package.json';
import type { FileDocument } from '../config/document';
import { load, read, Request } from '../config/load';
import { report } from '../config/report';
import { synthesizeLoaded } from '../config/synthesize';
import { Failure } from '../ui/failure';
import { paint } from '../ui/paint';
import type { World } from '../ui/world';

/**
 * Writes a cdk8s project in TypeScript that gives the same objects as the file.
 *
 * @throws Failure if anything is wrong with the file, or files would be written over
 */
export async function eject(request: Request, { output, force }: { output: string; force?: boolean }, world: World): Promise<void> {
  const loaded = await load(await read(request, world), request);
  const { mistakes } = await synthesizeLoaded(loaded, request);
  if (mistakes.length > 0) throw new Failure(report(mistakes, loaded.textOf, paint(world.color.err)));

  const files = {
    'main.ts': program(loaded.apps, loaded.platform, request.namespace),
    'package.json': json({
      name: 'apps',
      private: true,
      scripts: { synth: 'cdk8s synth' },
      dependencies: { 'cdk8s-webapp': `^${version}`, ...peerDependencies },
      devDependencies: { 'cdk8s-cli': '^2.207.0', '@types/node': '^20', 'tsx': '^4.0.0', 'typescript': '^5.9.0' },
    }),
    'tsconfig.json': json({ compilerOptions: { target: 'ES2022', module: 'node16', strict: true, noEmit: true, skipLibCheck: true, types: ['node'] }, include: ['*.ts'] }),
    'cdk8s.yaml': 'language: typescript\napp: npx tsx main.ts\noutput: yaml\n',
    '.gitignore': 'node_modules/\nyaml/\n',
  };
  const folder = resolve(world.cwd, output);
  const there = Object.keys(files).filter(file => existsSync(join(folder, file)));
  if (there.length > 0 && !force) throw new Failure(`there are ${there.join(', ')} in ${output} already; write over them with --force`);
  mkdirSync(folder, { recursive: true });
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
  world.err(`wrote ${Object.keys(files).join(', ')} into ${output}\n`);
  const left = [...loaded.apps, ...loaded.platform ? [loaded.platform] : []].some(({ environments }) => environments.length > 0);
  if (left && request.env === undefined) world.err('note: the environments are left out; write the project of one with --env\n');
  world.err(`next: cd ${output} && npm install && npx cdk8s synth\n`);
}

/** A chart a namespace, as the file has neither. */
function program(apps: readonly FileDocument[], platform: FileDocument | undefined, otherwise: string | undefined): string {
  const enums = new Set<string>();
  const charts = new Map<string, string>();
  const variables = new Set(['app', 'App', 'Chart', 'Platform', 'WebApp']);
  const lines = ['const app = new App();'];
  if (platform) lines.push(`new Platform(app, 'platform', ${literal(platform.props, 'PlatformProps', enums)});`);
  for (const app of apps) {
    const namespace = (app.namespace ?? otherwise ?? '') as string;
    if (!charts.has(namespace)) {
      charts.set(namespace, unused(identifier(namespace), variables));
      lines.push('', `const ${charts.get(namespace)} = new Chart(app, '${namespace || 'apps'}'${namespace ? `, { namespace: '${namespace}' }` : ''});`);
    }
    const { name, ...props } = app.props;
    lines.push(`new WebApp(${charts.get(namespace)}, '${app.name}', ${literal(props, 'WebAppProps', enums)});`);
  }
  const names = [...platform ? ['Platform'] : [], 'WebApp', ...enums].sort();
  return `import { App, Chart } from 'cdk8s';\nimport { ${names.join(', ')} } from 'cdk8s-webapp';\n\n${lines.join('\n')}\n\napp.synth();\n`;
}

function identifier(namespace: string): string {
  const words = namespace.split('-').filter(word => word);
  const camel = words.map((word, i) => (i === 0 ? word : word[0].toUpperCase() + word.slice(1))).join('');
  return /^[a-z]/.test(camel) && !RESERVED.has(camel) ? camel : `${camel || 'apps'}Chart`.replace(/^\d/, '_$&');
}

/** Words that TypeScript does not take as the name of a variable. */
const RESERVED = new Set(('break case catch class const continue debugger default delete do else enum export extends false finally for function if implements import in '
  + 'instanceof interface let new null package private protected public return static super switch this throw true try typeof var void while with yield await').split(' '));

function unused(name: string, taken: Set<string>): string {
  let free = name;
  for (let i = 2; taken.has(free); i++) free = `${name}${i}`;
  taken.add(free);
  return free;
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
