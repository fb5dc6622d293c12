import { schemaErrors } from '../schemas';
import { build, IMAGE, Manifests, problems, synth } from '../synth';
import { AppSize, Color, WebAppProps } from 'cdk8s-webapp';

type Props = Partial<WebAppProps>;

const PROXY = 'ghcr.io/acme/db-proxy:2.1.0';
const OLD = { kubernetesVersion: '1.28' };

const podOf = (manifests: Manifests, kind = 'Deployment', name = 'web'): any => {
  const { spec } = manifests.get(kind, kind === 'Job' ? undefined : name);
  return (spec.jobTemplate?.spec ?? spec).template.spec;
};
const names = (containers: any[] = []) => containers.map(({ name }) => name);

describe('a sidecar', () => {
  test('starts before the app, keeps running, and has the same security defaults as the app', () => {
    const { initContainers, containers } = synth({ sidecars: { proxy: { image: PROXY, args: ['--quiet'], port: 5432 } } }).pod;
    expect(initContainers).toEqual([{
      name: 'proxy',
      image: PROXY,
      args: ['--quiet'],
      restartPolicy: 'Always',
      ports: [{ containerPort: 5432 }],
      startupProbe: { tcpSocket: { port: 5432 }, periodSeconds: 1, timeoutSeconds: 1, failureThreshold: 120 },
      resources: {
        requests: { 'cpu': '50m', 'memory': '128Mi', 'ephemeral-storage': '64Mi' },
        limits: { 'memory': '128Mi', 'ephemeral-storage': '1Gi' },
      },
      securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, readOnlyRootFilesystem: true },
      volumeMounts: [{ name: 'tmp-proxy', mountPath: '/tmp' }],
    }]);
    expect(containers).toEqual(synth().pod.containers);
    expect(synth({ sidecars: { proxy: { image: PROXY } } }).pod.volumes).toEqual([
      { name: 'tmp', emptyDir: { sizeLimit: '1Gi' } }, { name: 'tmp-proxy', emptyDir: { sizeLimit: '1Gi' } },
    ]);
  });

  test('is an ordinary container before Kubernetes 1.29, with the preStop delay of the app', () => {
    const { initContainers, containers } = synth({ sidecars: { proxy: { image: PROXY, port: 5432 } } }, OLD).pod;
    expect(initContainers).toBeUndefined();
    expect(names(containers)).toEqual(['web', 'proxy']);
    expect(containers[1].restartPolicy).toBeUndefined();
    expect(containers[1].startupProbe.tcpSocket).toEqual({ port: 5432 });
    expect(containers[1].lifecycle).toEqual(containers[0].lifecycle);
  });

  test('can listen on a port below 1024', () => {
    const { securityContext } = synth({ sidecars: { proxy: { image: PROXY, port: 80 } } }).pod;
    expect(securityContext.sysctls).toEqual([{ name: 'net.ipv4.ip_unprivileged_port_start', value: '0' }]);
  });

  test('can have its own size, user and permissions', () => {
    const proxy = { image: PROXY, size: AppSize.M, resources: { memory: '1Gi' }, security: { runAsUser: 65532, readOnlyRoot: false } };
    const { initContainers: [container], volumes } = synth({ sidecars: { proxy } }).pod;
    expect(container.resources).toMatchObject({ requests: { cpu: '250m', memory: '1Gi' }, limits: { memory: '1Gi' } });
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      readOnlyRootFilesystem: false,
      runAsUser: 65532,
      runAsGroup: 65532,
      runAsNonRoot: true,
    });
    expect(container.volumeMounts).toBeUndefined();
    expect(names(volumes)).toEqual(['tmp']);
  });

  test('runs as the user of its image if the app does, unless it sets a user', () => {
    const sidecars = { proxy: { image: PROXY }, other: { image: PROXY, security: { runAsUser: 33 } } };
    const { securityContext, initContainers: [proxy, other] } = synth({ security: { runAsImageUser: true }, sidecars }).pod;
    expect(securityContext).toEqual({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    expect(proxy.securityContext).not.toHaveProperty('runAsUser');
    expect(other.securityContext).toMatchObject({ runAsUser: 33, runAsGroup: 33, runAsNonRoot: true });
    expect(problems({ security: { runAsImageUser: true }, sidecars: { proxy: { image: PROXY, security: { runAsGroup: 33 } } } }))
      .toEqual(['WebApp "web": sidecars.proxy.security.runAsGroup requires runAsUser, '
        + 'because the app runs as the user of its image; set runAsUser too']);
  });

  test('can run as root if the platform allows it, even if the app does not', () => {
    const { initContainers: [container] } = synth(
      { sidecars: { proxy: { image: PROXY, security: { runAsUser: 0, capabilities: ['CHOWN'] } } } }, { podSecurity: 'baseline' as never },
    ).pod;
    const capabilities = { drop: ['ALL'], add: ['CHOWN'] };
    expect(container.securityContext).toMatchObject({ runAsUser: 0, runAsGroup: 0, runAsNonRoot: false, capabilities });
  });
});

describe('an init container', () => {
  test('runs to completion before the app starts, with the image and size of the app', () => {
    const { initContainers } = synth({ size: AppSize.L, initContainers: { prepare: { command: ['prepare'] } } }).pod;
    expect(initContainers).toEqual([{
      name: 'prepare',
      image: IMAGE,
      command: ['prepare'],
      resources: {
        requests: { 'cpu': '500m', 'memory': '1Gi', 'ephemeral-storage': '64Mi' },
        limits: { 'memory': '1Gi', 'ephemeral-storage': '1Gi' },
      },
      securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, readOnlyRootFilesystem: true },
      volumeMounts: [{ name: 'tmp-prepare', mountPath: '/tmp' }],
    }]);
  });

  test.each<[Props, object]>([
    [{ resources: { memory: '512Mi', memoryLimit: '1Gi' } }, { requests: { cpu: '100m', memory: '512Mi' }, limits: { memory: '1Gi' } }],
    [
      { resources: { memoryLimit: '1Gi' }, initContainers: { prepare: { command: ['p'], resources: { memory: '2Gi' } } } },
      { limits: { memory: '2Gi' } },
    ],
    [
      { size: AppSize.XL, initContainers: { prepare: { command: ['p'], size: AppSize.XS } } },
      { requests: { cpu: '50m' }, limits: { memory: '128Mi' } },
    ],
    [
      { resources: { ephemeralStorage: '5Gi' }, initContainers: { prepare: { command: ['p'], size: AppSize.XS } } },
      { requests: { cpu: '50m' }, limits: { 'memory': '128Mi', 'ephemeral-storage': '5Gi' } },
    ],
    [
      { resources: { cpuLimit: '2' }, initContainers: { prepare: { command: ['p'], resources: { cpuLimit: undefined } } } },
      { limits: { cpu: '2' } },
    ],
  ])('has the resources of the app unless it sets its own: %j', (props, expected) => {
    expect(synth({ initContainers: { prepare: { command: ['p'] } }, ...props }).pod.initContainers[0].resources).toMatchObject(expected);
  });
});

describe('containers start in the order', () => {
  const props: Props = {
    sidecars: { logs: { image: PROXY }, proxy: { image: PROXY, beforeInitContainers: true }, agent: { image: PROXY } },
    initContainers: { second: { command: ['b'] }, first: { command: ['a'] } },
  };

  test('of the props, init containers before sidecars, except sidecars with beforeInitContainers', () => {
    expect(names(synth(props).pod.initContainers)).toEqual(['proxy', 'second', 'first', 'logs', 'agent']);
  });

  test('of the props, before containers that code adds', () => {
    const { chart, web } = build(props);
    web.deployment.addInitContainer({ name: 'code', image: IMAGE });
    expect(names(new Manifests(chart).pod.initContainers)).toEqual(['proxy', 'second', 'first', 'logs', 'agent', 'code']);
  });
});

describe('a container shares with the app', () => {
  const app: Props = {
    env: { LEVEL: 'info', NAME: 'web' },
    secretEnv: { KEY: { secret: 'keys', key: 'a' } },
    envFromSecrets: ['all'],
    envFromConfigMaps: ['common'],
    files: { '/etc/app.yaml': 'a: 1\n' },
    secretFiles: { '/etc/key': { secret: 'keys', key: 'a' } },
    volumes: { cache: { path: '/cache', empty: '100Mi' }, data: { path: '/data', claim: 'data', readOnly: true } },
  };
  const one = (container: object) => synth({ ...app, sidecars: { logs: { image: PROXY, ...container } } }).pod.initContainers[0];

  test('nothing by default', () => {
    const { env, envFrom, volumeMounts } = one({});
    expect([env, envFrom, volumeMounts]).toEqual([undefined, undefined, [{ name: 'tmp-logs', mountPath: '/tmp' }]]);
  });

  test('all variables if it has shareEnv, and its own variables override them', () => {
    const own = { env: { NAME: 'logs', X: '1' }, secretEnv: { LEVEL: { secret: 's', key: 'k' } }, envFromSecrets: ['own'] };
    const { env, envFrom } = one({ shareEnv: true, ...own });
    expect(env).toEqual([
      { name: 'PORT', value: '8080' },
      { name: 'KEY', valueFrom: { secretKeyRef: { name: 'keys', key: 'a' } } },
      { name: 'LEVEL', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } },
      { name: 'NAME', value: 'logs' },
      { name: 'X', value: '1' },
    ]);
    expect(envFrom).toEqual([{ configMapRef: { name: 'common' } }, { secretRef: { name: 'all' } }, { secretRef: { name: 'own' } }]);
  });

  test('volumes that it names, at the path of the app or its own', () => {
    expect(one({ volumes: { cache: { path: '/var/cache', readOnly: true }, data: {} } }).volumeMounts.slice(1)).toEqual([
      { name: 'cache', mountPath: '/var/cache', readOnly: true }, { name: 'data', mountPath: '/data', readOnly: true },
    ]);
    expect(one({ volumes: { cache: { path: '/tmp' } } }).volumeMounts).toEqual([{ name: 'cache', mountPath: '/tmp' }]);
  });

  test('all files if it has shareFiles', () => {
    expect(one({ shareFiles: true }).volumeMounts.slice(1)).toEqual([
      { name: 'files', mountPath: '/etc/app.yaml', subPath: 'etc_app.yaml', readOnly: true },
      { name: 'secret-files', mountPath: '/etc/key', subPath: 'etc_key', readOnly: true },
    ]);
  });

  test('nothing that changes the app', () => {
    const logs = { image: PROXY, shareEnv: true, shareFiles: true };
    expect(synth({ ...app, sidecars: { logs } }).container).toEqual(synth(app).container);
  });
});

describe('files of a container', () => {
  const sidecars = {
    logs: { image: PROXY, files: { '/etc/app.yaml': 'logs\n' }, secretFiles: { '/key': { secret: 'keys', key: 'b' } } },
  };

  test('are in the ConfigMap of the app, where they do not conflict with files of the app at the same path', () => {
    const manifests = synth({ files: { '/etc/app.yaml': 'app\n' }, secretFiles: { '/key': { secret: 'keys', key: 'a' } }, sidecars });
    const { data, metadata } = manifests.get('ConfigMap');
    expect(data).toEqual({ 'etc_app.yaml': 'app\n', 'logs__etc_app.yaml': 'logs\n' });
    expect(manifests.pod.volumes.slice(2)).toEqual([
      { name: 'files', configMap: { name: metadata.name } },
      {
        name: 'secret-files',
        projected: {
          defaultMode: 0o440,
          sources: [{ secret: { name: 'keys', items: [{ key: 'a', path: 'key' }, { key: 'b', path: 'logs__key' }] } }],
        },
      },
    ]);
    expect(manifests.pod.initContainers[0].volumeMounts.slice(1)).toEqual([
      { name: 'files', mountPath: '/etc/app.yaml', subPath: 'logs__etc_app.yaml', readOnly: true },
      { name: 'secret-files', mountPath: '/key', subPath: 'logs__key', readOnly: true },
    ]);
    expect(manifests.pod.securityContext.fsGroup).toBe(1000);
  });

  test('do not require files of the app, and are mounted only in pods with the container', () => {
    const manifests = synth({ sidecars, workers: { emails: { command: ['a'] } } });
    expect(manifests.get('ConfigMap').data).toEqual({ 'logs__etc_app.yaml': 'logs\n' });
    expect(names(podOf(manifests, 'Deployment', 'web-emails').volumes)).toEqual(['tmp']);
  });

  test('have valid keys even if their paths are long', () => {
    const files = { [`/${'a'.repeat(230)}`]: '1', [`/${'a'.repeat(229)}b`]: '2' };
    const { data } = synth({ sidecars: { ['l'.repeat(40)]: { image: PROXY, files } } }).get('ConfigMap');
    expect(Object.values(data).sort()).toEqual(['1', '2']);
    expect(Object.keys(data).every(key => key.length <= 253)).toBe(true);
  });

  test('change the name of the ConfigMap', () => {
    const name = (text: string) => synth({ sidecars: { logs: { image: PROXY, files: { '/a': text } } } }).get('ConfigMap').metadata.name;
    expect(name('1')).not.toBe(name('2'));
  });
});

describe('the pods that have a container', () => {
  const app: Props = {
    workers: { emails: { command: ['a'] } },
    cronJobs: { night: { schedule: '0 0 * * *', command: ['a'] } },
    releaseCommand: { command: ['migrate'] },
  };
  const kinds = [['Deployment', 'web'], ['Deployment', 'web-emails'], ['CronJob', 'web-night'], ['Job', '']];

  test('are those of all versions of the web process, each with its image', () => {
    const initContainers = { prepare: { command: ['p'] } };
    const manifests = synth({ ...app, initContainers });
    expect(kinds.map(([kind, name]) => names(podOf(manifests, kind, name).initContainers))).toEqual([['prepare'], [], [], []]);
    const image = 'ghcr.io/acme/web:2.0.0';
    const canary = synth({ initContainers, rollout: { canary: { image } } });
    expect(podOf(canary, 'Deployment', 'web-canary').initContainers[0].image).toBe(image);
    const green = synth({ initContainers, rollout: { blueGreen: { active: Color.GREEN, green: { image } } } });
    expect(['web', 'web-green'].map(name => podOf(green, 'Deployment', name).initContainers[0].image)).toEqual([IMAGE, image]);
    expect(podOf(synth({ initContainers, rollout: { argo: {} } }), 'Rollout').initContainers[0].image).toBe(IMAGE);
  });

  test('can be those of other processes, including Jobs, which complete even though the sidecar keeps running', () => {
    const processes = ['emails', 'night', 'release'];
    const manifests = synth({ ...app, env: { A: 'b' }, sidecars: { proxy: { image: PROXY, processes, shareEnv: true } } });
    expect(kinds.map(([kind, name]) => names(podOf(manifests, kind, name).initContainers))).toEqual([[], ['proxy'], ['proxy'], ['proxy']]);
    for (const [kind, name] of kinds.slice(1)) {
      expect(podOf(manifests, kind, name).initContainers[0]).toMatchObject({ restartPolicy: 'Always', env: [{ name: 'A', value: 'b' }] });
    }
    expect(manifests.all.flatMap(schemaErrors)).toEqual([]);
  });

  test('match the schemas of a real API server', () => {
    const sidecars = { proxy: { image: PROXY, port: 5432, shareEnv: true, files: { '/a': 'b' }, volumes: { cache: {} } } };
    const props = { volumes: { cache: { path: '/cache', empty: '1Gi' } }, sidecars, initContainers: { prepare: { command: ['p'] } } };
    for (const platform of [{}, OLD]) expect(synth(props, platform).all.flatMap(schemaErrors)).toEqual([]);
    expect(synth({ ...props, rollout: { argo: {} } }).all.flatMap(schemaErrors)).toEqual([]);
  });
});

describe('an invalid container is an error', () => {
  const proxy = { image: PROXY };
  const job = { night: { schedule: '0 0 * * *', command: ['a'] } };
  const volumes = { cache: { path: '/cache', empty: '1Gi' }, data: { path: '/data', claim: 'c', readOnly: true } };

  test.each<[props: object, expected: string]>([
    [
      { sidecars: { Proxy: proxy } },
      'sidecars.Proxy is "Proxy", which is not a valid DNS label; use lowercase letters, digits and dashes, starting with a letter, '
        + 'such as proxy',
    ],
    [{ sidecars: { web: proxy } }, 'sidecars.web has the name of a process of the app, whose container has that name too; choose another'],
    [
      { initContainers: { release: proxy } },
      'initContainers.release has the name of a process of the app, whose container has that name too; choose another',
    ],
    [{ workers: { emails: { command: ['a'] } }, sidecars: { emails: proxy } },
      'sidecars.emails has the name of a process of the app, whose container has that name too; choose another'],
    [{ sidecars: { proxy }, initContainers: { proxy } }, 'initContainers.proxy has the same name as a sidecar; choose another'],
    [
      { sidecars: { proxy: {} } },
      'sidecars.proxy.image is missing, and there is no command, so that it would run the app again; set it, or command, or args',
    ],
    [{ sidecars: { proxy: { command: [] } } }, 'sidecars.proxy.command is empty; set it to the program to run, or remove it'],
    [{ sidecars: { proxy: { ...proxy, processes: [] } } }, 'sidecars.proxy.processes is empty; add a process, such as web, or remove it'],
    [
      { sidecars: { proxy: { ...proxy, processes: ['wbe'] } } },
      'sidecars.proxy.processes[0] is "wbe", which is not a process of the app; did you mean web?',
    ],
    [
      { initContainers: { a: { ...proxy, processes: ['release'] } } },
      'initContainers.a.processes[0] is "release", which is not a process of the app; use one of web',
    ],
    [
      { sidecars: { proxy: { ...proxy, env: { A: '1' }, secretEnv: { A: { secret: 'a', key: 'b' } } } } },
      'sidecars.proxy.secretEnv.A is also set in env; remove one of them',
    ],
    [
      { sidecars: { proxy: { ...proxy, port: 5432 }, other: { ...proxy, port: 5432 } } },
      'sidecars.other.port is 5432, which sidecars.proxy uses too; use another port',
    ],
    [{ sidecars: { proxy: { ...proxy, port: 0 } } }, 'sidecars.proxy.port is 0, which is too small; use a number from 1 to 65535'],
    [
      { sidecars: { proxy: { ...proxy, beforeInitContainers: true } } },
      'sidecars.proxy.beforeInitContainers has no effect, because there are no init containers; remove it',
    ],
    [
      { volumes, sidecars: { proxy: { ...proxy, volumes: { cach: {} } } } },
      'sidecars.proxy.volumes.cach is not a volume of the app; did you mean cache?',
    ],
    [
      {
        volumes,
        releaseCommand: { command: ['a'], volumes: { cache: {} } },
        initContainers: { a: { ...proxy, volumes: { data: {}, cache: {} }, processes: ['web', 'release'] } },
      },
      'initContainers.a.volumes.data is not a volume that release mounts; add it to the volumes of release, or remove it',
    ],
    [
      { sidecars: { proxy: { ...proxy, volumes: { cache: {} } } } },
      'sidecars.proxy.volumes.cache is not a volume of the app; add it to volumes: { cache: … }',
    ],
    [{ volumes, sidecars: { proxy: { ...proxy, volumes: { data: { readOnly: false } } } } },
      'sidecars.proxy.volumes.data.readOnly is false, but the app mounts the volume read-only; remove one of them'],
    [
      { volumes, sidecars: { proxy: { ...proxy, files: { '/data/a': 'x' }, volumes: { data: {} } } } },
      'sidecars.proxy.files["/data/a"] is "/data/a", which is below sidecars.proxy.volumes.data.path, a read-only volume; '
        + 'choose another path',
    ],
    [{ files: { '/a': 'x' }, sidecars: { proxy: { ...proxy, files: { '/a': 'x' }, shareFiles: true } } },
      'sidecars.proxy.files["/a"] is "/a", which files["/a"] already uses; choose another path'],
    [{ binaryFiles: { '/a': 'eA==' }, sidecars: { proxy: { ...proxy, files: { '/a': 'x' }, shareFiles: true } } },
      'sidecars.proxy.files["/a"] is "/a", which binaryFiles["/a"] already uses; choose another path'],
    [
      { volumes: { 'tmp-proxy': { path: '/x', empty: '1Gi' } }, sidecars: { proxy } },
      'volumes.tmp-proxy has a reserved name; choose another',
    ],
    [
      { sidecars: { proxy: { ...proxy, security: { runAsUser: 0 } } } },
      'sidecars.proxy.security.runAsUser is 0, but the platform\'s podSecurity is restricted; use another user, '
        + 'or ask your platform team for podSecurity: baseline',
    ],
    [
      { initContainers: { a: { ...proxy, security: { capabilities: ['CHOWN'] } } } },
      'initContainers.a.security.capabilities has CHOWN, but the platform\'s podSecurity is restricted; remove it, '
        + 'or ask your platform team for podSecurity: baseline',
    ],
    [
      { sidecars: { proxy: { ...proxy, resources: { memoryLimit: '64Mi' } } } },
      'sidecars.proxy.resources.memoryLimit is 64Mi but memory is 128Mi; use 128Mi or more',
    ],
    [
      { sidecars: { proxy: { ...proxy, env: { A: 'x'.repeat(131070) } } } },
      'sidecars.proxy.env.A has 131070 bytes; use less than 128 KiB, the limit of Linux, or a file',
    ],
    [{ files: { '/a': 'x'.repeat(1024 * 1024) }, sidecars: { proxy: { ...proxy, files: { '/b': 'x' } } } },
      'files have 1048577 bytes in total, with those of other containers; use at most 1048576 bytes, the limit of a ConfigMap'],
  ])('in row %#: %j', (props, expected) => {
    expect(problems(props)).toEqual([`WebApp "web": ${expected}`]);
  });

  test.each<[props: object, expected: string]>([
    [{ cronJobs: job, sidecars: { proxy: { ...proxy, processes: ['web', 'night'] } } },
      'sidecars.proxy.processes has night, but before Kubernetes 1.29 a sidecar keeps a Job from ending; '
      + 'remove it, or set the platform\'s kubernetesVersion to \'1.29\' or newer, if the cluster has it'],
    [
      { initContainers: { a: proxy }, sidecars: { proxy: { ...proxy, beforeInitContainers: true } } },
      'sidecars.proxy.beforeInitContainers requires Kubernetes 1.29; remove it, '
        + 'or set the platform\'s kubernetesVersion to \'1.29\' or newer, if the cluster has it',
    ],
  ])('before Kubernetes 1.29: %j', (props, expected) => {
    expect(problems(props, OLD)).toEqual([`WebApp "web": ${expected}`]);
    expect(problems(props)).toEqual([]);
  });

  test('only once if the app runs as root on a restricted platform', () => {
    expect(problems({ security: { runAsUser: 0 }, sidecars: { proxy, other: proxy } })).toHaveLength(1);
  });

  test('but only a warning if it has a mutable tag, or a command or variable that Kubernetes reads differently from a shell', () => {
    const { web } = build({
      initContainers: { prepare: { command: ['a', '&&', 'b'] } },
      sidecars: { proxy: { image: 'nginx', env: { A: 'a$$b' } } },
    });
    expect(web.node.metadata.filter(({ type }) => type === 'warning').map(({ data }) => data)).toEqual([
      'image "nginx" of container proxy uses a mutable tag; use a version or a digest',
      'initContainers.prepare.command[1] is "&&", which only a shell understands; write [sh, -c, \'…\'] with the whole line',
      'sidecars.proxy.env.A has $$, which Kubernetes replaces with $; write $$$$ if you mean two',
    ]);
  });
});
