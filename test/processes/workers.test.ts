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

  test('has the configuration of the app except its volumes, and its own variables override those of the app', () => {
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
    expect(pod.volumes.map(({ name }: any) => name)).toEqual(['tmp', 'files']);
    expect(pod.containers[0].volumeMounts).toHaveLength(2);
    expect(pod.serviceAccountName).toBe('robot');
    expect(manifests.get('Deployment', 'web').spec.strategy).toEqual({ type: 'Recreate' });
    expect(manifests.get('Deployment', 'web-emails').spec.strategy).toMatchObject({ type: 'RollingUpdate' });
    expect(manifests.list.filter(name => /ConfigMap|Claim/.test(name))).toHaveLength(2);
    expect(manifests.all.flatMap(schemaErrors)).toEqual([]);
  });

  test.each<[Partial<Worker>, Partial<WebAppProps>, object]>([
    [
      {},
      { size: AppSize.M, resources: { cpuLimit: '2' } },
      { requests: { cpu: '250m', memory: '512Mi' }, limits: { cpu: '2', memory: '512Mi' } },
    ],
    [{ size: AppSize.XS }, { resources: { ephemeralStorage: '5Gi' } }, { limits: { 'memory': '128Mi', 'ephemeral-storage': '5Gi' } }],
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

describe('a worker runs', () => {
  const started = (props: Worker) => {
    const manifests = synth({ command: ['bundle', 'exec'], args: ['puma'], workers: { emails: props } });
    const { image, command, args } = podOf(manifests).containers[0];
    return { image, command, args };
  };

  test.each<[string, Worker, object]>([
    [
      'the program of the image with arguments, regardless of the command of the app',
      { args: ['sidekiq'] },
      { image: IMAGE, args: ['sidekiq'] },
    ],
    [
      'a program with arguments',
      { command: ['bundle'], args: ['exec', 'sidekiq'] },
      { image: IMAGE, command: ['bundle'], args: ['exec', 'sidekiq'] },
    ],
    ['another image with its own program', { image: 'mher/flower:2.0' }, { image: 'mher/flower:2.0' }],
    ['a program of another image', { image: 'mher/flower:2.0', command: ['celery'] }, { image: 'mher/flower:2.0', command: ['celery'] }],
  ])('%s', (_, props, expected) => {
    expect(started(props)).toEqual(expected);
  });

  test('the image of the active color', () => {
    const blueGreen = { active: 'green' as any, green: { image: 'ghcr.io/acme/web:2' }, previewHosts: ['preview.example.com'] };
    expect(podOf(synth({ rollout: { blueGreen }, workers: { emails: { args: ['a'] } } })).containers[0].image).toBe('ghcr.io/acme/web:2');
  });

  test('an image with a mutable tag only with a warning', () => {
    const warnings = (props: Worker) => build({ workers: { emails: props } }).web.node.metadata.map(({ data }) => data);
    expect(warnings({ image: 'mher/flower' })).toEqual([
      'image "mher/flower" of workers.emails uses a mutable tag; use a version or a digest',
    ]);
    expect(warnings({ image: 'mher/flower:2.0' })).toEqual([]);
  });
});

describe('the volumes of a worker', () => {
  const uploads = { path: '/uploads', size: '1Gi', accessMode: 'read-write-many' as any };
  const app: Partial<WebAppProps> = { volumes: { uploads, cache: { path: '/cache', empty: '2Gi', readOnly: true } } };
  const mounts = (manifests: Manifests) => podOf(manifests).containers[0].volumeMounts.slice(1);

  test('do not include those of the app by default', () => {
    expect(podOf(worker({}, app)).volumes.map(({ name }: any) => name)).toEqual(['tmp']);
  });

  test('include volumes of the app that it names, at the paths of the app', () => {
    const manifests = worker({ volumes: { uploads: {}, cache: {} } }, app);
    expect(podOf(manifests).volumes.slice(1)).toEqual([
      { name: 'uploads', persistentVolumeClaim: { claimName: 'web-uploads' } }, { name: 'cache', emptyDir: { sizeLimit: '2Gi' } },
    ]);
    expect(mounts(manifests)).toEqual([{ name: 'uploads', mountPath: '/uploads' }, { name: 'cache', mountPath: '/cache', readOnly: true }]);
    expect(manifests.list.filter(name => name.startsWith('PersistentVolumeClaim'))).toEqual(['PersistentVolumeClaim web-uploads']);
  });

  test('can have another path and be read-only or writable, unlike those of the app', () => {
    const manifests = worker({ volumes: { uploads: { path: '/in', readOnly: true }, cache: { readOnly: false } } }, app);
    expect(mounts(manifests)).toEqual([{ name: 'uploads', mountPath: '/in', readOnly: true }, { name: 'cache', mountPath: '/cache' }]);
  });

  test('can be its own, with claims that have its name and limit it to one replica', () => {
    const state = { path: '/state', size: '1Gi', storageClass: 'fast' };
    const manifests = worker({ volumes: { state, scratch: { path: '/scratch', memory: '64Mi' } } });
    expect(manifests.get('PersistentVolumeClaim')).toMatchObject({
      metadata: { name: 'web-emails-state', labels: { 'app.kubernetes.io/component': 'emails' } },
      spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'fast', resources: { requests: { storage: '1Gi' } } },
    });
    expect(manifests.list.indexOf('PersistentVolumeClaim web-emails-state')).toBeLessThan(manifests.list.indexOf('Deployment web-emails'));
    expect(mounts(manifests)).toEqual([{ name: 'state', mountPath: '/state' }, { name: 'scratch', mountPath: '/scratch' }]);
    expect(manifests.get('Deployment', 'web-emails').spec.strategy).toEqual({ type: 'Recreate' });
    expect(manifests.get('Deployment', 'web').spec.strategy).toMatchObject({ type: 'RollingUpdate' });
    expect(manifests.all.flatMap(schemaErrors)).toEqual([]);
  });

  test('include those of its connections', () => {
    const manifests = worker({}, { connections: { cache: { type: 'service-binding', secret: 'cache' } } });
    expect(mounts(manifests)).toEqual([{ name: 'binding-cache', mountPath: '/bindings/cache', readOnly: true }]);
  });
});

describe('a worker with a health check', () => {
  const health = { command: ['celery', 'inspect', 'ping'] };

  test('has a startup probe and a liveness probe, and no readiness probe', () => {
    const { minReadySeconds, template } = worker({ health }).get('Deployment', 'web-emails').spec;
    const exec = { command: health.command };
    expect(template.spec.containers[0]).toMatchObject({
      startupProbe: { exec, timeoutSeconds: 10, periodSeconds: 5, failureThreshold: 24 },
      livenessProbe: { exec, timeoutSeconds: 10, periodSeconds: 30, failureThreshold: 3 },
    });
    expect(template.spec.containers[0].readinessProbe).toBeUndefined();
    expect(minReadySeconds).toBeUndefined();
  });

  test('can set the interval and the timeouts of its probes', () => {
    const { progressDeadlineSeconds, template } = worker({ health: { ...health, interval: '2m', timeout: '3s', startupTimeout: '11m1s' } })
      .get('Deployment', 'web-emails').spec;
    expect(template.spec.containers[0]).toMatchObject({
      startupProbe: { timeoutSeconds: 3, failureThreshold: 133 }, livenessProbe: { timeoutSeconds: 3, periodSeconds: 120 },
    });
    expect(progressDeadlineSeconds).toBe(721);
  });
});

describe('a singleton', () => {
  test('is replaced only after its pod has terminated, and never runs next to another pod of its own', () => {
    const manifests = worker({ singleton: true });
    const { replicas, strategy, selector, template } = manifests.get('Deployment', 'web-emails').spec;
    expect({ replicas, strategy }).toEqual({ replicas: 1, strategy: { type: 'Recreate' } });
    expect(template.spec.affinity).toEqual({
      podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector: selector, topologyKey: 'kubernetes.io/os' }] },
    });
    expect(manifests.all.flatMap(schemaErrors)).toEqual([]);
  });

  test('does not change other processes', () => {
    const manifests = synth({ workers: { beat: { args: ['beat'], singleton: true }, emails: { args: ['emails'] } } });
    expect(podOf(manifests).affinity).toBeUndefined();
    expect(manifests.get('Deployment', 'web').spec.template.spec.affinity).toBeUndefined();
    expect(worker({ singleton: false }).all).toEqual(worker().all);
  });

  test('can scale to zero, and never to more than one replica', () => {
    const manifests = worker({ singleton: true, scaling: { triggers: [queue] } }, jobs);
    const { minReplicaCount, maxReplicaCount } = manifests.get('ScaledObject', 'web-emails').spec;
    expect({ minReplicaCount, maxReplicaCount }).toEqual({ minReplicaCount: 0, maxReplicaCount: 1 });
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

describe('an invalid worker is an error', () => {
  test.each<[object, string]>([
    [
      {
        files: { '/etc/app/a.conf': 'x' },
        workers: { emails: { command: ['a'], volumes: { c: { path: '/etc/app', claim: 'c', readOnly: true } } } },
      },
      'workers.emails.volumes.c.path is "/etc/app", a read-only volume, and files["/etc/app/a.conf"] is below it; choose another path',
    ],
    [{ workers: { emails: {} } },
      'workers.emails does not say what to run; '
      + 'set command, such as [\'node\', \'emails.js\'], or args for the program of the image, or an image of its own'],
    [{ workers: { emails: { args: [] } } },
      'workers.emails does not say what to run; '
      + 'set command, such as [\'node\', \'emails.js\'], or args for the program of the image, or an image of its own'],
    [{ workers: { emails: { command: [] } } }, 'workers.emails.command is empty; set it to the program to run, or remove it'],
    [{ workers: { emails: { image: 'a b' } } },
      'workers.emails.image is "a b", which has a space; use a reference such as ghcr.io/acme/web:1.4.2'],
    [{ workers: { emails: { args: ['a'], health: { command: [] } } } },
      'workers.emails.health.command is empty; set it to the program to run'],
    [{ workers: { emails: { args: ['a'], singleton: true, scaling: { replicas: 2 } } } },
      'workers.emails.scaling.replicas is 2, but the worker is a singleton; use 1, or remove singleton'],
    [{ workers: { emails: { args: ['a'], singleton: true, scaling: { max: 2, min: 1, cpu: 50 } } } },
      'workers.emails.scaling.max is 2, but the worker is a singleton; use 1, or remove singleton'],
    [{ workers: { emails: { args: ['a'], volumes: { data: {} } } } },
      'workers.emails.volumes.data does not say where its files are stored, and the app has no volume of that name; '
      + 'set exactly one of claim, size, memory and empty'],
    [{ volumes: { uploads: { path: '/a', empty: '1Gi' } }, workers: { emails: { args: ['a'], volumes: { upload: {} } } } },
      'workers.emails.volumes.upload does not say where its files are stored, and the app has no volume of that name; '
      + 'did you mean uploads?'],
    [{ workers: { emails: { args: ['a'], volumes: { data: { size: '1Gi' } } } } },
      'workers.emails.volumes.data.path is missing; set it to a path such as /data'],
    [{ workers: { emails: { args: ['a'], volumes: { data: { path: '/data', size: '1Gi', empty: '1Gi' } } } } },
      'workers.emails.volumes.data says more than once where its files are stored; set exactly one of claim, size, memory and empty'],
    [{ files: { '/data': 'x' }, workers: { emails: { args: ['a'], volumes: { data: { path: '/data', empty: '1Gi' } } } } },
      'workers.emails.volumes.data.path is "/data", which files["/data"] already uses; choose another path'],
    [{ volumes: { data: { path: '/data', size: '1Gi' } }, workers: { emails: { args: ['a'], volumes: { data: {} } } } },
      'workers.emails.volumes.data is the claim "web-data", which volumes.data is too, and one node at a time can mount it; '
      + 'set accessMode: read-write-many if the claim has it, or use a volume of its own'],
    [
      {
        workers: {
          a: { args: ['a'], volumes: { x: { path: '/x', claim: 'c' } } },
          b: { args: ['b'], volumes: { y: { path: '/x', claim: 'c' } } },
        },
      },
      'workers.b.volumes.y is the claim "c", which workers.a.volumes.x is too, and one node at a time can mount it; '
        + 'set accessMode: read-write-many if the claim has it, or use a volume of its own',
    ],
    [
      {
        volumes: { 'emails-data': { path: '/data', size: '1Gi' } },
        workers: { emails: { args: ['a'], volumes: { data: { path: '/d', size: '1Gi' } } } },
      },
      'workers.emails.volumes.data creates the claim "web-emails-data", which volumes.emails-data is too; choose another name',
    ],
    [{ workers: { Emails: { command: ['a'] } } },
      'workers.Emails is "Emails", which is not a valid DNS label; '
      + 'use lowercase letters, digits and dashes, starting with a letter, such as emails'],
    [{ workers: { proxy: { command: ['a'] } } },
      'workers.proxy is a reserved name; reserved names are web, release, canary, green, preview, database, proxy, files; choose another'],
    [{ connections: { db: { type: 'postgres' } }, workers: { db: { command: ['a'] } } },
      'workers.db has the same name as a connection, whose objects are named "web-db" too; choose another'],
    [{ name: 'a'.repeat(30), workers: { ['b'.repeat(30)]: { command: ['a'] } } },
      `workers.${'b'.repeat(30)} creates objects named "${'a'.repeat(30)}-${'b'.repeat(30)}", which has 61 characters; `
      + 'shorten this name or that of the app, to at most 54 characters together'],
    [{ workers: { emails: { command: ['a'], env: { 1: '' } } } },
      'workers.emails.env.1 is not a valid environment variable name; use letters, digits and underscores, such as VAR_1'],
    [{ workers: { emails: { command: ['a'], terminationGracePeriod: '1' } } },
      'workers.emails.terminationGracePeriod is "1", which is not a valid duration; add the unit, such as 1s'],
    [{ workers: { emails: { command: ['a'], resources: { memory: '1Gi', memoryLimit: '64Mi' } } } },
      'workers.emails.resources.memoryLimit is 64Mi but memory is 1Gi; use 1Gi or more'],
    [{ workers: { emails: { command: ['a'], scaling: { max: 3 } } } },
      'workers.emails.scaling has nothing to scale on; set replicas, or cpu, memory, schedule or triggers'],
    [{ workers: { emails: { command: ['a'], scaling: { cpu: 70, min: 0 } } } },
      'workers.emails.scaling.min is 0, but cpu and memory cannot wake a sleeping app; use 1 or more, or add a trigger or schedule'],
    [{ workers: { emails: { command: ['a'], scaling: { concurrency: 5, cpu: 70, min: 1 } } } },
      'workers.emails.scaling.concurrency is not a known property; '
      + 'known properties are cooldownPeriod, cpu, fallback, max, memory, min, replicas, schedule, triggers'],
    [{ workers: { emails: { command: ['a'], scaling: { triggers: [queue] } } } },
      'workers.emails.scaling.triggers[0].connection is "jobs", which is not a connection of the app; '
      + 'add it to connections: { jobs: { type: \'rabbitmq\', secret: \'jobs\' } }'],
    [{ workers: { emails: { command: ['a'], volumes: { data: { path: '/data', size: '1Gi' } }, scaling: { replicas: 2 } } } },
      'workers.emails.scaling.replicas is 2, but a volume of the app can be mounted by one replica only; '
      + 'use 1, or give the volume the accessMode read-write-many'],
  ])('%j', (props, expected) => {
    expect(problems(props)).toEqual([`WebApp "web": ${expected}`]);
  });

  test('if it names an invalid volume of the app, which is reported only once', () => {
    expect(problems({ volumes: { data: { path: 'data', size: '1Gi' } }, workers: { emails: { args: ['a'], volumes: { data: {} } } } }))
      .toEqual([expect.stringContaining('volumes.data.path is "data", which is not absolute')]);
  });

  test('if it mounts a claim that another app mounts', () => {
    const own = { args: ['a'], volumes: { data: { path: '/data', claim: 'shared' } } };
    const { app, chart } = build({ workers: { emails: own } });
    new WebApp(chart, 'api', { image: IMAGE, internal: true, workers: { emails: own } });
    expect(() => app.synthYaml()).toThrow('workers.emails.volumes.data is the claim "shared", which WebApp "shop/web" mounts too');
  });

  test('if addWorker adds one with an existing name', () => {
    const { app, web } = build({ workers: { emails: { command: COMMAND } } });
    web.addWorker('emails', { command: ['other'] });
    expect(() => app.synthYaml()).toThrow(
      'workers.emails exists already, and addWorker would add another one; give addWorker another name',
    );
  });

  test('if its objects have the name of another app', () => {
    const { app, chart } = build({ workers: { emails: { command: COMMAND } } });
    new WebApp(chart, 'web-emails', { image: IMAGE, internal: true });
    expect(() => app.synthYaml()).toThrow('creates a Deployment "web-emails", which WebApp "shop/web" creates too');
  });
});
