/** The apps and platforms of examples/ and of the documentation, as resources of a cluster. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { API_VERSION } from '../../src/config/api-version';
import type { Manifest } from '../../src/render/synthesis';

const ROOT = join(__dirname, '../../..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

/** What only a file says, and a resource of a cluster cannot. */
const OF_FILES = ['build', 'static', 'envFile', 'environments'];

interface Fields { readonly [field: string]: any }

interface Documented {
  /** Where it is written. */
  readonly from: string;
  readonly resource: Manifest;
}

function files(): { readonly from: string; readonly text: string; readonly kind: 'WebApp' | 'Platform' }[] {
  const kindOf = (name: string) => name === 'platform.yaml' ? 'Platform' as const : 'WebApp' as const;
  const examples = readdirSync(join(ROOT, 'examples'), { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.yaml'))
    .map(file => ({ from: `examples/${file}`, text: read(`examples/${file}`), kind: kindOf(file.split('/').pop()!) }));
  const pages = ['README.md', ...readdirSync(join(ROOT, 'docs')).filter(name => name.endsWith('.md')).map(name => `docs/${name}`)];
  const blocks = pages.flatMap(page => (
    [...read(page).matchAll(/```yaml\n# (webapp|platform)\.yaml\n([^]*?)```/g)].map(([, name, text], i) => (
      { from: `${page} (${i + 1})`, text, kind: kindOf(`${name}.yaml`) }))));
  return [...examples, ...blocks];
}

export function documentedResources(): Documented[] {
  return files().flatMap(({ from, text, kind }) => parseAllDocuments(text, { merge: true })
    .flatMap(document => {
      const value: Fields = document.toJS();
      return value.kind === 'List' ? value.items : [value];
    })
    .filter((value: Fields) => isForCluster(value, kind))
    .map((value: Fields) => ({ from, resource: resourceOf(value, kind) })));
}

function isForCluster(value: Fields, kind: 'WebApp' | 'Platform'): boolean {
  const text = JSON.stringify(value);
  const isBuiltFromFolder = kind === 'WebApp' && !/"(image|buildFrom)":/.test(text);
  return !isBuiltFromFolder && !OF_FILES.some(field => field in value || field in (value.spec ?? {})) && !text.includes('"fromFile"');
}

function resourceOf(value: Fields, kind: 'WebApp' | 'Platform'): Manifest {
  if (value.kind !== undefined) return { ...value, metadata: { name: 'default', ...value.metadata } } as Manifest;
  const { name = 'default', namespace, ...spec } = value;
  return { apiVersion: API_VERSION, kind, metadata: { name, ...namespace === undefined ? {} : { namespace } }, spec };
}
