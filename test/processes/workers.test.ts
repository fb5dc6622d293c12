import { schemaErrors } from '../schemas';
import { build, IMAGE, Manifests, problems, synth } from '../synth';
import { AppSize, WebApp, WebAppProps, Worker } from 'cdk8s-webapp';

const COMMAND = ['node', 'emails.js'];
const worker = (props: Partial<Worker> = {}, app: Partial<WebAppProps> = {}) =>
  synth({ workers: { emails: { command: COMMAND, ...props } }, ...app });
const jobs: Partial<WebAppProps> = { connections: { jobs: { type: 'rabbitmq', secret: 'mq' } } };
const queue = { connection: 'jobs', queue: 'emails' };

/** The pod of the worker `emails`. */
const podOf = (manifests: Manifests) => manifests.get('Deployment', 'web-emails').spec.template.spec;
const env = (pod: any) =>
  Object.fromEntries(pod.containers[0].env?.map(({ name, value, valueFrom }: any) => [name, value ?? valueFrom.secretKeyRef]) ?? []);

describe('a worker', () => {
  test('is one replica of the app\'s image with its own command, without a port, probes, a Service or a scaler', () => {
    const manifests = worker();
    expect(manifests.list.filter(name => !synth().list.includes(name))).toEqual([
      'Deployment web-emails',
      'PodDisruptionBudget web-emails',
      'NetworkPolicy web-emails',
    ]);
    expect(manifests.get('Deployment', 'web-emails').spec).toMatchObject({
      replicas: 1, minReadySeconds: 10, strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: '25%' } },
    });
    expect(podOf(manifests).containers).toEqual([
      {
        name: 'emails',
        image: IMAGE,
        command: COMMAND,
        resources: {
          requests: { 'cpu': '100m', 'memory': '256Mi', 'ephemeral-storage': '64Mi' },
          limits: { 'memory': '256Mi', 'ephemeral-storage': '1Gi' },
        },
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, readOnlyRootFilesystem: true },
        volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
      },
    ]);
    expect(manifests.all.flatMap(schemaErrors)).toEqual([]);
  });

  test('has its own component label in every selector', () => {
    const manifests = worker();
    const selector = { 'app.kubernetes.io/name': 'web', 'app.kubernetes.io/component': 'emails' };
    expect(manifests.get('Deployment', 'web-emails').spec.selector).toEqual({ matchLabels: selector });
    expect(manifests.get('Deployment', 'web-emails').spec.template.metadata.labels).toMatchObject(selector);
    expect(manifests.get('PodDisruptionBudget', 'web-emails').spec.selector).toEqual({ matchLabels: selector });
    expect(podOf(manifests).topologySpreadConstraints[0].labelSelector).toEqual({ matchLabels: selector });
  });

  test('accepts no traffic', () => {
    const { podSelector, ...spec } = worker().get('NetworkPolicy', 'web-emails').spec;
    expect(spec).toEqual({ policyTypes: ['Ingress'] });
    expect(worker({}, { security: { networkPolicy: false } }).has('NetworkPolicy')).toBe(false);
  });

  test('does not change the web process', () => {
    const manifests = worker({ scaling: { triggers: [queue] } }, jobs);
    expect(manifests.all.slice(0, 9)).toEqual(synth(jobs).all);
  });

  test('has the app\'s configuration, overridden by its own variables', () => {
    const app: Partial<WebAppProps> = {
      ...jobs,
      env: { MODE: 'web', LEVEL: 'info' },
      secretEnv: { KEY: { secret: 'keys', key: 'a' }, TOKEN: { secret: 'keys', key: 'b' } },
      envFromSecrets: ['more'],
      files: { '/etc/motd': 'hello' },
      volumes: { data: { path: '/data', size: '1Gi' } },
      serviceAccount: { name: 'robot' },
    };
    const manifests = worker({ env: { MODE: 'worker', TOKEN: 'none' } }, app);
    const pod = podOf(manifests);
    expect(env(pod)).toEqual({
      JOBS_URL: { name: 'mq', key: 'uri' },
      KEY: { name: 'keys', key: 'a' },
      MODE: 'worker',
      LEVEL: 'info',
      TOKEN: 'none',
    });
    expect(pod.containers[0].envFrom).toEqual([{ secretRef: { name: 'more' } }]);
    expect(pod.volumes).toEqual(manifests.get('Deployment', 'web').spec.template.spec.volumes);
    expect(pod.containers[0].volumeMounts).toHaveLength(3);
    expect(pod.serviceAccountName).toBe('robot');
    expect(manifests.get('Deployment', 'web-emails').spec.strategy).toEqual({ type: 'Recreate' });
    expect(manifests.list.filter(name => /ConfigMap|Claim/.test(name))).toHaveLength(2);
    expect(manifests.all.flatMap(schemaErrors)).toEqual([]);
  });

  test.each<[Partial<Worker>, Partial<WebAppProps>, object]>([
    [
      {},
      { size: AppSize.M, resources: { cpuLimit: '2' } },
      { requests: { cpu: '250m', memory: '512Mi' }, limits: { cpu: '2', memory: '512Mi' } },
    ],
    [{ size: AppSize.L }, { resources: { memory: '64Mi' } }, { requests: { cpu: '500m', memory: '1Gi' }, limits: { memory: '1Gi' } }],
    [{ resources: { memory: '2Gi' } }, { size: AppSize.M }, { requests: { cpu: '250m', memory: '2Gi' }, limits: { memory: '2Gi' } }],
    [{ resources: { memory: '1Gi', memoryLimit: '2Gi' } }, {}, { requests: { memory: '1Gi' }, limits: { memory: '2Gi' } }],
  ])('has the size of the app unless it sets its own: %j', (props, app, expected) => {
    expect(podOf(worker(props, app)).containers[0].resources).toMatchObject(expected);
  });

  test('stops without a preStop delay', () => {
    expect(podOf(worker()).terminationGracePeriodSeconds).toBe(30);
    expect(podOf(worker({ terminationGracePeriod: '10m' })).terminationGracePeriodSeconds).toBe(600);
    expect(podOf(worker({}, { health: { terminationGracePeriod: '1m', preStopDelay: '20s' } })).terminationGracePeriodSeconds).toBe(40);
  });
});

describe('a worker scales', () => {
  test('to a fixed number of replicas', () => {
    const manifests = worker({ scaling: { replicas: 3 } });
    expect(manifests.get('Deployment', 'web-emails').spec.replicas).toBe(3);
    expect(manifests.list).not.toContain('ScaledObject web-emails');
  });

  test('on the queue of a connection, to zero', () => {
    const manifests = worker({ scaling: { max: 5, triggers: [{ ...queue, target: 10 }], cooldownPeriod: '1m' } }, jobs);
    expect(manifests.get('TriggerAuthentication').metadata.name).toBe('web-emails-jobs-emails');
    expect(manifests.get('ScaledObject', 'web-emails').spec).toMatchObject({
      scaleTargetRef: { name: 'web-emails' },
      minReplicaCount: 0,
      maxReplicaCount: 5,
      cooldownPeriod: 60,
      triggers: [
        {
          type: 'rabbitmq',
          name: 'jobs-emails',
          metadata: { queueName: 'emails', mode: 'QueueLength', value: '10' },
          authenticationRef: { name: 'web-emails-jobs-emails' },
        },
      ],
    });
    expect(manifests.get('ScaledObject', 'web-emails').spec.initialCooldownPeriod).toBeUndefined();
    expect(manifests.get('Deployment', 'web-emails').spec.replicas).toBeUndefined();
    expect(manifests.all.flatMap(schemaErrors)).toEqual([]);
  });

  test('on the CPU of its own container', () => {
    expect(worker({ scaling: { min: 1, cpu: 70 } }).get('ScaledObject', 'web-emails').spec.triggers)
      .toEqual([{ type: 'cpu', metricType: 'Utilization', metadata: { value: '70', containerName: 'emails' } }]);
  });

  test('on a schedule', () => {
    const manifests = worker({ scaling: { schedule: [{ start: '0 1 * * *', end: '0 3 * * *', replicas: 4 }] } });
    expect(manifests.get('ScaledObject', 'web-emails').spec.triggers).toEqual([
      { type: 'cron', metadata: { timezone: 'UTC', start: '0 1 * * *', end: '0 3 * * *', desiredReplicas: '4' } },
    ]);
  });
});

describe('methods write the same objects as props', () => {
  const emails: Worker = { command: COMMAND, env: { B: 'worker' }, scaling: { triggers: [queue] } };

  test('addWorker', () => {
    const { chart, web } = build(jobs);
    web.addWorker('emails', emails);
    expect(new Manifests(chart).all).toEqual(synth({ ...jobs, workers: { emails } }).all);
  });

  test('addEnv, addFile and another addWorker apply to an existing worker', () => {
    const { chart, web } = build({ ...jobs, workers: { emails } });
    web.addEnv('A', '1');
    web.addEnv('B', 'web');
    web.addFile('/a', 'text');
    web.addWorker('images', { command: ['images'] });
    expect(new Manifests(chart).all).toEqual(
      synth({ ...jobs, env: { A: '1', B: 'web' }, files: { '/a': 'text' }, workers: { emails, images: { command: ['images'] } } }).all,
    );
  });

  test('connect applies to an existing worker', () => {
    const { chart, web } = build({ workers: { emails: { command: COMMAND } } });
    web.connect(new WebApp(chart, 'api', { image: IMAGE, internal: true }));
    expect(env(podOf(new Manifests(chart)))).toEqual({ API_URL: 'http://api-proxy.shop.svc.cluster.local:8080' });
  });

  test('patches apply to a worker that addWorker adds', () => {
    const { chart, web } = build({ patches: [{ kind: 'Deployment', name: 'web-emails', merge: { spec: { revisionHistoryLimit: 1 } } }] });
    web.addWorker('emails', emails);
    expect(() => chart.toJson()).toThrow('which is not a connection of the app');
    const right = build({ ...jobs, patches: [{ kind: 'Deployment', name: 'web-emails', merge: { spec: { revisionHistoryLimit: 1 } } }] });
    right.web.addWorker('emails', emails);
    expect(new Manifests(right.chart).get('Deployment', 'web-emails').spec.revisionHistoryLimit).toBe(1);
  });
});

describe('an invalid worker', () => {
  test.each<[object, string]>([
    [{ workers: { emails: {} } }, 'workers.emails.command is missing; use a list'],
    [{ workers: { emails: { command: [] } } }, 'workers.emails.command is empty; set it to the program to run'],
    [
      { workers: { Emails: { command: ['a'] } } },
      'workers.Emails is "Emails", which is not a valid DNS label; '
        + 'use lowercase letters, digits and dashes, starting with a letter, such as emails',
    ],
    [
      { workers: { proxy: { command: ['a'] } } },
      'workers.proxy is a reserved name; reserved names are web, release, canary, green, preview, database, proxy, files; '
        + 'choose another',
    ],
    [
      { connections: { db: { type: 'postgres' } }, workers: { db: { command: ['a'] } } },
      'workers.db has the same name as a connection, whose objects are named "web-db" too; choose another',
    ],
    [
      { name: 'a'.repeat(30), workers: { ['b'.repeat(30)]: { command: ['a'] } } },
      `workers.${'b'.repeat(30)} creates objects named "${'a'.repeat(30)}-${'b'.repeat(30)}", which has 61 characters; `
        + 'shorten this name or that of the app, to at most 54 characters together',
    ],
    [
      { workers: { emails: { command: ['a'], env: { 1: '' } } } },
      'workers.emails.env.1 is not a valid environment variable name; use letters, digits and underscores, such as VAR_1',
    ],
    [
      { workers: { emails: { command: ['a'], terminationGracePeriod: '1' } } },
      'workers.emails.terminationGracePeriod is "1", which is not a valid duration; add the unit, such as 1s',
    ],
    [
      { workers: { emails: { command: ['a'], resources: { memory: '1Gi', memoryLimit: '64Mi' } } } },
      'workers.emails.resources.memoryLimit is 64Mi but memory is 1Gi; use 1Gi or more',
    ],
    [
      { workers: { emails: { command: ['a'], scaling: { max: 3 } } } },
      'workers.emails.scaling has nothing to scale on; set replicas, or cpu, memory, schedule or triggers',
    ],
    [
      { workers: { emails: { command: ['a'], scaling: { cpu: 70, min: 0 } } } },
      'workers.emails.scaling.min is 0, but cpu and memory cannot wake a sleeping app; use 1 or more, or add a trigger or schedule',
    ],
    [
      { workers: { emails: { command: ['a'], scaling: { concurrency: 5, cpu: 70, min: 1 } } } },
      'workers.emails.scaling.concurrency is not a known property; known properties are cooldownPeriod, cpu, fallback, max, '
        + 'memory, min, replicas, schedule, triggers',
    ],
    [
      { workers: { emails: { command: ['a'], scaling: { triggers: [queue] } } } },
      'workers.emails.scaling.triggers[0].connection is "jobs", which is not a connection of the app; '
        + 'add it to connections: { jobs: { type: \'rabbitmq\', secret: \'jobs\' } }',
    ],
    [
      { volumes: { data: { path: '/data', size: '1Gi' } }, workers: { emails: { command: ['a'], scaling: { replicas: 2 } } } },
      'workers.emails.scaling.replicas is 2, but a volume of the app can be mounted by one replica only; '
        + 'use 1, or give the volume the accessMode read-write-many',
    ],
  ])('%j is an error', (props, expected) => {
    expect(problems(props)).toEqual([
      `WebApp "${(props as any).name ?? 'web'}": ${expected}`.replace(`WebApp "${'a'.repeat(30)}"`, 'WebApp "web"'),
    ]);
  });

  test('an existing name is an error', () => {
    const { app, web } = build({ workers: { emails: { command: COMMAND } } });
    web.addWorker('emails', { command: ['other'] });
    expect(() => app.synthYaml()).toThrow(
      'workers.emails exists already, and addWorker would add another one; give addWorker another name',
    );
  });

  test('the name of another app is an error', () => {
    const { app, chart } = build({ workers: { emails: { command: COMMAND } } });
    new WebApp(chart, 'web-emails', { image: IMAGE, internal: true });
    expect(() => app.synthYaml()).toThrow('creates a Deployment "web-emails", which WebApp "shop/web" creates too');
  });
});
