import fc from 'fast-check';
import { webApp } from './resources';
import type { AppName } from '../../../src/kube/types';
import type { WebAppResource, WebAppStatus } from '../../../src/operator/resources';
import { Claims } from '../../../src/operator/tenancy/claims';
import { synthesize } from '../../../src/render/synthesis';
import type { PlatformProps, WebAppProps } from 'cdk8s-webapp';

const PLATFORM: PlatformProps = { domain: 'apps.example.com' };

/** The claims of apps, each with its namespace, its props, and the second in which it was created. */
function claimsOf(...apps: [namespace: string, name: string, props: Partial<WebAppProps>, created?: number][]): Claims {
  const claims = new Claims();
  for (const [namespace, name, props, created] of apps) claims.update(webApp(name, props, { namespace, created }), PLATFORM);
  return claims;
}

function conflicts(claims: Claims, namespace: string, name: string): string[] {
  return claims.conflicts({ namespace, name }).map(({ path, message, hint }) => `${path} ${message}; ${hint}`);
}

function related(claims: Claims, namespace: string, name: string): string[] {
  return claims.related({ namespace, name }).map(app => app.name);
}

const RESERVE = 'use another host, or ask your platform team, which can reserve hosts for a namespace in bounds.hosts';

describe('a host belongs to the namespace of the app that was created first', () => {
  const hosts = ['shop.example.com'];

  test.each<[string, [string, string, Partial<WebAppProps>, number?][], string[]]>([
    ['whatever the order in which they are seen', [['b', 'web', { hosts }, 2], ['a', 'web', { hosts }, 1]],
      [`hosts have "shop.example.com", which is a host of the namespace "a"; ${RESERVE}`]],
    ['whatever the path', [['a', 'web', { hosts }, 1], ['b', 'web', { hosts, paths: ['/admin'] }, 2]],
      [`hosts have "shop.example.com", which is a host of the namespace "a"; ${RESERVE}`]],
    ['by name, if both were created in one second', [['a', 'web', { hosts }, 1], ['b', 'web', { hosts }, 1]],
      [`hosts have "shop.example.com", which is a host of the namespace "a"; ${RESERVE}`]],
    ['and so does what its wildcard stands for', [['a', 'web', { hosts: ['*.example.com'] }, 1], ['b', 'web', { hosts }, 2]],
      [`hosts have "shop.example.com", which is part of "*.example.com", a host of the namespace "a"; ${RESERVE}`]],
    ['and no later wildcard stands for it', [['a', 'web', { hosts }, 1], ['b', 'web', { hosts: ['*.example.com'] }, 2]],
      [`hosts have "*.example.com", which also stands for "shop.example.com", a host of the namespace "a"; ${RESERVE}`]],
    ['also a default host', [['a', 'web', {}, 1], ['b', 'web', {}, 2]],
      [`hosts have "web.apps.example.com", which is a host of the namespace "a"; ${RESERVE}`]],
    ['also that of a further port', [['a', 'web', { hosts }, 1], ['b', 'api', { ports: { admin: { port: 9000, hosts } } }, 2]],
      [`ports.admin.hosts have "shop.example.com", which is a host of the namespace "a"; ${RESERVE}`]],
    ['also one that is redirected', [['a', 'web', { hosts }, 1], ['b', 'api', { http: { redirectFrom: hosts } }, 2]],
      [`http.redirectFrom have "shop.example.com", which is a host of the namespace "a"; ${RESERVE}`]],
  ])('%s', (_, apps, expected) => {
    const claims = claimsOf(...apps);
    const other = apps.find(([namespace]) => namespace === 'b')!;
    expect(conflicts(claims, 'b', other[1])).toEqual(expected);
    expect(conflicts(claims, 'a', 'web')).toEqual([]);
  });

  test('until that app is deleted', () => {
    const claims = claimsOf(['a', 'web', { hosts }, 1], ['b', 'web', { hosts }, 2]);
    expect(claims.remove({ namespace: 'a', name: 'web' })).toEqual([{ namespace: 'b', name: 'web' }]);
    expect(conflicts(claims, 'b', 'web')).toEqual([]);
  });

  test('but the host of all that nobody has takes nothing from others', () => {
    const claims = claimsOf(['a', 'web', { hosts: ['*'] }, 1], ['b', 'web', { hosts }, 2], ['c', 'web', { hosts: ['*'] }, 3]);
    expect(conflicts(claims, 'b', 'web')).toEqual([]);
    expect(conflicts(claims, 'c', 'web')).toEqual([`hosts have "*", which is a host of the namespace "a"; ${RESERVE}`]);
  });
});

describe('what an app has', () => {
  const [shop, other] = [{ hosts: ['shop.example.com'] }, { hosts: ['other.example.com'] }];
  const old = webApp('old', shop, { namespace: 'a', created: 1 });
  const young = webApp('young', shop, { namespace: 'b', created: 2 });
  const withStatus = (resource: WebAppResource, status: WebAppStatus) => ({ ...resource, status });
  const ofB = [`hosts have "shop.example.com", which is a host of the namespace "b"; ${RESERVE}`];
  const ofA = [`hosts have "shop.example.com", which is a host of the namespace "a"; ${RESERVE}`];

  test.each<[string, WebAppStatus]>([
    ['of its release', { claims: ['shop.example.com/'] }],
    ['of the release that is being deployed', { attempt: { revision: 'a', started: '', claims: ['shop.example.com/'] } }],
  ])('by its status, cannot be claimed by an older app: %s', (_, status) => {
    const claims = new Claims();
    claims.update(withStatus(young, status));
    expect(claims.update(old)).toEqual([{ namespace: 'b', name: 'young' }]);
    expect([conflicts(claims, 'a', 'old'), conflicts(claims, 'b', 'young')]).toEqual([ofB, []]);
  });

  test('from when the operator accepts it, and no longer when it claims something else or is refused', () => {
    const claims = new Claims();
    claims.update(young);
    expect(claims.accept({ namespace: 'b', name: 'young' })).toEqual(['shop.example.com/']);
    claims.update(old);
    expect(conflicts(claims, 'a', 'old')).toEqual(ofB);
    claims.update({ ...young, spec: { ...young.spec, ...other } });
    expect(conflicts(claims, 'a', 'old')).toEqual([]);
    claims.update(young);
    expect(conflicts(claims, 'a', 'old')).toEqual(ofB);
    claims.refuse({ namespace: 'b', name: 'young' });
    expect([conflicts(claims, 'a', 'old'), conflicts(claims, 'b', 'young')]).toEqual([[], ofA]);
  });

  test('is not that of an app of the same name before it', () => {
    const claims = claimsOf(['b', 'young', shop, 2]);
    claims.accept({ namespace: 'b', name: 'young' });
    claims.update({ ...young, metadata: { ...young.metadata, uid: 'another' } });
    claims.update(old);
    expect(conflicts(claims, 'a', 'old')).toEqual([]);
  });

  test('stays its own as long as its status says so, whatever its spec says', () => {
    const claims = new Claims();
    const moved = webApp('young', other, { namespace: 'b', created: 2 });
    claims.update(withStatus(moved, { claims: ['shop.example.com/'] }));
    claims.update(old);
    expect(conflicts(claims, 'a', 'old')).toEqual(ofB);
    expect(claims.update(withStatus(moved, { claims: ['other.example.com/'] }))).toEqual([{ namespace: 'a', name: 'old' }]);
    expect(conflicts(claims, 'a', 'old')).toEqual([]);
  });

  test('is a path, headers and a volume too, within a namespace', () => {
    const volumes = { data: { path: '/data', claim: 'data' } };
    const props = { ...shop, paths: ['/api'], headers: { 'X-Beta': '1' }, volumes };
    const claims = claimsOf(['a', 'young', props, 2]);
    const keys = claims.accept({ namespace: 'a', name: 'young' });
    expect(keys).toEqual(['shop.example.com/api x-beta=1', 'volume a/data']);
    const again = new Claims();
    again.update(withStatus(webApp('young', props, { namespace: 'a', created: 2 }), { claims: keys }));
    again.update(webApp('old', props, { namespace: 'a', created: 1 }));
    again.update(webApp('beside', { ...shop, paths: ['/api'] }, { namespace: 'a', created: 1 }));
    expect(again.conflicts({ namespace: 'a', name: 'young' })).toEqual([]);
    expect(again.conflicts({ namespace: 'a', name: 'old' }).map(({ path }) => path)).toEqual(['hosts', 'volumes.data']);
    expect(again.conflicts({ namespace: 'a', name: 'beside' })).toEqual([]);
  });

  test('is nothing that it only wants, and its platform refuses', () => {
    const refusal = (generation: number): WebAppStatus => ({
      conditions: [{
        type: 'Accepted', status: 'False', reason: 'Invalid', message: '', lastTransitionTime: '', observedGeneration: generation,
      }],
    });
    const refused = { ...old, metadata: { ...old.metadata, generation: 2 } };
    const claims = claimsOf(['b', 'young', shop, 2]);
    claims.update(refused);
    expect(conflicts(claims, 'b', 'young')).toEqual(ofA);
    expect(claims.update(withStatus(refused, refusal(2)))).toEqual([{ namespace: 'b', name: 'young' }]);
    expect(conflicts(claims, 'b', 'young')).toEqual([]);
    claims.update(withStatus(refused, refusal(1)));
    expect(conflicts(claims, 'b', 'young')).toEqual(ofA);
  });
});

describe('apps of one namespace', () => {
  const hosts = ['shop.example.com'];

  test('share a host by paths, and are synthesized together', () => {
    const claims = claimsOf(['a', 'web', { hosts }, 2], ['a', 'api', { hosts, paths: ['/api'] }, 1], ['a', 'other', {}, 3]);
    expect(conflicts(claims, 'a', 'api')).toEqual([]);
    expect([related(claims, 'a', 'web'), related(claims, 'a', 'api'), related(claims, 'a', 'other')]).toEqual([['api'], ['web'], []]);
  });

  test('cannot have the same host and path: the one that was created first has it', () => {
    const claims = claimsOf(['a', 'web', { hosts }, 1], ['a', 'api', { hosts }, 2]);
    expect(conflicts(claims, 'a', 'web')).toEqual([]);
    expect(conflicts(claims, 'a', 'api')).toEqual([
      'hosts have "shop.example.com" with path "/", which WebApp "web" has too; use another host, path or header in one of them',
    ]);
  });

  test('cannot mount one claim that one node can mount', () => {
    const volumes = { data: { path: '/data', claim: 'data' } };
    const claims = claimsOf(['a', 'web', { volumes }, 1], ['a', 'api', { volumes }, 2], ['b', 'web', { volumes, internal: true }, 3]);
    expect(conflicts(claims, 'a', 'api')).toEqual([
      'volumes.data is the claim "data", which WebApp "web" mounts too, and its accessMode is read-write-once; '
        + 'use a claim of its own, or accessMode: read-write-many in both if the claim has it',
    ]);
    expect(conflicts(claims, 'b', 'web')).toEqual([]);
  });

  test('are related where one calls the other, or wakes it by way of others', () => {
    const call = (app: string, wake = false) => ({ connections: { [app]: { type: 'web-app', app, wake } } });
    const claims = claimsOf(
      ['a', 'web', call('api', true), 1], ['a', 'api', call('db', true), 2], ['a', 'db', {}, 3], ['a', 'batch', call('api'), 4],
    );
    expect(Object.fromEntries(['web', 'api', 'db', 'batch'].map(name => [name, related(claims, 'a', name)]))).toEqual({
      web: ['api', 'db'], api: ['web', 'db'], db: ['web', 'api'], batch: ['api', 'db'],
    });
  });

  test('are not related to apps of other namespaces, whose policies they could open otherwise', () => {
    const claims = claimsOf(
      ['a', 'web', { connections: { api: { type: 'web-app', app: 'api', namespace: 'b', bypassInterceptor: true } } }, 1],
      ['b', 'api', { internal: true, scaling: { replicas: 1 } }, 2],
    );
    expect([related(claims, 'a', 'web'), related(claims, 'b', 'api')]).toEqual([[], []]);
  });
});

describe('an update', () => {
  const hosts = ['shop.example.com'];

  test('of what others do not depend on concerns no other app', () => {
    const claims = claimsOf(['a', 'web', { hosts }, 1], ['a', 'api', { hosts, paths: ['/api'] }, 2]);
    const changed = { hosts, image: 'ghcr.io/acme/web:2', env: { A: 'b' } };
    expect(claims.update(webApp('web', changed, { namespace: 'a', created: 1 }), PLATFORM)).toEqual([]);
  });

  test('concerns those that share a host with it, or did', () => {
    const claims = claimsOf(['a', 'web', { hosts }, 1], ['a', 'api', { hosts, paths: ['/api'] }, 2]);
    expect(claims.update(webApp('web', { hosts: ['www.example.com'] }, { namespace: 'a', created: 1 }), PLATFORM))
      .toEqual([{ namespace: 'a', name: 'api' }]);
  });

  test('survives props that no check has seen', () => {
    const claims = new Claims();
    const wrong = { hosts: 'shop.example.com', scaling: 7, connections: { a: null } };
    expect(claims.update(webApp('web', wrong as object), PLATFORM)).toEqual([]);
    expect(claims.conflicts({ namespace: 'shop', name: 'web' })).toEqual([]);
  });
});

/** An app as the properties below make it up. */
interface Sketch extends AppName {
  readonly created: number;
  readonly hosts: readonly string[];
  readonly path: string;
  readonly calls: readonly { readonly app: string; readonly wake: boolean }[];

  /** Whether it has what it claims, only wants it, or is refused anyway. */
  readonly state: 'has' | 'wants' | 'void';
}

const NAMES = ['a', 'b', 'c', 'd'];

const sketches = (namespaces: string[], wildcards: string[]): fc.Arbitrary<Sketch> => fc.record({
  name: fc.constantFrom(...NAMES),
  namespace: fc.constantFrom(...namespaces),
  created: fc.nat(3),
  hosts: fc.uniqueArray(fc.constantFrom('x.example.com', 'y.example.com', 'z.a.example.com', 'other.org', ...wildcards), { maxLength: 3 }),
  path: fc.constantFrom('/', '/api', '/api/v1'),
  calls: fc.uniqueArray(fc.record({ app: fc.constantFrom(...NAMES), wake: fc.boolean() }), { maxLength: 2, selector: ({ app }) => app }),
  state: fc.constant('wants'),
});

function propsOf({ name, hosts, path, calls }: Sketch): Partial<WebAppProps> {
  const connections = Object.fromEntries(calls.filter(({ app }) => app !== name)
    .map(({ app, wake }) => [app, { type: 'web-app', app, ...wake && { wake } }]));
  return { ...hosts.length > 0 ? { hosts: [...hosts], paths: [path] } : { internal: true }, connections };
}

function update(claims: Claims, sketch: Sketch): AppName[] {
  const { name, namespace, created, state } = sketch;
  const resource = webApp(name, propsOf(sketch), { namespace, created });
  const alone = new Claims();
  alone.update(resource, PLATFORM);
  const status = { type: 'Accepted', status: 'False', reason: 'Invalid', message: '', lastTransitionTime: '' } as const;
  return claims.update({
    ...resource,
    metadata: { ...resource.metadata, generation: 1 },
    status: {
      claims: state === 'has' ? alone.accept(sketch) : undefined,
      conditions: state === 'void' ? [{ ...status, observedGeneration: 1 }] : [],
    },
  }, PLATFORM);
}

const keyOf = ({ namespace, name }: AppName) => `${namespace}/${name}`;
const STATES: readonly Sketch['state'][] = ['has', 'wants', 'void'];
const isBefore = (a: Sketch, b: Sketch) => a.state === b.state
  ? a.created < b.created || (a.created === b.created && keyOf(a) < keyOf(b))
  : STATES.indexOf(a.state) < STATES.indexOf(b.state);
const isPart = (host: string, wildcard: string) => wildcard.startsWith('*.') && host !== wildcard && host.endsWith(wildcard.slice(1));

/** Which hosts of an app belong to others, found by comparing it with every other app. */
function foreignHosts(app: Sketch, all: readonly Sketch[]): string[] {
  const firstOf = (host: string, among = all) => among.filter(({ hosts }) => hosts.includes(host)).reduce((a, b) => isBefore(a, b) ? a : b);
  const isForeign = ({ namespace, state }: Sketch) => namespace !== app.namespace && state !== 'void';
  return app.hosts.filter(host => {
    if (isForeign(firstOf(host))) return true;
    const own = firstOf(host, all.filter(({ namespace }) => namespace === app.namespace));
    return [...new Set(all.flatMap(({ hosts }) => hosts))].filter(other => isPart(host, other) || isPart(other, host))
      .some(other => isForeign(firstOf(other)) && isBefore(firstOf(other), own));
  }).sort();
}

function relatedNames(app: Sketch, all: readonly Sketch[]): string[] {
  const others = all.filter(other => other.namespace === app.namespace && other !== app);
  const callsOf = ({ name, calls }: Sketch) => calls.filter(call => call.app !== name);
  const wakers = new Set<Sketch>([app]);
  for (let size = 0; size < wakers.size;) {
    size = wakers.size;
    for (const one of others) {
      if (callsOf(one).some(({ app: name, wake }) => wake && [...wakers].some(woken => woken.name === name))) wakers.add(one);
    }
  }
  const direct = others.filter(other => wakers.has(other) || callsOf(app).some(call => call.app === other.name));
  const sharersOf = (one: Sketch) => others.filter(other => other !== one
    && one.hosts.some(host => other.hosts.some(theirs => theirs === host || isPart(host, theirs))));
  const found = new Set([app, ...direct]);
  for (const one of found) for (const other of sharersOf(one)) found.add(other);
  found.delete(app);
  for (const one of found) {
    for (const other of others) if (callsOf(one).some(({ app: name, wake }) => wake && name === other.name)) found.add(other);
  }
  return [...found].map(({ name }) => name).sort();
}

describe('whatever apps there are, and in whatever order they come, change and go', () => {
  const anywhere = fc.tuple(sketches(['one', 'two', 'three'], ['*.example.com', '*.a.example.com', '*']), fc.constantFrom(...STATES))
    .map(([sketch, state]): Sketch => ({ ...sketch, state }));
  const steps = fc.array(fc.record({ sketch: anywhere, remove: fc.boolean() }), { maxLength: 14 });

  test('conflicts and relations are those that a comparison of all with all finds', () => {
    fc.assert(fc.property(steps, list => {
      const claims = new Claims();
      const apps = new Map<string, Sketch>();
      for (const { sketch, remove } of list) {
        if (remove) claims.remove(sketch);
        else update(claims, sketch);
        apps.delete(keyOf(sketch));
        if (!remove) apps.set(keyOf(sketch), sketch);
      }
      const all = [...apps.values()];
      for (const app of all) {
        const found = claims.conflicts(app).filter(({ hint }) => hint === RESERVE);
        expect(found.map(({ message }) => /^have "([^"]+)"/.exec(message)![1]).sort()).toEqual(foreignHosts(app, all));
        expect(claims.related(app).map(({ name }) => name).sort()).toEqual(relatedNames(app, all));
      }
    }), { numRuns: 500 });
  });

  test('a change tells all apps whose conflicts or relations it changed', () => {
    const outcome = (claims: Claims, app: AppName) => JSON.stringify([claims.conflicts(app), claims.related(app)]);
    fc.assert(fc.property(steps, list => {
      const claims = new Claims();
      const apps = new Map<string, Sketch>();
      for (const { sketch, remove } of list) {
        const before = new Map([...apps].map(([key, app]) => [key, outcome(claims, app)]));
        const told = (remove ? claims.remove(sketch) : update(claims, sketch)).map(keyOf);
        if (remove) apps.delete(keyOf(sketch));
        else apps.set(keyOf(sketch), sketch);
        for (const [key, app] of apps) {
          if (key !== keyOf(sketch) && outcome(claims, app) !== before.get(key)) expect(told).toContain(key);
        }
      }
    }), { numRuns: 500 });
  });

  test('nothing is left of apps that are gone', () => {
    fc.assert(fc.property(steps, list => {
      const claims = new Claims();
      for (const { sketch } of list) {
        update(claims, sketch);
        if (sketch.created > 1) claims.accept(sketch);
      }
      for (const { sketch } of list) claims.remove(sketch);
      const written = (value: Claims) => JSON.stringify(value, (_, part) => part instanceof Map ? [...part] : part);
      expect(written(claims)).toBe(written(new Claims()));
    }), { numRuns: 100 });
  });
});

describe('an app with those that it is related to', () => {
  test('has the objects that it has with all apps of its namespace', () => {
    let compared = 0;
    const few = fc.uniqueArray(sketches(['one'], ['*.example.com']), { maxLength: 4, selector: ({ name }) => name });
    fc.assert(fc.property(few, list => {
      const claims = new Claims();
      for (const sketch of list) update(claims, sketch);
      const inputs = (names: readonly AppName[]) => claims.inOrder(names).map(({ name }) => {
        const sketch = list.find(one => one.name === name)!;
        return { name, namespace: 'one', props: { image: 'ghcr.io/acme/web:1', ...propsOf(sketch) } as WebAppProps };
      });
      const all = synthesize(inputs(list), PLATFORM);
      for (const sketch of all.apps.length === 0 ? [] : list) {
        const alone = synthesize(inputs([sketch, ...claims.related(sketch)]), PLATFORM);
        const objectsIn = ({ apps }: typeof all) => apps.find(({ name }) => name === sketch.name)?.objects;
        expect(objectsIn(alone)).toEqual(objectsIn(all));
        compared++;
      }
    }), { numRuns: 500 });
    expect(compared).toBeGreaterThan(100);
  });
});
