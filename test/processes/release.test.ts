import { App } from 'cdk8s';
import { schemaErrors } from '../schemas';
import { build, Manifests, problems, synth } from '../synth';
import { Platform, AppSize, WebAppProps } from 'cdk8s-webapp';

const release = { command: ['npm', 'run', 'migrate'] };

function job(props: Partial<WebAppProps> = {}, platform = {}) {
  return synth({ releaseCommand: release, ...props }, platform).get('Job');
}

const volumesOf = (manifests: Manifests) => manifests.get('Job').spec.template.spec.volumes.map(({ name }: any) => name);

describe('a release command', () => {
  test('is a Job, written after the objects that it needs and before the Deployment', () => {
    const { list } = synth({ releaseCommand: release, files: { '/etc/app.conf': 'x' } });
    expect(list.slice(0, 5)).toEqual([
      'ServiceAccount web',
      'Service web',
      expect.stringMatching(/^ConfigMap web-files-/),
      expect.stringMatching(/^Job web-release-[0-9a-f]{10}$/),
      'Deployment web',
    ]);
  });

  test('runs the app\'s image to completion, with the app\'s configuration, under Pod Security restricted', () => {
    const { spec } = job({
      env: { A: '1', B: '2' },
      secretEnv: { KEY: { secret: 's', key: 'k' } },
      envFromSecrets: ['more'],
      releaseCommand: { ...release, env: { B: '3' }, size: AppSize.M },
    });
    expect(spec).toMatchObject({ activeDeadlineSeconds: 600, backoffLimit: 2 });
    const pod = spec.template.spec;
    expect(pod).toMatchObject({ restartPolicy: 'Never', serviceAccountName: 'web', automountServiceAccountToken: false });
    expect(pod.topologySpreadConstraints).toBeUndefined();
    expect(pod.containers[0]).toMatchObject({
      name: 'release',
      image: 'ghcr.io/acme/web:1.4.2',
      command: ['npm', 'run', 'migrate'],
      env: [{ name: 'KEY', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }, { name: 'A', value: '1' }, { name: 'B', value: '3' }],
      envFrom: [{ secretRef: { name: 'more' } }],
      resources: { requests: { cpu: '250m', memory: '512Mi' }, limits: { memory: '512Mi' } },
      securityContext: { readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
    });
    expect(Object.keys(pod.containers[0]).filter(field => /probe|lifecycle|ports/i.test(field))).toEqual([]);
  });

  test('has pods that neither the Service nor the PodDisruptionBudget selects', () => {
    expect(job().spec.template.metadata.labels).toMatchObject({
      'app.kubernetes.io/name': 'web',
      'app.kubernetes.io/component': 'release',
    });
  });

  test('can run the program of its own image, without a command', () => {
    const { template } = job({ releaseCommand: { image: 'ghcr.io/acme/migrate:1', args: ['up'] } }).spec;
    const { image, command, args } = template.spec.containers[0];
    expect({ image, command, args }).toEqual({ image: 'ghcr.io/acme/migrate:1', command: undefined, args: ['up'] });
  });

  test('mounts volumes that it names, whose claims are created before it', () => {
    const volumes = {
      data: { path: '/data', size: '1Gi', accessMode: 'read-write-many' as any },
      scratch: { path: '/scratch', empty: '1Gi' },
    };
    const own = { data: { readOnly: true }, dump: { path: '/dump', size: '2Gi' } };
    const manifests = synth({ volumes, releaseCommand: { ...release, volumes: own } }, { syncWaves: true });
    expect(manifests.get('Job').spec.template.spec.volumes).toEqual([
      { name: 'tmp', emptyDir: { sizeLimit: '1Gi' } },
      { name: 'data', persistentVolumeClaim: { claimName: 'web-data', readOnly: true } },
      { name: 'dump', persistentVolumeClaim: { claimName: 'web-release-dump' } },
    ]);
    const claims = manifests.list.filter(name => name.startsWith('PersistentVolumeClaim'));
    expect(claims).toEqual(['PersistentVolumeClaim web-data', 'PersistentVolumeClaim web-release-dump']);
    const index = manifests.list.findIndex(name => name.startsWith('Job'));
    for (const claim of claims) {
      expect(manifests.list.indexOf(claim)).toBeLessThan(index);
      // Argo CD reports a claim as healthy once it is bound, which may require a pod: an earlier wave would never complete.
      expect(manifests.all[manifests.list.indexOf(claim)].metadata.annotations['argocd.argoproj.io/sync-wave']).toBe('-1');
    }
    expect(volumesOf(synth({ volumes, releaseCommand: release }))).toEqual(['tmp']);
  });

  test('is a single Job for all versions of the app if it has its own image', () => {
    const canary = { image: 'ghcr.io/acme/web:2', weight: 0, headers: { 'X-Canary': '1' } };
    const jobs = (releaseCommand: object) => (
      synth({ rollout: { canary }, releaseCommand } as any).list.filter(name => name.startsWith('Job')));
    expect(jobs(release)).toHaveLength(2);
    expect(jobs({ ...release, image: 'ghcr.io/acme/migrate:1' })).toHaveLength(1);
  });

  test('matches the schemas of a real API server', () => {
    expect(synth({ releaseCommand: release, files: { '/a': '1' } }, { helmHooks: true }).all.flatMap(schemaErrors)).toEqual([]);
  });
});

describe('a release command runs once per version', () => {
  const name = job().metadata.name;

  test.each<[string, Partial<WebAppProps>]>([
    ['the same app', {}],
    ['another number of replicas', { scaling: { min: 2 } }],
    ['another host', { hosts: ['other.example.com'] }],
  ])('%s keeps the name of the Job', (_, props) => {
    expect(job(props)).toEqual(job());
  });

  test.each<[string, Partial<WebAppProps>]>([
    ['another image', { image: 'ghcr.io/acme/web:1.5.0' }],
    ['another variable', { env: { A: '1' } }],
    ['another file', { files: { '/a': '1' } }],
    ['another command', { releaseCommand: { command: ['true'] } }],
    ['another patch of the Job', { patches: [{ kind: 'Job', merge: { spec: { backoffLimit: 5 } } }] }],
    ['another timeout', { releaseCommand: { ...release, timeout: '1m' } }],
  ])('%s changes the name of the Job, because its template is immutable', (_, props) => {
    expect(job(props).metadata.name).not.toBe(name);
  });

  test('props and methods produce the same Job', () => {
    const { chart, web } = build({ releaseCommand: release });
    web.addEnv('A', '1');
    web.addFile('/a', '1');
    expect(new Manifests(chart).all).toEqual(synth({ releaseCommand: release, env: { A: '1' }, files: { '/a': '1' } }).all);
  });

  test('the Job has no TTL, because it would run again after its deletion', () => {
    expect(job().spec.ttlSecondsAfterFinished).toBeUndefined();
  });
});

describe('pipelines wait for the release command', () => {
  const wave = 'argocd.argoproj.io/sync-wave';

  test('Argo CD applies the objects that the Job needs first, then the Job, then the rest', () => {
    const { all } = synth({ releaseCommand: release, files: { '/a': '1' } }, { syncWaves: true });
    const waves = all.map(({ kind, metadata }) => [kind, metadata.annotations[wave]]);
    expect(waves.slice(0, 5)).toEqual([
      ['ServiceAccount', '-2'],
      ['Service', '0'],
      ['ConfigMap', '-2'],
      ['Job', '-1'],
      ['Deployment', '0'],
    ]);
  });

  test('an app without a release command has no negative sync waves', () => {
    for (const { metadata } of synth({}, { syncWaves: true }).all) expect(Number(metadata.annotations[wave])).toBeGreaterThanOrEqual(0);
  });

  test('Helm runs it as a hook, with a separate ServiceAccount and files, because Helm creates the others later', () => {
    const manifests = synth(
      { releaseCommand: release, files: { '/a': '1' }, serviceAccount: { annotations: { role: 'x' } } },
      { helmHooks: true },
    );
    const hooks = manifests.all.filter(({ metadata }) => metadata.annotations?.['helm.sh/hook'] === 'pre-install,pre-upgrade');
    const baseName = (name: string) => name.replace(/-[0-9a-f]{10}$/, '');
    expect(hooks.map(({ kind, metadata }) => [kind, baseName(metadata.name), metadata.annotations['helm.sh/hook-weight']])).toEqual([
      ['ConfigMap', 'web-release-files', '-1'],
      ['ServiceAccount', 'web-release', '-1'],
      ['Job', 'web-release', '0'],
    ]);
    const pod = manifests.get('Job').spec.template.spec;
    expect(pod.serviceAccountName).toBe('web-release');
    expect(pod.volumes[1].configMap.name).toBe(hooks[0].metadata.name);
    expect(manifests.get('ServiceAccount', 'web-release').metadata.annotations.role).toBe('x');
    expect(manifests.pod.serviceAccountName).toBe('web');
  });

  test('a Helm hook has the files that code adds', () => {
    const { chart, web } = build({ releaseCommand: release }, { helmHooks: true });
    web.addFile('/a', '1');
    const names = (manifests: Manifests) => [...manifests.list].sort();
    expect(names(new Manifests(chart))).toEqual(names(synth({ releaseCommand: release, files: { '/a': '1' } }, { helmHooks: true })));
  });
});

describe('an app without a release command has no additional objects', () => {
  test('helmHooks adds nothing to it', () => {
    expect(synth({}, { helmHooks: true }).all).toEqual(synth().all);
    expect(new Platform(new App(), 'platform', { helmHooks: true }).props.helmHooks).toBe(true);
  });
});

describe('an invalid release command', () => {
  test.each<[object, string, object?]>([
    [{ releaseCommand: { command: [] } }, 'releaseCommand.command is empty; set it to the program to run, or remove it'],
    [{ releaseCommand: {} },
      'releaseCommand does not say what to run; '
      + 'set command, such as [\'node\', \'emails.js\'], or args for the program of the image, or an image of its own'],
    [{ releaseCommand: { ...release, resources: { memory: '1Gi', memoryLimit: '64Mi' } } },
      'releaseCommand.resources.memoryLimit is 64Mi but memory is 1Gi; use 1Gi or more'],
    [{ releaseCommand: { ...release, volumes: { data: {} } } },
      'releaseCommand.volumes.data does not say where its files are stored, and the app has no volume of that name; '
      + 'set exactly one of claim, size, memory and empty'],
    [{ releaseCommand: { ...release, volumes: { data: {} } }, volumes: { data: { path: '/data', claim: 'c' } } },
      'releaseCommand.volumes.data is the claim "c", which volumes.data is too, and one node at a time can mount it; '
      + 'set accessMode: read-write-many if the claim has it, or use a volume of its own'],
    [{ releaseCommand: { ...release, volumes: { dump: { path: '/dump', size: '1Gi' } } } },
      'releaseCommand.volumes.dump is a new claim, which Helm creates only after the release command; '
      + 'use an existing claim: the first installation would never finish otherwise', { helmHooks: true }],
    [{ releaseCommand: { ...release, timeout: '10' } },
      'releaseCommand.timeout is "10", which is not a valid duration; add the unit, such as 10s'],
    [{ releaseCommand: { ...release, retries: -1 } }, 'releaseCommand.retries is -1, which is too small; use a number from 0 to 100'],
    [
      { releaseCommand: release, connections: { db: { type: 'postgres' } } },
      'releaseCommand needs the connection db, which Helm creates only after it; '
        + 'use an existing Secret: the first installation would never finish otherwise',
      { helmHooks: true },
    ],
    [
      { releaseCommand: release, name: 'a'.repeat(45) },
      'name has 45 characters, but the name of its release Job would have more than 63; use at most 44',
    ],
  ])('%j is an error', (props, problem, platform = {}) => {
    expect(problems(props, platform).map(line => line.replace(/^WebApp "\w+": /, ''))).toEqual([problem]);
  });
});
