import type { Secret } from '../../src/kube/types';
import { ROLLOUT, SECRET } from '../../src/kube/types';
import type { Manifest } from '../../src/render/synthesis';
import type { World } from '../../src/ui/world';
import type { Called } from '../call';
import { call } from '../call';
import { Folder } from '../folder';
import { runControllers } from '../kube/controllers';
import { TestStore, VAULT } from '../kube/external-secrets';
import { configMap, deployment, service, TestCluster } from '../kube/test-cluster';

const folder = new Folder({
  'webapp.yaml': 'name: web\nnamespace: shop\nimage: ghcr.io/acme/web:1.4.2\n',
  '.env.production': '# settings\nREGION="eu-west-1"\nLOG_LEVEL=debug\n',
  'broken.env': 'REGION\n',
  'empty.env': '\n',
});

let cluster: TestCluster;
beforeEach(async () => {
  cluster = new TestCluster();
  cluster.api.absent.add(ROLLOUT.kind);
  runControllers(cluster);
  const web = deployment('ghcr.io/acme/web:1.4.2') as any;
  const mailer = deployment('ghcr.io/acme/web:1.4.2', { name: 'web-mailer' }) as any;
  web.spec.template.spec.containers[0].env = [
    { name: 'PORT', value: '8080' },
    { name: 'DATABASE_URL', valueFrom: { secretKeyRef: { name: 'web-db', key: 'url' } } },
    { name: 'CELL', valueFrom: { configMapKeyRef: { name: 'cluster', key: 'cell' } } },
    { name: 'NODE', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
  ];
  web.spec.template.spec.containers[0].envFrom = [{ secretRef: { name: 'web-payment' } }];
  const metadata = { namespace: 'shop' };
  cluster.api.put({ ...SECRET, metadata: { ...metadata, name: 'web-db' }, data: { url: 'eA==' } } as Manifest);
  cluster.api.put({ ...SECRET, metadata: { ...metadata, name: 'web-payment' } } as Manifest);
  await cluster.apply(configMap('cluster', { cell: '1' }));
  await cluster.store(1, { objects: [service(), web, mailer], image: 'ghcr.io/acme/web:1.4.2' });
  await cluster.apply(service(), web, mailer);
});

async function run(line: string, world: Partial<World> = {}): Promise<Called> {
  return call(line.split(' '), { cwd: folder.path, cluster, ...world });
}

const typing = (...answers: string[]): Partial<World> => {
  const questions: string[] = [];
  return { interactive: true, askSecret: async question => answers[questions.push(question) - 1] };
};

const variables = async (command = 'config') => (
  Object.fromEntries(JSON.parse((await run(`${command} --output json`)).out).map(({ name, ...variable }: any) => [name, variable])));

describe('webapp config', () => {
  test('lists the variables and where they come from, without the values of secrets', async () => {
    await run('config set LOG_LEVEL=debug');
    await run('secrets set STRIPE_KEY', typing('hunter2'));
    expect(await run('config')).toEqual({
      code: 0,
      err: '',
      out: `\
NAME          VALUE     FROM
CELL          (hidden)  ConfigMap cluster, key cell
DATABASE_URL  (hidden)  Secret web-db, key url
LOG_LEVEL     debug     webapp config
NODE          (hidden)  the pod
PORT          8080      the file
STRIPE_KEY    (hidden)  webapp secrets
(every key)   (hidden)  Secret web-payment
`,
    });
  });

  test('lists those of a worker', async () => {
    await run('config set LOG_LEVEL=debug');
    expect((await run('config --worker mailer')).out).toBe('NAME       VALUE  FROM\nLOG_LEVEL  debug  webapp config\n');
    expect((await run('config --worker none')).err).toContain('there is no process web-none; web has web, web-mailer');
  });

  test('has the same for programs', async () => {
    await run('config set LOG_LEVEL=debug');
    expect(await variables()).toMatchObject({
      LOG_LEVEL: { source: 'config', value: 'debug' },
      DATABASE_URL: { source: 'secret', object: 'web-db', key: 'url' },
    });
  });

  test('says that an app has none', async () => {
    expect(await run('config --namespace shop other')).toEqual({ code: 0, out: '', err: 'other has none in namespace shop\n' });
  });
});

describe('webapp config set', () => {
  test('deploys the current release with the variables', async () => {
    const { code, out, err } = await run('config set LOG_LEVEL=debug EMPTY= URL=http://a?b=c');
    expect({ code, out }).toEqual({ code: 0, out: '' });
    expect(err).toContain('✓ Deployed release 2 (config set LOG_LEVEL, EMPTY, URL)\n');
    expect(await variables()).toMatchObject({ LOG_LEVEL: { value: 'debug' }, EMPTY: { value: '' }, URL: { value: 'http://a?b=c' } });
  });

  test('sets those of a file, before those of the command line', async () => {
    await run('config set --from .env.production REGION=us-east-1');
    expect(await variables()).toMatchObject({ REGION: { value: 'us-east-1' }, LOG_LEVEL: { value: 'debug' } });
    await run('config set --from -', { readInput: async () => 'REGION=eu\n' });
    expect(await variables()).toMatchObject({ REGION: { value: 'eu' } });
  });

  test('prints the release for programs', async () => {
    expect(JSON.parse((await run('config set A=1 --output json')).out)).toEqual(
      { name: 'web', namespace: 'shop', release: 2, action: 'config set A' });
    expect(JSON.parse((await run('config set A=1 --output json')).out)).toEqual({ name: 'web', namespace: 'shop' });
  });

  test('says so if nothing changes', async () => {
    await run('config set A=1');
    expect((await run('config set A=1')).err).toContain('✓ Nothing to change: the variables have these values already');
  });

  test.each<[string, string, number, string]>([
    ['no variable', 'config set', 64, 'error: write KEY=VALUE, or --from FILE'],
    ['no value', 'config set LOG_LEVEL', 1, 'LOG_LEVEL is not KEY=VALUE; write, for example, LOG_LEVEL=debug'],
    ['a name that is not valid', 'config set 1A=x', 1, '"1A" is not a valid environment variable name'],
    ['a variable of the file', 'config set PORT=1 LOG=1', 0, 'the file sets PORT in web, which keeps that value'],
    ['a file that is not there', 'config set --from none.env', 1, 'cannot read none.env'],
    ['a file that is not valid', 'config set --from broken.env', 1, 'broken.env:1 is not NAME=value'],
    ['a file without variables', 'config set --from empty.env', 1, 'empty.env has no variables; write NAME=value, one a line'],
  ])('with %s says what is wrong', async (_, line, code, message) => {
    expect(await run(line)).toMatchObject({ code, err: expect.stringContaining(message) });
  });
});

describe('an app that waits for its first deploy', () => {
  beforeEach(async () => run('config set A=1 --app other --namespace shop'));

  test('is staged', async () => {
    expect((await run('ls --namespace shop')).out).toMatch(/^other +staged/m);
    expect((await run('releases other --namespace shop')).out).toMatch(/^1 +staged .* config set A/m);
    expect((await run('status other --namespace shop')).code).toBe(0);
  });

  test('has its variables already', async () => {
    expect((await run('config other --namespace shop')).out).toBe('NAME  VALUE  FROM\nA     1      webapp config\n');
    expect((await run('config get A --app other --namespace shop')).out).toBe('1\n');
  });
});

describe('webapp config get', () => {
  test('prints a value', async () => {
    await run('config set URL=http://a?b=c');
    expect(await run('config get URL')).toEqual({ code: 0, out: 'http://a?b=c\n', err: '' });
  });

  test('does not print a secret', async () => {
    await run('secrets set TOKEN', typing('hunter2'));
    expect(await run('config get TOKEN')).toMatchObject({ code: 1, out: '', err: expect.stringContaining('TOKEN is a secret') });
    expect((await run('config get OTHER')).err).toContain('webapp config has no OTHER; it has none');
  });
});

describe('webapp secrets set', () => {
  const tokenOf = async () => {
    const [{ settings }] = await cluster.releases();
    const { data } = cluster.api.find<Secret>(SECRET, settings!.secrets!.name)!;
    return Object.fromEntries(Object.entries(data!).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]));
  };

  test('asks for the values', async () => {
    const { code, err } = await run('secrets set TOKEN OTHER', typing('hunter2', 'p4ss'));
    expect(code).toBe(0);
    expect(err).toContain('✓ Deployed release 2 (secrets set TOKEN, OTHER)');
    expect(err).not.toMatch(/hunter2|p4ss/);
    expect(await tokenOf()).toEqual({ TOKEN: 'hunter2', OTHER: 'p4ss' });
  });

  test('reads one from standard input, without the line break at its end', async () => {
    await run('secrets set TOKEN=-', { readInput: async () => 'two\nlines\n' });
    expect(await tokenOf()).toEqual({ TOKEN: 'two\nlines' });
  });

  test('refuses one on the command line, and does not print it', async () => {
    const { code, err } = await run('secrets set TOKEN=hunter2');
    expect(code).toBe(1);
    expect(err).toContain('a secret on the command line stays in the history of your shell; run webapp secrets set TOKEN');
    expect(err).not.toContain('hunter2');
    expect(await cluster.releases()).toHaveLength(1);
  });

  test.each<[string, string, string]>([
    ['there is no terminal', 'secrets set TOKEN', 'there is no terminal to ask for the value of TOKEN; pass it on standard input'],
    ['two are on standard input', 'secrets set A=- B=-', 'standard input has one value; use webapp secrets import -'],
    ['one is on standard input and another is not', 'secrets set A=- B', 'there is no terminal to ask for the value of B'],
    ['the value is empty', 'secrets set A=-', 'the value of A is empty; to remove it, run webapp secrets unset A'],
  ])('says so if %s', async (_, line, message) => {
    expect(await run(line)).toMatchObject({ code: 1, err: expect.stringContaining(message) });
  });
});

describe('webapp secrets', () => {
  test('lists the secrets alone, without values', async () => {
    await run('config set LOG_LEVEL=debug');
    await run('secrets set TOKEN', typing('hunter2'));
    expect((await run('secrets')).out).toBe(`\
NAME          VALUE     FROM
DATABASE_URL  (hidden)  Secret web-db, key url
TOKEN         (hidden)  webapp secrets
(every key)   (hidden)  Secret web-payment
`);
    expect((await run('secrets --output yaml')).out).not.toContain('hunter2');
  });

  test('import sets all variables of a file', async () => {
    const { err } = await run('secrets import .env.production');
    expect(err).toContain('✓ Deployed release 2 (secrets import REGION, LOG_LEVEL)');
    expect(await variables('secrets')).toMatchObject({ REGION: { source: 'secrets' }, LOG_LEVEL: { source: 'secrets' } });
  });

  test('generate sets a random value, and another one the next time', async () => {
    expect((await run('secrets generate SESSION_KEY')).err).toContain('✓ Deployed release 2 (secrets generate SESSION_KEY)');
    expect((await run('secrets generate SESSION_KEY')).err).toContain('✓ Deployed release 3 (secrets generate SESSION_KEY)');
    expect(await run('secrets generate A --length 8')).toMatchObject({ code: 64 });
  });

  test('unset removes one', async () => {
    await run('secrets import .env.production');
    expect((await run('secrets unset REGION')).err).toContain('✓ Deployed release 3 (secrets unset REGION)');
    expect((await run('secrets unset REGION')).err).toContain('webapp secrets has no REGION; it has LOG_LEVEL');
  });
});

describe('webapp secrets, where the platform has a store', () => {
  let store: TestStore;
  const inStore = () => store.entries.get('shop/web');
  const ENTRY = { kind: 'ClusterSecretStore', name: 'vault', key: 'shop/web' };

  beforeEach(async () => {
    store = new TestStore(cluster);
    folder.write('platform.yaml', 'secretStore: { name: vault }\n');
    const [{ objects }] = await cluster.releases();
    await cluster.store(2, { objects, image: 'ghcr.io/acme/web:1.4.2', secretStore: VAULT });
  });
  afterEach(() => folder.write('platform.yaml', 'domain: apps.example.com\n'));

  test('set pushes them there, and says so', async () => {
    const { code, out, err } = await run('secrets set TOKEN --output json', typing('hunter2'));
    expect(code).toBe(0);
    expect(err).toContain('✓ Pushed the secrets of web to ClusterSecretStore vault (key shop/web)\n');
    expect(JSON.parse(out)).toEqual({
      name: 'web',
      namespace: 'shop',
      release: 3,
      action: 'secrets set TOKEN',
      store: ENTRY,
    });
    expect(inStore()).toEqual({ TOKEN: 'hunter2' });
  });

  test('lists where they are', async () => {
    await run('secrets set TOKEN', typing('hunter2'));
    expect((await run('secrets')).out).toMatch(/^TOKEN +\(hidden\) +webapp secrets, also in ClusterSecretStore vault \(key shop\/web\)$/m);
    expect((await variables('secrets')).TOKEN).toEqual({ source: 'secrets', store: ENTRY });
  });

  test('import --from-store sets those that the store has, and keeps others', async () => {
    await run('secrets set OWN', typing('x'));
    store.entries.set('shop/web', { TOKEN: 'hunter2' });
    expect((await run('secrets import --from-store')).err).toContain('✓ Deployed release 4 (secrets import TOKEN)');
    expect(inStore()).toEqual({ OWN: 'x', TOKEN: 'hunter2' });
  });

  test('import --from-store stores them for the first deploy in a cluster that was built anew', async () => {
    store.entries.set('shop/api', { TOKEN: 'hunter2' });
    const { err } = await run('secrets import --from-store --app api --namespace shop');
    expect(err).toContain('✓ Stored 1 variable of api for its first deploy (secrets import TOKEN)');
    expect(cluster.api.names().filter(name => name.startsWith('ExternalSecret'))).toEqual([]);
  });

  test('import --from-store takes the store of the last release where no file names one', async () => {
    folder.write('platform.yaml', 'domain: apps.example.com\n');
    store.entries.set('shop/web', { TOKEN: 'hunter2' });
    expect(await run('secrets import --from-store')).toMatchObject({ code: 0 });
  });

  test.each<[string, string, number, string]>([
    ['no store is named', 'secrets import --from-store --app api', 1, 'the platform names no secretStore; set it in platform.yaml'],
    ['there is also a file', 'secrets import .env.production --from-store', 64, 'write a file, or --from-store'],
    ['there is neither', 'secrets import', 64, 'write a file, or --from-store'],
  ])('import says so if %s', async (_, line, code, message) => {
    folder.write('platform.yaml', 'domain: apps.example.com\n');
    expect(await run(line)).toMatchObject({ code, err: expect.stringContaining(message) });
  });

  test('import says so if the store of the platform is not valid', async () => {
    folder.write('platform.yaml', 'secretStore: vault\n');
    expect((await run('secrets import --from-store')).err).toContain('secretStore of the platform is not valid; webapp check says more');
  });
});

describe('other commands show variables by their names', () => {
  beforeEach(async () => {
    await run('config set LOG_LEVEL=debug');
    await run('secrets set TOKEN', typing('hunter2'));
    await run('secrets set TOKEN', typing('hunter3'));
  });

  const lines = ['status', 'status --output json', 'releases', 'releases info', 'releases info --output yaml', 'releases diff'];
  test.each([...lines, 'releases diff 1'])(
    'webapp %s', async line => {
      const { code, out } = await run(line);
      expect(code).toBe(0);
      expect(out).toContain('TOKEN');
      expect(out).not.toMatch(/hunter|aHVudGVy/);
    });

  test('releases diff shows the values of config, and that of a secret as changed', async () => {
    expect((await run('releases diff 1 2')).out).toContain('LOG_LEVEL: debug');
    expect((await run('releases diff')).out).toMatch(/change Secret web-secrets-.* TOKEN: \(hidden, differs\)/s);
  });
});

describe('values that the file generates', () => {
  const values = (): { [key: string]: string } => Object.fromEntries(
    Object.entries(cluster.api.find<Secret>(SECRET, 'web-generated')?.data ?? {})
      .map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]));
  const props = 'name: web\nnamespace: shop\nimage: ghcr.io/acme/web:1.4.2\ninternal: true\nscaling: { replicas: 1 }\n';
  const file = (secretEnv: string) => new Folder({ 'webapp.yaml': `${props}secretEnv: ${secretEnv}\n` });
  const generating = file('{ SESSION_KEY: { generate: 32 } }');
  const inFolder = async (line: string, { path }: Folder = generating, world: Partial<World> = {}) => (
    call(line.split(' '), { cwd: path, cluster, ...world }));

  beforeEach(() => {
    cluster = new TestCluster();
    cluster.api.absent.add(ROLLOUT.kind);
    runControllers(cluster);
  });

  test('are listed as such, and not shown', async () => {
    expect((await inFolder('deploy --no-pin')).err).toContain('✓ Generated SESSION_KEY in Secret web-generated\n');
    expect((await inFolder('secrets')).out).toBe(
      'NAME         VALUE     FROM\nSESSION_KEY  (hidden)  generated, Secret web-generated, key SESSION_KEY\n');
    expect(JSON.parse((await inFolder('secrets --output json')).out)).toEqual(
      [{ name: 'SESSION_KEY', source: 'generated', object: 'web-generated', key: 'SESSION_KEY' }]);
  });

  test('are replaced by webapp secrets generate, with the pods and without a release', async () => {
    await inFolder('deploy --no-pin');
    const { SESSION_KEY } = values();
    expect(await inFolder('secrets generate SESSION_KEY')).toEqual({
      code: 0, out: '', err: '✓ Replaced SESSION_KEY in Secret web-generated\n✓ Restarted web (1/1 replicas ready)\n',
    });
    expect(values()).toEqual({ SESSION_KEY: expect.stringMatching(/^[A-Za-z0-9]{32}$/) });
    expect(values().SESSION_KEY).not.toBe(SESSION_KEY);
    expect(await cluster.releases()).toHaveLength(1);
    const { out } = await inFolder('secrets generate SESSION_KEY --output json');
    expect(JSON.parse(out)).toEqual({ name: 'web', namespace: 'shop', replaced: ['SESSION_KEY'] });
  });

  test('have the length of the file, unless they are those of webapp secrets', async () => {
    await inFolder('deploy --no-pin');
    expect((await inFolder('secrets generate SESSION_KEY --length 64')).err).toContain(
      'the file says that SESSION_KEY has 32 characters; remove --length, or change it there and deploy');
    expect(await inFolder('secrets generate SESSION_KEY OTHER --length 32')).toMatchObject({ code: 0 });
    const [{ settings, action }] = await cluster.releases();
    expect({ keys: settings!.secrets!.keys, action }).toEqual({ keys: ['OTHER'], action: 'secrets generate OTHER' });
  });

  test('are created for a pipeline where no variable is named, and nothing is deployed', async () => {
    expect(await inFolder('secrets generate')).toEqual(
      { code: 0, out: '', err: '✓ Generated SESSION_KEY in Secret web-generated in namespace shop\n' });
    const before = values();
    expect((await inFolder('secrets generate')).err).toBe('✓ Secret web-generated in namespace shop has all values\n');
    expect(values()).toEqual(before);
    expect(await cluster.releases()).toEqual([]);
    expect((await inFolder('secrets generate', file('{}'))).err).toContain('webapp.yaml generates no values');
    expect((await inFolder('secrets generate --length 32')).err).toContain('--length requires the name of a variable');
  });

  test('can be those of before, which webapp secrets set puts into their Secret', async () => {
    const world = { readInput: async () => 'of before\n' };
    expect(await inFolder('secrets set SESSION_KEY=- --secret web-generated', generating, world)).toMatchObject(
      { code: 0, err: '✓ Created Secret web-generated in namespace shop (SESSION_KEY)\n' });
    await inFolder('deploy --no-pin');
    expect(values()).toEqual({ SESSION_KEY: 'of before' });
    const again = await inFolder('secrets set SESSION_KEY=- --secret web-generated', generating, world);
    expect(again.err).toContain('pods that run keep the values that they have; webapp restart web replaces them');
  });

  test('are shown by webapp diff as what a deploy would create', async () => {
    const { out } = await inFolder('diff --no-pin');
    expect(out).toContain('create Secret web-generated in namespace shop');
    expect(out).toContain('SESSION_KEY: (hidden');
    expect((await inFolder('deploy --dry-run --no-pin')).out).toContain('create Secret web-generated\n');
    await inFolder('deploy --no-pin');
    expect((await inFolder('diff --no-pin')).out).not.toContain('web-generated');
  });
});
