import { JsonPatch, Size as Bytes } from 'cdk8s';
import * as kplus from 'cdk8s-plus-27';
import { schemaErrors } from './schemas';
import { build, Manifests, problems, synth } from './synth';
import { HttpAddonApi, PodSecurity } from 'cdk8s-webapp';

describe('attributes', () => {
  test('refer to the objects of an app', () => {
    const { web } = build();
    expect([web.deployment, web.service, web.serviceAccount].map(({ name }) => name)).toEqual(['web', 'web', 'web']);
    expect([web.interceptorRoute, web.scaledObject, web.ingress].map(object => object!.kind)).toEqual([
      'InterceptorRoute',
      'ScaledObject',
      'Ingress',
    ]);
    expect([web.httpRoute, web.httpScaledObject]).toEqual([undefined, undefined]);
  });

  test('are undefined for objects that the app does not have', () => {
    const { web } = build({ scaling: { replicas: 1 } }, { gateway: { name: 'public' } });
    expect([web.interceptorRoute, web.scaledObject, web.ingress]).toEqual([undefined, undefined, undefined]);
    expect(web.httpRoute!.kind).toBe('HTTPRoute');
    expect(build({}, { httpAddon: { api: HttpAddonApi.V1ALPHA1 } }).web.httpScaledObject!.kind).toBe('HTTPScaledObject');
  });
});

describe('methods write the same objects as props', () => {
  test('addEnv', () => {
    const { chart, web } = build({ env: { A: '1' } });
    web.addEnv('B', '2');
    expect(new Manifests(chart).all).toEqual(synth({ env: { A: '1', B: '2' } }).all);
  });

  test('a variable that code adds to the container overrides the app\'s', () => {
    const { chart, web } = build({ env: { A: '1' } });
    web.container.env.addVariable('A', kplus.EnvValue.fromValue('2'));
    web.container.env.addVariable('B', kplus.EnvValue.fromValue('3'));
    expect(new Manifests(chart).container.env.slice(1)).toEqual([{ name: 'A', value: '2' }, { name: 'B', value: '3' }]);
  });

  test('addFile on an app with files', () => {
    const { chart, web } = build({ files: { '/a': '1' } });
    web.addFile('/b', '2');
    expect(new Manifests(chart).all).toEqual(synth({ files: { '/a': '1', '/b': '2' } }).all);
  });

  test('addFile on an app without files writes the ConfigMap before the Deployment', () => {
    const { chart, web } = build();
    web.addFile('/a', '1');
    expect(new Manifests(chart).all).toEqual(synth({ files: { '/a': '1' } }).all);
  });

  test('the error lists the problems of methods with all others', () => {
    const { app, web } = build({ port: 0 });
    web.addEnv('1 A', '');
    web.addFile('relative', '');
    expect(() => app.synthYaml()).toThrow(
      /port is 0.*\n.*env\["1 A"\] is not a valid environment variable name.*\n.*files.relative is "relative", which is not absolute/,
    );
  });

  test('patches apply to the objects that methods add', () => {
    const { chart, web } = build({ patches: [{ kind: 'ConfigMap', merge: { metadata: { labels: { patched: 'yes' } } } }] });
    web.addFile('/a', '1');
    expect(new Manifests(chart).get('ConfigMap').metadata.labels.patched).toBe('yes');
  });
});

describe('changes through cdk8s-plus', () => {
  test('a sidecar meets Pod Security restricted like the app itself', () => {
    const { chart, web } = build();
    web.deployment.addContainer({ name: 'proxy', image: 'proxy:1', resources: {} });
    const [, sidecar] = new Manifests(chart).pod.containers;
    expect(sidecar.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
    });
  });

  test('a sidecar is not changed if the platform enforces a weaker standard', () => {
    const { chart, web } = build({}, { podSecurity: PodSecurity.PRIVILEGED });
    web.deployment.addContainer({
      name: 'proxy',
      image: 'proxy:1',
      resources: {},
      securityContext: { privileged: true, allowPrivilegeEscalation: true },
    });
    expect(new Manifests(chart).pod.containers[1].securityContext).toMatchObject({ privileged: true });
  });

  test('volumes are mounted as well, and a volume at /tmp replaces the default one', () => {
    const { chart, web } = build({ files: { '/a': '1' } });
    const scratch = kplus.Volume.fromEmptyDir(web, 'scratch', 'scratch', { sizeLimit: Bytes.gibibytes(4) });
    web.container.mount('/tmp', scratch);
    const manifests = new Manifests(chart);
    expect(manifests.container.volumeMounts.map(({ mountPath }: any) => mountPath)).toEqual(['/a', '/tmp']);
    expect(manifests.pod.volumes.map(({ name }: any) => name)).toEqual(['files', 'scratch']);
  });

  test('init containers, host aliases, labels and annotations are written', () => {
    const { chart, web } = build();
    web.deployment.addInitContainer({ name: 'prepare', image: 'prepare:1', resources: {} });
    web.deployment.addHostAlias({ ip: '10.1.2.3', hostnames: ['db'] });
    web.deployment.metadata.addLabel('on', 'deployment');
    web.deployment.podMetadata.addAnnotation('on', 'pods');
    const manifests = new Manifests(chart);
    expect(manifests.pod.initContainers[0].securityContext.capabilities).toEqual({ drop: ['ALL'] });
    expect(manifests.pod.hostAliases).toEqual([{ ip: '10.1.2.3', hostnames: ['db'] }]);
    expect(manifests.get('Deployment').metadata.labels.on).toBe('deployment');
    expect(manifests.get('Deployment').spec.template.metadata.annotations).toEqual({ on: 'pods' });
    expect(manifests.all.flatMap(schemaErrors)).toEqual([]);
  });

  test('Services and NetworkPolicies created from the Deployment select the app\'s pods', () => {
    const { chart, web } = build();
    web.deployment.exposeViaService({ name: 'admin', ports: [{ port: 9000, targetPort: 8080 }] });
    web.deployment.connections.allowFrom(new kplus.Pod(chart, 'client', { containers: [{ image: 'x:1', resources: {} }] }));
    const manifests = new Manifests(chart);
    const selector = { 'app.kubernetes.io/name': 'web', 'app.kubernetes.io/component': 'web' };
    expect(manifests.get('Service', 'admin').spec.selector).toEqual(selector);
    const policies = manifests.all.filter(({ kind }) => kind === 'NetworkPolicy').map(({ spec }) => spec.podSelector.matchLabels);
    expect(policies).toContainEqual(selector);
  });

  test('ports of the Service are written', () => {
    const { chart, web } = build();
    web.service.bind(9090, { name: 'metrics' });
    expect(new Manifests(chart).get('Service', 'web').spec.ports).toEqual([
      { name: 'http', port: 80, targetPort: 'http' },
      { name: 'metrics', port: 9090 },
    ]);
  });
});

describe('JSON patches of cdk8s', () => {
  test('apply to the written fields, including those newer than cdk8s-plus', () => {
    const { chart, web } = build();
    const deployment = web.deployment.node.defaultChild as any;
    deployment.addJsonPatch(
      JsonPatch.replace('/spec/template/spec/containers/0/lifecycle/preStop/sleep/seconds', 15),
      JsonPatch.add('/spec/template/spec/resourceClaims', [{ name: 'gpu', resourceClaimName: 'gpu' }]),
    );
    (web.service.node.defaultChild as any).addJsonPatch(JsonPatch.add('/spec/trafficDistribution', 'PreferSameZone'));
    const manifests = new Manifests(chart);
    expect(manifests.container.lifecycle.preStop.sleep.seconds).toBe(15);
    expect(manifests.pod.resourceClaims).toEqual([{ name: 'gpu', resourceClaimName: 'gpu' }]);
    expect(manifests.get('Service', 'web').spec.trafficDistribution).toBe('PreferSameZone');
  });
});

describe('patches', () => {
  test('merge maps, remove fields with null and replace lists', () => {
    const manifests = synth({
      patches: [
        { kind: 'PodDisruptionBudget', merge: { spec: { maxUnavailable: null, minAvailable: 1 } } },
        { kind: 'NetworkPolicy', merge: { spec: { policyTypes: ['Ingress', 'Egress'], egress: [{}] } } },
      ],
    });
    expect(manifests.get('PodDisruptionBudget').spec).toMatchObject({ minAvailable: 1, unhealthyPodEvictionPolicy: 'AlwaysAllow' });
    expect(manifests.get('PodDisruptionBudget').spec).not.toHaveProperty('maxUnavailable');
    expect(manifests.get('NetworkPolicy').spec).toMatchObject({ policyTypes: ['Ingress', 'Egress'], egress: [{}] });
  });

  test('merge lists of named items item by item', () => {
    const containers = [{ name: 'web', stdin: true, env: [{ name: 'EXTRA', value: '1' }] }, { name: 'proxy', image: 'proxy:1' }];
    const { pod } = synth({ patches: [{ kind: 'Deployment', merge: { spec: { template: { spec: { containers } } } } }] });
    expect(pod.containers[0]).toMatchObject({
      name: 'web',
      image: 'ghcr.io/acme/web:1.4.2',
      stdin: true,
      env: [
        { name: 'PORT', value: '8080' },
        { name: 'EXTRA', value: '1' },
      ],
    });
    expect(pod.containers[1]).toEqual({ name: 'proxy', image: 'proxy:1' });
  });

  test('apply to all objects of a kind, or to the one with the given name', () => {
    const label = (patch: object) => synth({ patches: [{ kind: 'Service', merge: { metadata: { labels: { x: 'y' } } }, ...patch }] })
      .all.filter(({ metadata }) => metadata.labels.x).map(({ metadata }) => metadata.name);
    expect(label({})).toEqual(['web', 'web-proxy']);
    expect(label({ name: 'web-proxy' })).toEqual(['web-proxy']);
  });

  test('are applied last, in their order', () => {
    const patch = (replicas: number) => ({ kind: 'Deployment', merge: { spec: { replicas } } });
    expect(synth({ scaling: { replicas: 1 }, patches: [patch(2), patch(3)] }).get('Deployment').spec.replicas).toBe(3);
  });

  test('are validated like other props', () => {
    expect(problems({ patches: [{ kind: 'Deployment' }] })).toEqual(['WebApp "web": patches[0].merge is missing; use a map']);
  });
});

describe('a value that kubectl would misread in the YAML of cdk8s', () => {
  const HINT = 'or write the app as webapp.yaml: webapp synth puts it in quotes';

  test.each<[props: object, expected: string]>([
    [
      { env: { UMASK: '0o22' } },
      `env.UMASK has "0o22", which kubectl reads as a number in the YAML of cdk8s; write it without the o, ${HINT}`,
    ],
    [{ labels: { a: '0o7' } }, `labels.a has "0o7", which kubectl reads as a number in the YAML of cdk8s; write it without the o, ${HINT}`],
    [
      { files: { '/a': '\tb\nc\n' } },
      `files["/a"] starts with a tab or a line of spaces, which kubectl misreads in the YAML of cdk8s; start with other text, ${HINT}`,
    ],
    [
      { args: [' \n'] },
      `args[0] starts with a tab or a line of spaces, which kubectl misreads in the YAML of cdk8s; start with other text, ${HINT}`,
    ],
  ])('%j is an error', (props, expected) => {
    expect(problems(props)).toEqual([`WebApp "web": ${expected}`]);
  });

  test.each(['0o8', '0o', 'x0o7', '\ta', 'a\n\tb', '  a\n', '\n a'])('%j is valid', value => {
    expect(problems({ env: { A: value } })).toEqual([]);
  });
});

describe('a warning', () => {
  const warnings = (props: object) => build(props).web.node.metadata.filter(({ type }) => type === 'warning').map(({ data }) => data);

  test.each<[object, string]>([
    [{ image: 'ghcr.io/acme/web' }, 'image "ghcr.io/acme/web" uses a mutable tag; use a version or a digest'],
    [{ image: 'localhost:5000/web' }, 'image "localhost:5000/web" uses a mutable tag; use a version or a digest'],
    [{ image: 'web:latest' }, 'image "web:latest" uses a mutable tag; use a version or a digest'],
    [
      { scaling: { triggers: [{ type: 'kafka', metadata: {} }] } },
      'scaling.min is 0 and the app is not scaled by HTTP, so its hosts answer with an error while it sleeps',
    ],
    [
      { scaling: { cpu: 70, schedule: [{ start: '0 20 * * *', end: '0 6 * * *', replicas: 0 }] } },
      'scaling.schedule lets the app sleep and the app is not scaled by HTTP, so its hosts answer with an error while it sleeps',
    ],
    [
      { protocol: 'http2', health: { path: '/up' } },
      'health.path is requested over HTTP/1.1, which a server that speaks only HTTP/2 does not support; '
        + 'set health.grpc, or set health.port to that of another server',
    ],
  ])('%j', (props, expected) => {
    expect(warnings(props)).toEqual([expected]);
    expect(problems(props)).toEqual([]);
  });

  test.each([['ghcr.io/acme/web:1'], [`ghcr.io/acme/web@sha256:${'a'.repeat(64)}`], [`web:latest@sha256:${'a'.repeat(64)}`]])(
    'is not written for %s',
    image => {
      expect(warnings({ image })).toEqual([]);
    },
  );

  test.each<[security: object, count: number]>([
    [{ runAsUser: 0 }, 1], [{ runAsUser: 0, capabilities: ['CHOWN'] }, 0], [{ runAsUser: 0, privileged: true }, 0], [{ runAsUser: 1 }, 0],
  ])('suggests capabilities for an image that starts as root: %j', (security, count) => {
    const { web } = build({ security }, { podSecurity: PodSecurity.PRIVILEGED });
    const found = web.node.metadata.filter(({ type }) => type === 'warning').map(({ data }) => data);
    expect(found).toEqual(
      Array(count).fill(expect.stringContaining('set security.capabilities to CHOWN, DAC_OVERRIDE, FOWNER, KILL, SETGID, SETUID')),
    );
  });
});
