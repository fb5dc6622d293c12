import type { Called } from '../call';
import { call } from '../call';
import { Folder } from '../folder';
import { runControllers } from '../kube/controllers';
import { deployment, scaledObject, service, TestCluster } from '../kube/test-cluster';

const folder = new Folder({ 'webapp.yaml': 'name: web\nnamespace: shop\nimage: ghcr.io/acme/web:1.4.2\n' });

let cluster: TestCluster;
beforeEach(async () => {
  cluster = new TestCluster();
  runControllers(cluster);
  await cluster.store(1, { objects: [service(), deployment('web:1')], image: 'web:1', url: 'http://web.example.com' });
  await cluster.store(2, { objects: [service(), deployment('web:2')], image: 'web:2', url: 'http://web.example.com' });
  await cluster.store(3, { objects: [deployment('web:3')], image: 'web:3', state: 'failed', why: 'no image' });
  await cluster.apply(deployment('web:2'), deployment('web:2', { name: 'api', replicas: 0 }), scaledObject('api'));
});

const run = async (line: string): Promise<Called> => call(line.split(' '), { cwd: folder.path, cluster });

describe('webapp ls', () => {
  test('prints a table, and below it what is wrong', async () => {
    cluster.api.change({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'api' } }, {
      metadata: { labels: { 'app.kubernetes.io/name': 'api' } },
    });
    expect(await run('ls')).toEqual({
      code: 0,
      err: '',
      out: `\
APP  STATE   SINCE  REPLICAS  RELEASE  IMAGE  URL
api  asleep                            web:2
web  ready          1/1       2        web:2  http://web.example.com
! web: release 3 failed: no image
`,
    });
  });

  test('prints JSON', async () => {
    expect(JSON.parse((await run('ls --output json')).out)).toMatchObject([{ name: 'web', namespace: 'shop', release: 2 }]);
  });

  test('has the namespaces with -A', async () => {
    expect((await run('ls -A')).out).toMatch(/^NAMESPACE +APP +STATE[^]*^shop +web +ready/m);
  });

  test('says that there are none, and where others may be', async () => {
    expect(await run('ls --namespace keda')).toEqual(
      { code: 0, out: '', err: 'There are no apps in namespace keda; webapp ls -A lists those of all namespaces\n' });
  });

  test('says that releases are not visible', async () => {
    cluster.api.denials.push({ resource: 'secrets' });
    expect((await run('ls')).err).toBe('! releases and URLs are not shown: you are not allowed to list secrets there\n');
  });
});

describe('webapp releases info', () => {
  test('prints the release that is serving traffic', async () => {
    const { out } = await run('releases info');
    expect(out).toMatch(/^Release: +2\nState: +serving\nCreated: .* ago\)\nAction: +deploy\nBy: +tester@laptop\n/);
    expect(out).toMatch(/\nImage: +web:2\nURL: +http:\/\/web.example.com\n/);
    expect(out).toMatch(/\nObjects:\n {2}Service web\n {2}Deployment web\n$/);
  });

  test('prints another one, with the reason why it failed', async () => {
    expect((await run('releases info 3')).out).toMatch(/State: +failed\n[^]*Reason: +no image\n/);
  });

  test('prints the objects, without the values of Secrets', async () => {
    const metadata = { name: 'web-extra', namespace: 'shop' };
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata, stringData: { KEY: 'secret!' } };
    await cluster.store(4, { objects: [service(), secret] });
    const { out } = await run('releases info 4 --output yaml');
    expect(out).toContain('KEY: (hidden');
    expect(out).not.toContain('secret!');
    const { out: printed } = await run('releases info 1 --output json');
    expect(JSON.parse(printed)).toMatchObject({ number: 1, objects: [{ kind: 'Service' }, { kind: 'Deployment' }] });
  });

  test('of a number that is not kept says which there are', async () => {
    expect(await run('releases info 9')).toEqual({ code: 1, out: '', err: 'web has no release 9; it has 3, 2, 1\n' });
  });

  test('of another app, in another namespace', async () => {
    expect((await run('releases info --app api --namespace keda')).err).toBe(
      'api has no releases in namespace shop; run webapp deploy first\n');
  });
});

describe('webapp releases diff', () => {
  const changed = (from: string, to: string) => (
    new RegExp(`change Deployment web in namespace shop\n[^]*- +image: web:${from}\n\\+ +image: web:${to}\n`));

  test('compares the release that is serving traffic with the one deployed before', async () => {
    const { out, err } = await run('releases diff');
    expect(out).toMatch(changed('1', '2'));
    expect(err).toMatch(/^release 1 \(.*ago\) → release 2 \(.*ago\)\n$/);
  });

  test('compares two releases, also those that failed', async () => {
    expect((await run('releases diff 2 3')).out).toMatch(changed('2', '3'));
    expect(JSON.parse((await run('releases diff 3 1 --output json')).out)).toMatchObject([
      { change: 'create', kind: 'Service' }, { change: 'change', kind: 'Deployment' },
    ]);
  });

  test('compares a release with the one that is serving traffic', async () => {
    expect(await run('releases diff 2')).toMatchObject({ code: 0, out: '', err: expect.stringMatching(/No differences\n$/) });
  });
});

test.each([
  ['releases info one', 'Write the number of a release'],
  ['cron run', "missing required argument 'name'"],
])('webapp %s is a usage error', async (line, message) => {
  expect(await run(line)).toMatchObject({ code: 64, err: expect.stringContaining(message) });
});

describe('a flag after a subcommand', () => {
  test.each(['releases info', 'releases diff', 'builds prune', 'cron run x'])('belongs to it: %s', async line => {
    expect((await run(`${line} --file nowhere.yaml`)).err).toContain('nowhere.yaml');
  });
});
