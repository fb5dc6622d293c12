/**
 * Measures the operator in the cluster that KUBECONFIG names: `tsx --tsconfig cli/tsconfig.json cli/test/bench/operator.ts --apps 200`.
 * With `--alone` it is not compared with kubectl, which takes as long again and longer.
 *
 * The apps have no pods, so it is the operator and the API server that are measured. The operator has a process of its own, with the
 * rights of its ServiceAccount; another operator of the cluster does not see the apps. The figures are for people: no test depends on
 * them.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect, parseArgs } from 'node:util';
import { buildSync } from 'esbuild';
import { kubectl, pause } from '../../../bench/cluster';
import { median, table } from '../../../bench/table';
import { connect } from '../../src/kube/connect';
import type { WebAppResource } from '../../src/operator/resources';
import { WEB_APP } from '../../src/operator/resources';
import { synthesize } from '../../src/render/synthesis';
import { rightsOf, TEST_LABEL } from '../cluster/operator-account';
import type { AppSize } from 'cdk8s-webapp';

const { values: options } = parseArgs({
  options: { apps: { type: 'string', default: '200' }, alone: { type: 'boolean' }, profile: { type: 'boolean' } },
});
const COUNT = Number(options.apps);

/** How many apps are created one by one while all others are there. */
const MORE = 50;
const IDLE_SECONDS = 20;

/** How long it takes until hosts that do not resolve are looked up rarely. */
const SETTLE_SECONDS = 180;

const NAME = `bench-${randomBytes(3).toString('hex')}`;
const BESIDE = `${NAME}-kubectl`;
const PLATFORM = { domain: `${NAME}.example.com` };
const SPEC = { image: 'ghcr.io/acme/web:1.0.0', size: 'xs' as AppSize, scaling: { replicas: 0 } };

const folder = mkdtempSync(join(tmpdir(), 'webapp-bench-'));
const kubeconfig = join(folder, 'kubeconfig.json');
const { api, objects } = connect({}, { cwd: '.', env: process.env });
const stop = new AbortController();

/** When each app was ready, and each app had its first object, and its last one. */
const ready = new Map<string, number>();
const first = new Map<string, number>();
const last = new Map<string, number>();

let operator: ChildProcess | undefined;
let port: number;

void measure().catch(error => {
  console.error(inspect(error).slice(0, 3000)); // with its cause
  process.exitCode = 1;
});

async function measure(): Promise<void> {
  console.log(`Node.js ${process.versions.node}, ${cpus().length} cores, load ${loadavg()[0].toFixed(1)}, ${COUNT} apps`);
  // Policies that keep other operators away would be evaluated for each object.
  const rights = rightsOf(NAME, []);
  const platform = JSON.stringify({ ...WEB_APP, kind: 'Platform', metadata: { name: NAME }, spec: PLATFORM });
  for (const namespace of [NAME, BESIDE]) kubectl('', 'create', 'namespace', namespace);
  try {
    kubectl(platform, 'apply', '--filename', '-');
    kubectl('', 'label', 'namespace', NAME, `cdk8s-webapp.dev/platform=${NAME}`);
    kubectl(rights, 'apply', '--server-side', '--filename', '-');
    writeKubeconfig();
    buildSync({
      entryPoints: [join(__dirname, 'measured.ts')],
      outfile: join(folder, 'operator.mjs'),
      tsconfig: join(__dirname, '../../tsconfig.json'),
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      logLevel: 'warning',
      banner: { js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);" },
    });
    await compare();
  } finally {
    stop.abort();
    operator?.kill('SIGKILL');
    kubectl('', 'delete', 'webapps', '--all', '--namespace', NAME, '--wait=false');
    for (const namespace of [NAME, BESIDE]) kubectl('', 'delete', 'namespace', namespace, '--ignore-not-found', '--wait=false');
    kubectl(platform, 'delete', '--wait=false', '--filename', '-');
    kubectl(rights, 'delete', '--wait=false', '--filename', '-');
    rmSync(folder, { recursive: true });
  }
}

async function compare(): Promise<void> {
  const yaml = synthesize(names('app', COUNT).map(name => ({ name, namespace: BESIDE, props: SPEC })), { domain: `${BESIDE}.example.com` })
    .apps.flatMap(app => app.objects);
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: yaml });
  const applied = options.alone ? undefined : await seconds(async () => void kubectl(list, 'apply', '--server-side', '--filename', '-'));
  // The addresses of Services may be few, and the cluster must be done with them.
  if (!options.alone) kubectl('', 'delete', 'namespace', BESIDE);

  await start();
  watch('/apis/cdk8s-webapp.dev/v1alpha1', 'webapps', object => {
    const { metadata: { name }, status } = object as WebAppResource;
    const isReady = status?.conditions?.some(({ type, status: state }) => type === 'Ready' && state === 'True');
    if (isReady && !ready.has(name)) ready.set(name, Date.now());
  });
  watch('/api/v1', 'serviceaccounts', ({ metadata: { name } }) => void (first.has(name) || first.set(name, Date.now())));

  watch('/apis/networking.k8s.io/v1', 'ingresses', ({ metadata: { name } }) => void (last.has(name) || last.set(name, Date.now())));

  const before = await metrics();
  const beginning = Date.now();
  const created = await seconds(async () => {
    const left = names('app', COUNT);
    await Promise.all(Array.from({ length: 16 }, async () => {
      for (let name = left.pop(); name !== undefined; name = left.pop()) await create(name);
    }));
    await until(() => ready.size >= COUNT);
  });
  const busy = await metrics();
  const there = (Math.max(...last.values()) - beginning) / 1000;

  const waits: number[] = [];
  for (const name of names('more', MORE)) {
    const began = Date.now();
    await create(name);
    await until(() => first.has(name), 2);
    waits.push(first.get(name)! - began);
    await until(() => ready.has(name));
  }
  const single = await metrics();
  const rested = await idle();
  await pause(SETTLE_SECONDS * 1000);
  const settled = await idle();

  waits.sort((a, b) => a - b);
  table([`${COUNT} apps of ${yaml.length / COUNT} objects`, ''], [
    ['apps per second, until all objects are there', (COUNT / there).toFixed(1)],
    // This is also the time of the Deployment controller, whose requests are limited: --kube-api-qps of kube-controller-manager.
    ['apps per second, until all are ready', (COUNT / created).toFixed(1)],
    ['CPU of the operator per new app, ms', ((busy.cpu - before.cpu) * 1000 / COUNT).toFixed(1)],
    ['requests of the operator per new app', ((busy.requests - before.requests) / COUNT).toFixed(1)],
    ['objects per second', (yaml.length / there).toFixed(0)],
    ...applied === undefined ? [] : [
      ['the same with kubectl apply --server-side', (yaml.length / applied).toFixed(0)],
      ['ratio', (applied / there).toFixed(2)],
    ],
    ['apply to first object, with all others there: median, ms', median(waits).toFixed(0)],
    ['99th percentile, ms', waits[Math.ceil(waits.length * 0.99) - 1].toFixed(0)],
    ['99th percentile of a reconcile, one app at a time, ms', percentile(0.99, busy, single).toFixed(0)],
    ['the same, all apps at once', percentile(0.99, before, busy).toFixed(0)],
    ['memory, MiB', (rested.memory / 2 ** 20).toFixed(0)],
    ['idle, % of a core: right after the last app', (rested.cpu * 100 / IDLE_SECONDS).toFixed(1)],
    [`${SETTLE_SECONDS} seconds later`, (settled.cpu * 100 / IDLE_SECONDS).toFixed(1)],
  ]);

  operator!.kill('SIGTERM');
  await new Promise(resolve => operator!.once('exit', resolve));
  const restarted = await seconds(async () => {
    await start();
    await until(async () => {
      const now = await metrics();
      return now.reconciles >= COUNT + MORE && now.depth === 0 && now.running === 0;
    }, 100);
  });
  const after = await metrics();

  table([`a start with ${COUNT + MORE} apps there`, ''], [
    ['until all were looked at, s', restarted.toFixed(1)],
    ['CPU, s', after.cpu.toFixed(1)],
    ['writes', after.writes.toFixed(0)],
    ['mean reconcile, ms', (after.reconcileSeconds * 1000 / after.reconciles).toFixed(1)],
  ]);
  console.log(`\nload at the end ${loadavg()[0].toFixed(1)}`);
}

/** A percentile of the time of reconciles, in milliseconds, as histograms have it: within its bucket all times are equally likely. */
function percentile(part: number, { faster: before }: Figures, { faster: after }: Figures): number {
  const all = [...after].map(([limit, count]) => ({ limit, count: count - (before.get(limit) ?? 0) }));
  const buckets = all.sort((a, b) => a.limit - b.limit);
  const wanted = buckets.at(-1)!.count * part;
  const i = buckets.findIndex(({ count }) => count >= wanted);
  const { limit: from, count: less } = buckets[i - 1] ?? { limit: 0, count: 0 };
  const { limit: to, count } = buckets[i];
  return 1000 * (from + (to - from) * (wanted - less) / (count - less));
}

/** CPU while nothing happens, and memory after that. */
async function idle(): Promise<{ readonly cpu: number; readonly memory: number }> {
  await until(async () => (await metrics()).depth === 0, 500);
  const before = await metrics();
  await pause(IDLE_SECONDS * 1000);
  const { cpu, memory } = await metrics();
  return { cpu: cpu - before.cpu, memory };
}

async function start(): Promise<void> {
  port ??= await freePort();
  const flags = options.profile ? ['--cpu-prof', '--cpu-prof-dir', process.cwd()] : [];
  operator = spawn(process.execPath, [...flags, join(folder, 'operator.mjs'), kubeconfig, NAME, String(port)], { stdio: 'inherit' });
  await until(async () => metrics().then(() => true, () => false), 50);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>(resolve => server.listen(0, resolve));
  const { port: free } = server.address() as AddressInfo;
  await new Promise(resolve => server.close(resolve));
  return free;
}

async function create(name: string): Promise<void> {
  const metadata = { name, namespace: NAME, labels: { [TEST_LABEL]: NAME } };
  await objects.create({ ...WEB_APP, metadata, spec: SPEC });
}

interface Figures {
  readonly cpu: number;
  readonly memory: number;
  readonly requests: number;
  readonly writes: number;
  readonly reconciles: number;
  readonly reconcileSeconds: number;

  /** How many took at most so many seconds. */
  readonly faster: ReadonlyMap<number, number>;
  readonly depth: number;
  readonly running: number;
}

async function metrics(): Promise<Figures> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const lines = [...text.matchAll(/^(\w+(?:\{.*\})?) (\S+)$/gm)].map(([, name, value]) => ({ name, value: Number(value) }));
  const sum = (pattern: RegExp) => lines.filter(({ name }) => pattern.test(name)).reduce((total, { value }) => total + value, 0);
  return {
    cpu: sum(/^process_cpu_seconds_total/),
    memory: sum(/^process_resident_memory_bytes/),
    requests: sum(/^rest_client_requests_total/),
    writes: sum(/^rest_client_requests_total\{.*verb="(create|patch|update|delete)",resource="(?!leases)/),
    reconciles: sum(/^controller_runtime_reconcile_total/),
    reconcileSeconds: sum(/^controller_runtime_reconcile_time_seconds_sum/),
    faster: new Map(lines.flatMap(({ name, value }) => {
      const limit = /^controller_runtime_reconcile_time_seconds_bucket\{.*le="(.*?)"/.exec(name)?.[1];
      return limit === undefined ? [] : [[limit === '+Inf' ? Infinity : Number(limit), value] as const];
    })),
    depth: sum(/^workqueue_depth/),
    running: sum(/^controller_runtime_active_workers/),
  };
}

function watch(root: string, resource: string, onObject: (object: { readonly metadata: { readonly name: string } }) => void): void {
  let rest = '';
  const query = { watch: true, timeoutSeconds: 3600 };
  api.stream(`${root}/namespaces/${NAME}/${resource}`, { query, signal: stop.signal }, text => {
    const lines = (rest + text).split('\n');
    rest = lines.pop()!;
    for (const line of lines) onObject(JSON.parse(line).object);
  }).catch(error => {
    if (!stop.signal.aborted) throw error;
  });
}

function writeKubeconfig(): void {
  const admin = JSON.parse(kubectl('', 'config', 'view', '--raw', '--flatten', '--minify', '--output', 'json'));
  const token = kubectl('', 'create', 'token', 'webapp-operator', '--namespace', NAME, '--duration', '4h');
  const contexts = [{ name: 'it', context: { cluster: admin.clusters[0].name, user: 'operator' } }];
  const users = [{ name: 'operator', user: { token } }];
  writeFileSync(kubeconfig, JSON.stringify({ ...admin, users, contexts, 'current-context': 'it' }));
}

function names(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${prefix}-${i}`);
}

async function seconds(run: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await run();
  return (performance.now() - began) / 1000;
}

async function until(isTrue: () => boolean | Promise<boolean>, interval = 20): Promise<void> {
  while (!await isTrue()) await pause(interval);
}
