import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { createNamespace, kubectl } from './cluster';

type Manifest = { kind: string; metadata: { name: string; namespace?: string }; spec?: any };

const ROOT = join(__dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'synthesized-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Applies objects on a real API server as a dry run with strict validation. */
function dryRun(objects: Manifest[]): void {
  kubectl(
    ['apply', '--server-side', '--dry-run=server', '--validate=strict', '--filename', '-'],
    objects.map(object => JSON.stringify(object)).join('\n---\n'),
  );
}

function refusals(objects: Manifest[]): string[] {
  try {
    dryRun(objects);
    return [];
  } catch (error) {
    return (error as Error).message.split('\n').filter(line => line !== '' && !line.includes('Warning:'));
  }
}

/** Creates the missing namespaces of the objects; they are deleted at the end. */
function withNamespaces(objects: Manifest[]): void {
  const there = kubectl(['get', 'namespaces', '--output', 'jsonpath={.items[*].metadata.name}']).split(' ');
  const missing = [...new Set(objects.map(({ metadata }) => metadata.namespace ?? 'default'))].filter(name => !there.includes(name));
  missing.forEach(createNamespace);
  created.push(...missing);
}
const created: string[] = [];
afterAll(() => {
  if (created.length > 0) kubectl(['delete', 'namespace', '--wait=false', ...created]);
});

function documents(file: string): Manifest[] {
  return parseAllDocuments(readFileSync(file, 'utf8')).map(document => document.toJS());
}

describe('a real API server accepts', () => {
  const examples = readdirSync(join(ROOT, 'examples'), { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .map(({ name }) => name);

  test.each(examples)('every object of the example %s, and its pods under Pod Security restricted', name => {
    const output = join(folder, name);
    execFileSync('npx', ['tsx', '--tsconfig', 'tsconfig.dev.json', `examples/${name}/main.ts`], {
      cwd: ROOT,
      env: { ...process.env, CDK8S_OUTDIR: output },
    });
    const objects = readdirSync(output).flatMap(file => documents(join(output, file)));
    expect(objects.length).toBeGreaterThan(0);
    withNamespaces(objects);
    dryRun(objects);
    dryRun(objects.flatMap(podOf));
  });

  test('every object that the unit tests synthesize', () => {
    const reached = join(folder, 'reached.jsonl');
    execFileSync('npx', ['jest', '--ci', '--silent', '--reporters', 'default'], {
      cwd: ROOT,
      env: { ...process.env, REACHED: reached },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const objects: Manifest[] = [...new Set(readFileSync(reached, 'utf8').trim().split('\n'))].map(line => JSON.parse(line)).filter(isOurs);
    expect(new Set(objects.map(({ kind }) => kind)).size).toBeGreaterThan(10);
    withNamespaces(objects);
    const chunks = Array.from({ length: Math.ceil(objects.length / 200) }, (_, i) => objects.slice(200 * i, 200 * (i + 1)));
    expect(chunks.flatMap(refusals)).toEqual([]);
  });
});

/** The pod of an object that creates pods: Pod Security rejects pods, but only warns about the objects that create them. */
function podOf({ kind, metadata, spec }: Manifest): Manifest[] {
  if (!['Deployment', 'Rollout', 'CronJob'].includes(kind)) return [];
  const {
    spec: pod,
    metadata: { labels },
  } = (spec.jobTemplate?.spec ?? spec).template;
  return [
    {
      kind: 'Pod',
      apiVersion: 'v1',
      metadata: { ...metadata, labels },
      spec: { ...pod, serviceAccountName: undefined, priorityClassName: undefined },
    } as Manifest,
  ];
}

/** Kinds whose CRDs are optional according to CONTRIBUTING.md and missing in the cluster. */
const UNKNOWN = [
  'ExternalSecret', 'ScheduledBackup', 'Middleware', 'IngressRoute', 'ServersTransport', 'SecurityPolicy', 'BackendTrafficPolicy',
].filter(kind => !new RegExp(`\\b${kind}$`, 'm').test(kubectl(['api-resources', '--no-headers'])));

/** Whether the library writes an object and any cluster accepts it: some clusters reject privileged containers. */
function isOurs(object: Manifest): boolean {
  return object.kind !== 'Pod' && !UNKNOWN.includes(object.kind) && !JSON.stringify(object).includes('"privileged":true');
}
