import { App, Chart } from 'cdk8s';
import { apply, describeWithAddon, eventually, get, IMAGE, kubectl, temporaryNamespace } from './cluster';
import { Platform, WebApp } from 'cdk8s-webapp';

/** Prints its configuration and keeps running. */
const WORKER =
  'console.log(process.env.NAME, process.env.PORT ?? "no port", require("node:fs").readFileSync("/etc/motd", "utf8")); '
  + 'setInterval(() => {}, 1000)';

/** Writes to /tmp, prints its configuration and exits. */
const JOB =
  'require("node:fs").writeFileSync("/tmp/x", "x"); '
  + 'console.log(process.env.NAME, require("node:fs").readFileSync("/etc/motd", "utf8"))';

function processes(namespace: string): App {
  const app = new App();
  new Platform(app, 'platform', { domain: `${namespace}.example.com` });
  const web = new WebApp(new Chart(app, 'shop', { namespace }), 'web', {
    image: IMAGE,
    env: { NAME: 'web' },
    files: { '/etc/motd': 'hello' },
    workers: {
      steady: { command: ['node', '-e', WORKER], env: { NAME: 'steady' }, terminationGracePeriod: '1s' },
      daily: {
        command: ['node', '-e', WORKER],
        scaling: { max: 2, schedule: [{ start: '0 0 * * *', end: '59 23 * * *', replicas: 2 }] },
        terminationGracePeriod: '1s',
      },
    },
  });
  web.addCronJob('minutely', { schedule: '* * * * *', command: ['node', '-e', JOB], env: { NAME: 'job' }, deadline: '50s' });
  return app;
}

const ofComponent = (component: string) => `app.kubernetes.io/name=web,app.kubernetes.io/component=${component}`;

const logs = (namespace: string, component: string) =>
  kubectl(['logs', '--namespace', namespace, '--selector', ofComponent(component)]).trim();

describeWithAddon('workers and cron jobs', () => {
  const namespace = temporaryNamespace('processes');

  test('run with a fixed number of replicas, scaled by KEDA or on a schedule', async () => {
    apply(processes(namespace));

    await eventually(() => get(namespace, 'deployment', 'web-steady').status.availableReplicas, replicas => replicas === 1);
    expect(logs(namespace, 'steady')).toBe('steady no port hello');
    await eventually(() => get(namespace, 'deployment', 'web-daily').status.availableReplicas, replicas => replicas === 2, 90);

    await eventually(() => get(namespace, 'cronjob', 'web-minutely').status.lastSuccessfulTime, time => time !== undefined, 120);
    expect(logs(namespace, 'minutely')).toContain('job hello');
  });
});
