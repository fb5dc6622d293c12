import { schemaErrors } from '../schemas';
import { problems, synth } from '../synth';
import { PlatformProps, PodSecurity, AppProtocol, AppSize, Spread, WebAppProps } from 'cdk8s-webapp';

describe('the Deployment', () => {
  test('has the command and args, which replace those of the image', () => {
    const { container } = synth({ command: ['node', 'server.js'], args: ['--verbose', ''] });
    expect(container.command).toEqual(['node', 'server.js']);
    expect(container.args).toEqual(['--verbose', '']);
  });

  test('names the container port and sets PORT', () => {
    const manifests = synth({ port: 3000 });
    expect(manifests.container.ports).toEqual([{ name: 'http', containerPort: 3000 }]);
    expect(manifests.container.env).toEqual([{ name: 'PORT', value: '3000' }]);
    expect(manifests.get('Service', 'web').spec.ports).toEqual([{ name: 'http', port: 80, targetPort: 'http' }]);
  });

  test('declares HTTP/2 on the port of the Service', () => {
    const { ports } = synth({ protocol: AppProtocol.HTTP2 }).get('Service', 'web').spec;
    expect(ports).toEqual([{ name: 'http', port: 80, targetPort: 'http', appProtocol: 'kubernetes.io/h2c' }]);
  });

  test('starts a new version before it stops the old one, so that it never has fewer replicas', () => {
    expect(synth().get('Deployment').spec.strategy).toEqual({
      type: 'RollingUpdate',
      rollingUpdate: { maxUnavailable: 0, maxSurge: '25%' },
    });
  });

  test('leaves the number of replicas to the autoscaler unless it is fixed', () => {
    expect(synth().get('Deployment').spec).not.toHaveProperty('replicas');
    expect(synth({ scaling: { replicas: 3 } }).get('Deployment').spec.replicas).toBe(3);
    expect(synth({ scaling: { replicas: 0 } }).get('Deployment').spec.replicas).toBe(0);
  });

  test('has the labels and annotations of the app and the platform, like every object, and the app\'s take precedence', () => {
    const manifests = synth(
      { labels: { team: 'shop' }, annotations: { note: 'app' } },
      { labels: { team: 'none', tier: 'web' }, annotations: { note: 'platform' } },
    );
    for (const { metadata } of [...manifests.all, manifests.get('Deployment').spec.template]) {
      expect(metadata.labels).toMatchObject({ team: 'shop', tier: 'web' });
      expect(metadata.annotations).toEqual({ note: 'app' });
    }
  });

  test('keeps the labels of its selector', () => {
    expect(problems({ labels: { 'app.kubernetes.io/name': 'x' } })).toEqual([
      'WebApp "web": labels["app.kubernetes.io/name"] is reserved: it selects the app\'s pods; use another key, such as example.com/name',
    ]);
  });
});

describe('size', () => {
  test.each([
    [AppSize.XS, '50m', '128Mi'],
    [AppSize.S, '100m', '256Mi'],
    [AppSize.M, '250m', '512Mi'],
    [AppSize.L, '500m', '1Gi'],
    [AppSize.XL, '1', '2Gi'],
    [AppSize.XXL, '2', '4Gi'],
  ])('%s reserves %s CPU and %s memory', (size, cpu, memory) => {
    const { requests, limits } = synth({ size }).container.resources;
    expect(requests).toMatchObject({ cpu, memory });
    expect(limits).toMatchObject({ memory });
  });

  test('resources override single values', () => {
    expect(synth({ size: AppSize.L, resources: { memory: '1500M' } }).container.resources).toEqual({
      requests: { 'cpu': '500m', 'memory': '1500M', 'ephemeral-storage': '64Mi' },
      limits: { 'memory': '1500M', 'ephemeral-storage': '1Gi' },
    });
    expect(synth({ resources: { cpu: '200m', cpuLimit: '1', memoryLimit: '1Gi', ephemeralStorage: '5Gi' } }).container.resources).toEqual({
      requests: { 'cpu': '200m', 'memory': '256Mi', 'ephemeral-storage': '64Mi' },
      limits: { 'cpu': '1', 'memory': '1Gi', 'ephemeral-storage': '5Gi' },
    });
  });

  test('a disk limit below the default request becomes the request', () => {
    const { requests, limits } = synth({ resources: { ephemeralStorage: '32Mi' } }).container.resources;
    expect(requests['ephemeral-storage']).toBe('32Mi');
    expect(limits['ephemeral-storage']).toBe('32Mi');
  });
});

describe('health checks', () => {
  test('send the host as Host header for startup and readiness, and only open the port for liveness', () => {
    const { container } = synth({ health: { path: '/healthz', host: 'localhost', interval: '5s' } });
    const httpGet = { path: '/healthz', port: 'http', httpHeaders: [{ name: 'Host', value: 'localhost' }] };
    expect([container.startupProbe, container.readinessProbe]).toMatchObject([{ httpGet }, { httpGet }]);
    expect(container.livenessProbe).toMatchObject({ tcpSocket: { port: 'http' } });
  });

  test('send headers after the Host header', () => {
    const { container } = synth({
      health: { path: '/healthz', host: 'localhost', headers: { 'X-Forwarded-Proto': 'https' }, interval: '5s' },
    });
    const httpHeaders = [{ name: 'Host', value: 'localhost' }, { name: 'X-Forwarded-Proto', value: 'https' }];
    expect([container.startupProbe.httpGet, container.readinessProbe.httpGet]).toMatchObject([{ httpHeaders }, { httpHeaders }]);
    expect(synth({ health: { path: '/healthz', headers: {} } }).container.readinessProbe.httpGet).not.toHaveProperty('httpHeaders');
  });

  test.each([
    [{ headers: { A: 'b' } }, ' requires path; add path: /healthz, or remove it'],
    [{ path: '/', headers: { host: 'localhost' } }, '.host has a prop of its own; set health.host'],
    [{ path: '/', headers: { 'a b': 'c' } }, '["a b"] is not a valid header name; use a name such as X-Tenant'],
  ])('reject %j', (health, expected) => {
    expect(problems({ health })).toEqual([`WebApp "web": health.headers${expected}`]);
  });

  test('require a path with a host', () => {
    expect(problems({ health: { host: 'localhost' } })).toEqual([
      'WebApp "web": health.host requires path; add path: /healthz, or remove it',
    ]);
  });

  test('reject a URL as host', () => {
    expect(problems({ health: { path: '/', host: 'http://shop.example.com' } })).toEqual([
      expect.stringContaining('WebApp "web": health.host is "http://shop.example.com", which'),
    ]);
  });

  test('request the path for startup and readiness, never for liveness', () => {
    const { container } = synth({ health: { path: '/healthz?full=1', interval: '10s', startupTimeout: '5m' } });
    expect(container.startupProbe).toEqual({
      httpGet: { path: '/healthz?full=1', port: 'http' },
      periodSeconds: 1,
      timeoutSeconds: 1,
      failureThreshold: 300,
    });
    expect(container.readinessProbe).toEqual({
      httpGet: { path: '/healthz?full=1', port: 'http' },
      periodSeconds: 10,
      timeoutSeconds: 2,
      failureThreshold: 3,
    });
    expect(container.livenessProbe).toEqual({ tcpSocket: { port: 'http' }, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 });
  });

  test.each([
    ['an app that can sleep', {}],
    ['an app that sleeps at night', { scaling: { min: 1, schedule: [{ start: '0 20 * * *', end: '0 7 * * *', replicas: 0 }] } }],
    ['an app that never sleeps, with such an interval', { scaling: { min: 1 }, health: { interval: '1s' } }],
  ])('request %s every second, without a startup probe', (_, props) => {
    const { container } = synth({ ...props, health: { ...props.health, startupTimeout: '5m' } });
    expect(container).not.toHaveProperty('startupProbe');
    expect(container.readinessProbe).toEqual({ tcpSocket: { port: 'http' }, periodSeconds: 1, timeoutSeconds: 2, failureThreshold: 15 });
    expect(container.livenessProbe).toMatchObject({ initialDelaySeconds: 300, periodSeconds: 10, failureThreshold: 6 });
  });

  test.each([
    ['an app that never sleeps', { scaling: { min: 1 } }],
    ['an app with a fixed number of replicas', { scaling: { replicas: 2 } }],
    ['an app that can sleep, with a longer interval', { health: { interval: '5s' } }],
  ])('request %s every second until it has started, and then less often', (_, props) => {
    const { container } = synth(props);
    expect(container.startupProbe).toMatchObject({ periodSeconds: 1, failureThreshold: 120 });
    expect(container.readinessProbe).toMatchObject({ periodSeconds: 5, failureThreshold: 3 });
    expect(container.livenessProbe).not.toHaveProperty('initialDelaySeconds');
  });

  test.each([['1s', 15], ['2s', 8], ['4s', 4], ['5s', 3], ['30s', 3]])(
    'take away the requests of a replica after 15 seconds and three failures: every %s %i', (interval, failureThreshold) => {
      expect(synth({ health: { interval } }).container.readinessProbe).toMatchObject({ failureThreshold });
    },
  );

  test('support another port and gRPC', () => {
    expect(synth({ health: { port: 9000 } }).container.readinessProbe).toMatchObject({ tcpSocket: { port: 9000 } });
    expect(synth({ health: { grpc: true }, port: 50051 }).container.readinessProbe).toMatchObject({ grpc: { port: 50051 } });
    expect(synth({ health: { grpc: true, port: 9000, interval: '5s' } }).container.startupProbe).toMatchObject({ grpc: { port: 9000 } });
  });

  test('let a stopping pod serve traffic while routes are updated, and then give it time to finish', () => {
    const { pod, container } = synth({ health: { preStopDelay: '10s', terminationGracePeriod: '70s' } });
    expect(container.lifecycle).toEqual({ preStop: { sleep: { seconds: 10 } } });
    expect(pod.terminationGracePeriodSeconds).toBe(70);
  });

  test('can disable the preStop delay', () => {
    const { pod, container } = synth({ health: { preStopDelay: '0s' } });
    expect(container).not.toHaveProperty('lifecycle');
    expect(pod.terminationGracePeriodSeconds).toBe(30);
  });

  test('set a rollout deadline longer than the startup timeout', () => {
    expect(synth({ health: { startupTimeout: '20m' } }).get('Deployment').spec.progressDeadlineSeconds).toBe(1260);
  });
});

describe('kubernetesVersion', () => {
  test.each([
    ['1.30', { sleep: { seconds: 5 } }, 'AlwaysAllow'],
    ['1.29', { exec: { command: ['sleep', '5'] } }, 'AlwaysAllow'],
    ['1.26', { exec: { command: ['sleep', '5'] } }, undefined],
  ])('%s limits the written fields to those that it supports', (kubernetesVersion, preStop, unhealthyPodEvictionPolicy) => {
    const manifests = synth({}, { kubernetesVersion });
    expect(manifests.container.lifecycle).toEqual({ preStop });
    expect(manifests.get('PodDisruptionBudget').spec.unhealthyPodEvictionPolicy).toBe(unhealthyPodEvictionPolicy);
  });
});

describe('security', () => {
  test('the user and group can be chosen', () => {
    expect(synth({ security: { runAsUser: 65532 } }).pod.securityContext).toMatchObject({
      runAsUser: 65532,
      runAsGroup: 65532,
      runAsNonRoot: true,
    });
    expect(synth({ security: { runAsUser: 65532, runAsGroup: 10 } }).pod.securityContext).toMatchObject({
      runAsUser: 65532,
      runAsGroup: 10,
    });
  });

  describe('the user of the image', () => {
    const own = { security: { runAsImageUser: true } };

    test('replaces the default user; the kubelet checks that it is not root if the Pod Security Standard requires it', () => {
      const seccompProfile = { type: 'RuntimeDefault' };
      expect(synth(own).pod.securityContext).toEqual({ runAsNonRoot: true, seccompProfile });
      expect(synth(own, { podSecurity: PodSecurity.BASELINE }).pod.securityContext).toEqual({ seccompProfile });
    });

    test('can write to claims and read files of Secrets through a supplementary group', () => {
      expect(synth({ ...own, volumes: { data: { path: '/data', size: '1Gi' } } }).pod.securityContext.fsGroup).toBe(1000);
      expect(synth({ ...own, secretFiles: { '/key': { secret: 'a', key: 'b' } } }).pod.securityContext.fsGroup).toBe(1000);
    });

    test.each<[app: object, platform: object, expected: object]>([
      [{ runAsImageUser: true }, { runAsUser: 33, runAsGroup: 44, readOnlyRoot: false }, {}],
      [{ runAsUser: 33 }, { runAsImageUser: true }, { runAsUser: 33, runAsGroup: 33 }],
      [{ runAsGroup: 33 }, { runAsImageUser: true }, { runAsUser: 1000, runAsGroup: 33 }],
      [{ runAsGroup: 33 }, { runAsUser: 44 }, { runAsUser: 44, runAsGroup: 33 }],
      [{ readOnlyRoot: false }, { runAsImageUser: true }, {}],
    ])('or a number in the app overrides the platform: %j over %j', (security, defaults, expected) => {
      expect(synth({ security }, { appDefaults: { security: defaults } }).pod.securityContext)
        .toEqual({ ...expected, runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    });

    test.each<[object, string]>([
      [{ runAsImageUser: true, runAsUser: 33 }, 'security.runAsImageUser cannot be combined with runAsUser; remove one of them'],
      [{ runAsImageUser: true, runAsGroup: 33 }, 'security.runAsImageUser cannot be combined with runAsGroup; remove one of them'],
      [{ runAsUser: 'image' }, 'security.runAsUser is "image"; use a number, or set runAsImageUser: true'],
      [{ runAsUser: 'node' }, 'security.runAsUser is "node"; use a number'],
    ])('%j is an error', (security, expected) => {
      expect(problems({ security })).toEqual([`WebApp "web": ${expected}`]);
    });
  });

  test('a writable root file system needs no volume at /tmp', () => {
    const { pod, container } = synth({ security: { readOnlyRoot: false } });
    expect(container.securityContext.readOnlyRootFilesystem).toBe(false);
    expect(container).not.toHaveProperty('volumeMounts');
    expect(pod).not.toHaveProperty('volumes');
  });

  test('a platform with a weaker standard lets apps relax the defaults', () => {
    const root = synth({ security: { runAsUser: 0, capabilities: ['CHOWN'] } }, { podSecurity: PodSecurity.BASELINE });
    expect(root.pod.securityContext).toEqual({ runAsUser: 0, runAsGroup: 0, seccompProfile: { type: 'RuntimeDefault' } });
    expect(root.container.securityContext.capabilities).toEqual({ drop: ['ALL'], add: ['CHOWN'] });
    const all = synth({ security: { privileged: true } }, { podSecurity: PodSecurity.PRIVILEGED });
    expect(all.container.securityContext).toEqual({ privileged: true, readOnlyRootFilesystem: true });
  });

  test.each([
    [
      { runAsUser: 0 },
      PodSecurity.RESTRICTED,
      'security.runAsUser is 0, but the platform\'s podSecurity is restricted; '
        + 'use another user, or ask your platform team for podSecurity: baseline',
    ],
    [
      { privileged: true },
      PodSecurity.BASELINE,
      'security.privileged is true, but the platform\'s podSecurity is baseline; '
        + 'remove it, or ask your platform team for podSecurity: privileged',
    ],
    [
      { capabilities: ['NET_BIND_SERVICE', 'CHOWN'] },
      PodSecurity.RESTRICTED,
      'security.capabilities has CHOWN, but the platform\'s podSecurity is restricted; '
        + 'remove it, or ask your platform team for podSecurity: baseline',
    ],
    [
      { capabilities: ['SYS_ADMIN'] },
      PodSecurity.BASELINE,
      'security.capabilities has SYS_ADMIN, but the platform\'s podSecurity is baseline; '
        + 'remove it, or ask your platform team for podSecurity: privileged',
    ],
    [{ capabilities: ['CAP_CHOWN'] }, PodSecurity.BASELINE, 'security.capabilities[0] is "CAP_CHOWN"; use CHOWN, without CAP_'],
  ])('%j is an error with %s', (security, podSecurity, expected) => {
    expect(problems({ security }, { podSecurity })).toEqual([`WebApp "web": ${expected}`]);
  });
});

describe('the ServiceAccount', () => {
  test('has the annotations that bind a cloud identity', () => {
    const annotations = { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::123456789012:role/web' };
    const manifests = synth({ serviceAccount: { annotations } });
    expect(manifests.get('ServiceAccount').metadata.annotations).toEqual(annotations);
    expect(manifests.get('Deployment').spec.template.metadata).not.toHaveProperty('annotations');
  });

  test('is not created if the app names an existing one', () => {
    const manifests = synth({ serviceAccount: { name: 'robot', automountToken: true } });
    expect(manifests.has('ServiceAccount')).toBe(false);
    expect(manifests.pod).toMatchObject({ serviceAccountName: 'robot', automountServiceAccountToken: true });
  });
});

describe('scheduling', () => {
  test('replicas are spread over nodes and zones by preference', () => {
    const constraint = {
      maxSkew: 1,
      whenUnsatisfiable: 'ScheduleAnyway',
      labelSelector: { matchLabels: { 'app.kubernetes.io/name': 'web', 'app.kubernetes.io/component': 'web' } },
    };
    expect(synth().pod.topologySpreadConstraints).toEqual([
      { ...constraint, topologyKey: 'kubernetes.io/hostname' },
      { ...constraint, topologyKey: 'topology.kubernetes.io/zone' },
    ]);
  });

  test('the platform decides where pods run', () => {
    const { pod } = synth({}, {
      imagePullSecrets: ['registry'],
      scheduling: {
        nodeSelector: { pool: 'apps' },
        tolerations: [{ key: 'pool', value: 'apps', effect: 'NoSchedule' }, { key: 'spot' }],
        priorityClass: 'high',
        spread: Spread.NONE,
      },
    });
    expect(pod).toMatchObject({
      imagePullSecrets: [{ name: 'registry' }],
      nodeSelector: { pool: 'apps' },
      tolerations: [{ key: 'pool', operator: 'Equal', value: 'apps', effect: 'NoSchedule' }, { key: 'spot', operator: 'Exists' }],
      priorityClassName: 'high',
    });
    expect(pod).not.toHaveProperty('topologySpreadConstraints');
    expect(synth({}, { scheduling: { spread: Spread.HARD } }).pod.topologySpreadConstraints[0].whenUnsatisfiable).toBe('DoNotSchedule');
  });

  const platform: PlatformProps = {
    imagePullSecrets: ['registry'],
    scheduling: {
      nodeSelector: { pool: 'apps', arch: 'arm64' },
      tolerations: [{ key: 'apps' }],
      priorityClass: 'high',
      spread: Spread.HARD,
    },
  };

  test('an app adds to it, and overrides single values', () => {
    const app: Partial<WebAppProps> = {
      imagePullSecrets: ['own', 'registry'],
      scheduling: {
        nodeSelector: { arch: 'amd64', gpu: 'yes' },
        tolerations: [{ key: 'gpu', value: 'a100' }],
        spread: Spread.NONE,
        priorityClass: 'low',
      },
    };
    const cronJobs = { night: { schedule: '0 0 * * *', command: ['a'] } };
    const manifests = synth({ ...app, workers: { emails: { command: ['a'] } }, cronJobs }, platform);
    const pods = [
      ...['web', 'web-emails'].map(name => manifests.get('Deployment', name).spec.template.spec),
      manifests.get('CronJob').spec.jobTemplate.spec.template.spec,
    ];
    for (const pod of pods) {
      expect(pod).toMatchObject({
        imagePullSecrets: [{ name: 'registry' }, { name: 'own' }],
        nodeSelector: { pool: 'apps', arch: 'amd64', gpu: 'yes' },
        tolerations: [{ key: 'apps', operator: 'Exists' }, { key: 'gpu', operator: 'Equal', value: 'a100' }],
        priorityClassName: 'low',
      });
      expect(pod).not.toHaveProperty('topologySpreadConstraints');
    }
    expect(manifests.all.flatMap(schemaErrors)).toEqual([]);
  });

  test('an app keeps the values of the platform that it does not set', () => {
    const { pod } = synth({ scheduling: { nodeSelector: { gpu: 'yes' } } }, platform);
    expect(pod).toMatchObject({
      nodeSelector: { pool: 'apps', arch: 'arm64', gpu: 'yes' },
      tolerations: [{ key: 'apps' }],
      priorityClassName: 'high',
    });
    expect(pod.topologySpreadConstraints[0].whenUnsatisfiable).toBe('DoNotSchedule');
  });

  test.each<[object, string]>([
    [
      { imagePullSecrets: ['Own'] },
      'imagePullSecrets[0] is "Own", which is not a valid object name; use lowercase letters, digits, dashes and dots',
    ],
    [
      { scheduling: { tolerations: [{ value: 'apps' }] } },
      'scheduling.tolerations[0].key is missing, but required by value or operator Equal; set it to the key of the taint',
    ],
    [{ scheduling: { tolerations: [{ key: 'pool', operator: 'Exists', value: 'x' }] } },
      'scheduling.tolerations[0].value cannot be combined with operator Exists; remove one of them'],
    [
      { scheduling: { nodeSelector: { pool: 'a b' } } },
      'scheduling.nodeSelector.pool is "a b", which is not a valid label value; use at most 63 letters, digits, dashes, '
        + 'dots and underscores',
    ],
    [{ scheduling: { spread: 'even' } }, 'scheduling.spread is "even"; use one of soft, hard, none'],
  ])('%j is an error', (props, expected) => {
    expect(problems(props, platform)).toEqual([`WebApp "web": ${expected}`]);
  });
});

describe('the NetworkPolicy', () => {
  const port = [{ protocol: 'TCP', port: 'http' }];
  const from = (name: string) => ({ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } } });

  test('allows only the interceptor if the app is scaled by HTTP', () => {
    expect(synth({}, { httpAddon: { namespace: 'keda-system' } }).get('NetworkPolicy').spec.ingress).toEqual([
      { from: [from('keda-system')], ports: port },
    ]);
  });

  test.each([
    {
      title: 'every namespace',
      props: {},
      platform: {},
      expected: [{ namespaceSelector: {} }],
    },
    {
      title: 'the controller and the app\'s namespace, if the platform names the controller\'s namespace',
      props: {},
      platform: { ingress: { controllerNamespace: 'ingress-nginx' } },
      expected: [from('ingress-nginx'), { podSelector: {} }],
    },
    {
      title: 'the gateway and the app\'s namespace, if the platform names the gateway\'s namespace',
      props: {},
      platform: { gateway: { name: 'public', controllerNamespace: 'envoy' } },
      expected: [from('envoy'), { podSelector: {} }],
    },
    {
      title: 'only the app\'s namespace, if the app is internal',
      props: { internal: true },
      platform: {},
      expected: [{ podSelector: {} }],
    },
  ])('allows without HTTP scaling: $title', ({ props, platform, expected }) => {
    expect(synth({ scaling: { replicas: 1 }, ...props }, platform).get('NetworkPolicy').spec.ingress).toEqual([
      { from: expected, ports: port },
    ]);
  });

  test('can be disabled by the platform or the app, and the app\'s choice overrides the platform\'s', () => {
    expect(synth({}, { networkPolicy: false }).has('NetworkPolicy')).toBe(false);
    expect(synth({ security: { networkPolicy: false } }).has('NetworkPolicy')).toBe(false);
    expect(synth({ security: { networkPolicy: true } }, { networkPolicy: false }).has('NetworkPolicy')).toBe(true);
  });
});
