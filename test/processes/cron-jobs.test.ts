import { schemaErrors } from '../schemas';
import { build, IMAGE, Manifests, problems, synth } from '../synth';
import { AppConcurrencyPolicy, AppCronJob, WebAppProps } from 'cdk8s-webapp';

const nightly: AppCronJob = { schedule: '0 3 * * *', command: ['node', 'nightly.js'] };
const cronJob = (props: Partial<AppCronJob> = {}, app: Partial<WebAppProps> = {}) => (
  synth({ cronJobs: { nightly: { ...nightly, ...props } }, ...app }));
const jobOf = (manifests: Manifests) => manifests.get('CronJob').spec.jobTemplate.spec;

describe('a cron job', () => {
  test('runs the app\'s image on its schedule in UTC, one Job at a time, under the same Pod Security, without probes', () => {
    const manifests = cronJob();
    const labels = {
      'app.kubernetes.io/name': 'web',
      'app.kubernetes.io/component': 'nightly',
      'app.kubernetes.io/managed-by': 'cdk8s-webapp',
    };
    expect(manifests.get('CronJob')).toEqual({
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name: 'web-nightly', namespace: 'shop', labels },
      spec: {
        schedule: '0 3 * * *',
        timeZone: 'UTC',
        concurrencyPolicy: 'Forbid',
        jobTemplate: {
          metadata: { labels },
          spec: {
            backoffLimit: 2,
            template: {
              metadata: { labels },
              spec: {
                restartPolicy: 'Never',
                serviceAccountName: 'web',
                automountServiceAccountToken: false,
                enableServiceLinks: false,
                terminationGracePeriodSeconds: 30,
                securityContext: { runAsNonRoot: true, runAsUser: 1000, runAsGroup: 1000, seccompProfile: { type: 'RuntimeDefault' } },
                containers: [
                  {
                    name: 'nightly',
                    image: IMAGE,
                    command: ['node', 'nightly.js'],
                    resources: {
                      requests: { 'cpu': '100m', 'memory': '256Mi', 'ephemeral-storage': '64Mi' },
                      limits: { 'memory': '256Mi', 'ephemeral-storage': '1Gi' },
                    },
                    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, readOnlyRootFilesystem: true },
                    volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
                  },
                ],
                volumes: [{ name: 'tmp', emptyDir: { sizeLimit: '1Gi' } }],
              },
            },
          },
        },
      },
    });
    expect(manifests.list.slice(synth().list.length)).toEqual(['CronJob web-nightly', 'NetworkPolicy web-nightly']);
    expect(manifests.all.slice(0, synth().all.length)).toEqual(synth().all);
    expect(manifests.all.flatMap(schemaErrors)).toEqual([]);
  });

  test.each<[Partial<AppCronJob>, object]>([
    [{ schedule: ' */5 * * * 1-5 ', timezone: 'Europe/Berlin' }, { schedule: '*/5 * * * 1-5', timeZone: 'Europe/Berlin' }],
    [{ concurrency: AppConcurrencyPolicy.ALLOW }, { concurrencyPolicy: 'Allow' }],
    [{ concurrency: AppConcurrencyPolicy.REPLACE }, { concurrencyPolicy: 'Replace' }],
    [{ startingDeadline: '1h' }, { startingDeadlineSeconds: 3600 }],
    [{ history: { succeeded: 0, failed: 5 } }, { successfulJobsHistoryLimit: 0, failedJobsHistoryLimit: 5 }],
    [{ suspend: true }, { suspend: true }],
    [{ retries: 0, deadline: '30m' }, { jobTemplate: { spec: { backoffLimit: 0, activeDeadlineSeconds: 1800 } } }],
  ])('maps %j to the CronJob', (props, expected) => {
    const manifests = cronJob(props);
    expect(manifests.get('CronJob').spec).toMatchObject(expected);
    expect(manifests.all.flatMap(schemaErrors)).toEqual([]);
  });

  test('has the configuration of the app except its volumes, and its own variables and size override those of the app', () => {
    const manifests = cronJob({ env: { MODE: 'job' }, args: ['--all'], resources: { memory: '2Gi' }, terminationGracePeriod: '5s' }, {
      connections: { jobs: { type: 'rabbitmq', secret: 'mq' } },
      env: { MODE: 'web' },
      files: { '/etc/motd': 'hello' },
      volumes: { data: { path: '/data', size: '1Gi' } },
      serviceAccount: { name: 'robot', automountToken: true },
      envFromSecrets: ['more'],
    });
    const { spec } = jobOf(manifests).template;
    expect(spec).toMatchObject({ serviceAccountName: 'robot', automountServiceAccountToken: true, terminationGracePeriodSeconds: 5 });
    expect(spec.volumes.map(({ name }: any) => name)).toEqual(['tmp', 'files']);
    expect(spec.containers[0]).toMatchObject({
      args: ['--all'],
      env: [{ name: 'JOBS_URL', valueFrom: { secretKeyRef: { name: 'mq', key: 'uri' } } }, { name: 'MODE', value: 'job' }],
      envFrom: [{ secretRef: { name: 'more' } }],
      resources: { requests: { cpu: '100m', memory: '2Gi' }, limits: { memory: '2Gi' } },
      volumeMounts: manifests.container.volumeMounts.filter(({ name }: any) => name !== 'data'),
    });
    expect(manifests.all.flatMap(schemaErrors)).toEqual([]);
  });

  test('can run the program of the app\'s image or of another image, without a command', () => {
    const started = (props: Partial<AppCronJob>) => {
      const manifests = synth({ cronJobs: { nightly: { schedule: '0 3 * * *', ...props } } });
      const { image, command, args } = jobOf(manifests).template.spec.containers[0];
      return { image, command, args };
    };
    expect(started({ args: ['backup'] })).toEqual({ image: 'ghcr.io/acme/web:1.4.2', command: undefined, args: ['backup'] });
    expect(started({ image: 'restic:1' })).toEqual({ image: 'restic:1', command: undefined, args: undefined });
  });

  test('mounts volumes of the app that it names, and volumes of its own', () => {
    const volumes = { cache: { path: '/cache', empty: '1Gi' } };
    const own = { cache: {}, dumps: { path: '/dumps', size: '5Gi' } };
    const manifests = synth({ volumes, cronJobs: { nightly: { ...nightly, volumes: own } } });
    expect(jobOf(manifests).template.spec.volumes.slice(1)).toEqual([
      { name: 'cache', emptyDir: { sizeLimit: '1Gi' } }, { name: 'dumps', persistentVolumeClaim: { claimName: 'web-nightly-dumps' } },
    ]);
    expect(manifests.list.indexOf('PersistentVolumeClaim web-nightly-dumps')).toBeLessThan(manifests.list.indexOf('CronJob web-nightly'));
  });

  test('has the pull secrets, scheduling and labels of the platform', () => {
    const manifests = synth({ cronJobs: { nightly } }, {
      imagePullSecrets: ['registry'],
      scheduling: { nodeSelector: { pool: 'batch' }, priorityClass: 'low' },
      labels: { team: 'shop' },
    });
    expect(jobOf(manifests).template.spec).toMatchObject({
      imagePullSecrets: [{ name: 'registry' }],
      nodeSelector: { pool: 'batch' },
      priorityClassName: 'low',
    });
    expect(jobOf(manifests).template.metadata.labels.team).toBe('shop');
  });
});

describe('methods write the same objects as props', () => {
  test('addCronJob, addEnv and addFile', () => {
    const { chart, web } = build({ workers: { emails: { command: ['a'] } } });
    web.addCronJob('nightly', nightly);
    web.addEnv('A', '1');
    web.addFile('/a', 'text');
    expect(new Manifests(chart).all).toEqual(
      synth({ workers: { emails: { command: ['a'] } }, cronJobs: { nightly }, env: { A: '1' }, files: { '/a': 'text' } }).all,
    );
  });
});

describe('an invalid cron job', () => {
  test.each<[object, string]>([
    [{ cronJobs: { nightly: { command: ['a'] } } }, 'cronJobs.nightly.schedule is missing; use a string'],
    [{ cronJobs: { nightly: { ...nightly, schedule: '@daily' } } },
      'cronJobs.nightly.schedule is "@daily", which does not have five fields; '
      + 'use five cron fields (minute, hour, day of the month, month, day of the week), such as 0 8 * * 1-5'],
    [{ cronJobs: { nightly: { ...nightly, timezone: 'Berlin' } } },
      'cronJobs.nightly.timezone is "Berlin", which is not a known time zone; '
      + 'use a name of the time zone database, such as Europe/Berlin or UTC'],
    [{ cronJobs: { nightly: { ...nightly, concurrency: 'Forbid' } } },
      'cronJobs.nightly.concurrency is "Forbid"; use one of forbid, allow, replace; did you mean forbid?'],
    [{ cronJobs: { nightly: { ...nightly, command: [] } } },
      'cronJobs.nightly.command is empty; set it to the program to run, or remove it'],
    [{ cronJobs: { nightly: { schedule: '0 3 * * *' } } },
      'cronJobs.nightly does not say what to run; '
      + 'set command, such as [\'node\', \'emails.js\'], or args for the program of the image, or an image of its own'],
    [{ cronJobs: { nightly: { ...nightly, concurrency: 'allow', volumes: { dumps: { path: '/dumps', size: '5Gi' } } } } },
      'cronJobs.nightly.concurrency is allow, but its volume "dumps" can be mounted by one run at a time only; '
      + 'use forbid or replace, or give the volume the accessMode read-write-many'],
    [{ volumes: { data: { path: '/data', size: '5Gi' } }, cronJobs: { nightly: { ...nightly, volumes: { data: {} } } } },
      'cronJobs.nightly.volumes.data is the claim "web-data", which volumes.data is too, and one node at a time can mount it; '
      + 'set accessMode: read-write-many if the claim has it, or use a volume of its own'],
    [{ cronJobs: { nightly: { ...nightly, startingDeadline: '5s' } } },
      'cronJobs.nightly.startingDeadline is "5s", which is too short; use at least 10s'],
    [{ cronJobs: { nightly: { ...nightly, retries: -1 } } },
      'cronJobs.nightly.retries is -1, which is too small; use a number from 0 to 100'],
    [{ cronJobs: { release: nightly } },
      'cronJobs.release is a reserved name; '
      + 'reserved names are web, release, canary, green, preview, database, proxy, files; choose another'],
    [{ workers: { nightly: { command: ['a'] } }, cronJobs: { nightly } }, 'cronJobs.nightly has the same name as a worker; choose another'],
    [
      { cronJobs: { ['b'.repeat(49)]: nightly } },
      `cronJobs.${'b'.repeat(49)} creates objects named "web-${'b'.repeat(49)}", which has 53 characters; `
        + 'shorten this name or that of the app, to at most 52 characters together',
    ],
  ])('%j is an error', (props, expected) => {
    expect(problems(props)).toEqual([`WebApp "web": ${expected}`]);
  });

  test('an existing name is an error', () => {
    const { app, web } = build({ cronJobs: { nightly } });
    web.addCronJob('nightly', nightly);
    expect(() => app.synthYaml()).toThrow(
      'cronJobs.nightly exists already, and addCronJob would add another one; give addCronJob another name',
    );
  });
});
