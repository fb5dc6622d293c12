import { schemaErrors } from '../schemas';
import { problems, synth } from '../synth';
import { AccessMode } from 'cdk8s-webapp';

describe('environment variables', () => {
  test('come from values, keys of Secrets and whole Secrets, with those of Secrets first so that values can refer to them', () => {
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

  test('come from keys of ConfigMaps and whole ConfigMaps too, before those of Secrets, which take precedence', () => {
    const { container } = synth({
      env: { GREETING: 'hello $(REGION)' },
      secretEnv: { NAME: { secret: 'people', key: 'first' } },
      configMapEnv: { REGION: { configMap: 'cluster', key: 'region' } },
      envFromSecrets: ['payment'],
      envFromConfigMaps: ['cluster', 'features'],
    });
    expect(container.env).toEqual([
      { name: 'PORT', value: '8080' },
      { name: 'REGION', valueFrom: { configMapKeyRef: { name: 'cluster', key: 'region' } } },
      { name: 'NAME', valueFrom: { secretKeyRef: { name: 'people', key: 'first' } } },
      { name: 'GREETING', value: 'hello $(REGION)' },
    ]);
    expect(container.envFrom).toEqual([
      { configMapRef: { name: 'cluster' } }, { configMapRef: { name: 'features' } }, { secretRef: { name: 'payment' } },
    ]);
  });

  test('are inherited by workers, which can override them with their own values', () => {
    const manifests = synth({
      configMapEnv: { REGION: { configMap: 'cluster', key: 'region' }, ZONE: { configMap: 'cluster', key: 'zone' } },
      envFromConfigMaps: ['features'],
      workers: { emails: { command: ['a'], env: { ZONE: 'b' } } },
    });
    const [container] = manifests.get('Deployment', 'web-emails').spec.template.spec.containers;
    expect(container.env).toEqual([
      { name: 'REGION', valueFrom: { configMapKeyRef: { name: 'cluster', key: 'region' } } }, { name: 'ZONE', value: 'b' },
    ]);
    expect(container.envFrom).toEqual([{ configMapRef: { name: 'features' } }]);
  });

  test('with restartOnConfigChange, Reloader restarts the pods when a Secret or ConfigMap changes', () => {
    const rollout = { canary: { image: 'ghcr.io/acme/web:2' } };
    const props = { restartOnConfigChange: true, workers: { mail: { command: ['mail'] } }, rollout };
    const deployments = (all: typeof props | {}) => synth(all, { gateway: { name: 'public', namespace: 'gateways' } }).all
      .filter(({ kind }) => kind === 'Deployment').map(({ metadata: { name, annotations } }) => [name, annotations]);
    const reload = { 'reloader.stakater.com/auto': 'true' };
    expect(deployments(props)).toEqual([['web', reload], ['web-canary', reload], ['web-mail', reload]]);
    expect(deployments({ restartOnConfigChange: false })).toEqual([['web', undefined]]);
  });

  test('may be empty', () => {
    expect(synth({ env: { EMPTY: '' } }).container.env).toContainEqual({ name: 'EMPTY', value: '' });
  });

  test.each([
    [{ env: { PORT: '1' } }, 'env.PORT is reserved: the app always gets it; set port'],
    [{ secretEnv: { PORT: { secret: 'a', key: 'b' } } }, 'secretEnv.PORT is reserved: the app always gets it; set port'],
    [{ env: { A: '1' }, secretEnv: { A: { secret: 'a', key: 'b' } } }, 'secretEnv.A is also set in env; remove one of them'],
    [{ configMapEnv: { PORT: { configMap: 'a', key: 'b' } } }, 'configMapEnv.PORT is reserved: the app always gets it; set port'],
    [{ env: { A: '1' }, configMapEnv: { A: { configMap: 'a', key: 'b' } } }, 'configMapEnv.A is also set in env; remove one of them'],
    [
      { secretEnv: { A: { secret: 'a', key: 'b' } }, configMapEnv: { A: { configMap: 'a', key: 'b' } } },
      'configMapEnv.A is also set in secretEnv; remove one of them',
    ],
    [{ connections: { db: { type: 'redis', secret: 'db' } }, configMapEnv: { DB_URL: { configMap: 'a', key: 'b' } } },
      'connections.db sets DB_URL, which configMapEnv.DB_URL sets too; rename the connection, or remove the other'],
    [
      { envFromConfigMaps: ['A'] },
      'envFromConfigMaps[0] is "A", which is not a valid object name; use lowercase letters, digits, dashes and dots',
    ],
    [{ configMapEnv: { A: { configMap: 'a', key: '..b' } } },
      'configMapEnv.A.key is "..b", which is not a valid key of a Secret or ConfigMap; use a key that does not start with two dots'],
    [{ env: { '1 A': '1' } }, 'env["1 A"] is not a valid environment variable name; use letters, digits and underscores, such as VAR_1_A'],
    [{ env: { WORKERS: 3 } }, 'env.WORKERS is 3; put it in quotes: \'3\''],
    [
      { envFromSecrets: ['Payment'] },
      'envFromSecrets[0] is "Payment", which is not a valid object name; use lowercase letters, digits, dashes and dots',
    ],
  ])('%j is an error', (props, expected) => {
    expect(problems(props)).toEqual([`WebApp "web": ${expected}`]);
  });
});

describe('files', () => {
  const files = { '/etc/app/config.yaml': 'a: 1\n', '/etc/motd': 'hello' };

  test('are in an immutable ConfigMap and mounted individually and read-only', () => {
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

  test('get a new ConfigMap if they change, but not if only their order changes', () => {
    const name = (of: typeof files) => synth({ files: of }).get('ConfigMap').metadata.name;
    expect(name({ ...files, '/etc/motd': 'bye' })).not.toBe(name(files));
    expect(name(Object.fromEntries(Object.entries(files).reverse()) as typeof files)).toBe(name(files));
  });

  test('may be binary, in the same ConfigMap and mounted like the others', () => {
    const binaryFiles = { '/srv/logo.png': Buffer.from([0x89, 0, 0xff]).toString('base64') };
    const manifests = synth({ files: { '/etc/motd': 'hello' }, binaryFiles });
    expect(manifests.get('ConfigMap')).toMatchObject({ data: { etc_motd: 'hello' }, binaryData: { 'srv_logo.png': 'iQD/' } });
    const mount = { name: 'files', mountPath: '/srv/logo.png', subPath: 'srv_logo.png', readOnly: true };
    expect(manifests.container.volumeMounts).toContainEqual(mount);
    expect(synth({ binaryFiles }).get('ConfigMap')).not.toHaveProperty('data');
  });

  test('get a new ConfigMap if binary content changes, or if its Base64 is used as text', () => {
    const name = (props: object) => synth(props).get('ConfigMap').metadata.name;
    const names = [{ binaryFiles: { '/a': 'YQ==' } }, { binaryFiles: { '/a': 'Yg==' } }, { files: { '/a': 'YQ==' } }].map(name);
    expect(new Set(names).size).toBe(3);
  });

  test('have different keys if their paths differ in special characters only', () => {
    const { data } = synth({ files: { '/a/b': '1', '/a_b': '2', '/a b': '3', '/ä': '4', '/..a': '5' } }).get('ConfigMap');
    expect(Object.values(data).sort()).toEqual(['1', '2', '3', '4', '5']);
    expect(Object.keys(data).every(key => /^(?!\.\.)[-._a-zA-Z0-9]+$/.test(key))).toBe(true);
  });

  test.each([
    [{ 'etc/motd': 'x' }, 'files["etc/motd"] is "etc/motd", which is not absolute; use /etc/motd'],
    [
      { '/etc/../motd': 'x' },
      'files["/etc/../motd"] is "/etc/../motd", which is not a valid file path; use an absolute path, such as /etc/app/config.yaml',
    ],
    [{ [`/${'x'.repeat(256)}`]: 'x' }, `files["/${'x'.repeat(75)}...] is "/${'x'.repeat(75)}..., `
      + 'which is too long; use at most 255 bytes between two slashes, and 4095 in total'],
    [
      { '/proc/motd': 'x' },
      'files["/proc/motd"] is "/proc/motd", but nothing can be mounted in /proc, which is the kernel\'s; use another path',
    ],
    [{ '/etc/a': 'x', '/etc/a/b': 'y' }, 'files["/etc/a/b"] is "/etc/a/b", which is below files["/etc/a"], a file; choose another path'],
    [{ '/big': 'x'.repeat(1024 * 1024 + 1) }, 'files have 1048577 bytes in total; use at most 1048576 bytes, the limit of a ConfigMap'],
  ])('are an error in row %#', (wrong, expected) => {
    expect(problems({ files: wrong })).toEqual([`WebApp "web": ${expected}`]);
  });

  test.each<[object, string]>([
    [{ binaryFiles: { '/a': 'a b' } }, 'binaryFiles["/a"] is "a b", which is not valid Base64; use the output of base64 -w0 FILE'],
    [{ binaryFiles: { '/a': 'YQ' } }, 'binaryFiles["/a"] is "YQ", which is not valid Base64; use the output of base64 -w0 FILE'],
    [{ binaryFiles: { a: 'YQ==' } }, 'binaryFiles.a is "a", which is not absolute; use /a'],
    [
      { files: { '/a': 'a' }, binaryFiles: { '/a': 'YQ==' } },
      'binaryFiles["/a"] is "/a", which files["/a"] already uses; choose another path',
    ],
    [
      { binaryFiles: { '/a': 'A'.repeat(4 * 350_000) } },
      'binaryFiles have 1050000 bytes in total; use at most 1048576 bytes, the limit of a ConfigMap',
    ],
    [
      { files: { '/b': 'x'.repeat(600_000) }, binaryFiles: { '/a': 'A'.repeat(4 * 200_000) } },
      'files have 1200000 bytes in total; use at most 1048576 bytes, the limit of a ConfigMap',
    ],
  ])('that are binary are an error in row %#', (wrong, expected) => {
    expect(problems(wrong)).toEqual([`WebApp "web": ${expected}`]);
  });
});

describe('files from keys of Secrets and ConfigMaps', () => {
  const tls = (key: string) => ({ secret: 'app-tls', key });

  test('are mounted one by one, so that files of every origin may be in one directory', () => {
    const { pod, container } = synth({
      files: { '/etc/app/app.yaml': 'a: 1\n' },
      secretFiles: {
        '/etc/app/tls.key': tls('tls.key'),
        '/etc/app/tls.crt': tls('tls.crt'),
        '/etc/app/token': { secret: 'api', key: 'token' },
      },
      configMapFiles: { '/etc/app/ca.crt': { configMap: 'kube-root-ca.crt', key: 'ca.crt' } },
    });
    expect(pod.volumes.slice(2)).toEqual([
      {
        name: 'secret-files',
        projected: {
          defaultMode: 0o440,
          sources: [
            {
              secret: {
                name: 'app-tls',
                items: [{ key: 'tls.key', path: 'etc_app_tls.key' }, { key: 'tls.crt', path: 'etc_app_tls.crt' }],
              },
            },
            { secret: { name: 'api', items: [{ key: 'token', path: 'etc_app_token' }] } },
          ],
        },
      },
      {
        name: 'config-map-files',
        projected: { sources: [{ configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'etc_app_ca.crt' }] } }] },
      },
    ]);
    expect(container.volumeMounts.slice(2)).toEqual([
      { name: 'secret-files', mountPath: '/etc/app/tls.key', subPath: 'etc_app_tls.key', readOnly: true },
      { name: 'secret-files', mountPath: '/etc/app/tls.crt', subPath: 'etc_app_tls.crt', readOnly: true },
      { name: 'secret-files', mountPath: '/etc/app/token', subPath: 'etc_app_token', readOnly: true },
      { name: 'config-map-files', mountPath: '/etc/app/ca.crt', subPath: 'etc_app_ca.crt', readOnly: true },
    ]);
  });

  test('of Secrets belong to the group of the app', () => {
    expect(synth({ secretFiles: { '/key': tls('tls.key') }, security: { runAsGroup: 33 } }).pod.securityContext.fsGroup).toBe(33);
    expect(synth({ configMapFiles: { '/key': { configMap: 'a', key: 'b' } } }).pod.securityContext.fsGroup).toBeUndefined();
  });

  test('are mounted in every process of the app, in manifests that are valid in the Kubernetes schemas', () => {
    const manifests = synth({
      secretFiles: { '/key': tls('tls.key') },
      configMapFiles: { '/ca': { configMap: 'a', key: 'b' } },
      workers: { emails: { command: ['a'] } },
      cronJobs: { night: { schedule: '0 0 * * *', command: ['a'] } },
      releaseCommand: { command: ['a'] },
    });
    const pods = [
      ...['web', 'web-emails'].map(name => manifests.get('Deployment', name).spec.template.spec),
      manifests.get('CronJob').spec.jobTemplate.spec.template.spec,
      manifests.get('Job').spec.template.spec,
    ];
    for (const pod of pods) {
      expect(pod.containers[0].volumeMounts.map(({ mountPath }: any) => mountPath)).toEqual(['/tmp', '/key', '/ca']);
      expect(pod.volumes.map(({ name }: any) => name)).toEqual(['tmp', 'secret-files', 'config-map-files']);
    }
    expect(manifests.all.flatMap(schemaErrors)).toEqual([]);
  });

  test.each([
    [
      { secretFiles: { '/a': tls('b') }, files: { '/a': 'x' } },
      'secretFiles["/a"] is "/a", which files["/a"] already uses; choose another path',
    ],
    [{ secretFiles: { '/a': tls('b') }, configMapFiles: { '/a': { configMap: 'c', key: 'd' } } },
      'configMapFiles["/a"] is "/a", which secretFiles["/a"] already uses; choose another path'],
    [{ secretFiles: { '/a/b': tls('b') }, volumes: { data: { path: '/a', claim: 'x', readOnly: true } } },
      'secretFiles["/a/b"] is "/a/b", which is below volumes.data.path, a read-only volume; choose another path'],
    [{ configMapFiles: { a: { configMap: 'c', key: 'd' } } }, 'configMapFiles.a is "a", which is not absolute; use /a'],
    [{ secretFiles: { '/a': { secret: 'x' } } }, 'secretFiles["/a"].key is missing; use a string'],
    [
      { secretFiles: { '/a': tls('a/b') } },
      'secretFiles["/a"].key is "a/b", which is not a valid key of a Secret or ConfigMap; use letters, digits, dashes, '
        + 'dots and underscores',
    ],
    [{ volumes: { 'secret-files': { path: '/x', empty: '1Gi' } } }, 'volumes.secret-files has a reserved name; choose another'],
  ])('%j is an error', (props, expected) => {
    expect(problems(props)).toEqual([`WebApp "web": ${expected}`]);
  });
});

describe('volumes', () => {
  test.each([
    ['can be on the node\'s disk', { empty: '2Gi' }, { emptyDir: { sizeLimit: '2Gi' } }],
    ['can be in memory', { memory: '64Mi' }, { emptyDir: { medium: 'Memory', sizeLimit: '64Mi' } }],
    [
      'can use an existing claim',
      { claim: 'photos', accessMode: AccessMode.READ_WRITE_MANY },
      { persistentVolumeClaim: { claimName: 'photos' } },
    ],
    ['can use a new claim', { size: '10Gi' }, { persistentVolumeClaim: { claimName: 'web-data' } }],
  ])('%s', (_, kind, source) => {
    const manifests = synth({ volumes: { data: { path: '/data', ...kind } } });
    expect(manifests.pod.volumes).toContainEqual({ name: 'data', ...source });
    expect(manifests.container.volumeMounts).toContainEqual({ name: 'data', mountPath: '/data' });
  });

  test('with a new claim have its size, class and access mode, and are writable for the app\'s group', () => {
    const manifests = synth({ volumes: { data: { path: '/data', size: '10Gi', storageClass: 'fast' } } });
    expect(manifests.get('PersistentVolumeClaim').metadata.name).toBe('web-data');
    expect(manifests.get('PersistentVolumeClaim').spec).toEqual({
      accessModes: ['ReadWriteOnce'],
      storageClassName: 'fast',
      resources: { requests: { storage: '10Gi' } },
    });
    expect(manifests.pod.securityContext).toMatchObject({ fsGroup: 1000, fsGroupChangePolicy: 'OnRootMismatch' });
  });

  test('that only one replica can mount limit the app to one replica and the strategy Recreate', () => {
    const manifests = synth({ volumes: { data: { path: '/data', size: '10Gi' } } });
    expect(manifests.get('Deployment').spec.strategy).toEqual({ type: 'Recreate' });
    expect(manifests.get('ScaledObject').spec).toMatchObject({ minReplicaCount: 0, maxReplicaCount: 1 });
    expect(manifests.get('ScaledObject').spec).not.toHaveProperty('advanced');
  });

  test('that many pods can mount do not limit the replicas', () => {
    const manifests = synth({ volumes: { data: { path: '/data', size: '10Gi', accessMode: AccessMode.READ_WRITE_MANY } } });
    expect(manifests.get('Deployment').spec.strategy.type).toBe('RollingUpdate');
    expect(manifests.get('ScaledObject').spec.maxReplicaCount).toBe(10);
  });

  test('can be read-only', () => {
    const manifests = synth({
      volumes: { data: { path: '/data', claim: 'photos', accessMode: AccessMode.READ_ONLY_MANY, readOnly: true } },
    });
    expect(manifests.pod.volumes).toContainEqual({ name: 'data', persistentVolumeClaim: { claimName: 'photos', readOnly: true } });
    expect(manifests.container.volumeMounts).toContainEqual({ name: 'data', mountPath: '/data', readOnly: true });
  });

  test('at /tmp replace the default one', () => {
    const { volumes } = synth({ volumes: { tmp: { path: '/tmp', memory: '128Mi' } } }).pod;
    expect(volumes).toEqual([{ name: 'tmp', emptyDir: { medium: 'Memory', sizeLimit: '128Mi' } }]);
  });

  test.each([
    [{ data: { path: '/data' } }, 'volumes.data does not say where its files are stored; set exactly one of claim, size, memory and empty'],
    [
      { data: { path: '/data', size: '1Gi', empty: '1Gi' } },
      'volumes.data says more than once where its files are stored; set exactly one of claim, size, memory and empty',
    ],
    [{ data: { path: 'data', empty: '1Gi' } }, 'volumes.data.path is "data", which is not absolute; use /data'],
    [
      { data: { path: '/data', empty: '1Gi', storageClass: 'fast' } },
      'volumes.data.storageClass is set, but no claim is created; set size too, or remove it',
    ],
    [
      { data: { path: '/data', empty: '1Gi', accessMode: AccessMode.READ_WRITE_MANY } },
      'volumes.data.accessMode is set, but there is no claim; set size or claim too, or remove it',
    ],
    [{ tmp: { path: '/data', empty: '1Gi' } }, 'volumes.tmp has a reserved name; choose another'],
    [
      { a: { path: '/data', empty: '1Gi' }, b: { path: '/data', empty: '1Gi' } },
      'volumes.b.path is "/data", which volumes.a.path already uses; choose another path',
    ],
    [
      { data: { path: '/sys', empty: '1Gi' } },
      'volumes.data.path is "/sys", but nothing can be mounted in /sys, which is the kernel\'s; use another path',
    ],
    [{ a: { path: '/a', claim: 'x', readOnly: true }, b: { path: '/a/b', empty: '1Gi' } },
      'volumes.b.path is "/a/b", which is below volumes.a.path, a read-only volume; choose another path'],
    [
      { data: { path: '/data', size: '10' } },
      'volumes.data.size is "10", which is less than 1Mi; use a Kubernetes quantity with its unit, such as 256Mi or 2Gi',
    ],
  ])('%j is an error', (volumes, expected) => {
    expect(problems({ volumes })).toEqual([`WebApp "web": ${expected}`]);
  });

  test('files and other volumes may be in a writable volume', () => {
    const volumes = { a: { path: '/a', empty: '1Gi' }, b: { path: '/a/b', empty: '1Gi' } };
    expect(problems({ volumes, files: { '/a/c': 'x' } })).toEqual([]);
  });

  test('more replicas than can mount a volume are an error', () => {
    const volumes = { data: { path: '/data', size: '1Gi' } };
    const instead = 'but a volume of the app can be mounted by one replica only; use 1, or give the volume the accessMode read-write-many';
    expect(problems({ volumes, scaling: { max: 3 } })).toEqual([`WebApp "web": scaling.max is 3, ${instead}`]);
    expect(problems({ volumes, scaling: { replicas: 2 } })).toEqual([`WebApp "web": scaling.replicas is 2, ${instead}`]);
  });
});
