import { problems, synth } from '../synth';
import { AccessMode } from 'cdk8s-webapp';

describe('environment', () => {
  test('variables come from values, keys of Secrets and whole Secrets, those of Secrets first so that values can refer to them', () => {
    const { container } = synth({
      env: { GREETING: 'hello $(NAME)' },
      secretEnv: { NAME: { secret: 'people', key: 'first' } },
      envFromSecrets: ['payment', 'mail'],
    });
    expect(container.env).toEqual([
      { name: 'PORT', value: '8080' },
      { name: 'NAME', valueFrom: { secretKeyRef: { name: 'people', key: 'first' } } },
      { name: 'GREETING', value: 'hello $(NAME)' },
    ]);
    expect(container.envFrom).toEqual([{ secretRef: { name: 'payment' } }, { secretRef: { name: 'mail' } }]);
  });

  test('pods are replaced after a change of a Secret if the app asks for it: by Reloader, and by webapp deploy, which looks for the same', () => {
    const props = { restartOnConfigChange: true, workers: { mail: { command: ['mail'] } }, rollout: { canary: { image: 'ghcr.io/acme/web:2' } } };
    const deployments = (all: typeof props | {}) => synth(all, { gateway: { name: 'public', namespace: 'gateways' } }).all
      .filter(({ kind }) => kind === 'Deployment').map(({ metadata: { name, annotations } }) => [name, annotations]);
    const reload = { 'reloader.stakater.com/auto': 'true' };
    expect(deployments(props)).toEqual([['web', reload], ['web-canary', reload], ['web-mail', reload]]);
    expect(deployments({ restartOnConfigChange: false })).toEqual([['web', undefined]]);
  });

  test('an empty value is a value', () => {
    expect(synth({ env: { EMPTY: '' } }).container.env).toContainEqual({ name: 'EMPTY', value: '' });
  });

  test.each([
    [{ env: { PORT: '1' } }, 'env.PORT is reserved: the app always gets it; set port'],
    [{ secretEnv: { PORT: { secret: 'a', key: 'b' } } }, 'secretEnv.PORT is reserved: the app always gets it; set port'],
    [{ env: { A: '1' }, secretEnv: { A: { secret: 'a', key: 'b' } } }, 'secretEnv.A is also set in env; remove one of them'],
    [{ env: { '1 A': '1' } }, 'env["1 A"] is not a valid environment variable name; use letters, digits and underscores, such as VAR_1_A'],
    [{ env: { WORKERS: 3 } }, 'env.WORKERS is 3; put it in quotes: \'3\''],
    [{ envFromSecrets: ['Payment'] }, 'envFromSecrets[0] is "Payment", which is not a valid object name; use lowercase letters, digits, dashes and dots'],
  ])('%j is an error', (props, expected) => {
    expect(problems(props)).toEqual([`WebApp "web": ${expected}`]);
  });
});

describe('as long as Linux and Kubernetes allow', () => {
  test.each<[props: (length: number) => object, most: number, expected: string]>([
    [length => ({ env: { LONG: 'a'.repeat(length) } }), 128 * 1024 - 'LONG='.length - 1, 'env.LONG has 131067 bytes; use less than 128 KiB, the limit of Linux, or a file'],
    [length => ({ annotations: { 'example.com/a': 'a'.repeat(length) } }), 250000 - 'example.com/a'.length,
      'annotations have 250001 bytes in total, names included; use at most 250000; Kubernetes takes 262144, with those that the library adds'],
  ])('%#', (props, most, expected) => {
    expect(problems(props(most))).toEqual([]);
    expect(problems(props(most + 1))).toEqual([`WebApp "web": ${expected}`]);
  });
});

describe('files', () => {
  const files = { '/etc/app/config.yaml': 'a: 1\n', '/etc/motd': 'hello' };

  test('they are an immutable ConfigMap, mounted one by one and read-only', () => {
    const manifests = synth({ files });
    const { metadata: { name }, data, immutable } = manifests.get('ConfigMap');
    expect(immutable).toBe(true);
    expect(data).toEqual({ 'etc_app_config.yaml': 'a: 1\n', 'etc_motd': 'hello' });
    expect(manifests.pod.volumes).toContainEqual({ name: 'files', configMap: { name } });
    expect(manifests.container.volumeMounts.slice(1)).toEqual([
      { name: 'files', mountPath: '/etc/app/config.yaml', subPath: 'etc_app_config.yaml', readOnly: true },
      { name: 'files', mountPath: '/etc/motd', subPath: 'etc_motd', readOnly: true },
    ]);
  });

  test('a change is another ConfigMap, the order of files is none', () => {
    const name = (of: typeof files) => synth({ files: of }).get('ConfigMap').metadata.name;
    expect(name({ ...files, '/etc/motd': 'bye' })).not.toBe(name(files));
    expect(name(Object.fromEntries(Object.entries(files).reverse()) as typeof files)).toBe(name(files));
  });

  test('binary ones are in the same ConfigMap, byte for byte, and mounted like the others', () => {
    const binaryFiles = { '/srv/logo.png': Buffer.from([0x89, 0, 0xff]).toString('base64') };
    const manifests = synth({ files: { '/etc/motd': 'hello' }, binaryFiles });
    expect(manifests.get('ConfigMap')).toMatchObject({ data: { etc_motd: 'hello' }, binaryData: { 'srv_logo.png': 'iQD/' } });
    expect(manifests.container.volumeMounts).toContainEqual({ name: 'files', mountPath: '/srv/logo.png', subPath: 'srv_logo.png', readOnly: true });
    expect(synth({ binaryFiles }).get('ConfigMap')).not.toHaveProperty('data');
  });

  test('a changed binary one is another ConfigMap, and so is the same text as text', () => {
    const name = (props: object) => synth(props).get('ConfigMap').metadata.name;
    const names = [{ binaryFiles: { '/a': 'YQ==' } }, { binaryFiles: { '/a': 'Yg==' } }, { files: { '/a': 'YQ==' } }].map(name);
    expect(new Set(names).size).toBe(3);
  });

  test('paths that would be one key are told apart', () => {
    const { data } = synth({ files: { '/a/b': '1', '/a_b': '2', '/a b': '3', '/ä': '4' } }).get('ConfigMap');
    expect(Object.values(data).sort()).toEqual(['1', '2', '3', '4']);
    expect(Object.keys(data).every(key => /^[-._a-zA-Z0-9]+$/.test(key))).toBe(true);
  });

  test.each([
    [{ 'etc/motd': 'x' }, 'files["etc/motd"] is "etc/motd", which is not absolute; use /etc/motd'],
    [{ '/etc/../motd': 'x' }, 'files["/etc/../motd"] is "/etc/../motd", which is not a valid file path; use an absolute path, such as /etc/app/config.yaml'],
    [{ '/big': 'x'.repeat(1024 * 1024 + 1) }, 'files have 1048577 bytes in total; use at most 1048576 bytes, the limit of a ConfigMap'],
  ])('%#: is an error', (wrong, expected) => {
    expect(problems({ files: wrong })).toEqual([`WebApp "web": ${expected}`]);
  });

  test.each<[object, string]>([
    [{ binaryFiles: { '/a': 'a b' } }, 'binaryFiles["/a"] is "a b", which is not valid Base64; use the output of base64 -w0 FILE'],
    [{ binaryFiles: { '/a': 'YQ' } }, 'binaryFiles["/a"] is "YQ", which is not valid Base64; use the output of base64 -w0 FILE'],
    [{ binaryFiles: { a: 'YQ==' } }, 'binaryFiles.a is "a", which is not absolute; use /a'],
    [{ files: { '/a': 'a' }, binaryFiles: { '/a': 'YQ==' } }, 'binaryFiles["/a"] is "/a", which files["/a"] already uses; choose another path'],
    [{ binaryFiles: { '/a': 'A'.repeat(4 * 350_000) } }, 'binaryFiles have 1050000 bytes in total; use at most 1048576 bytes, the limit of a ConfigMap'],
    [{ files: { '/b': 'x'.repeat(600_000) }, binaryFiles: { '/a': 'A'.repeat(4 * 200_000) } }, 'files have 1200000 bytes in total; use at most 1048576 bytes, the limit of a ConfigMap'],
  ])('%#: binary ones that are an error', (wrong, expected) => {
    expect(problems(wrong)).toEqual([`WebApp "web": ${expected}`]);
  });
});

describe('volumes', () => {
  test.each([
    ['on the node\'s disk', { empty: '2Gi' }, { emptyDir: { sizeLimit: '2Gi' } }],
    ['in memory', { memory: '64Mi' }, { emptyDir: { medium: 'Memory', sizeLimit: '64Mi' } }],
    ['of an existing claim', { claim: 'photos', accessMode: AccessMode.READ_WRITE_MANY }, { persistentVolumeClaim: { claimName: 'photos' } }],
    ['of a new claim', { size: '10Gi' }, { persistentVolumeClaim: { claimName: 'web-data' } }],
  ])('%s', (_, kind, source) => {
    const manifests = synth({ volumes: { data: { path: '/data', ...kind } } });
    expect(manifests.pod.volumes).toContainEqual({ name: 'data', ...source });
    expect(manifests.container.volumeMounts).toContainEqual({ name: 'data', mountPath: '/data' });
  });

  test('a new claim has its size, class and access mode, and is writable to the app\'s group', () => {
    const manifests = synth({ volumes: { data: { path: '/data', size: '10Gi', storageClass: 'fast' } } });
    expect(manifests.get('PersistentVolumeClaim').metadata.name).toBe('web-data');
    expect(manifests.get('PersistentVolumeClaim').spec).toEqual({ accessModes: ['ReadWriteOnce'], storageClassName: 'fast', resources: { requests: { storage: '10Gi' } } });
    expect(manifests.pod.securityContext).toMatchObject({ fsGroup: 1000, fsGroupChangePolicy: 'OnRootMismatch' });
  });

  test('one that only one replica can mount leaves the app one, replaced instead of rolled', () => {
    const manifests = synth({ volumes: { data: { path: '/data', size: '10Gi' } } });
    expect(manifests.get('Deployment').spec.strategy).toEqual({ type: 'Recreate' });
    expect(manifests.get('ScaledObject').spec).toMatchObject({ minReplicaCount: 0, maxReplicaCount: 1 });
    expect(manifests.get('ScaledObject').spec).not.toHaveProperty('advanced');
  });

  test('one that many can mount does not', () => {
    const manifests = synth({ volumes: { data: { path: '/data', size: '10Gi', accessMode: AccessMode.READ_WRITE_MANY } } });
    expect(manifests.get('Deployment').spec.strategy.type).toBe('RollingUpdate');
    expect(manifests.get('ScaledObject').spec.maxReplicaCount).toBe(10);
  });

  test('read-only', () => {
    const manifests = synth({ volumes: { data: { path: '/data', claim: 'photos', accessMode: AccessMode.READ_ONLY_MANY, readOnly: true } } });
    expect(manifests.pod.volumes).toContainEqual({ name: 'data', persistentVolumeClaim: { claimName: 'photos', readOnly: true } });
    expect(manifests.container.volumeMounts).toContainEqual({ name: 'data', mountPath: '/data', readOnly: true });
  });

  test('one at /tmp takes the place of ours', () => {
    const { volumes } = synth({ volumes: { tmp: { path: '/tmp', memory: '128Mi' } } }).pod;
    expect(volumes).toEqual([{ name: 'tmp', emptyDir: { medium: 'Memory', sizeLimit: '128Mi' } }]);
  });

  test.each([
    [{ data: { path: '/data' } }, 'volumes.data does not say where its files are stored; set exactly one of claim, size, memory and empty'],
    [{ data: { path: '/data', size: '1Gi', empty: '1Gi' } }, 'volumes.data says more than once where its files are stored; set exactly one of claim, size, memory and empty'],
    [{ data: { path: 'data', empty: '1Gi' } }, 'volumes.data.path is "data", which is not absolute; use /data'],
    [{ data: { path: '/data', empty: '1Gi', storageClass: 'fast' } }, 'volumes.data.storageClass is set, but no claim is created; set size too, or remove it'],
    [{ data: { path: '/data', empty: '1Gi', accessMode: AccessMode.READ_WRITE_MANY } }, 'volumes.data.accessMode is set, but there is no claim; set size or claim too, or remove it'],
    [{ tmp: { path: '/data', empty: '1Gi' } }, 'volumes.tmp has a reserved name; choose another'],
    [{ a: { path: '/data', empty: '1Gi' }, b: { path: '/data', empty: '1Gi' } }, 'volumes.b.path is "/data", which volumes.a.path already uses; choose another path'],
    [{ data: { path: '/data', size: '10' } }, 'volumes.data.size is "10", which is less than 1Mi; use a Kubernetes quantity with its unit, such as 256Mi or 2Gi'],
  ])('%j is an error', (volumes, expected) => {
    expect(problems({ volumes })).toEqual([`WebApp "web": ${expected}`]);
  });

  test('more replicas than can mount a volume are an error', () => {
    const volumes = { data: { path: '/data', size: '1Gi' } };
    const instead = 'but a volume of the app can be mounted by one replica only; use 1, or give the volume the accessMode read-write-many';
    expect(problems({ volumes, scaling: { max: 3 } })).toEqual([`WebApp "web": scaling.max is 3, ${instead}`]);
    expect(problems({ volumes, scaling: { replicas: 2 } })).toEqual([`WebApp "web": scaling.replicas is 2, ${instead}`]);
  });
});
