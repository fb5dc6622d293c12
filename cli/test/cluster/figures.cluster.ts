import { createAccount, DOCUMENTED, kubeconfigOf } from './account';
import { AppFolder } from './in-cluster';
import {
  describeBuilds, describeMetrics, describePrometheus, describeWithAddon, eventually, kubectl, PROMETHEUS, REGISTRY, request, server,
  temporaryNamespace,
} from '../../../test/cluster/cluster';
import { Prometheus } from '../../src/figures/prometheus';
import { connect } from '../../src/kube/connect';
import { issueCertificate } from '../../src/operator/webhook/certificate';
import { ALERTS } from '../../src/setup/monitoring/alerts';
import { PANELS } from '../../src/setup/monitoring/dashboard';

const json = (text: string) => JSON.parse(text);

describe('an account with the permissions in docs/deploy.md', () => {
  const namespace = temporaryNamespace('figures');
  const app = new AppFolder(namespace, { scaling: { min: 1, cooldownPeriod: '300s' }, command: server('"hello"') });
  const call = async (...words: string[]) => app.call(...words, '--kubeconfig', kubeconfigOf(namespace, 'deployer'));
  beforeAll(async () => {
    createAccount(namespace, 'deployer', DOCUMENTED);
    expect(await call('deploy', '--timeout', '90s')).toMatchObject({ code: 0 });
  });

  test('sees the replicas of its app, and is told what the rest needs', async () => {
    const { code, out } = await call('metrics');
    expect(code).toBe(0);
    expect(out).toMatch(/^REPLICAS +1 now$/m);
    expect(out).toMatch(/^! requests, errors and latency: .*get of pods\/proxy/m);
  });

  test('sees what an hour of its app costs', async () => {
    expect(json((await call('cost', 'web', '--output', 'json')).out).processes).toMatchObject(
      [{ process: 'web', requested: { cpu: 0.1, memory: 0.25 } }]);
  });

  describeMetrics()('where there is metrics-server', () => {
    test('sees what the pods of its app use', async () => {
      const measured = async () => json((await call('top', 'web', '--output', 'json')).out)[0];
      const web = await eventually(measured, ({ usage }) => usage !== undefined, 90);
      expect(web).toMatchObject({ process: 'web', ready: 1, wanted: 1, requests: { cpu: 0.1, memory: 256 * 1024 ** 2 } });
      expect(web.usage.memory).toBeGreaterThan(1024 ** 2);
      expect((await call('top', '--namespace', namespace)).out).toMatch(/^web +web +1\/1 +\d+m +\d+% +\d+Mi +\d+%$/m);
    });
  });
});

describeWithAddon('a cluster administrator', () => {
  const namespace = temporaryNamespace('requests');
  const app = new AppFolder(namespace, { command: server('"hello"') });

  test('sees the requests that the interceptor counted', async () => {
    expect(await app.call('deploy', '--timeout', '90s')).toMatchObject({ code: 0 });
    expect(await app.call('wake', '--timeout', '90s')).toMatchObject({ code: 0 });
    const { out } = await app.call('metrics', '--output', 'json');
    expect(json(out)).toMatchObject({ source: 'cluster', errors: 0, latency: { p50: expect.any(Number) } });
    expect(json(out).requests).toBeGreaterThan(0);
  });
});

const WEB = { internal: true, scaling: { replicas: 1 }, command: server('"hello"') };

/** An app that fails, and is slow. */
const FAILING = {
  name: 'failing',
  scaling: { min: 1, cooldownPeriod: '300s' },
  command: server('"no"', 'await new Promise(resolve => setTimeout(resolve, 3000)); response.statusCode = 500;'),
};

/** As many replicas as it may have, all day. */
const FULL = {
  internal: true,
  size: 'xs',
  scaling: { min: 1, max: 2, schedule: [{ start: '0 0 * * *', end: '59 23 * * *', replicas: 2 }] },
};

/** An app that nothing answers for. */
const BROKEN = { name: 'broken', internal: true, scaling: { replicas: 1 }, command: ['sleep', '1000'] };

describePrometheus()('Prometheus, as webapp setup installs it', () => {
  const namespace = temporaryNamespace('prometheus');
  const platform = { monitoring: { prometheus: PROMETHEUS } };
  const app = new AppFolder(namespace, WEB, platform);
  const broken = new AppFolder(namespace, { ...BROKEN, releaseCommand: { command: ['false'], retries: 0 } }, platform);
  const call = async (...words: string[]) => json((await app.call(...words, '--output', 'json')).out);
  let prometheus: Prometheus;
  const now = async (query: string) => prometheus.at(query, Math.floor(Date.now() / 1000));
  const exprOf = (name: string) => ALERTS.find(({ alert }) => alert === name)!.expr;
  /** What a rule finds in the namespace of the test; it fires when it has found the same for a while. */
  const found = async (name: string, label = 'namespace') => (
    (await now(exprOf(name))).filter(({ labels }) => labels[label] === namespace));

  beforeAll(async () => {
    prometheus = new Prometheus(connect({}, { cwd: '.', env: process.env }), PROMETHEUS!);
    expect(await app.call('deploy', '--timeout', '90s')).toMatchObject({ code: 0 });
    expect(await broken.call('deploy', '--timeout', '30s')).toMatchObject({ code: 1 }); // its release command fails
    await eventually(async () => now(`kube_deployment_labels{namespace="${namespace}"}`), all => all.length > 0, 120);
  });

  test('has the replicas, CPU and memory of an app over time', async () => {
    const metrics = await eventually(async () => call('metrics'), ({ points }) => points?.at(-1)?.memory > 0, 180);
    expect(metrics).toMatchObject({ source: 'prometheus' });
    expect(metrics.points.at(-1)).toMatchObject({ replicas: 1, cpu: expect.any(Number) });
  });

  test('has what an app requested', async () => {
    const { source, processes: [web] } = await eventually(
      async () => call('cost', 'web', '--since', '1h'), ({ processes: [{ requested }] }) => requested.cpu > 0, 180);
    expect(source).toBe('prometheus');
    expect(web).toMatchObject({ process: 'web', asleepHours: 0 });
    expect(web.requested.memory / web.requested.cpu).toBeCloseTo(2.5); // 256 MiB by 100m
  });

  test.each(ALERTS.map(({ alert }) => alert))('evaluates the rule %s', async alert => {
    expect(await now(exprOf(alert))).toEqual(expect.any(Array));
  });

  test('finds the failed release command of an app, with its labels, for an hour', async () => {
    const failed = await eventually(async () => found('WebAppReleaseFailed'), all => all.length > 0, 120);
    expect(failed.map(({ labels }) => labels)).toMatchObject(
      [{ job_name: expect.stringMatching(/^broken-release-/), label_app_kubernetes_io_name: 'broken' }]);
    expect(await found('WebAppCronJobFailed')).toEqual([]);
  });

  test('finds a cron job that failed, by the name of its app', async () => {
    app.write({ ...WEB, cronJobs: { nightly: { schedule: '0 3 1 1 *', command: ['false'], retries: 0 } } });
    expect(await app.call('deploy', '--timeout', '90s')).toMatchObject({ code: 0 });
    expect(await app.call('cron', 'run', 'nightly')).toMatchObject({ code: 1 });
    const failed = await eventually(async () => found('WebAppCronJobFailed'), all => all.length > 0, 120);
    expect(failed.map(({ labels }) => labels)).toMatchObject(
      [{ job_name: expect.stringMatching(/^web-nightly-run-/), label_app_kubernetes_io_name: 'web' }]);
  });

  test('finds an app without a ready pod, and not one that has one', async () => {
    broken.write(BROKEN);
    void broken.call('deploy', '--timeout', '60s');
    expect(await eventually(async () => found('WebAppNotReady'), all => all.length > 0, 120)).toEqual([{
      value: 1, labels: expect.objectContaining({ deployment: 'broken', label_app_kubernetes_io_name: 'broken' }),
    }]);
  });

  test('finds an app that cannot scale any further, and not one whose replicas are fixed', async () => {
    for (const [name, scaling] of Object.entries({ full: FULL.scaling, fixed: { ...FULL.scaling, min: 2 } })) {
      broken.write({ ...FULL, name, scaling });
      expect(await broken.call('deploy', '--timeout', '90s')).toMatchObject({ code: 0 });
    }
    await eventually(async () => now(`kube_horizontalpodautoscaler_status_desired_replicas{namespace="${namespace}"} == 2`),
      both => both.length === 2, 180);
    expect(await eventually(async () => found('WebAppAtMaxReplicas'), all => all.length > 0, 120)).toEqual([{
      value: 2, labels: expect.objectContaining({ label_app_kubernetes_io_name: 'full', horizontalpodautoscaler: 'keda-hpa-full' }),
    }]);
  });

  test('finds a certificate that is not renewed, and not a new one', async () => {
    const day = 24 * 3600 * 1000;
    createCertificate(namespace, 'overdue', Date.now() - 89 * day, Date.now() + day);
    createCertificate(namespace, 'new', Date.now(), Date.now() + 3 * day);
    await eventually(async () => now(`certmanager_certificate_expiration_timestamp_seconds{namespace="${namespace}"} > 0`),
      both => both.length === 2, 120);
    expect((await found('WebAppCertificateExpires')).map(({ labels }) => labels)).toMatchObject([{ name: 'overdue' }]);
  });

  describeWithAddon('of an app that sleeps', () => {
    const slow = async () => (await found('WebAppSlowWake')).filter(({ labels }) => labels.deployment === 'sleepy');

    test('finds that it takes long to wake up, and nothing before', async () => {
      const spec = { name: 'sleepy', scaling: { cooldownPeriod: '300s' }, command: server('"hello"') };
      broken.write(spec);
      expect(await broken.call('deploy', '--timeout', '90s')).toMatchObject({ code: 0 });
      await eventually(async () => broken.call('sleep'), ({ code }) => code === 0, 90);
      await eventually(
        async () => now(`kube_deployment_spec_replicas{namespace="${namespace}",deployment="sleepy"} == 0`), all => all.length > 0, 120);
      expect(await slow()).toEqual([]);
      const patch = JSON.stringify([{ op: 'replace', path: '/spec/template/spec/containers/0/command', value: ['sleep', '1000'] }]);
      kubectl(['patch', 'deployment', 'sleepy', '--namespace', namespace, '--type', 'json', '--patch', patch]);
      expect(await broken.call('wake', '--timeout', '30s')).toMatchObject({ code: 1 });
      const [{ labels }] = await eventually(slow, all => all.length > 0, 60);
      expect(labels).toMatchObject({ label_app_kubernetes_io_name: 'sleepy' });
    });
  });

  describeBuilds()('of a build that fails', () => {
    const elsewhere = temporaryNamespace('failed-build');
    test('finds it by its name', async () => {
      kubectl(['label', 'namespace', elsewhere, 'pod-security.kubernetes.io/enforce=privileged', '--overwrite']); // BuildKit is privileged
      const [git, image] = [`http://none.${elsewhere}.svc/app`, `${REGISTRY}/built-${elsewhere}`];
      const buildFrom = { git, revision: 'main', strategy: 'dockerfile', image };
      const strategies = { dockerfile: 'buildkit' };
      const built = new AppFolder(elsewhere, { ...WEB, image: undefined, buildFrom }, { ...platform, builds: { strategies } });
      expect(await built.call('deploy')).toMatchObject({ code: 1, err: expect.stringContaining('the build of ') });
      const failed = await eventually(
        async () => (await now(exprOf('WebAppBuildFailed'))).filter(({ labels }) => labels.namespace === elsewhere),
        all => all.length > 0, 120);
      expect(failed[0].labels.label_buildrun_shipwright_io_name).toMatch(/^web-/);
    });
  });

  describeWithAddon('of an app that fails', () => {
    const rules = ['WebAppErrors', 'WebAppSlow'];
    beforeAll(async () => {
      broken.write(FAILING);
      expect(await broken.call('deploy', '--timeout', '90s')).toMatchObject({ code: 0 });
      const ask = async () => {
        await request(namespace, `http://failing-proxy.${namespace}.svc.cluster.local:8080/`, { count: 24 });
        return Promise.all(rules.map(async rule => found(rule, 'route_namespace')));
      };
      await eventually(ask, all => all.every(({ length }) => length > 0), 180);
    });

    test('finds the errors and the latency, by the name of the app', async () => {
      const [[errors], [slow]] = await Promise.all(rules.map(async rule => found(rule, 'route_namespace')));
      expect(errors).toEqual({ value: 1, labels: { route_namespace: namespace, route_name: 'failing' } });
      expect(slow.labels).toEqual(errors.labels);
      expect(slow.value).toBeGreaterThan(2.5);
    });

    test.each(PANELS.map(({ title, lines }) => [title, lines]))('has values for the dashboard: %s', async (_, lines) => {
      const variables: { readonly [name: string]: string } = { namespace, app: 'failing', __rate_interval: '2m' };
      for (const line of Object.values(lines)) {
        const query = line.replace(/\$(\w+)/g, (__, name) => variables[name]);
        const values = await eventually(async () => now(query), all => all.length > 0, 120);
        expect(values.filter(({ value }) => !(value >= 0))).toEqual([]);
      }
    });
  });
});

/** A certificate that nobody can renew. */
function createCertificate(namespace: string, name: string, from: number, until: number): void {
  const dnsNames = [`${name}.example.com`];
  const { certificate, key } = issueCertificate({ names: dnsNames, from, until });
  const metadata = { name, namespace };
  const spec = { secretName: name, dnsNames, privateKey: { algorithm: 'ECDSA' }, issuerRef: { name: 'none' } };
  const items = [
    { apiVersion: 'v1', kind: 'Secret', type: 'kubernetes.io/tls', metadata, stringData: { 'tls.crt': certificate, 'tls.key': key } },
    { apiVersion: 'cert-manager.io/v1', kind: 'Certificate', metadata, spec },
  ];
  kubectl(['apply', '--filename', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
}
