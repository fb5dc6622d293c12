import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { App } from 'cdk8s';
import { stringify } from 'yaml';

/**
 * Access to the cluster that KUBECONFIG names, through kubectl. These tests create everything in namespaces of their own,
 * which are deleted at the end.
 */

/** An image with `node` and a small HTTP server that listens on `$PORT`; CONTRIBUTING.md describes how to build one. */
export const IMAGE = process.env.TEST_IMAGE ?? 'ghcr.io/acme/web:1.4.2';

/** Another such image, for a second version. */
export const NEXT_IMAGE = process.env.TEST_IMAGE ?? 'ghcr.io/acme/web:1.5.0';

/** Where builds push their images. */
export const REGISTRY = process.env.TEST_REGISTRY ?? 'ghcr.io/acme';

/** A folder with the programs `lifecycle` and `launcher` of Cloud Native Buildpacks; CONTRIBUTING.md describes how to build them. */
export const LIFECYCLE = process.env.TEST_LIFECYCLE;

/** A file with an ObjectStore `backups` of the Barman Cloud plugin, and the Secrets that it names. */
export const BACKUPS = process.env.TEST_OBJECT_STORE;

/** The `monitoring.logs` of a platform whose agent stores what all pods log. */
export const LOGS: object | undefined = process.env.TEST_LOGS === undefined ? undefined : JSON.parse(process.env.TEST_LOGS);

/** The URL of a Prometheus with kube-state-metrics, as `webapp setup --with monitoring` installs it. */
export const PROMETHEUS = process.env.TEST_PROMETHEUS;

/** The Gateway for public traffic of the cluster: `NAMESPACE/NAME`. */
const [gatewayNamespace, gatewayName] = (process.env.TEST_GATEWAY ?? 'gateways/public').split('/');

export const GATEWAY = { gateway: { name: gatewayName, namespace: gatewayNamespace } };

/**
 * The command of a server that responds with the value of an expression. On SIGTERM it finishes open requests and exits: a first
 * process that ignores the signal keeps its pod for the whole grace period, and still responds on open connections.
 *
 * @param first statements to run before the response
 */
export function server(answer: string, first = ''): string[] {
  return ['node', '-e', `const server = require("node:http").createServer(async (request, response) => {
    ${first}
    if (!server.listening) response.setHeader("Connection", "close");
    response.end(${answer});
  }).listen(process.env.PORT);
  process.on("SIGTERM", () => server.close(() => process.exit()));`];
}

/** For an app whose program does not exit on SIGTERM, and whose open requests do not matter. */
export const SHORT_LIVED = { startupTimeout: '10s', preStopDelay: '1s', terminationGracePeriod: '2s' };

/** The output of kubectl; throws an error with its error output if it fails. */
export function kubectl(args: string[], input?: string): string {
  const { status, stdout, stderr, error } = spawnSync('kubectl', args, { input, encoding: 'utf8', maxBuffer: 256 * 1024 ** 2 });
  if (error) throw error;
  if (status !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`);
  return stdout;
}

/** An object from the cluster. */
export function get(namespace: string, kind: string, name: string): any {
  return JSON.parse(kubectl(['get', kind, name, '--namespace', namespace, '--output', 'json']));
}

/** A new namespace that enforces the Pod Security Standard `restricted`; it is deleted after the tests of the file or block. */
export function temporaryNamespace(purpose: string): string {
  const name = `test-${purpose}-${randomBytes(3).toString('hex')}`;
  beforeAll(() => createNamespace(name));
  afterAll(() => kubectl(['delete', 'namespace', name, '--wait=false']));
  // The ReferenceGrant that lets its HTTPRoutes refer to the interceptor is in another namespace.
  afterAll(() => kubectl(['delete', 'referencegrant', `http-routes-from-${name}`, '--namespace', 'keda', '--ignore-not-found']));
  return name;
}

export function createNamespace(name: string): void {
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  kubectl(['apply', '--server-side', '--filename', '-'], stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } }));
}

/** Applies all objects of an app in the order in which they are written, as a pipeline would. */
export function apply(app: App): void {
  kubectl(['apply', '--server-side', '--validate=strict', '--filename', '-'], app.synthYaml());
}

/** Like `describe`, but skipped with a notice if KEDA's HTTP add-on does not run in the cluster. */
export const describeWithAddon = runs('keda', 'keda-add-ons-http-interceptor') ? describe : skipLoudly('the HTTP add-on');

/** The same for tests that need Argo Rollouts as well as the add-on. */
export function describeArgoRollouts(): typeof describe | typeof describe.skip {
  return runs('argo-rollouts', 'argo-rollouts') ? describeWithAddon : skipLoudly('Argo Rollouts');
}

/** The same of Shipwright, with a ClusterBuildStrategy `buildkit`. */
export function describeBuilds(): typeof describe | typeof describe.skip {
  return runs('shipwright-build', 'shipwright-build-controller') ? describe : skipLoudly('Shipwright');
}

/** The same of Shipwright, with the programs of buildpacks that CONTRIBUTING.md says how to build. */
export function describeBuildpacks(): typeof describe | typeof describe.skip {
  return LIFECYCLE === undefined ? skipLoudly('a build with buildpacks, without TEST_LIFECYCLE,') : describeBuilds();
}

/** The same of External Secrets, in its namespace or where TEST_EXTERNAL_SECRETS says that it runs. */
export function describeExternalSecrets(): typeof describe | typeof describe.skip {
  const isRunning = process.env.TEST_EXTERNAL_SECRETS !== undefined || runs('external-secrets', 'external-secrets');
  return isRunning ? describe : skipLoudly('External Secrets');
}

/**
 * The same of CloudNativePG.
 *
 * @param objectStore a file with an ObjectStore, where the tests need backups as well; none if it is not set
 */
export function describeCloudNativePg(...objectStore: (string | undefined)[]): typeof describe | typeof describe.skip {
  const manager = ['get', 'deployments', '--all-namespaces', '--selector', 'app.kubernetes.io/name=cloudnative-pg'];
  const { items } = JSON.parse(kubectl([...manager, '--output', 'json'])) as { items: { status: { availableReplicas?: number } }[] };
  if (!items.some(({ status }) => (status.availableReplicas ?? 0) > 0)) return skipLoudly('CloudNativePG');
  return objectStore.includes(undefined) ? skipLoudly('CloudNativePG with backups, without TEST_OBJECT_STORE,') : describe;
}

/** The same of a store of logs. */
export function describeLogs(): typeof describe | typeof describe.skip {
  return LOGS === undefined ? skipLoudly('Loki or VictoriaLogs, without TEST_LOGS,') : describe;
}

/** The same of Prometheus. */
export function describePrometheus(): typeof describe | typeof describe.skip {
  return PROMETHEUS === undefined ? skipLoudly('Prometheus, without TEST_PROMETHEUS,') : describe;
}

/** The same of the metrics API, which metrics-server has. */
export function describeMetrics(): typeof describe | typeof describe.skip {
  try {
    kubectl(['get', '--raw', '/apis/metrics.k8s.io/v1beta1/nodes']);
    return describe;
  } catch {
    return skipLoudly('metrics-server');
  }
}

function runs(namespace: string, deployment: string): boolean {
  try {
    return (get(namespace, 'deployment', deployment).status.availableReplicas ?? 0) > 0;
  } catch {
    return false;
  }
}

function skipLoudly(what: string): typeof describe.skip {
  process.stderr.write(`\n!!! SKIPPED: ${what} does not run in this cluster, but these tests require it\n\n`);
  return describe.skip;
}

/** Waits until a condition is true and returns the value that fulfills it; the error contains the last value. */
export async function eventually<T>(find: () => T | Promise<T>, until: (found: T) => boolean, seconds = 60): Promise<T> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const found = await find();
    if (until(found)) return found;
    if (Date.now() > end) throw new Error(`not within ${seconds} s; the last value was ${JSON.stringify(found)}`);
    await new Promise(resolve => setTimeout(resolve, 250));
  }
}

/** The existing pods of an app, including terminating ones. */
export function pods(namespace: string, app: string): any[] {
  const selector = `app.kubernetes.io/name=${app}`;
  return JSON.parse(kubectl(['get', 'pods', '--namespace', namespace, '--selector', selector, '--output', 'json'])).items;
}

/** Waits until every pod of an app is ready. */
export function waitUntilReady(namespace: string, app: string): void {
  const selector = `app.kubernetes.io/name=${app}`;
  kubectl(['wait', 'pod', '--namespace', namespace, '--selector', selector, '--for=condition=Ready', '--timeout=60s']);
}

export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers: { readonly [name: string]: string };
  /** From the request to the end of the response. */
  readonly ms: number;
}

export interface Requests {
  readonly count?: number;
  readonly headers?: { readonly [name: string]: string };
  readonly method?: string;
  /** Bytes of a request that has a body, and is then a POST. */
  readonly body?: number;
  /** Milliseconds between a response and the next request. */
  readonly pause?: number;
  /**
   * Retries once after a cold start that ended in a `Bad Gateway`. In some clusters a Service accepts connections before it knows
   * of a new pod and closes them at once, which the interceptor passes on. With kube-proxy they are refused, and the interceptor
   * retries on its own.
   *
   * It also repeats its first request for as long as that is refused: network policies may take a moment to admit a new pod.
   *
   * @see https://kubernetes.io/docs/concepts/services-networking/network-policies/#pod-lifecycle
   */
  readonly patient?: boolean;
}

/** Sends requests from a pod inside the cluster, eight at a time. */
export async function request(namespace: string, url: string, options: Requests = {}): Promise<Answer[]> {
  const name = `client-${randomBytes(3).toString('hex')}`;
  const method = options.body === undefined ? 'GET' : 'POST';
  kubectl(
    ['apply', '--filename', '-'],
    stringify(clientPod(namespace, name, { url, count: 1, headers: {}, method, body: 0, pause: 0, patient: false, ...options })),
  );
  await eventually(() => get(namespace, 'pod', name).status.phase, phase => phase === 'Succeeded', 300);
  const answers = kubectl(['logs', name, '--namespace', namespace])
    .trim()
    .split('\n')
    .map(line => JSON.parse(line));
  kubectl(['delete', 'pod', name, '--namespace', namespace, '--wait=false']);
  return answers;
}

/**
 * Waits until the ingress controller or gateway routes the requests of a host: it may take a moment to see a new route, and longer to see
 * that it may use its backend, without which a Gateway answers with 500.
 *
 * @see https://gateway-api.sigs.k8s.io/reference/spec/#httprouterule
 */
export async function untilRouted(namespace: string, host: string): Promise<void> {
  const status = async () => (await wake(namespace, `http://${process.env.ENTRY}/`, { headers: { Host: host } })).status;
  await eventually(status, found => found !== 404 && found !== 500);
}

/** The response to the first request for a sleeping app. */
export async function wake(namespace: string, url: string, options: Requests = {}): Promise<Answer> {
  return (await request(namespace, url, { ...options, patient: true }))[0];
}

function clientPod(namespace: string, name: string, what: object): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace, name },
    spec: {
      restartPolicy: 'Never',
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [{
        name: 'client',
        image: IMAGE,
        command: ['node', '-e', `(${client.toString()})(${JSON.stringify(what)})`],
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
      }],
    },
  };
}

/** The program of the client pod; it is sent there as source code and so refers to nothing outside itself. */
function client({ url, count, headers, method, body: bytes, pause, patient }: { url: string } & Required<Requests>): void {
  const http: typeof import('node:http') = process.getBuiltinModule('node:http'); // eslint-disable-line import/no-extraneous-dependencies
  let sent = 0;
  let refused = 0;
  let admitted = false;
  const ask = (isCounted = false, isRetried = false) => {
    if (!isCounted && sent++ >= count) return;
    const start = Date.now();
    const done = (status: number, body: string, got: { [name: string]: unknown }) => {
      const tooEarly = body.includes('Bad Gateway') && got['x-keda-http-cold-start'] === 'true';
      if (patient && !isRetried && tooEarly) return void setTimeout(ask, 300, true, true);
      console.log(JSON.stringify({ status, body, headers: got, ms: Date.now() - start }));
      setTimeout(ask, pause);
    };
    http
      .request(url, { method, headers, timeout: 60_000 }, response => {
        admitted = true;
        let body = '';
        response
          .setEncoding('utf8')
          .on('data', (text: string) => (body += text))
          .on('end', () => done(response.statusCode!, body, response.headers));
      })
      .on('error', error => {
        if (patient && !admitted && refused++ < 100) {
          setTimeout(ask, 300, true, isRetried);
        } else {
          done(0, String(error), {});
        }
      })
      .end(bytes > 0 ? Buffer.alloc(bytes) : undefined);
  };
  for (let i = 0; i < 8; i++) ask();
}
