import { createRelease, deleteRelease, releaseSecret } from '../../src/engine/release-store';
import { SECRET } from '../../src/kube/types';
import { KnownReleases } from '../../src/operator/known-releases';
import { APP, TestCluster } from '../kube/test-cluster';

const SECRETS = '/api/v1/secrets';
const OWNER = { apiVersion: 'cdk8s-webapp.dev/v1alpha1', kind: 'WebApp', name: 'web', uid: '1', controller: true };

let cluster: TestCluster;
let foreign: string[];
let errors: unknown[];
let stopped: AbortController;
let releases: KnownReleases;
beforeEach(() => {
  cluster = new TestCluster();
  foreign = [];
  errors = [];
  stopped = new AbortController();
  releases = new KnownReleases(cluster, {
    onForeign: ({ name, namespace }) => void foreign.push(`${namespace}/${name}`),
    onError: (_, error) => void errors.push(error),
    random: () => 0.5,
  });
});
afterEach(() => stopped.abort());

const pass = async (seconds = 1) => cluster.clock.sleep(seconds * 1000);
const store = async (number: number, owner?: object) => createRelease(
  cluster, APP, { number, state: 'deployed', action: 'deploy', by: 'tester', objects: [], shared: [], kept: [] }, owner);

async function start(): Promise<void> {
  void releases.run(stopped.signal);
  await pass();
}

test('an app has releases from the first to the last', async () => {
  await start();
  expect(releases.has(APP)).toBe(false);
  await store(1);
  await store(2);
  expect(releases.has(APP)).toBe(true);
  await deleteRelease(cluster, APP, 1);
  expect(releases.has(APP)).toBe(true);
  await deleteRelease(cluster, APP, 2);
  expect(releases.has(APP)).toBe(false);
});

test('is not known before the cluster is listed', async () => {
  await store(1);
  expect(releases.has(APP)).toBeUndefined();
  await start();
  expect(releases.has(APP)).toBe(true);
  expect(releases.has({ ...APP, namespace: 'other' })).toBe(false);
});

test('of Secrets that are no releases nothing is read, and of those that are, no contents', async () => {
  const { api } = cluster;
  const received: string[] = [];
  const { stream, send } = api;
  api.stream = async (path, request, onText) => stream.call(api, path, request, text => {
    received.push(text);
    onText(text);
  });
  api.send = async (...given) => {
    const response = await send.apply(api, given);
    received.push(response.text);
    return response;
  };
  await store(1);
  received.length = 0;
  await start();
  api.put({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'password', namespace: 'shop' }, data: { a: 'b' } } as never);
  api.send = send;
  await store(2);
  expect(received.join('')).toMatch(/webapp-web-1[^]*webapp-web-2/);
  expect(received.join('')).not.toMatch(/password|"data"/);
});

test('a release that was deleted while the watch was interrupted is gone', async () => {
  await store(1);
  await start();
  cluster.api.endWatches(new Error('the connection was lost'));
  await deleteRelease(cluster, APP, 1);
  cluster.api.compact();
  await pass(60);
  expect(releases.has(APP)).toBe(false);
});

test('releases without an owner are known, until they have one', async () => {
  await start();
  await store(1, OWNER);
  expect(releases.hasForeign(APP)).toBe(false);
  const { metadata } = cluster.api.find(SECRET, releaseSecret(APP, (await store(2)).release.number).name)!;
  expect(releases.hasForeign(APP)).toBe(true);
  cluster.api.change({ ...SECRET, metadata }, { metadata: { ownerReferences: [OWNER] } });
  expect(releases.hasForeign(APP)).toBe(false);
});

test('releases that come without an owner are told once, and those of the operator are not', async () => {
  await store(1);
  await start();
  await store(2);
  await store(3, OWNER);
  cluster.api.endWatches();
  cluster.api.compact();
  await pass(60);
  expect(foreign).toEqual(['shop/web']);
});

test('where Secrets of all namespaces may not be read, nothing is known, and nothing is tried again', async () => {
  cluster.api.denials.push({ verb: 'list', resource: 'secrets' });
  await start();
  const first = cluster.api.requests.length;
  await pass(600);
  expect(cluster.api.requests.slice(first).filter(request => request.includes(SECRETS))).toEqual([]);
  expect(releases.has(APP)).toBeUndefined();
  expect(errors).toEqual([]);
});

test('nothing is known any more once they may not be read any more', async () => {
  await start();
  cluster.api.denials.push({ resource: 'secrets' });
  cluster.api.endWatches();
  await pass(60);
  expect(releases.has(APP)).toBeUndefined();
});
