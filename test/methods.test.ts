import * as fc from 'fast-check';
import { build, IMAGE, Manifest } from './synth';
import { AppCronJob, Connection, PlatformProps, Trigger, WebApp, WebAppProps, Worker } from 'cdk8s-webapp';

type Props = Partial<WebAppProps>;

/** An addition that a method and props can both make. */
interface Addition {
  /** @param others apps in the same namespace, by name */
  readonly call: (web: WebApp, others: Apps) => void;
  readonly props: (props: Props) => Props;
}

interface Apps {
  readonly [name: string]: WebApp;
}

const env = (name: string, value: string): Addition => ({
  call: web => web.addEnv(name, value),
  props: props => ({ ...props, env: { ...props.env, [name]: value } }),
});
const file = (path: string, text: string): Addition => ({
  call: web => web.addFile(path, text),
  props: props => ({ ...props, files: { ...props.files, [path]: text } }),
});
const trigger = (added: Trigger): Addition => ({
  call: web => web.addTrigger(added),
  props: props => {
    const { scaling = {} } = props;
    // A method never disables HTTP scaling, but triggers in props without concurrency do.
    const { concurrency = 100 } = scaling;
    return { ...props, scaling: { ...scaling, concurrency, triggers: [...scaling.triggers ?? [], added] } };
  },
});
const worker = (name: string, added: Worker): Addition => ({
  call: web => web.addWorker(name, added),
  props: props => ({ ...props, workers: { ...props.workers, [name]: added } }),
});
const cronJob = (name: string, added: AppCronJob): Addition => ({
  call: web => web.addCronJob(name, added),
  props: props => ({ ...props, cronJobs: { ...props.cronJobs, [name]: added } }),
});
const connection = (name: string, app: string, bypassInterceptor?: boolean): Addition => {
  const added: Connection = { type: 'web-app', app, namespace: 'shop', bypassInterceptor };
  return {
    call: (web, others) => web.connect(others[app], name),
    props: props => ({ ...props, connections: { ...props.connections, [name]: added } }),
  };
};

const ADDITIONS: readonly Addition[] = [
  env('LEVEL', 'info'),
  env('REGION', 'eu'),
  file('/etc/motd', 'hello\n'),
  file('/etc/app.yaml', 'a: 1\n'),
  trigger({ type: 'rabbitmq', metadata: { queueName: 'jobs' }, authentication: { secrets: { host: { secret: 'mq', key: 'url' } } } }),
  trigger({ type: 'prometheus', metadata: { query: 'up' }, name: 'up' }),
  worker('mail', { command: ['mail'] }),
  worker('jobs', {
    command: ['jobs'],
    scaling: { triggers: [{ type: 'kafka', metadata: { topic: 't' }, authentication: { secrets: { sasl: { secret: 's', key: 'k' } } } }] },
  }),
  cronJob('nightly', { command: ['night'], schedule: '0 3 * * *' }),
  cronJob('hourly', { command: ['hour'], schedule: '0 * * * *' }),
  connection('api', 'api'),
  connection('index', 'search', true),
];

const NEXT = 'ghcr.io/acme/web:2.0.0';

const SHAPES: readonly Props[] = [
  {},
  { rollout: { canary: { image: NEXT } } },
  { rollout: { blueGreen: { active: 'blue' as never, green: { image: NEXT } } } },
  { rollout: { argo: {} } },
  { releaseCommand: { command: ['migrate'] } },
  { releaseCommand: { command: ['migrate'] }, rollout: { canary: { image: NEXT } }, files: { '/etc/first': '1' } },
  {
    sidecars: { proxy: { image: IMAGE, port: 5432, shareEnv: true, files: { '/etc/proxy': 'p' }, processes: ['web', 'release'] } },
    initContainers: { prepare: { command: ['p'], shareFiles: true } },
    releaseCommand: { command: ['migrate'] },
  },
  {
    patches: [{ kind: 'CronJob', name: 'web-kept', merge: { spec: { suspend: true } } }],
    cronJobs: { kept: { command: ['k'], schedule: '0 0 * * *' } },
  },
];

const PLATFORMS: readonly PlatformProps[] = [
  {},
  { gateway: { name: 'public', namespace: 'infra' } },
  { ingress: { className: 'traefik' }, tls: { redirect: true } },
  { helmHooks: true, syncWaves: true },
  { httpAddon: { api: 'v1alpha1' as never } },
];

const additions = fc.shuffledSubarray(ADDITIONS.map((_, i) => i));
const pick = (list: readonly unknown[]) => fc.nat(list.length - 1);

function written(platform: PlatformProps, props: Props, added: readonly Addition[] = []): { text: string; objects: Manifest[] } {
  const { app, chart, web } = build(props, platform);
  const others: Apps = {
    api: new WebApp(chart, 'api', { image: IMAGE }),
    search: new WebApp(chart, 'search', { image: IMAGE, scaling: { replicas: 1 } }),
  };
  for (const { call } of added) call(web, others);
  return { text: app.synthYaml(), objects: chart.toJson() };
}

/** The older API of the add-on supports only one version of an app. */
function isPossible({ httpAddon }: PlatformProps, { rollout }: Props): boolean {
  return httpAddon?.api === undefined || (rollout?.canary ?? rollout?.blueGreen) === undefined;
}

describe('methods', () => {
  test('in any order write the same bytes as the same props', () => {
    fc.assert(fc.property(pick(PLATFORMS), pick(SHAPES), additions, (platform, shape, order) => {
      fc.pre(isPossible(PLATFORMS[platform], SHAPES[shape]));
      const added = order.map(i => ADDITIONS[i]);
      const props = added.reduce((sum, { props: with_ }) => with_(sum), SHAPES[shape]);
      expect(written(PLATFORMS[platform], SHAPES[shape], added).text).toBe(written(PLATFORMS[platform], props).text);
    }), { numRuns: 150 });
  });

  test('write no object before one that it refers to', () => {
    fc.assert(fc.property(pick(PLATFORMS), pick(SHAPES), additions, (platform, shape, order) => {
      fc.pre(isPossible(PLATFORMS[platform], SHAPES[shape]));
      const { objects } = written(PLATFORMS[platform], SHAPES[shape], order.map(i => ADDITIONS[i]));
      expect(premature(objects)).toEqual([]);
    }), { numRuns: 150 });
  });
});

/** The references of each kind. Pods wait for the objects that they mount, but not for those that send them requests. */
const REFERENCES: { readonly [kind: string]: (object: any) => [kind: string, name: string | undefined][] } = {
  Deployment: ({ spec }) => podReferences(spec.template.spec),
  Rollout: ({ spec }) => [
    ...podReferences(spec.template.spec),
    ['AnalysisTemplate', spec.strategy.canary?.analysis?.templates[0].templateName],
  ],
  Job: ({ spec }) => podReferences(spec.template.spec),
  CronJob: ({ spec }) => podReferences(spec.jobTemplate.spec.template.spec),
  InterceptorRoute: ({ spec }) => [['Service', spec.target.service]],
  HTTPScaledObject: ({ spec }) => [['Service', spec.scaleTargetRef.service], [spec.scaleTargetRef.kind, spec.scaleTargetRef.name]],
  ScaledObject: ({ spec }) => [
    [spec.scaleTargetRef.kind ?? 'Deployment', spec.scaleTargetRef.name],
    ...spec.triggers.flatMap(({ metadata, authenticationRef }: any) => [
      ['InterceptorRoute', metadata.interceptorRoute],
      ['HTTPScaledObject', metadata.httpScaledObject],
      ['TriggerAuthentication', authenticationRef?.name],
    ]),
  ],
  Ingress: ({ spec, metadata: { namespace, annotations } }) => [
    ...spec.rules.flatMap(({ http }: any) => http.paths.map(({ backend }: any) => ['Service', backend.service.name])),
    ...(annotations?.['traefik.ingress.kubernetes.io/router.middlewares']?.split(',') ?? [])
      .map((name: string) => ['Middleware', name.slice(namespace.length + 1).replace('@kubernetescrd', '')]),
  ],
  HTTPRoute: ({ spec }) => spec.rules.flatMap(({ backendRefs = [], filters = [] }: any) => [
    ...backendRefs.map(({ name }: any) => ['Service', name]),
    ...filters.map(({ extensionRef }: any) => ['Middleware', extensionRef?.name]),
  ]),
};

function podReferences({ serviceAccountName, volumes = [] }: any): [kind: string, name: string | undefined][] {
  return [
    ['ServiceAccount', serviceAccountName],
    ...volumes.map(({ configMap }: any) => ['ConfigMap', configMap?.name] as [string, string]),
  ];
}

/** References to objects that are written later. */
function premature(objects: readonly Manifest[]): string[] {
  const position = new Map(objects.map(({ kind, metadata }, i) => [`${kind} ${metadata.name}`, i]));
  return objects.flatMap((object, i) => (REFERENCES[object.kind]?.(object) ?? [])
    .filter(([, name]) => name !== undefined)
    .map(([kind, name]) => `${kind} ${name}`)
    .filter(name => (position.get(name) ?? -1) > i)
    .map(name => `${object.kind} ${object.metadata.name} names ${name}, which comes later`));
}
