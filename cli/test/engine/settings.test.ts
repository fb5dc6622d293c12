import { changeSettings } from '../../src/engine/change-settings';
import { deploy } from '../../src/engine/deploy';
import { destroy } from '../../src/engine/destroy';
import { dryRun } from '../../src/engine/preflight';
import { rollback } from '../../src/engine/rollback';
import { readSettings, SETTINGS, SETTINGS_TYPE, withoutSettings, withSettings } from '../../src/engine/settings';
import { checkVariables, randomValue, setVariables, unsetVariables } from '../../src/engine/settings-change';
import type { ConfigMap, Secret } from '../../src/kube/types';
import { CONFIG_MAP, CRON_JOB, DEPLOYMENT, JOB, SECRET } from '../../src/kube/types';
import type { Manifest } from '../../src/render/synthesis';
import { IMAGE_NOT_FOUND, runControllers } from '../kube/controllers';
import { APP, configMap, deployment, draft, job, keepRenewing, service, TestCluster } from '../kube/test-cluster';

const WEB = [service(), deployment('web:1')];
const sourcesIn = (spec: any): object[] => spec.template.spec.containers[0].envFrom ?? [];

let cluster: TestCluster;
beforeEach(() => {
  cluster = new TestCluster();
  runControllers(cluster);
});

const set = async (variables: { [name: string]: string }) => changeSettings(cluster.operation(), setVariables('config', variables));
const setSecret = async (variables: { [name: string]: string }) => changeSettings(cluster.operation(), setVariables('secrets', variables));

/** The variables that the pods of the app get. */
async function live(name = 'web'): Promise<{ readonly [variable: string]: string }> {
  let variables = {};
  for (const { configMapRef, secretRef } of sourcesIn(cluster.api.find(DEPLOYMENT, name)!.spec) as any[]) {
    const found = configMapRef
      ? cluster.api.find<ConfigMap>(CONFIG_MAP, configMapRef.name)!.data
      : decoded(cluster.api.find<Secret>(SECRET, secretRef.name)!.data);
    variables = { ...variables, ...found };
  }
  return variables;
}

function decoded(data: Secret['data'] = {}): object {
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]));
}

/** The objects that hold settings. */
function stored(): string[] {
  return [...cluster.api.all(CONFIG_MAP), ...cluster.api.all(SECRET)]
    .filter(({ metadata }) => metadata.labels?.[SETTINGS]).map(({ kind, metadata }) => `${kind} ${metadata.name}`).sort();
}

describe('setting variables', () => {
  beforeEach(async () => {
    await deploy(cluster.operation(), draft(...WEB));
    cluster.output.length = 0;
  });

  test('is a release of what runs, with the names of the variables', async () => {
    await set({ LOG_LEVEL: 'debug', REGION: 'eu' });
    expect(await live()).toEqual({ LOG_LEVEL: 'debug', REGION: 'eu' });
    const [release] = await cluster.releases();
    expect(release).toMatchObject({
      number: 2,
      state: 'deployed',
      action: 'config set LOG_LEVEL, REGION',
      by: expect.stringMatching(/^tester@/),
      image: 'web:1',
      settings: { config: { keys: ['LOG_LEVEL', 'REGION'] } },
    });
    expect(cluster.output.at(-1)).toBe('Deployed release 2 (config set LOG_LEVEL, REGION)');
  });

  test('keeps those that are set already', async () => {
    await set({ A: '1', B: '1' });
    await setSecret({ TOKEN: 'x' });
    await set({ B: '2' });
    expect(await live()).toEqual({ A: '1', B: '2', TOKEN: 'x' });
  });

  test('creates another immutable object for the store that changes, and for no other', async () => {
    await set({ A: '1' });
    await setSecret({ TOKEN: 'x' });
    const [{ settings: before }] = await cluster.releases();
    await setSecret({ TOKEN: 'y' });
    const [{ settings: after }] = await cluster.releases();
    expect(after!.config).toEqual(before!.config);
    expect(after!.secrets!.name).not.toBe(before!.secrets!.name);
    expect(cluster.api.find<Secret>(SECRET, after!.secrets!.name)).toMatchObject({ immutable: true, type: SETTINGS_TYPE });
    expect(after!.secrets!.name).toMatch(/^web-secrets-[0-9a-f]{10}$/);
  });

  test('does nothing where they have these values', async () => {
    await set({ A: '1' });
    expect(await set({ A: '1' })).toBeUndefined();
    expect(await cluster.releases()).toHaveLength(2);
  });

  test('never puts the value of a secret into a release or the output', async () => {
    await setSecret({ TOKEN: 'hunter2' });
    await setSecret({ OTHER: 'x' });
    expect(JSON.stringify([await cluster.releases(), cluster.output])).not.toMatch(/hunter2|aHVudGVyMg/);
  });

  test('is refused where the file sets the variable, as it would have no effect', async () => {
    const object = deployment('web:1') as any;
    object.spec.template.spec.containers[0].env = [{ name: 'PORT', value: '8080' }];
    await deploy(cluster.operation(), draft(service(), object));
    await expect(set({ PORT: '1' })).rejects.toThrow(
      'PORT is set by the file, or by cdk8s-webapp for it, which takes precedence; change it there, and run webapp deploy');
    expect(stored()).toEqual([]);
  });

  test('is refused where the file names a key of a Secret for it, with the command that sets that', async () => {
    cluster.api.put({ ...SECRET, metadata: { name: 'stripe', namespace: 'shop' }, data: { api: 'eA==' } } as Manifest);
    const object = deployment('web:1') as any;
    object.spec.template.spec.containers[0].env = [{ name: 'KEY', valueFrom: { secretKeyRef: { name: 'stripe', key: 'api' } } }];
    await deploy(cluster.operation(), draft(service(), object));
    await expect(setSecret({ KEY: '1' })).rejects.toThrow('set the key that it names: webapp secrets set api --secret stripe');
  });

  test('warns where the file sets the variable in some processes', async () => {
    const worker = deployment('web:1', { name: 'web-mailer' }) as any;
    worker.spec.template.spec.containers[0].env = [{ name: 'LOG_LEVEL', value: 'warn' }];
    await deploy(cluster.operation(), draft(...WEB, worker));
    await set({ LOG_LEVEL: 'debug' });
    expect(cluster.output).toContain('! the file sets LOG_LEVEL in web-mailer, which keeps that value');
  });

  test('leaves everything as it was if the app does not become ready with them', async () => {
    await set({ A: '1' });
    runControllers(cluster, { brokenImages: { 'web:1': IMAGE_NOT_FOUND } });
    await expect(set({ A: '2' })).rejects.toThrow('Release 2 is still serving traffic');
    expect(await live()).toEqual({ A: '1' });
    runControllers(cluster);
    await set({ B: '1' });
    expect(await live()).toEqual({ A: '1', B: '1' });
  });

  test('changes nothing if the cluster refuses the objects', async () => {
    cluster.api.denials.push({ verb: 'patch', resource: 'configmaps' });
    await expect(set({ A: '1' })).rejects.toThrow('you are not allowed to patch configmaps in namespace shop');
    expect(await cluster.releases()).toHaveLength(1);
  });

  test('runs the release command again, which gets them', async () => {
    await deploy(cluster.operation(), draft(job('migrate'), ...WEB));
    cluster.output.length = 0;
    await setSecret({ DATABASE_URL: 'x' });
    expect(cluster.output).toContain('Ran the release command');
    expect(sourcesIn(cluster.api.find(JOB, 'web-release')!.spec)).toMatchObject([{ secretRef: {} }]);
    cluster.output.length = 0;
    await deploy(cluster.operation(), draft(job('migrate'), ...WEB));
    expect(cluster.output).toContain('Skipped the release command, which already ran for this version');
  });
});

describe('a deploy', () => {
  beforeEach(async () => deploy(cluster.operation(), draft(...WEB)));

  test('keeps the variables', async () => {
    await set({ A: '1' });
    await deploy(cluster.operation(), draft(service(), deployment('web:2')));
    expect(await live()).toEqual({ A: '1' });
    expect(await cluster.releases()).toMatchObject([{ number: 3, settings: { config: { keys: ['A'] } } }, {}, {}]);
  });

  test('does not replace pods again because of them', async () => {
    const reloading = deployment('web:1') as any;
    reloading.metadata.annotations = { 'reloader.stakater.com/auto': 'true' };
    await deploy(cluster.operation(), draft(service(), reloading));
    await set({ A: '1' });
    const { generation } = cluster.api.find(DEPLOYMENT, 'web')!.metadata;
    await deploy(cluster.operation(), draft(service(), reloading));
    expect(cluster.api.find(DEPLOYMENT, 'web')!.metadata.generation).toBe(generation);
  });

  test('that would change nothing else is shown as no change', async () => {
    await set({ A: '1' });
    const changes = await dryRun({ cluster, app: APP, objects: WEB });
    expect(changes.map(({ change }) => change)).toEqual(['unchanged', 'unchanged']);
  });

  test('warns of a variable that the file sets now', async () => {
    await setSecret({ TOKEN: 'x' });
    const object = deployment('web:1') as any;
    object.spec.template.spec.containers[0].env = [{ name: 'TOKEN', value: 'public' }];
    await deploy(cluster.operation(), draft(service(), object));
    expect(cluster.output).toContain(
      '! TOKEN of webapp secrets has no effect, as the file sets it; run webapp secrets unset TOKEN');
  });

  test('that takes over from a change that was killed does not have it', async () => {
    await set({ A: '1' });
    const [{ settings, objects }] = await cluster.releases();
    const killed = { config: { name: 'web-config-0000000000', keys: ['A', 'B'] } };
    const changed = withSettings(withoutSettings(objects, settings), killed);
    await cluster.apply({ ...configMap('web-config-0000000000', { A: '2', B: '2' }) }, ...changed);
    await cluster.store(3, { state: 'pending', objects: changed, settings: killed });
    await deploy(cluster.operation(), draft(...WEB));
    expect(await live()).toEqual({ A: '1' });
  });
});

describe('changes at the same time', () => {
  test('are all kept, whichever comes first', async () => {
    await deploy(cluster.operation(), draft(...WEB));
    await Promise.all([set({ A: '1' }), set({ B: '1' }), setSecret({ C: '1' })]);
    expect(await live()).toEqual({ A: '1', B: '1', C: '1' });
    expect((await cluster.releases()).map(({ action }) => action).sort()).toEqual([
      'config set A', 'config set B', 'deploy', 'secrets set C',
    ]);
  });

  test('wait for a deploy, and begin with what it has left', async () => {
    await deploy(cluster.operation(), draft(...WEB));
    await cluster.store(2, { state: 'pending', by: 'ci@runner', objects: WEB });
    const stop = keepRenewing(cluster, 2);
    cluster.clock.after(15, () => {
      stop();
      void cluster.store(3, { objects: [service(), deployment('web:3')], image: 'web:3' });
    });
    await set({ A: '1' });
    expect((await cluster.releases())[0]).toMatchObject({ number: 4, image: 'web:3' });
  });

  test('do not wait longer than they may', async () => {
    await deploy(cluster.operation(), draft(...WEB));
    await cluster.store(2, { state: 'pending', by: 'ci@runner', objects: WEB });
    const stop = keepRenewing(cluster, 2);
    await expect(set({ A: '1' })).rejects.toThrow('release 2 of web is being deployed by ci@runner');
    stop();
  });
});

describe('removing variables', () => {
  beforeEach(async () => {
    await deploy(cluster.operation(), draft(...WEB));
    await set({ A: '1', B: '1' });
  });
  const unset = async (...names: string[]) => changeSettings(cluster.operation(), unsetVariables('config', names));

  test('is a release without them', async () => {
    await unset('A');
    expect(await live()).toEqual({ B: '1' });
    expect((await cluster.releases())[0].action).toBe('config unset A');
  });

  test('leaves no reference when it was the last', async () => {
    await unset('A', 'B');
    expect(sourcesIn(cluster.api.find(DEPLOYMENT, 'web')!.spec)).toEqual([]);
    expect((await cluster.releases())[0].settings).toEqual({});
  });

  test('says which there are if there is no such variable', async () => {
    await expect(unset('C')).rejects.toThrow('webapp config has no C; it has A, B');
    await setSecret({ T: 'x' });
    await expect(unset('T')).rejects.toThrow('webapp config has no T; run webapp secrets unset T');
  });
});

describe('a secret', () => {
  beforeEach(async () => deploy(cluster.operation(), draft(...WEB)));

  test('can be made of a variable, which is then no longer shown', async () => {
    await set({ TOKEN: 'x', A: '1' });
    await setSecret({ TOKEN: 'x' });
    const [{ settings }] = await cluster.releases();
    expect(settings).toMatchObject({ config: { keys: ['A'] }, secrets: { keys: ['TOKEN'] } });
    expect(await live()).toEqual({ TOKEN: 'x', A: '1' });
  });

  test('is never made public again', async () => {
    await setSecret({ TOKEN: 'x' });
    await expect(set({ TOKEN: 'y' })).rejects.toThrow('TOKEN is a secret; set it with webapp secrets set TOKEN');
  });
});

describe('a rollback', () => {
  test('has the variables that the release had', async () => {
    await deploy(cluster.operation(), draft(...WEB));
    await set({ A: '1' });
    await set({ A: '2', B: '2' });
    await rollback(cluster.operation());
    expect(await live()).toEqual({ A: '1' });
    await rollback(cluster.operation(), 1);
    expect(await live()).toEqual({});
    await rollback(cluster.operation(), 3);
    expect(await live()).toEqual({ A: '2', B: '2' });
  });
});

describe('old settings', () => {
  test('stay as long as a release that had them', async () => {
    await deploy(cluster.operation(), draft(...WEB));
    await set({ A: '0' });
    for (let i = 1; i <= 9; i++) await set({ A: String(i) });
    expect(stored()).toHaveLength(10);
    await set({ A: '10' });
    expect(stored()).toHaveLength(10);
    for (const { settings } of await cluster.releases()) await readSettings(cluster, APP, settings);
  });

  test('are removed with the app', async () => {
    await deploy(cluster.operation(), draft(...WEB));
    await set({ A: '1' });
    await setSecret({ B: '1' });
    expect(stored()).toHaveLength(2);
    await destroy(cluster.operation(), false);
    expect(cluster.api.names('shop', ['ReplicaSet'])).toEqual([]);
  });
});

describe('before the first deploy', () => {
  test('variables are stored for it', async () => {
    await set({ A: '1' });
    await setSecret({ T: 'x' });
    expect(await cluster.releases()).toMatchObject([{ number: 2, state: 'deployed', staged: true, objects: [] }, { number: 1 }]);
    expect(cluster.output).toEqual([
      'Stored 1 variable of web for its first deploy (config set A)',
      'Stored 2 variables of web for its first deploy (secrets set T)',
    ]);
    await deploy(cluster.operation(), draft(...WEB));
    expect(await live()).toEqual({ A: '1', T: 'x' });
  });

  test('what a deploy that failed has left is still removed later', async () => {
    runControllers(cluster, { brokenImages: { 'web:1': IMAGE_NOT_FOUND } });
    await deploy(cluster.operation(), draft(configMap('old'), ...WEB)).catch(() => undefined);
    runControllers(cluster);
    await set({ A: '1' });
    await deploy(cluster.operation(), draft(service(), deployment('web:2')));
    expect(cluster.api.names('shop', ['Secret', 'Pod', 'ReplicaSet', 'ConfigMap'])).toEqual(['Deployment web', 'Service web']);
    expect(cluster.api.find(CONFIG_MAP, 'old')).toBeUndefined();
    expect(await live()).toEqual({ A: '1' });
  });

  test('they can be removed with the app, which was never deployed', async () => {
    await set({ A: '1' });
    await destroy(cluster.operation(), false);
    expect(cluster.api.names('shop', [])).toEqual([]);
  });
});

describe('the processes that get variables', () => {
  const settings = { config: { name: 'web-config-1', keys: ['A'] }, secrets: { name: 'web-secrets-1', keys: ['B'] } };
  const sources = [{ configMapRef: { name: 'web-config-1' } }, { secretRef: { name: 'web-secrets-1' } }];
  const pod = (envFrom?: object[]) => (
    { spec: { containers: [{ name: 'main', image: 'web:1', ...envFrom ? { envFrom } : {} }, { name: 'proxy' }] } });
  const object = (kind: { apiVersion: string; kind: string }, spec: object): Manifest => (
    { apiVersion: kind.apiVersion, kind: kind.kind, metadata: { name: 'web', namespace: 'shop' }, spec } as unknown as Manifest);

  test.each<[string, (envFrom?: object[]) => Manifest]>([
    ['Deployment', envFrom => object(DEPLOYMENT, { template: pod(envFrom) })],
    ['Rollout', envFrom => object({ apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout' }, { template: pod(envFrom) })],
    ['Job', envFrom => object(JOB, { template: pod(envFrom) })],
    ['CronJob', envFrom => object(CRON_JOB, { schedule: '* * * * *', jobTemplate: { spec: { template: pod(envFrom) } } })],
  ])('are those of a %s, and not the containers beside them', (_, of) => {
    expect(withSettings([of()], settings)).toEqual([of(sources)]);
    expect(withoutSettings([of(sources)], settings)).toEqual([of()]);
  });

  test('get them after the Secrets of the file, so that they take precedence', () => {
    const own = { secretRef: { name: 'web-payment' } };
    const [changed] = withSettings([object(DEPLOYMENT, { template: pod([own]) })], settings) as any[];
    expect(sourcesIn(changed.spec)).toEqual([own, ...sources]);
    expect(sourcesIn((withoutSettings([changed], settings)[0] as any).spec)).toEqual([own]);
  });
});

describe('reading settings', () => {
  test('fails where the object is not one of the app', async () => {
    cluster.api.put(configMap('others'));
    await expect(readSettings(cluster, APP, { config: { name: 'others', keys: [] } })).rejects.toThrow(
      'ConfigMap others has no variables of web');
    await expect(readSettings(cluster, APP, { secrets: { name: 'gone', keys: [] } })).rejects.toThrow(
      'Secret gone, which has variables of web, does not exist in namespace shop');
  });
});

describe('a variable', () => {
  test.each<[string, { [name: string]: string }, string]>([
    ['has a name that Kubernetes accepts', { 'MY KEY': 'hunter2' }, '"MY KEY" is not a valid environment variable name'],
    ['has no NUL', { KEY: 'hunter2\0' }, 'the value of KEY has a NUL character'],
    ['has less than 128 KiB', { KEY: 'hunter2'.repeat(20_000) }, 'the value of KEY has 128 KiB or more'],
  ])('%s, and a message about it does not have its value', (_, variables, message) => {
    expect(() => checkVariables(variables)).toThrow(message);
    expect(() => checkVariables(variables)).not.toThrow('hunter2');
  });

  test('must fit into the object with all others', () => {
    const many = Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`KEY_${i}`, 'x'.repeat(100_000)]));
    expect(() => setVariables('config', many).apply({ config: {}, secrets: {} })).toThrow('together have more than 1 MiB');
  });

  test('that is generated has letters and digits, and another value each time', () => {
    expect(randomValue(64)).toMatch(/^[A-Za-z0-9]{64}$/);
    expect(randomValue(64)).not.toBe(randomValue(64));
  });
});
