import { CONFIG_MAP, DEPLOYMENT, INTERCEPTOR_ROUTE } from '../../src/kube/types';
import type { Workload } from '../../src/kube/workload';
import { PAGE } from '../../src/maintenance/page';
import { WEB_APP } from '../../src/operator/resources';
import { call } from '../call';
import { Folder } from '../folder';
import { runControllers } from '../kube/controllers';
import { response } from '../kube/in-memory-api';
import { configMap, TestCluster } from '../kube/test-cluster';

interface StaticRoute {
  readonly rules: object[];
  readonly responseMode: string;
  readonly response: {
    readonly statusCode: number;
    readonly headers: { readonly [name: string]: string };
    readonly body?: string;
    readonly bodyFromConfigMap?: { readonly name: string };
  };
}

let cluster: TestCluster;
let folder: Folder;

const file = (more = '') => `name: web\nnamespace: shop\nimage: ghcr.io/acme/web:1\n${more}`;

beforeEach(() => {
  cluster = new TestCluster();
  runControllers(cluster);
  // As the interceptor does: a page in place of the app.
  cluster.api.proxy = service => service.includes('interceptor') && pages().length > 0
    ? response(503, 'a page') : response(200, 'hello', { 'x-keda-http-cold-start': 'false' });
  folder = new Folder({ 'webapp.yaml': file(), 'platform.yaml': 'domain: example.com\ngateway: { name: public, namespace: shop }\n' });
});

const routes = (name = 'web') => (
  (cluster.api.find(INTERCEPTOR_ROUTE, name)?.spec as { staticRoutes?: StaticRoute[] } | undefined)?.staticRoutes ?? []);
const pages = (name = 'web') => routes(name).filter(({ response: { headers } }) => headers['X-Maintenance'] !== undefined);
const run = async (line: string) => call(line.split(' '), { cwd: folder.path, cluster });
const actions = async () => (await cluster.releases()).map(({ action }) => action);

async function succeed(line: string) {
  const called = await run(line);
  expect({ code: called.code, err: called.code === 0 ? '' : called.err }).toEqual({ code: 0, err: '' });
  return called;
}

describe('variables of webapp config', () => {
  const sources = () => (cluster.api.find(DEPLOYMENT, 'web')!.spec as Workload['spec']).template.spec!.containers[0].envFrom ?? [];

  test('stay, once each, when maintenance is switched on and off, and a change of them leaves it on', async () => {
    await succeed('deploy');
    await succeed('config set COLOR=blue');
    const before = sources();
    expect(before).toHaveLength(1);
    await succeed('maintenance on');
    expect(sources()).toEqual(before);
    await succeed('config set COLOR=red');
    expect(pages()).toHaveLength(1);
    expect(sources()).toHaveLength(1);
    expect(sources()).not.toEqual(before);
    await succeed('maintenance off');
    expect(pages()).toEqual([]);
    expect(sources()).toHaveLength(1);
    await succeed('rollback 2');
    expect(sources()).toEqual(before);
  });
});

describe('webapp ls', () => {
  test.each([
    ['the command', async () => succeed('maintenance on')],
    ['the file', async () => {
      folder.write('webapp.yaml', file('maintenance: { body: soon }\n'));
      await succeed('deploy');
    }],
  ])('says that an app is in maintenance by %s', async (_, switchOn) => {
    await succeed('deploy');
    expect((await run('ls -n shop')).out).not.toContain('maintenance');
    await switchOn();
    expect((await run('ls -n shop')).out).toContain('! web is in maintenance: all requests get a page, and none reaches it\n');
    expect(JSON.parse((await run('ls -n shop -o json')).out)).toMatchObject([{ name: 'web', maintenance: true }]);
  });
});

describe('webapp diff', () => {
  test('shows neither the page nor variables as a change: a deploy leaves them', async () => {
    await succeed('deploy');
    await succeed('config set COLOR=blue');
    await succeed('maintenance on');
    expect((await run('diff')).out).toBe('');
  });
});

describe('webapp maintenance on', () => {
  test('answers all requests with a page, before all other static responses', async () => {
    folder.write('webapp.yaml', file('staticRoutes: [{ paths: [/robots.txt], body: none }]\n'));
    await succeed('deploy');
    const { err } = await succeed('maintenance on');
    expect(err).toContain('✓ Deployed release 2 (maintenance on)\n✓ web is in maintenance, until webapp maintenance off\n');
    expect(routes()).toHaveLength(2);
    const [{ rules, responseMode, response: { statusCode, headers, body } }] = routes();
    expect({ rules, responseMode, statusCode, body }).toEqual({
      rules: cluster.api.find(INTERCEPTOR_ROUTE, 'web')!.spec.rules, responseMode: 'Always', statusCode: 503, body: PAGE,
    });
    expect(headers).toMatchObject({ 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-store', 'Retry-After': '120' });
  });

  test('restarts nothing', async () => {
    await succeed('deploy');
    const { generation } = cluster.api.find(DEPLOYMENT, 'web')!.metadata;
    await succeed('maintenance on');
    await succeed('maintenance off');
    expect(cluster.api.find(DEPLOYMENT, 'web')!.metadata.generation).toBe(generation);
    expect(routes()).toEqual([]);
    expect(await actions()).toEqual(['maintenance off', 'maintenance on', 'deploy']);
  });

  test('stays on through a deploy and a rollback, which warn of it', async () => {
    await succeed('deploy');
    await succeed('maintenance on');
    const { err } = await succeed('deploy --image ghcr.io/acme/web:2');
    expect(err).toMatch(/! web is in maintenance since \S+, by tester: all requests get a page until webapp maintenance off web\n/);
    expect(pages()).toHaveLength(1);
    await succeed('rollback');
    expect(pages()).toHaveLength(1);
    await succeed('maintenance off');
    expect(pages()).toEqual([]);
    await succeed('rollback 2'); // the one that had the page
    expect(pages()).toEqual([]);
  });

  test('is what webapp doctor finds, and keeps the app from being woken', async () => {
    await succeed('deploy');
    await succeed('maintenance on');
    expect((await run('doctor web')).out).toContain('maintenance: all requests get a page, and none reaches the app');
    cluster.api.change(cluster.api.find(DEPLOYMENT, 'web') as never, { spec: { replicas: 0 } });
    expect(await run('wake')).toMatchObject({ code: 1, err: expect.stringContaining('web is in maintenance, so no request reaches it') });
    expect((await succeed('deploy')).err).toContain('✓ web is scaled to zero until there is work\n');
  });

  test('is the same if it is on already', async () => {
    await succeed('deploy');
    await succeed('maintenance on');
    expect((await succeed('maintenance on')).err).toBe('✓ web is in maintenance already\n');
    expect(await actions()).toHaveLength(2);
  });

  test('has a page of the user, which may be changed', async () => {
    folder.write('page.html', '<h1>Back at noon</h1>');
    await succeed('deploy');
    await succeed('maintenance on');
    await succeed('maintenance on --page page.html');
    expect(pages().map(one => one.response.body)).toEqual(['<h1>Back at noon</h1>']);
  });

  test('keeps a large page in a ConfigMap, which goes with it', async () => {
    folder.write('page.html', 'x'.repeat(40_000));
    await succeed('deploy');
    await succeed('maintenance on --page page.html');
    const { name } = pages()[0].response.bodyFromConfigMap!;
    const { metadata, data } = cluster.api.find(CONFIG_MAP, name)!;
    expect(metadata.labels).toMatchObject({ 'http.keda.sh/response-body': 'true', 'app.kubernetes.io/name': 'web' });
    expect(data!.body).toHaveLength(40_000);
    await succeed('maintenance off');
    expect(cluster.api.find(CONFIG_MAP, name)).toBeUndefined();
  });

  test.each([
    ['missing.html', 'missing.html does not exist'],
    ['large.html', 'large.html has more than 512 KiB; put its images elsewhere'],
  ])('refuses the page %s', async (page, message) => {
    folder.write('large.html', 'x'.repeat(600_000));
    await succeed('deploy');
    expect(await run(`maintenance on --page ${page}`)).toMatchObject({ code: 1, err: `${message}\n` });
  });

  test('refuses an app that nothing could answer for', async () => {
    folder.write('webapp.yaml', file('scaling: { replicas: 1 }\n'));
    await succeed('deploy');
    const { code, err } = await run('maintenance on');
    expect({ code, err }).toMatchObject({ code: 1, err: expect.stringContaining('web is not scaled by HTTP') });
  });

  test('refuses an app that is not deployed', async () => {
    expect(await run('maintenance on')).toMatchObject({ code: 1, err: expect.stringContaining('web is not deployed in namespace shop') });
  });

  test('covers a canary too, and not the preview URL of a blue-green rollout', async () => {
    await succeed('deploy');
    await succeed('deploy --image ghcr.io/acme/web:2 --canary 10');
    await succeed('maintenance on');
    expect(pages('web-canary')).toHaveLength(1);
  });
});

describe('webapp maintenance', () => {
  test('shows whether it is on, as webapp status does', async () => {
    await succeed('deploy');
    expect((await succeed('maintenance')).out).toBe('web is not in maintenance\n');
    expect((await succeed('maintenance off')).err).toBe('✓ web is not in maintenance\n');
    await succeed('maintenance on');
    expect((await succeed('maintenance')).out).toMatch(/^web is in maintenance, since .* by tester\n$/);
    expect(JSON.parse((await succeed('maintenance --output json')).out)).toMatchObject({ name: 'web', maintenance: true, by: 'tester' });
    expect((await succeed('status')).out).toMatch(/^Maintenance: +on since .* by tester; webapp maintenance off ends it$/m);
    expect((await succeed('status --output json')).out).not.toContain('<!doctype');
  });
});

describe('an app whose file has a page for all requests', () => {
  test('is deployed and checked at its Service, as no request reaches it from outside', async () => {
    folder.write('webapp.yaml', file('maintenance: { body: Back at noon }\n'));
    cluster.api.proxy = service => service.includes('interceptor') ? response(503, 'Back at noon') : response(200, 'hello');
    expect((await succeed('deploy')).err).toContain('✓ GET / returned 200\n✓ Deployed release 1\n');
  });
});

describe('webapp maintenance of an app that the operator deploys', () => {
  const spec = () => (cluster.api.find(WEB_APP, 'web') as unknown as { spec: { maintenance?: object } }).spec;
  const resource = (maintenance?: object) => {
    cluster.api.put({ ...WEB_APP, metadata: { name: 'web', namespace: 'shop' }, spec: { image: 'ghcr.io/acme/web:1', maintenance } });
  };
  beforeEach(async () => {
    await cluster.store(1, { image: 'ghcr.io/acme/web:1', objects: [configMap('web-conf')] });
    cluster.api.onWrite = object => {
      const { generation } = object.metadata as { generation?: number };
      const { status } = object as { status?: { observedGeneration?: number } };
      if (object.kind !== 'WebApp' || status?.observedGeneration === generation) return;
      const conditions = ['Accepted', 'Released'].map(type => ({ type, status: 'True' }));
      cluster.api.change(object, { status: { observedGeneration: generation, conditions, ready: '1/1' } }, 'operator');
    };
  });

  test('changes its resource', async () => {
    resource();
    await succeed('maintenance on');
    expect(spec().maintenance).toEqual({ body: PAGE, enabled: true });
    expect((await succeed('maintenance')).out).toBe('web is in maintenance\n');
    await succeed('maintenance off');
    expect(spec().maintenance).toEqual({ body: PAGE, enabled: false });
  });

  test('keeps the page that the resource has', async () => {
    resource({ body: 'Back at noon', enabled: false });
    await succeed('maintenance on');
    expect(spec().maintenance).toEqual({ body: 'Back at noon', enabled: true });
  });
});

describe('the page', () => {
  test('needs no other file', () => {
    expect(PAGE).not.toMatch(/src=|href=|url\(|@import|<script/);
    expect(Buffer.byteLength(PAGE)).toBeLessThan(4096);
  });

  test('is readable by everyone: a language, a title, a heading, light and dark, and no picture that is read out', () => {
    for (const part of ['<html lang="en">', '<title>', '<h1>', 'prefers-color-scheme: dark', 'name="viewport"', 'aria-hidden="true"']) {
      expect(PAGE).toContain(part);
    }
  });

  test.each([['light', '#f6f7f9', ['#1c2430', '#4a5565']], ['dark', '#12161d', ['#eef1f5', '#b3bdcb']]])(
    'has enough contrast on %s screens', (_, back, texts) => {
      for (const color of [back, ...texts]) expect(PAGE).toContain(color);
      // https://www.w3.org/WAI/WCAG22/Understanding/contrast-enhanced
      for (const text of texts) expect(contrast(text, back)).toBeGreaterThan(7);
    });
});

/** https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio */
function contrast(a: string, b: string): number {
  const luminance = (color: string) => {
    const [red, green, blue] = [1, 3, 5].map(i => parseInt(color.slice(i, i + 2), 16) / 255)
      .map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
}
