import { App, Chart } from 'cdk8s';
import { build, IMAGE, Manifests, problems, problemsOf, synth } from '../synth';
import { AccessMode, BlueGreen, Color, HttpAddonApi, Platform, PlatformProps, WebApp, WebAppProps } from 'cdk8s-webapp';

const NEW = 'ghcr.io/acme/web:1.5.0';
const GATEWAY: PlatformProps = {
  gateway: { name: 'public', namespace: 'gateways', sectionName: 'https', httpSectionName: 'http' },
  tls: {},
};

/** Props of an app whose blue color has the app's image and whose green color has a new one. */
function colors(active: Color, more: Partial<BlueGreen> = {}, props: Partial<WebAppProps> = {}): Partial<WebAppProps> {
  return { ...props, rollout: { blueGreen: { active, green: { image: NEW }, ...more } } };
}

const image = (manifests: Manifests, name: string) => manifests.get('Deployment', name).spec.template.spec.containers[0].image;

describe('blue and green', () => {
  test('are two Deployments, each with its own routing objects; blue has the names of the app', () => {
    const [before, during] = [synth(), synth(colors(Color.BLUE))];
    expect(during.list.filter(object => !before.list.includes(object))).toEqual([
      'Service web-green', 'Deployment web-green', 'PodDisruptionBudget web-green', 'NetworkPolicy web-green',
      'InterceptorRoute web-preview', 'Service web-preview-proxy', 'Ingress web-preview',
      'ScaledObject web-green',
    ]);
    for (const object of before.all) expect(during.get(object.kind, object.metadata.name)).toEqual(object);
    expect([image(during, 'web'), image(during, 'web-green')]).toEqual([IMAGE, NEW]);
  });

  test.each<[Color, string, string]>([
    [Color.BLUE, 'web', 'web-green'],
    [Color.GREEN, 'web-green', 'web'],
  ])('%s gets the requests if it is active, and the other color those for the preview URL', (active, live, idle) => {
    const manifests = synth(colors(active));
    expect(manifests.get('InterceptorRoute', 'web').spec).toMatchObject({
      target: { service: live },
      rules: [{ hosts: ['web.apps.example.com', 'web-proxy.shop', 'web-proxy.shop.svc', 'web-proxy.shop.svc.cluster.local'] }],
    });
    expect(manifests.get('InterceptorRoute', 'web-preview').spec).toMatchObject({
      target: { service: idle },
      rules: [
        {
          hosts: [
            'web-preview.apps.example.com',
            'web-preview-proxy.shop',
            'web-preview-proxy.shop.svc',
            'web-preview-proxy.shop.svc.cluster.local',
          ],
        },
      ],
    });
    const route = (name: string) => manifests.get('ScaledObject', name).spec.triggers[0].metadata.interceptorRoute;
    expect([route(live), route(idle)]).toEqual(['web', 'web-preview']);
  });

  test('the switch changes only the targets of the two routes and the triggers', () => {
    const [blue, green] = [Color.BLUE, Color.GREEN].map(active => synth(colors(active)));
    expect(green.list).toEqual(blue.list);
    const changed = blue.all
      .filter((object, i) => JSON.stringify(object) !== JSON.stringify(green.all[i]))
      .map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    expect(changed.sort()).toEqual(['InterceptorRoute web', 'InterceptorRoute web-preview', 'ScaledObject web', 'ScaledObject web-green']);
  });

  test('the idle color sleeps whatever scaling the app has, and only a request wakes it', () => {
    const scaling = {
      min: 2,
      max: 6,
      concurrency: 10,
      schedule: [{ start: '0 8 * * *', end: '0 18 * * *', replicas: 3 }],
      triggers: [{ type: 'rabbitmq', metadata: { queueName: 'jobs' } }],
    };
    const manifests = synth(colors(Color.GREEN, {}, { scaling }));
    const [live, idle] = ['web-green', 'web'].map(name => manifests.get('ScaledObject', name).spec);
    expect(live).toMatchObject({ minReplicaCount: 2, maxReplicaCount: 6 });
    expect(live.triggers.map(({ type }: any) => type)).toEqual(['external-push', 'cron', 'rabbitmq']);
    expect(idle).toMatchObject({ minReplicaCount: 0, maxReplicaCount: 6 });
    expect(idle.triggers.map(({ type }: any) => type)).toEqual(['external-push']);
  });

  test('both routes are written before the ScaledObjects that refer to them', () => {
    const { list } = synth(colors(Color.GREEN));
    const last = Math.max(...['web', 'web-preview'].map(name => list.indexOf(`InterceptorRoute ${name}`)));
    for (const name of ['web', 'web-green']) expect(list.indexOf(`ScaledObject ${name}`)).toBeGreaterThan(last);
  });

  test('workers and cron jobs run the active color', () => {
    const props = { workers: { mails: { command: ['mails'] } }, cronJobs: { nightly: { schedule: '0 3 * * *', command: ['nightly'] } } };
    for (const [active, expected] of [[Color.BLUE, IMAGE], [Color.GREEN, NEW]] as const) {
      const manifests = synth(colors(active, {}, props));
      expect(image(manifests, 'web-mails')).toBe(expected);
      expect(manifests.get('CronJob').spec.jobTemplate.spec.template.spec.containers[0].image).toBe(expected);
    }
  });

  test('each color runs its release command before it starts', () => {
    const manifests = synth(colors(Color.BLUE, {}, { releaseCommand: { command: ['migrate'] } }));
    expect(manifests.all.filter(({ kind }) => kind === 'Job').map(({ spec }) => spec.template.spec.containers[0].image)).toEqual([
      IMAGE,
      NEW,
    ]);
  });

  test('the app needs no image if both colors have their own', () => {
    const manifests = synth({
      image: undefined,
      rollout: { blueGreen: { active: Color.GREEN, blue: { image: 'ghcr.io/acme/web:1.6.0' }, green: { image: NEW } } },
    });
    expect([image(manifests, 'web'), image(manifests, 'web-green')]).toEqual(['ghcr.io/acme/web:1.6.0', NEW]);
  });

  test('the active color has the triggers that code adds', () => {
    const { web, chart } = build(colors(Color.GREEN));
    web.addTrigger({
      type: 'rabbitmq',
      metadata: { queueName: 'jobs' },
      authentication: { secrets: { host: { secret: 'rabbit', key: 'uri' } } },
    });
    const manifests = new Manifests(chart);
    expect(manifests.get('ScaledObject', 'web-green').spec.triggers[1]).toMatchObject({
      type: 'rabbitmq',
      authenticationRef: { name: 'web-green-rabbitmq' },
    });
    expect(manifests.get('ScaledObject', 'web').spec.triggers).toHaveLength(1);
    expect(manifests.list.filter(object => object.startsWith('TriggerAuthentication'))).toEqual([
      'TriggerAuthentication web-green-rabbitmq',
    ]);
  });
});

describe('the preview URL', () => {
  test('has an Ingress like the app', () => {
    const manifests = synth(colors(Color.BLUE, { previewHosts: ['next.example.com'] }, { paths: ['/api'] }), GATEWAY);
    expect(manifests.get('HTTPRoute', 'web-preview').spec).toMatchObject({
      parentRefs: [{ name: 'public', namespace: 'gateways', sectionName: 'https' }],
      hostnames: ['next.example.com'],
      rules: [
        {
          matches: [{ path: { type: 'PathPrefix', value: '/' } }],
          backendRefs: [{ name: 'keda-add-ons-http-interceptor-proxy', namespace: 'keda' }],
        },
      ],
    });
    expect(manifests.list).toContain('HTTPRoute web-preview-redirect');
    expect(manifests.get('HTTPRoute', 'web').spec.rules[0].matches[0].path.value).toBe('/api');
  });

  test('has its own certificate', () => {
    const { spec } = synth(colors(Color.BLUE), { tls: { clusterIssuer: 'letsencrypt' } }).get('Ingress', 'web-preview');
    expect(spec.tls).toEqual([{ hosts: ['web-preview.apps.example.com'], secretName: 'web-preview-tls' }]);
  });

  test('is an attribute; an internal app has none, but its idle color has a host name inside the cluster', () => {
    expect(build(colors(Color.BLUE)).web.previewUrl).toBe('http://web-preview.apps.example.com');
    expect(build().web.previewUrl).toBeUndefined();
    const { web, chart } = build(colors(Color.BLUE, {}, { internal: true }));
    expect(web.previewUrl).toBeUndefined();
    expect(new Manifests(chart).list).toEqual(expect.arrayContaining(['InterceptorRoute web-preview', 'Service web-preview-proxy']));
    expect(new Manifests(chart).has('Ingress')).toBe(false);
  });

  test('shows the app even during maintenance', () => {
    const manifests = synth(colors(Color.BLUE, {}, { maintenance: { body: 'back soon' } }));
    expect(manifests.get('InterceptorRoute', 'web').spec).toHaveProperty('staticRoutes');
    expect(manifests.get('InterceptorRoute', 'web-preview').spec).not.toHaveProperty('staticRoutes');
  });
});

describe('an invalid blue-green rollout', () => {
  const claim = { data: { path: '/data', size: '1Gi' } };

  test.each<{ readonly title: string; readonly props: object; readonly platform: PlatformProps; readonly problem: string }>([
    {
      title: 'a second strategy',
      props: { rollout: { canary: { image: NEW }, blueGreen: { active: 'blue' } } },
      platform: {},
      problem: 'rollout.blueGreen cannot be combined with canary; remove one of them',
    },
    {
      title: 'an unknown color',
      props: { rollout: { blueGreen: { active: 'red' } } },
      platform: {},
      problem: 'rollout.blueGreen.active is "red"; use one of blue, green',
    },
    {
      title: 'an app that is not scaled by HTTP',
      props: colors(Color.BLUE, {}, { scaling: { replicas: 2 } }),
      platform: {},
      problem: 'rollout.blueGreen is not supported, because the app is not scaled by HTTP',
    },
    {
      title: 'the add-on\'s API v1alpha1',
      props: colors(Color.BLUE),
      platform: { httpAddon: { api: HttpAddonApi.V1ALPHA1 } },
      problem: 'rollout.blueGreen is not supported by the add-on\'s API v1alpha1, which cannot tell two versions apart',
    },
    {
      title: 'a volume that only one replica can mount',
      props: colors(Color.BLUE, {}, { volumes: claim }),
      platform: {},
      problem: 'rollout.blueGreen is not supported, because a volume of the app can be mounted by one replica only',
    },
    {
      title: 'an image that no color uses',
      props: colors(Color.BLUE, { blue: { image: IMAGE } }),
      platform: {},
      problem: 'image has no effect, because both colors have their own image; remove it',
    },
    {
      title: 'no image',
      props: { image: undefined, ...colors(Color.BLUE) },
      platform: {},
      problem: 'image is missing',
    },
    {
      title: 'previewHosts of an internal app',
      props: colors(Color.BLUE, { previewHosts: ['a.example.com'] }, { internal: true }),
      platform: {},
      problem: 'rollout.blueGreen.previewHosts cannot be combined with internal',
    },
    {
      title: 'neither previewHosts nor a domain',
      props: colors(Color.BLUE, {}, { hosts: ['shop.example.com'] }),
      platform: { domain: undefined },
      problem: 'rollout.blueGreen.previewHosts is missing, and the platform has no domain',
    },
    {
      title: 'an empty list of previewHosts',
      props: colors(Color.BLUE, { previewHosts: [] }),
      platform: {},
      problem: 'rollout.blueGreen.previewHosts is empty',
    },
    {
      title: 'a host in previewHosts that the active color has',
      props: colors(Color.BLUE, { previewHosts: ['web.apps.example.com'] }),
      platform: {},
      problem: 'rollout.blueGreen.previewHosts have "web.apps.example.com", which is a host of the active color',
    },
    {
      title: 'a host name inside the cluster in previewHosts',
      props: colors(Color.BLUE, { previewHosts: ['web.shop.svc'] }),
      platform: {},
      problem: 'rollout.blueGreen.previewHosts[0] is "web.shop.svc", which is or may be a name inside the cluster',
    },
    {
      title: 'a duplicate host in previewHosts',
      props: colors(Color.BLUE, { previewHosts: ['a.example.com', 'a.example.com'] }),
      platform: {},
      problem: 'rollout.blueGreen.previewHosts[1] is "a.example.com" twice',
    },
    {
      title: 'a host with a scheme in previewHosts',
      props: colors(Color.BLUE, { previewHosts: ['http://a.example.com'] }),
      platform: {},
      problem: 'rollout.blueGreen.previewHosts[0] is "http://a.example.com", which has a scheme',
    },
    {
      title: 'an error of the active color',
      props: colors(Color.GREEN, {}, { scaling: { min: 3, max: 2 } }),
      platform: {},
      problem: 'scaling.max is 2 but scaling.min is 3',
    },
  ])('$title is an error', ({ props, platform, problem }) => {
    expect(problems(props, platform)).toEqual([expect.stringContaining(`WebApp "web": ${problem}`)]);
  });

  test('a claim that many pods can mount is valid', () => {
    const volumes = { data: { ...claim.data, accessMode: AccessMode.READ_WRITE_MANY } };
    expect(synth(colors(Color.BLUE, {}, { volumes })).all.filter(({ kind }) => kind === 'PersistentVolumeClaim')).toHaveLength(1);
  });

  test('a preview URL that another app has is an error', () => {
    const found = problemsOf(() => {
      const app = new App();
      new Platform(app, 'platform', { domain: 'apps.example.com' });
      new WebApp(new Chart(app, 'shop', { namespace: 'shop' }), 'web', { image: IMAGE, ...colors(Color.BLUE) });
      new WebApp(new Chart(app, 'other', { namespace: 'other' }), 'web-preview', { image: IMAGE });
      return app;
    });
    expect(found).toEqual([
      expect.stringContaining('hosts have "web-preview.apps.example.com" with path "/", which WebApp "shop/web" has too'),
    ]);
  });
});
