import { createHash } from 'node:crypto';
import { CRON_JOB, DEPLOYMENT, JOB, NAMESPACE } from '../../src/kube/types';
import { WEB_APP } from '../../src/operator/resources';
import type { Registries } from '../../src/registry/registries';
import type { World } from '../../src/ui/world';
import { call } from '../call';
import { Folder } from '../folder';
import { IMAGE_NOT_FOUND, runControllers } from '../kube/controllers';
import { response } from '../kube/in-memory-api';
import { configMap, TestCluster } from '../kube/test-cluster';

const BROKEN = 'ghcr.io/acme/broken:1';

/** What tags refer to now; a tag that is pushed again has another digest. */
let pushes: Map<string, string>;
let cluster: TestCluster;
let folder: Folder;

function newCluster(context: string): TestCluster {
  const made = Object.assign(new TestCluster(), { context });
  made.api.put({ ...NAMESPACE, metadata: { name: 'staging' } });
  runControllers(made, { brokenImages: { [`${BROKEN}@${digest(BROKEN)}`]: { ...IMAGE_NOT_FOUND, image: BROKEN } } });
  made.api.proxy = () => response(200, '{}');
  return made;
}

const digest = (image: string) => `sha256:${createHash('sha256').update(pushes.get(image) ?? image).digest('hex')}`;
const pinned = (image: string) => `${image}@${digest(image)}`;

beforeEach(() => {
  pushes = new Map();
  cluster = newCluster('test');
  folder = new Folder({ 'platform.yaml': 'domain: example.com\ngateway: { name: public, namespace: shop }\n' });
  write();
});

/** The file of an app with staging as an environment; `default` is production. */
function write(more = '', staging = '', image = 'ghcr.io/acme/web:1'): void {
  folder.write('webapp.yaml', `name: web
namespace: shop
image: ${image}
scaling: { min: 1 }
env: { LEVEL: info }
${more}environments:
  staging:
    namespace: staging
    hosts: [web.staging.example.com]
    env: { LEVEL: debug }
${staging}`);
}

const registries = {
  find: async ({ registry, repository, tag }: { registry: string; repository: string; tag?: string }) => (
    { state: 'found', digest: digest(`${registry}/${repository}:${tag}`) }),
} as unknown as Registries;

async function run(line: string, other: Partial<World> = {}) {
  return call(line.split(' '), { cwd: folder.path, cluster, registries, ...other });
}

const deployment = (name: string, namespace = 'shop', of = cluster) => of.api.find(DEPLOYMENT, name, namespace)?.spec.template.spec;
const imageOf = (name: string, namespace?: string, of?: TestCluster) => deployment(name, namespace, of)?.containers[0].image;

describe('webapp promote', () => {
  test('deploys the digest that an environment runs, with the configuration of the other one', async () => {
    await run('deploy --env staging --image ghcr.io/acme/web:2');
    await run('deploy');
    const staged = pinned('ghcr.io/acme/web:2');
    pushes.set('ghcr.io/acme/web:2', 'pushed again'); // after the deploy to staging
    const { code, err } = await run('promote staging default --yes');
    expect(code).toBe(0);
    expect(imageOf('web')).toBe(staged);
    expect(deployment('web')!.containers[0].env).toContainEqual({ name: 'LEVEL', value: 'info' });
    expect(err).toContain('web: release 1 of staging, ghcr.io/acme/web:2 (sha256:');
    expect(err).toContain('change Deployment web in namespace shop');
    expect(err).toContain('✓ Deployed release 2 (promoted from staging release 1)');
    expect((await cluster.releases())[0]).toMatchObject({ action: 'promoted from staging release 1', image: staged });
  });

  test('takes the images of workers, cron jobs, the release command and sidecars too', async () => {
    const processes = (tag: string) => `workers:
  mailer: { image: 'ghcr.io/acme/mailer:${tag}' }
  same: { command: [node, same.js] }
cronJobs:
  nightly: { schedule: 0 3 * * *, image: 'ghcr.io/acme/nightly:${tag}' }
releaseCommand: { command: [sh, -c, migrate], image: 'ghcr.io/acme/migrate:${tag}' }
sidecars:
  proxy: { image: 'ghcr.io/acme/proxy:${tag}' }
`;
    write(processes('1'));
    expect((await run('deploy --env staging')).code).toBe(0);
    write(processes('2'), '', 'ghcr.io/acme/web:2'); // and staging does not run that yet
    const { code, err } = await run('promote staging default --yes');
    expect({ code, err: code === 0 ? '' : err }).toEqual({ code: 0, err: '' });
    expect(imageOf('web')).toBe(pinned('ghcr.io/acme/web:1'));
    expect(imageOf('web-mailer')).toBe(pinned('ghcr.io/acme/mailer:1'));
    expect(imageOf('web-same')).toBe(pinned('ghcr.io/acme/web:1'));
    const nightly = cluster.api.find(CRON_JOB, 'web-nightly')!.spec.jobTemplate.spec!.template.spec!;
    expect(nightly.containers[0].image).toBe(pinned('ghcr.io/acme/nightly:1'));
    const job = cluster.api.all(JOB).find(({ metadata }) => metadata.namespace === 'shop')!;
    expect(job.spec.template.spec!.containers[0].image).toBe(pinned('ghcr.io/acme/migrate:1'));
    const { containers, initContainers = [] } = deployment('web')!;
    const proxy = [...containers, ...initContainers].find(({ name }) => name === 'proxy');
    expect(proxy!.image).toBe(pinned('ghcr.io/acme/proxy:1'));
  });

  test('keeps what the other environment alone has, and another program beside the app', async () => {
    write("sidecars: { proxy: { image: 'ghcr.io/acme/proxy:1' } }\nworkers: { extra: { image: 'ghcr.io/acme/extra:1' } }\n",
      "    sidecars: { proxy: { image: 'ghcr.io/acme/fake-proxy:1' } }\n    workers: { extra: null }\n");
    await run('deploy --env staging');
    expect(await run('promote staging default --yes')).toMatchObject({ code: 0 });
    const { containers, initContainers = [] } = deployment('web')!;
    expect([...containers, ...initContainers].find(({ name }) => name === 'proxy')!.image).toBe(pinned('ghcr.io/acme/proxy:1'));
    expect(imageOf('web-extra')).toBe(pinned('ghcr.io/acme/extra:1'));
  });

  test('asks first, and changes nothing without a yes', async () => {
    await run('deploy --env staging --image ghcr.io/acme/web:2');
    await run('deploy');
    const questions: string[] = [];
    const answer = (text: string) => ({
      interactive: true,
      ask: async (question: string) => {
        questions.push(question);
        return text;
      },
    });
    expect(await run('promote staging default', answer('n'))).toMatchObject({ code: 1 });
    expect(questions).toEqual(['Deploy web to default (namespace shop of test)? [y/N] ']);
    expect(imageOf('web')).toBe(pinned('ghcr.io/acme/web:1'));
    expect(await run('promote staging default')).toMatchObject({ code: 1, err: expect.stringContaining('pass --yes') });
    expect(await run('promote staging default', answer('y'))).toMatchObject({ code: 0 });
    expect(imageOf('web')).toBe(pinned('ghcr.io/acme/web:2'));
  });

  test('shows the differences alone with --dry-run', async () => {
    await run('deploy --env staging --image ghcr.io/acme/web:2');
    await run('deploy');
    const { code, err } = await run('promote staging default --dry-run');
    expect({ code, err }).toEqual({ code: 0, err: expect.stringContaining(`+           image: ${pinned('ghcr.io/acme/web:2')}`) });
    expect(await cluster.releases()).toHaveLength(1);
  });

  test('deploys nothing where the other environment runs the same already', async () => {
    await run('deploy --env staging');
    await run('promote staging default --yes');
    const { code, err } = await run('promote staging default');
    expect({ code, err }).toEqual({ code: 0, err: 'web: default already runs release 1 of staging\n' });
    expect(await cluster.releases()).toHaveLength(1);
  });

  test('works from one cluster to another', async () => {
    const production = newCluster('production');
    const clusters = { cluster: (context?: string) => context === 'production' ? production : cluster };
    await run('deploy --env staging --image ghcr.io/acme/web:2', clusters);
    const { code } = await run('promote staging default --from-context test --context production --yes', clusters);
    expect({ code, image: imageOf('web', 'shop', production) }).toEqual({ code: 0, image: pinned('ghcr.io/acme/web:2') });
    expect(imageOf('web', 'shop')).toBeUndefined();
  });

  test('builds nothing where the folder was built', async () => {
    await run('deploy --env staging --image ghcr.io/acme/web:2');
    folder.write('webapp.yaml', folder.read('webapp.yaml').replace(/^image: .*\n/m, ''));
    folder.write('Dockerfile', 'FROM scratch\n');
    expect(await run('promote staging default --yes')).toMatchObject({ code: 0 });
    expect(imageOf('web')).toBe(pinned('ghcr.io/acme/web:2'));
    expect(cluster.api.names()).not.toContain(expect.stringContaining('BuildRun'));
  });

  test('prints the result for a program with --output json', async () => {
    await run('deploy --env staging');
    const { out } = await run('promote staging default --yes --output json');
    expect(JSON.parse(out)).toMatchObject([{
      environment: 'default',
      name: 'web',
      namespace: 'shop',
      release: 1,
      image: pinned('ghcr.io/acme/web:1'),
      url: 'http://web.example.com',
      from: { environment: 'staging', name: 'web', namespace: 'staging', release: 1, image: pinned('ghcr.io/acme/web:1') },
    }]);
  });

  test('changes the resource of an app that the operator deploys', async () => {
    await run('deploy --env staging --image ghcr.io/acme/web:2');
    cluster.api.put({ ...WEB_APP, metadata: { name: 'web', namespace: 'shop' }, spec: { image: 'ghcr.io/acme/web:1' } });
    cluster.api.onWrite = object => {
      if (object.kind !== 'WebApp') return;
      const conditions = ['Accepted', 'Released'].map(type => ({ type, status: 'True' }));
      const status = { observedGeneration: object.metadata.generation, conditions, ready: '1/1' };
      if (!object.status) cluster.api.change({ ...WEB_APP, metadata: object.metadata } as never, { status }, 'operator');
    };
    await cluster.store(1, { image: 'ghcr.io/acme/web:1', objects: [configMap('web-conf')] });
    await run('promote staging default --yes --force');
    const { spec, metadata } = cluster.api.find(WEB_APP, 'web')!;
    const note = JSON.parse(metadata.annotations!['cdk8s-webapp.dev/change']) as object;
    expect(note).toMatchObject({ action: 'promoted from staging release 1', by: expect.stringMatching(/^tester@/) });
    expect(spec).toMatchObject({ image: pinned('ghcr.io/acme/web:2'), env: { LEVEL: 'info' } });
  });
});

describe('webapp promote refuses', () => {
  const refused = async (line: string) => {
    const before = (await cluster.releases()).length;
    const { code, err } = await run(line);
    expect({ code, releases: (await cluster.releases()).length }).toEqual({ code: 1, releases: before });
    return err;
  };

  test('an environment that the file does not have', async () => {
    expect(await refused('promote stagign default --yes')).toContain('the file has no environment stagign; did you mean staging?');
    expect(await refused('promote staging production --yes')).toContain('choose one of staging, default');
    expect(await refused('promote staging staging --yes')).toContain('staging cannot be promoted to itself');
  });

  test('an app that is in the same place in both', async () => {
    folder.write('webapp.yaml', 'name: web\nnamespace: shop\nimage: ghcr.io/acme/web:1\nenvironments: { staging: { env: { A: b } } }\n');
    expect(await refused('promote staging default --yes')).toContain('web is the same app in staging and default: namespace shop of test');
  });

  test('an app that is not deployed', async () => {
    expect(await refused('promote staging default --yes')).toContain('web of staging is not deployed in namespace staging');
  });

  test('an app that has a canary', async () => {
    await run('deploy --env staging');
    await run('deploy --env staging --image ghcr.io/acme/web:2 --canary 10');
    expect(await refused('promote staging default --yes')).toContain('web of staging has a canary with 10% of the traffic');
  });

  test('an app that is failing', async () => {
    await run('deploy --env staging');
    const live = cluster.api.find(DEPLOYMENT, 'web', 'staging')!;
    const message = 'pods "web" is forbidden: exceeded quota';
    const conditions = [{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message }];
    cluster.api.change({ ...DEPLOYMENT, metadata: live.metadata } as never, { status: { availableReplicas: 0, conditions } }, 'controller');
    expect(await refused('promote staging default --yes')).toContain('web of staging is failing: ');
  });

  test('versions whose images the file names', async () => {
    await run('deploy --env staging');
    write('rollout: { blueGreen: { active: blue, blue: { image: a:1 }, green: { image: a:2 } } }\n', '    rollout: null\n');
    expect(await refused('promote staging default --yes')).toContain('web has rollout.blueGreen in default');
  });

  test('but not an app whose latest deploy failed and that serves the release before, of which it warns', async () => {
    await run('deploy --env staging');
    await run(`deploy --env staging --image ${BROKEN}`);
    const { code, err } = await run('promote staging default --yes');
    expect(err).toContain('warning: release 2 of web of staging failed; release 1 is what it serves\n');
    expect({ code, image: imageOf('web') }).toEqual({ code: 0, image: pinned('ghcr.io/acme/web:1') });
  });
});
