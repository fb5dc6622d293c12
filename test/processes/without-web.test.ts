import { App, Chart } from 'cdk8s';
import { schemaErrors } from '../schemas';
import { build, IMAGE, Manifests, problems, problemsOf, synth } from '../synth';
import { Platform, WebApp, WebAppProps } from 'cdk8s-webapp';

const workers = { emails: { args: ['emails'] } };

const withoutWeb = (props: Partial<WebAppProps> = {}, platform = {}) => synth({ web: false, workers, ...props }, platform);

describe('an app without a web process', () => {
  test('has workers and cron jobs, and no objects for requests', () => {
    const manifests = withoutWeb({ cronJobs: { nightly: { schedule: '0 3 * * *', args: ['nightly'] } } });
    expect(manifests.list).toEqual([
      'ServiceAccount web',
      'Deployment web-emails', 'PodDisruptionBudget web-emails', 'NetworkPolicy web-emails',
      'CronJob web-nightly', 'NetworkPolicy web-nightly',
    ]);
    expect(manifests.all.flatMap(schemaErrors)).toEqual([]);
  });

  test('has the same workers as an app with a web process', () => {
    const props: Partial<WebAppProps> = {
      env: { LEVEL: 'info' }, files: { '/etc/motd': 'hello' }, size: 'l' as any, rollout: { rollingUpdate: { maxSurge: '1' } },
    };
    const worker = (manifests: Manifests) => manifests.get('Deployment', 'web-emails');
    expect(worker(withoutWeb(props))).toEqual(worker(synth({ ...props, workers })));
  });

  test('has volumes that one or several of its workers mount', () => {
    const volumes = { data: { path: '/data', size: '1Gi' }, state: { path: '/state', size: '1Gi', accessMode: 'read-write-many' as any } };
    const own = { volumes: { data: {}, state: {} } };
    const images = { args: ['b'], volumes: { state: {} } };
    const manifests = withoutWeb({ volumes, workers: { emails: { args: ['a'], ...own }, images } });
    expect(manifests.list.slice(1, 3)).toEqual(['PersistentVolumeClaim web-data', 'PersistentVolumeClaim web-state']);
    expect(manifests.get('Deployment', 'web-emails').spec.strategy).toEqual({ type: 'Recreate' });
  });

  test('runs its release command before its workers', () => {
    const { list } = withoutWeb({ releaseCommand: { args: ['migrate'] }, files: { '/a': '1' } });
    expect(list.slice(0, 4)).toEqual(
      ['ServiceAccount web', expect.stringMatching(/^ConfigMap/), expect.stringMatching(/^Job web-release/), 'Deployment web-emails']);
  });

  test('ignores the defaults of the platform that apply to requests', () => {
    const appDefaults = { scaling: { min: 2, max: 5 }, health: { path: '/healthz' }, coldStart: { placeholder: { body: 'wait' } } };
    expect(withoutWeb({}, { appDefaults, monitoring: {}, tls: { clusterIssuer: 'letsencrypt' } }).list).toEqual(withoutWeb().list);
  });

  test('does not require an image if each process has its own', () => {
    const { template } = withoutWeb({ image: undefined, workers: { emails: { image: 'a:1' } } }).get('Deployment').spec;
    expect(template.spec.containers[0].image).toBe('a:1');
  });

  test('may set PORT, because workers have no PORT by default', () => {
    expect(problems({ web: false, workers, env: { PORT: '1' } })).toEqual([]);
  });

  test('is the same if methods add its processes and configuration', () => {
    const { chart, web } = build({ web: false });
    web.addWorker('emails', workers.emails);
    web.addEnv('A', '1');
    web.addFile('/a', '1');
    expect(new Manifests(chart).all).toEqual(withoutWeb({ env: { A: '1' }, files: { '/a': '1' } }).all);
  });

  test('has no URL and no Service, and an error says so', () => {
    const { web } = build({ web: false, workers });
    expect([web.url, web.previewUrl, web.scaledObject, web.interceptorRoute, web.ingress]).toEqual(Array(5).fill(undefined));
    for (const attribute of ['deployment', 'container', 'service', 'internalUrl'] as const) {
      expect(() => web[attribute]).toThrow(`WebApp "web" has no ${attribute}, because its web is false: it has no web process`);
    }
    expect(web.serviceAccount.name).toBe('web');
  });

  test('is an ordinary app if web is true', () => {
    expect(synth({ web: true }).all).toEqual(synth().all);
  });
});

describe('an app without a web process is an error', () => {
  const useless = 'has no effect, because web is false and the app has no web process';

  test.each<[object, string]>([
    [{ port: 80 }, `port ${useless}; remove it`],
    [{ hosts: ['a.example.com'] }, `hosts ${useless}; remove it`],
    [{ paths: ['/a'] }, `paths ${useless}; remove it`],
    [{ headers: { a: 'b' } }, `headers ${useless}; remove it`],
    [{ internal: true }, `internal ${useless}; remove it`],
    [{ tls: {} }, `tls ${useless}; remove it`],
    [{ protocol: 'http2' }, `protocol ${useless}; remove it`],
    [{ coldStart: {} }, `coldStart ${useless}; remove it`],
    [{ timeouts: { request: '1m' } }, `timeouts ${useless}; remove it`],
    [{ maintenance: { body: 'x' } }, `maintenance ${useless}; remove it`],
    [{ exactPaths: ['/a'] }, `exactPaths ${useless}; remove it`],
    [{ replacePrefixMatch: '/' }, `replacePrefixMatch ${useless}; remove it`],
    [{ staticRoutes: [{ paths: ['/a'] }] }, `staticRoutes ${useless}; remove it`],
    [{ http: { maxBodySize: '5Mi' } }, `http ${useless}; remove it`],
    [{ access: { allow: ['10.0.0.0/8'] } }, `access ${useless}; remove it`],
    [{ sidecars: { logs: { image: 'logs:1' } } },
      'sidecars.logs.processes is missing, and the app has no web process; set it to some of emails'],
    [{ sidecars: { logs: { image: 'logs:1', processes: ['web'] } } },
      'sidecars.logs.processes[0] is "web", which is not a process of the app; use one of emails'],
    [{ command: ['a'] }, `command ${useless}; remove it, or set it in a worker`],
    [{ args: ['a'] }, `args ${useless}; remove it, or set it in a worker`],
    [{ scaling: { min: 1 } }, `scaling ${useless}; remove it, or set it in each worker`],
    [{ health: { path: '/' } }, `health ${useless}; remove it, or set health and terminationGracePeriod in each worker`],
    [{ rollout: { canary: { image: 'a:1' } } },
      'rollout divides requests between two versions, but web is false and the app gets none; '
      + 'remove it; workers are replaced by a rolling update'],
    [{ workers: {} }, 'web is false, so the app runs nothing; set workers or cronJobs, or remove it'],
    [{ image: undefined, workers: { a: { image: 'a:1' }, b: { args: ['b'] } } },
      'image is missing; set image to a reference such as ghcr.io/acme/web:1.4.2, or set buildFrom'],
    [
      {
        volumes: { data: { path: '/data', size: '1Gi' } },
        workers: { a: { args: ['a'], volumes: { data: {} } }, b: { args: ['b'], volumes: { data: {} } } },
      },
      'workers.b.volumes.data is the claim "web-data", which workers.a.volumes.data is too, and one node at a time can mount it; '
        + 'set accessMode: read-write-many if the claim has it, or use a volume of its own',
    ],
  ])('with %j', (props, expected) => {
    expect(problems({ web: false, workers, ...props })).toEqual([`WebApp "web": ${expected}`]);
  });

  test('with metrics', () => {
    expect(problems({ web: false, workers, metrics: {} }, { monitoring: {} })).toEqual([`WebApp "web": metrics ${useless}; remove it`]);
  });

  test.each<[string, (web: WebApp, mailer: WebApp) => void]>([
    ['a connection', () => {}],
    ['connect', (web, mailer) => web.connect(mailer)],
  ])('as the target of %s', (way, connect) => {
    const make = () => {
      const app = new App();
      new Platform(app, 'platform', { domain: 'apps.example.com' });
      const chart = new Chart(app, 'shop', { namespace: 'shop' });
      const mailer = new WebApp(chart, 'mailer', { image: IMAGE, web: false, workers });
      const connections = way === 'connect' ? undefined : { mailer: { type: 'web-app', app: 'mailer' } };
      connect(new WebApp(chart, 'web', { image: IMAGE, connections }), mailer);
      return app;
    };
    expect(problemsOf(make)).toEqual([
      'WebApp "web": connections.mailer.app is "mailer", whose web is false: it has no web process that could be called; '
      + 'use the name of another app',
    ]);
  });
});
