import { App, Chart } from 'cdk8s';
import { apply, describeWithAddon, eventually, get, IMAGE, kubectl, pods, temporaryNamespace } from './cluster';
import { Platform, WebApp, WorkerScaling } from 'cdk8s-webapp';

/** Prints its configuration and keeps running. */
const WORKER =
  'console.log(process.env.NAME, process.env.PORT ?? "no port", require("node:fs").readFileSync("/etc/motd", "utf8")); '
  + 'setInterval(() => {}, 1000)';

/** Writes to /tmp, prints its configuration and exits. */
const JOB =
  'require("node:fs").writeFileSync("/tmp/x", "x"); '
  + 'console.log(process.env.NAME, require("node:fs").readFileSync("/etc/motd", "utf8"))';

const ALWAYS = { start: '0 0 * * *', end: '59 23 * * *' };

/** From some hours after this one, for two hours. */
function hours(after: number) {
  const hour = new Date().getUTCHours() + after;
  return { start: `0 ${hour % 24} * * *`, end: `0 ${(hour + 2) % 24} * * *` };
}

/** Schedules that raise, lower and limit the number of replicas, each with the number that results at the moment. */
const SCHEDULED: { readonly [worker: string]: readonly [scaling: WorkerScaling, replicas: number] } = {
  'raised': [{ max: 2, schedule: [{ ...ALWAYS, replicas: 2 }] }, 2],
  'lowered': [{ min: 2, schedule: [{ ...hours(0), replicas: 0 }, { ...hours(12), replicas: 0 }] }, 0],
  'not-lowered': [{ min: 2, schedule: [{ ...hours(9), replicas: 0 }, { ...hours(12), replicas: 0 }] }, 2],
  'limited': [{ schedule: [{ ...ALWAYS, replicas: 2 }, { ...hours(0), max: 0 }] }, 0],
  'not-limited': [{ schedule: [{ ...ALWAYS, replicas: 2 }, { ...hours(9), max: 0 }] }, 2],
};

function processes(namespace: string): App {
  const app = new App();
  new Platform(app, 'platform', { domain: `${namespace}.example.com` });
  const web = new WebApp(new Chart(app, 'shop', { namespace }), 'web', {
    image: IMAGE,
    resources: { cpu: '10m' },
    env: { NAME: 'web' },
    files: { '/etc/motd': 'hello' },
    workers: { steady: { command: ['node', '-e', WORKER], env: { NAME: 'steady' }, terminationGracePeriod: '1s' } },
  });
  for (const [name, [scaling]] of Object.entries(SCHEDULED)) {
    web.addWorker(name, { command: ['node', '-e', WORKER], scaling, terminationGracePeriod: '1s' });
  }
  web.addCronJob('minutely', { schedule: '* * * * *', command: ['node', '-e', JOB], env: { NAME: 'job' }, deadline: '50s' });
  return app;
}

const ofComponent = (component: string) => `app.kubernetes.io/name=web,app.kubernetes.io/component=${component}`;

const logs = (namespace: string, component: string) =>
  kubectl(['logs', '--namespace', namespace, '--selector', ofComponent(component)]).trim();

describeWithAddon('workers and cron jobs', () => {
  const namespace = temporaryNamespace('processes');

  test('run with a fixed number of replicas or on a schedule', async () => {
    apply(processes(namespace));

    await eventually(() => get(namespace, 'deployment', 'web-steady').status.availableReplicas, replicas => replicas === 1);
    expect(logs(namespace, 'steady')).toBe('steady no port hello');
    await eventually(() => get(namespace, 'cronjob', 'web-minutely').status.lastSuccessfulTime, time => time !== undefined, 120);
    expect(logs(namespace, 'minutely')).toContain('job hello');
  });

  test.each(Object.entries(SCHEDULED))('are scaled by KEDA at the times of their schedule: %s', async (name, [, replicas]) => {
    const counts = () => {
      const { spec, status } = get(namespace, 'deployment', `web-${name}`);
      return [spec.replicas, status.readyReplicas ?? 0];
    };
    await eventually(counts, found => found.every(count => count === replicas), 90);
  });
});

/** Takes two seconds to shut down. */
const SLOW = 'process.on("SIGTERM", () => setTimeout(() => process.exit(), 2000)); setInterval(() => {}, 1000)';

/** Passes its health check in its first seconds only. */
const HANGS = `const { writeFileSync, rmSync } = require("node:fs"); writeFileSync("/tmp/alive", "");
  setTimeout(() => rmSync("/tmp/alive"), 6000); setInterval(() => {}, 1000)`;

function workers(namespace: string, version: string): App {
  const app = new App();
  new Platform(app, 'platform', { domain: `${namespace}.example.com`, networkPolicy: false });
  new WebApp(new Chart(app, 'shop', { namespace }), 'web', {
    image: IMAGE,
    scaling: { replicas: 0 },
    env: { VERSION: version },
    resources: { cpu: '10m' },
    workers: {
      beat: { command: ['node', '-e', SLOW], singleton: true },
      hangs: {
        command: ['node', '-e', HANGS],
        health: { command: ['test', '-e', '/tmp/alive'], interval: '1s' },
        terminationGracePeriod: '1s',
      },
    },
  });
  return app;
}

describe('workers', () => {
  const namespace = temporaryNamespace('workers');
  const component = 'app.kubernetes.io/component';
  const beats = () => pods(namespace, 'web').filter(({ metadata }) => metadata.labels[component] === 'beat');
  const running = () => beats().filter(({ status }) => status.containerStatuses?.some(({ state }: any) => state.running));
  const version = ({ spec }: any) => spec.containers[0].env.find(({ name }: any) => name === 'VERSION').value;

  /** Waits until the only running pod is a new one of that version, and returns how many ran at once at most. */
  const replaced = async (before: readonly string[], wanted: string) => {
    const isNew = (pod: any) => !before.includes(pod.metadata.name) && version(pod) === wanted;
    let most = 0;
    await eventually(() => {
      const found = running();
      most = Math.max(most, found.length);
      return found;
    }, found => found.length === 1 && isNew(found[0]), 90);
    return most;
  };

  test('a singleton never runs twice, during an update or after its pod is deleted', async () => {
    apply(workers(namespace, '1'));
    expect(await replaced([], '1')).toBe(1);
    const [first] = running().map(({ metadata }) => metadata.name);

    kubectl(['delete', 'pod', first, '--namespace', namespace, '--wait=false']);
    // The next pod is created immediately, and waits until the old one has terminated.
    await eventually(beats, found => found.length === 2);
    expect(await replaced([first], '1')).toBe(1);
    const [second] = running().map(({ metadata }) => metadata.name);

    apply(workers(namespace, '2'));
    expect(await replaced([first, second], '2')).toBe(1);
  });

  test('a worker is restarted when its health check starts to fail', async () => {
    const hanging = () => pods(namespace, 'web').find(({ metadata }) => metadata.labels[component] === 'hangs');
    const restarts = () => hanging()?.status.containerStatuses?.[0].restartCount;
    await eventually(restarts, count => count > 0, 60);
    const events = kubectl(['get', 'events', '--namespace', namespace, '--field-selector', 'reason=Unhealthy', '--output', 'json']);
    expect(JSON.parse(events).items.map(({ message }: any) => message).join()).toContain('Liveness probe failed');
  });
});
