import { merge } from '../../src/kube/patch';
import { problems, synth } from '../synth';

describe('a patch changes only what it names', () => {
  test('volume mounts are merged by path, and those of files are kept', () => {
    const volumeMounts = [{ name: 'cert', mountPath: '/etc/cert' }, { name: 'files', mountPath: '/etc/extra', subPath: 'x' }];
    const volumes = [{ name: 'cert', secret: { secretName: 'cert' } }];
    const { container } = synth({
      files: { '/etc/a': '1', '/etc/b': '2' },
      patches: [{ kind: 'Deployment', merge: { spec: { template: { spec: { containers: [{ name: 'web', volumeMounts }], volumes } } } } }],
    });
    expect(container.volumeMounts.map(({ mountPath }: any) => mountPath)).toEqual(['/tmp', '/etc/a', '/etc/b', '/etc/cert', '/etc/extra']);
  });

  test('parameters of a TriggerAuthentication are merged by parameter, even from one Secret', () => {
    const secrets = { host: { secret: 'mq', key: 'host' }, password: { secret: 'mq', key: 'password' } };
    const { spec } = synth({
      scaling: { concurrency: 5, triggers: [{ type: 'rabbitmq', metadata: { queueName: 'a' }, authentication: { secrets } }] },
      patches: [
        {
          kind: 'TriggerAuthentication',
          merge: {
            spec: {
              secretTargetRef: [
                { parameter: 'password', key: 'pw' },
                { parameter: 'tls', name: 'mq', key: 'ca' },
              ],
            },
          },
        },
      ],
    }).get('TriggerAuthentication');
    expect(spec.secretTargetRef).toEqual([
      { parameter: 'host', name: 'mq', key: 'host' },
      { parameter: 'password', name: 'mq', key: 'pw' },
      { parameter: 'tls', name: 'mq', key: 'ca' },
    ]);
  });

  test.each<{
    readonly title: string;
    readonly field: string;
    readonly target: object[];
    readonly change: object[];
    readonly expected: object[];
  }>([
    {
      title: 'ports of a container are merged by number and protocol',
      field: 'ports',
      target: [{ containerPort: 53, name: 'dns' }],
      change: [
        { containerPort: 53, protocol: 'UDP', name: 'dns-udp' },
        { containerPort: 53, protocol: 'TCP', hostPort: 53 },
      ],
      expected: [
        { containerPort: 53, name: 'dns', protocol: 'TCP', hostPort: 53 },
        { containerPort: 53, protocol: 'UDP', name: 'dns-udp' },
      ],
    },
    {
      title: 'ports of a Service are merged by number and protocol',
      field: 'ports',
      target: [{ port: 80, name: 'http', targetPort: 'http' }],
      change: [
        { port: 80, nodePort: 30080 },
        { port: 443, name: 'https' },
      ],
      expected: [
        { port: 80, name: 'http', targetPort: 'http', nodePort: 30080 },
        { port: 443, name: 'https' },
      ],
    },
    {
      title: 'variables are merged by name',
      field: 'env',
      target: [{ name: 'A', value: '1' }],
      change: [
        { name: 'B', value: '2' },
        { name: 'A', value: '3' },
      ],
      expected: [
        { name: 'A', value: '3' },
        { name: 'B', value: '2' },
      ],
    },
    {
      title: 'topology spread constraints are merged by topology key',
      field: 'topologySpreadConstraints',
      target: [{ topologyKey: 'zone', maxSkew: 1, whenUnsatisfiable: 'ScheduleAnyway' }],
      change: [{ topologyKey: 'zone', maxSkew: 2, whenUnsatisfiable: 'ScheduleAnyway' }],
      expected: [{ topologyKey: 'zone', maxSkew: 2, whenUnsatisfiable: 'ScheduleAnyway' }],
    },
    {
      title: 'lists with duplicate names are replaced',
      field: 'sources',
      target: [
        { name: 'a', key: '1' },
        { name: 'a', key: '2' },
      ],
      change: [{ name: 'a', key: '3' }],
      expected: [{ name: 'a', key: '3' }],
    },
    {
      title: 'lists without keys are replaced',
      field: 'tolerations',
      target: [{ key: 'a' }],
      change: [{ key: 'b' }],
      expected: [{ key: 'b' }],
    },
  ])('$title', ({ field, target, change, expected }) => {
    expect(merge({ [field]: target }, { [field]: change })).toEqual({ [field]: expected });
  });
});

describe('a patch that would add a container without an image', () => {
  const mail = { workers: { mail: { command: ['mail'] } } };
  const tty = { spec: { template: { spec: { containers: [{ name: 'web', tty: true }] } } } };

  test('is an error that explains how to name the object', () => {
    expect(problems({ ...mail, patches: [{ kind: 'Deployment', merge: tty }] })).toEqual([
      'WebApp "web": patches[0] has a container "web" without an image, and Deployment web-mail has no such container; '
      + 'add name: to say which Deployment is meant, or give the container an image',
    ]);
  });

  test('is valid with the name of the object', () => {
    const manifests = synth({ ...mail, patches: [{ kind: 'Deployment', name: 'web', merge: tty }] });
    expect(manifests.get('Deployment', 'web').spec.template.spec.containers).toMatchObject([{ name: 'web', tty: true }]);
    expect(manifests.get('Deployment', 'web-mail').spec.template.spec.containers).toHaveLength(1);
  });

  test('adds a sidecar if the container has an image', () => {
    const containers = [{ name: 'proxy', image: 'envoy:1' }];
    const manifests = synth({ patches: [{ kind: 'Deployment', merge: { spec: { template: { spec: { containers } } } } }] });
    expect(manifests.pod.containers.map(({ name }: any) => name)).toEqual(['web', 'proxy']);
  });
});
