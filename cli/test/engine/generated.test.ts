import { changeSettings } from '../../src/engine/change-settings';
import { deploy } from '../../src/engine/deploy';
import { destroy, objectsOf } from '../../src/engine/destroy';
import { createMissing, GENERATED_TYPE, replaceValues } from '../../src/engine/generated';
import { dryRun } from '../../src/engine/preflight';
import { deleteRelease } from '../../src/engine/release-store';
import { rollback } from '../../src/engine/rollback';
import { setKeys } from '../../src/engine/secret-keys';
import { setVariables } from '../../src/engine/settings-change';
import { shown } from '../../src/kube/objects';
import type { Secret } from '../../src/kube/types';
import { DEPLOYMENT, JOB, SECRET } from '../../src/kube/types';
import type { Manifest } from '../../src/render/synthesis';
import { IMAGE_NOT_FOUND, runControllers } from '../kube/controllers';
import { APP, configMap, deployment, draft, job, service, TestCluster } from '../kube/test-cluster';

const NAME = 'web-generated';
const LENGTHS = { SESSION_KEY: 32 };

let cluster: TestCluster;
beforeEach(() => {
  cluster = new TestCluster();
  runControllers(cluster);
});

/** A workload whose process has the generated values. */
function web(image = 'web:1', ...keys: string[]): Manifest {
  const object = deployment(image) as any;
  object.spec.template.spec.containers[0].env = (keys.length > 0 ? keys : Object.keys(LENGTHS)).map(key => (
    { name: key, valueFrom: { secretKeyRef: { name: NAME, key } } }));
  return object;
}

const generating = (image = 'web:1', generated: { [key: string]: number } = LENGTHS) => (
  { ...draft(service(), web(image, ...Object.keys(generated))), generated });
const secret = () => cluster.api.find<Secret>(SECRET, NAME);
const remove = () => cluster.api.delete({ ...SECRET, metadata: { ...APP, name: NAME } });
const values = (): { [key: string]: string } => Object.fromEntries(
  Object.entries(secret()?.data ?? {}).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]));
const put = (data: { [key: string]: string }, more: object = {}) => cluster.api.put({
  ...SECRET,
  metadata: { name: NAME, namespace: APP.namespace },
  type: 'Opaque',
  data: Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')])),
  ...more,
});

/** Looks at every write, beside the controllers. */
function onWrite(look: (object: Manifest) => void): void {
  const { onWrite: before } = cluster.api;
  cluster.api.onWrite = (object, api) => {
    look(object);
    before?.(object, api);
  };
}

describe('a deploy', () => {
  test('creates the values that do not exist, in a Secret of the app', async () => {
    await deploy(cluster.operation(), generating());
    expect(secret()).toMatchObject({
      type: GENERATED_TYPE, metadata: { labels: { 'app.kubernetes.io/name': 'web', 'app.kubernetes.io/managed-by': 'cdk8s-webapp' } },
    });
    expect(values()).toEqual({ SESSION_KEY: expect.stringMatching(/^[A-Za-z0-9]{32}$/) });
    expect(cluster.output).toContain('Generated SESSION_KEY in Secret web-generated');
  });

  test('creates them before a Job that uses them', async () => {
    let atJob: object | undefined;
    onWrite(object => {
      if (object.kind === JOB.kind) atJob ??= secret();
    });
    await deploy(cluster.operation(), { ...draft(job('migrate'), service(), web()), generated: LENGTHS });
    expect(atJob).toBeDefined();
  });

  test('never changes one, and says nothing of it', async () => {
    await deploy(cluster.operation(), generating());
    const before = secret();
    cluster.output.length = 0;
    await deploy(cluster.operation(), generating('web:2'));
    expect(secret()).toEqual(before);
    expect(cluster.output.join('\n')).not.toContain('SESSION_KEY');
  });

  test('adds a key to those that exist', async () => {
    await deploy(cluster.operation(), generating());
    const { SESSION_KEY } = values();
    await deploy(cluster.operation(), generating('web:2', { ...LENGTHS, TOKEN: 16 }));
    expect(values()).toEqual({ SESSION_KEY, TOKEN: expect.stringMatching(/^[A-Za-z0-9]{16}$/) });
  });

  test('keeps one that the file does not name any more, and that a later file names again', async () => {
    await deploy(cluster.operation(), generating());
    const before = values();
    await deploy(cluster.operation(), draft(service(), deployment('web:2')));
    await deploy(cluster.operation(), draft(service(), deployment('web:3')));
    expect(values()).toEqual(before);
    await deploy(cluster.operation(), generating('web:4'));
    expect(values()).toEqual(before);
    expect(cluster.output.filter(line => line.includes('web-generated'))).toEqual(['Generated SESSION_KEY in Secret web-generated']);
  });

  test('warns where the file has another length, which counts for the next value', async () => {
    await deploy(cluster.operation(), generating());
    await deploy(cluster.operation(), generating('web:2', { SESSION_KEY: 64 }));
    expect(cluster.output).toContain(
      '! SESSION_KEY has 32 characters, and not 64, as a generated value stays; webapp secrets generate SESSION_KEY replaces it');
    expect(values().SESSION_KEY).toHaveLength(32);
  });

  test('creates nothing where the cluster rejects the app', async () => {
    const unknown = { apiVersion: 'x/v1', kind: 'Y', metadata: { name: 'y', namespace: 'shop' } };
    const rejected = { ...generating(), objects: [configMap('a'), unknown] };
    await expect(deploy(cluster.operation(), rejected)).rejects.toThrow('nothing was changed');
    expect(secret()).toBeUndefined();
  });

  test('that fails, or is rolled back, leaves the values as they are', async () => {
    await deploy(cluster.operation(), generating());
    await deploy(cluster.operation(), generating('web:2', { ...LENGTHS, TOKEN: 16 }));
    const before = values();
    runControllers(cluster, { brokenImages: { 'web:3': IMAGE_NOT_FOUND } });
    await expect(deploy(cluster.operation(), generating('web:3'))).rejects.toThrow('still serving traffic');
    await rollback(cluster.operation());
    expect(values()).toEqual(before);
  });

  test('of an earlier release, or with other settings, creates what was deleted meanwhile', async () => {
    await deploy(cluster.operation(), generating());
    await deploy(cluster.operation(), generating('web:2'));
    remove();
    await rollback(cluster.operation());
    expect(values()).toEqual({ SESSION_KEY: expect.any(String) });
    remove();
    await changeSettings(cluster.operation(), setVariables('config', { A: '1' }));
    expect(values()).toEqual({ SESSION_KEY: expect.any(String) });
    expect((await cluster.releases()).map(({ generated }) => generated)).toEqual([LENGTHS, LENGTHS, LENGTHS, LENGTHS]);
  });

  test('never puts a value into a release or the output', async () => {
    await deploy(cluster.operation(), generating());
    await deploy(cluster.operation(), generating('web:2', { ...LENGTHS, TOKEN: 16 }));
    const texts = JSON.stringify([await cluster.releases(), cluster.output]);
    for (const value of [...Object.values(values()), ...Object.values(secret()!.data!)]) expect(texts).not.toContain(value);
  });

  test('replaces no pods by creating them, where these have a hash of what they use', async () => {
    const asking = (image: string) => {
      const object = web(image) as any;
      object.metadata = { ...object.metadata, annotations: { 'reloader.stakater.com/auto': 'true' } };
      return { ...draft(service(), object), generated: LENGTHS };
    };
    const hash = () => (cluster.api.find(DEPLOYMENT, 'web') as any).spec.template.metadata.annotations['checksum/config'];
    await deploy(cluster.operation(), asking('web:1'));
    const first = hash();
    expect(first).toEqual(expect.any(String));
    await deploy(cluster.operation(), asking('web:1'));
    expect(hash()).toBe(first);
    await replaceValues(cluster.operation(), LENGTHS);
    await deploy(cluster.operation(), asking('web:1'));
    expect(hash()).not.toBe(first);
  });
});

describe('two deploys at the same time', () => {
  test('have one value, whichever creates the Secret', async () => {
    const results = await Promise.all([1, 2, 3].map(async () => createMissing(cluster, APP, LENGTHS)));
    expect(results.filter(({ created }) => created.length > 0)).toHaveLength(1);
    const before = values();
    await createMissing(cluster, APP, LENGTHS);
    expect(values()).toEqual(before);
  });

  test('keep the keys of each other, and the values of those that both add', async () => {
    await createMissing(cluster, APP, { A: 16 });
    const seen: { [key: string]: string }[] = [];
    onWrite(object => {
      if (object.kind === 'Secret') seen.push(values());
    });
    const all: { [key: string]: number }[] = [{ B: 16, C: 16 }, { C: 16, D: 16 }, { A: 16, B: 16, D: 16 }];
    await Promise.all(all.map(async lengths => createMissing(cluster, APP, lengths)));
    expect(Object.keys(values()).sort()).toEqual(['A', 'B', 'C', 'D']);
    for (const some of seen) for (const [key, value] of Object.entries(some)) expect([key, values()[key]]).toEqual([key, value]);
  });

  test('create it again where it was deleted in between', async () => {
    await createMissing(cluster, APP, { A: 16 });
    const { get } = cluster.objects;
    jest.spyOn(cluster.objects, 'get').mockImplementationOnce(async reference => {
      const found = await get.call(cluster.objects, reference);
      remove();
      return found as any;
    });
    await createMissing(cluster, APP, { A: 16, B: 16 });
    expect(Object.keys(values())).toEqual(['A', 'B']);
  });
});

describe('a Secret of that name that others have created', () => {
  test('is used as it is, where it has the keys', async () => {
    put({ SESSION_KEY: 'theirs' });
    await deploy(cluster.operation(), generating());
    expect(secret()).toMatchObject({ type: 'Opaque', metadata: { name: NAME } });
    expect(values()).toEqual({ SESSION_KEY: 'theirs' });
  });

  test('gets nothing added, so that the deploy is refused before anything is changed', async () => {
    put({ OTHER: 'theirs' });
    await expect(deploy(cluster.operation(), generating())).rejects.toThrow(`\
Secret web-generated in namespace shop has no key SESSION_KEY, and was created by others, so webapp adds nothing to it
  add the key where the Secret comes from, or delete the Secret if nothing else uses it
nothing was changed`);
    expect(values()).toEqual({ OTHER: 'theirs' });
    expect(cluster.api.find(DEPLOYMENT, 'web')).toBeUndefined();
  });

  test('is not taken for that of the app by its type alone', async () => {
    const metadata = { name: NAME, namespace: 'shop', labels: { 'app.kubernetes.io/name': 'api' } };
    put({ OTHER: 'theirs' }, { type: GENERATED_TYPE, metadata });
    await expect(createMissing(cluster, APP, LENGTHS)).rejects.toThrow('was created by others');
  });

  test('is neither replaced nor removed', async () => {
    put({ SESSION_KEY: 'theirs' });
    await deploy(cluster.operation(), generating());
    await expect(replaceValues(cluster.operation(), LENGTHS)).rejects.toThrow(`\
SESSION_KEY cannot be replaced, as Secret web-generated in namespace shop was created by others
  change the values where the Secret comes from, and run webapp restart`);
    await destroy(cluster.operation(), true);
    expect(values()).toEqual({ SESSION_KEY: 'theirs' });
  });
});

describe('replacing a value', () => {
  test('changes that one, and no other', async () => {
    await createMissing(cluster, APP, { A: 16, B: 16 });
    const { A, B } = values();
    await replaceValues(cluster.operation(), { A: 64 });
    expect(values()).toEqual({ A: expect.stringMatching(/^[A-Za-z0-9]{64}$/), B });
    expect(values().A).not.toContain(A);
  });

  test('needs a Secret', async () => {
    await expect(replaceValues(cluster.operation(), LENGTHS)).rejects.toThrow(
      'Secret web-generated does not exist in namespace shop; run webapp deploy');
  });
});

describe('destroy', () => {
  beforeEach(async () => deploy(cluster.operation(), generating()).then(() => undefined));

  test('keeps the values as it keeps data, and the next deploy has them', async () => {
    const before = values();
    const { kept } = await destroy(cluster.operation(), false);
    expect(kept.map(shown)).toEqual(['Secret web-generated']);
    await deploy(cluster.operation(), generating());
    expect(values()).toEqual(before);
    expect(cluster.output.filter(line => line.includes('Kept'))).toEqual([]);
  });

  test('removes them with the data', async () => {
    await destroy(cluster.operation(), true);
    expect(secret()).toBeUndefined();
    expect(await cluster.releases()).toEqual([]);
  });

  test('removes them later, too, also where no release is left', async () => {
    await destroy(cluster.operation(), false);
    for (const { number } of await cluster.releases()) await deleteRelease(cluster, APP, number);
    expect((await objectsOf(cluster, APP)).map(shown)).toEqual(['Secret web-generated']);
    await destroy(cluster.operation(), true);
    expect(secret()).toBeUndefined();
    await expect(objectsOf(cluster, APP)).rejects.toThrow('so there is nothing to remove');
  });
});

describe('a dry run', () => {
  const changes = async (generated: { [key: string]: number }) => (
    (await dryRun({ cluster, app: APP, objects: generating('web:1', generated).objects, generated }))
      .filter(({ kind }) => kind === 'Secret').map(({ change, name }) => `${change} ${name}`));

  test('shows that values would be created', async () => {
    expect(await changes(LENGTHS)).toEqual(['create web-generated']);
    expect(secret()).toBeUndefined();
    await createMissing(cluster, APP, LENGTHS);
    expect(await changes(LENGTHS)).toEqual(['unchanged web-generated']);
    expect(await changes({ ...LENGTHS, TOKEN: 16 })).toEqual(['change web-generated']);
    expect(Object.keys(values())).toEqual(['SESSION_KEY']);
  });

  test('says that others have the Secret', async () => {
    put({});
    await expect(changes(LENGTHS)).rejects.toThrow('was created by others');
  });
});

describe('setting keys of a Secret', () => {
  const read = (name: string) => cluster.api.find<Secret>(SECRET, name);

  test('creates it, and then changes those keys alone', async () => {
    expect(await setKeys(cluster.operation(), 'stripe', { 'api-key': 'a', 'hook': 'b' })).toBe('Created');
    expect(await setKeys(cluster.operation(), 'stripe', { hook: 'c' })).toBe('Updated');
    const base64 = (text: string) => Buffer.from(text).toString('base64');
    expect(read('stripe')).toMatchObject({ type: 'Opaque', data: { 'api-key': base64('a'), 'hook': base64('c') } });
  });

  test('gives a value that is to be generated, which stays with the app', async () => {
    await setKeys(cluster.operation(), NAME, { SESSION_KEY: 'of before' });
    await deploy(cluster.operation(), generating('web:1', { ...LENGTHS, TOKEN: 16 }));
    expect(values()).toEqual({ SESSION_KEY: 'of before', TOKEN: expect.any(String) });
    await destroy(cluster.operation(), true);
    expect(secret()).toBeUndefined();
  });

  test('is refused where a controller would take the values back, and for names that no Secret has', async () => {
    const owner = { apiVersion: 'external-secrets.io/v1', kind: 'ExternalSecret', name: 'stripe', uid: '1', controller: true };
    cluster.api.put({ ...SECRET, metadata: { name: 'stripe', namespace: 'shop', ownerReferences: [owner] }, data: {} });
    await expect(setKeys(cluster.operation(), 'stripe', { a: 'b' })).rejects.toThrow(
      'ExternalSecret stripe writes Secret stripe, and would take the values back; change them there');
    cluster.api.put({ ...SECRET, metadata: { name: 'fixed', namespace: 'shop' }, immutable: true, data: {} });
    await expect(setKeys(cluster.operation(), 'fixed', { a: 'b' })).rejects.toThrow('Secret fixed is immutable');
    await expect(setKeys(cluster.operation(), 'A', { 'b c': 'd' })).rejects.toThrow(
      /^the name of the Secret is "A", which is not a valid object name; .*\nthe key is "b c", which is not a valid key/);
  });
});
