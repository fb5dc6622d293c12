import type { Resolution } from '../../src/operator/host-names';
import { HostNames } from '../../src/operator/host-names';
import { VirtualClock } from '../kube/virtual-clock';

const APP = { namespace: 'shop', name: 'web' };
const OTHER = { namespace: 'shop', name: 'api' };
const HOST = 'shop.example.com';
const [HERE, THERE] = ['192.0.2.1', '203.0.113.9'];
const MINUTE = 60_000;

const noSuchHost = (code = 'ENOTFOUND') => Object.assign(new Error(`queryA ${code} ${HOST}`), { code });

type Answer = (host: string) => readonly string[] | Error;

const RESOLVES: Answer = () => [HERE];

/** A cluster whose DNS answers as a test wants. */
class Site {
  public readonly clock = new VirtualClock();
  public readonly lookups: string[] = [];
  public readonly changed: string[] = [];
  public readonly names: HostNames;
  public atOnce = 0;

  /** What it answers. */
  public answer: Answer = RESOLVES;
  private readonly stopped = new AbortController();
  private running = 0;

  constructor() {
    const lookUp = async (host: string): Promise<readonly string[]> => {
      this.lookups.push(host);
      this.atOnce = Math.max(this.atOnce, ++this.running);
      await this.clock.sleep(10);
      this.running--;
      const answer = this.answer(host);
      if (answer instanceof Error) throw answer;
      return answer;
    };
    this.names = new HostNames({ clock: this.clock, lookUp, random: () => 0, onChange: ({ name }) => void this.changed.push(name) });
    void this.names.run(this.stopped.signal);
  }

  public resolve(addresses: readonly string[] = [HERE], assumed?: Resolution): Resolution | undefined {
    return this.names.resolve(APP, [{ host: HOST, addresses }], assumed)[0];
  }

  /** What an app that asks now is told after the first lookup. */
  public async resolved(addresses: readonly string[] = [HERE], assumed?: Resolution): Promise<Resolution | undefined> {
    this.resolve(addresses, assumed);
    await this.clock.sleep(100);
    return this.resolve(addresses, assumed);
  }

  public stop(): void {
    this.stopped.abort();
  }
}

let site: Site;
beforeEach(() => {
  site = new Site();
});
afterEach(() => site.stop());

describe('a host', () => {
  test.each<[Resolution, string, readonly string[] | Error, string[]]>([
    ['ok', 'resolves to an address of its ingress', [THERE, HERE], [HERE]],
    ['ok', 'resolves, and no address of its ingress is known', [THERE], []],
    ['ok', 'resolves, and its ingress has the name of a load balancer', [THERE], ['lb.example.com']],
    ['elsewhere', 'resolves to other addresses', [THERE], [HERE]],
    ['missing', 'has no records', [], [HERE]],
    ['missing', 'does not exist', noSuchHost(), [HERE]],
    ['missing', 'has records of other types', noSuchHost('ENODATA'), [HERE]],
    ['unknown', 'has a server that fails', noSuchHost('ESERVFAIL'), [HERE]],
    ['unknown', 'has a server that does not answer', noSuchHost('ETIMEOUT'), [HERE]],
  ])('is %s if it %s', async (expected, _, answer, addresses) => {
    site.answer = () => answer;
    expect(await site.resolved(addresses)).toBe(expected);
  });

  test('is not waited for: its app is looked at again when there is an answer', async () => {
    expect(site.resolve()).toBeUndefined();
    expect(site.changed).toEqual([]);
    await site.clock.sleep(100);
    expect([site.changed, site.resolve()]).toEqual([['web'], 'ok']);
  });

  test('that is a wildcard is resolved by one of its names', async () => {
    site.names.resolve(APP, [{ host: '*.example.com', addresses: [] }]);
    await site.clock.sleep(100);
    expect(site.lookups).toEqual(['webapp.example.com']);
  });

  test('is looked up once for all apps that have it, and no longer when the last of them is gone', async () => {
    await site.resolved();
    site.names.resolve(OTHER, [{ host: HOST, addresses: [THERE] }]);
    expect(site.names.resolve(OTHER, [{ host: HOST, addresses: [THERE] }])).toEqual(['elsewhere']);
    site.names.forget(APP);
    await site.clock.sleep(11 * MINUTE);
    expect(site.lookups).toHaveLength(2);
    site.names.resolve(OTHER, []);
    await site.clock.sleep(60 * MINUTE);
    expect(site.lookups).toHaveLength(2);
  });
});

describe('an answer', () => {
  test('holds for ten minutes, and an app is not looked at again where it stays the same', async () => {
    await site.resolved();
    site.changed.length = 0;
    await site.clock.sleep(9 * MINUTE);
    expect(site.lookups).toHaveLength(1);
    await site.clock.sleep(2 * MINUTE);
    expect([site.lookups.length, site.changed]).toEqual([2, []]);
  });

  test('that there is no such host is checked soon, and later less often', async () => {
    site.answer = () => noSuchHost();
    await site.resolved();
    await site.clock.sleep(4 * MINUTE);
    expect(site.lookups).toHaveLength(5); // after 0, 15, 45, 105 and 225 s
    await site.clock.sleep(20 * MINUTE);
    expect(site.lookups).toHaveLength(7); // after 465 and 945 s
    site.answer = () => [HERE];
    await site.clock.sleep(11 * MINUTE);
    expect(site.resolve()).toBe('ok');
  });

  test('is kept while the resolver fails', async () => {
    await site.resolved();
    site.changed.length = 0;
    site.answer = () => noSuchHost('ESERVFAIL');
    await site.clock.sleep(30 * MINUTE);
    expect([site.resolve(), site.changed]).toEqual(['ok', []]);
  });

  test.each<[string, readonly string[] | Error, Resolution]>([
    ['there is no such host any more', noSuchHost(), 'missing'],
    ['it resolves to quite other addresses', [THERE], 'elsewhere'],
  ])('that %s is believed when it comes twice', async (_, answer, expected) => {
    await site.resolved();
    site.changed.length = 0;
    let answers = 0;
    site.answer = () => ++answers === 1 ? answer : [HERE];
    await site.clock.sleep(25 * MINUTE);
    expect([site.resolve(), site.changed, answers]).toEqual(['ok', [], 3]);
    site.answer = () => answer;
    await site.clock.sleep(11 * MINUTE);
    expect([site.resolve(), new Set(site.changed)]).toEqual([expected, new Set(['web'])]);
  });

  test('of another process of the operator is taken until there is one, and is not told again if it is the same', async () => {
    expect(site.resolve([HERE], 'ok')).toBe('ok');
    await site.clock.sleep(100);
    expect([site.resolve([HERE], 'ok'), site.changed]).toEqual(['ok', []]);
  });

  test('of another process of the operator stays where the resolver fails', async () => {
    site.answer = () => noSuchHost('ESERVFAIL');
    expect(await site.resolved([HERE], 'ok')).toBe('ok');
    expect(site.changed).toEqual([]);
  });

  test('of another process of the operator is corrected where it is not true any more', async () => {
    site.answer = () => noSuchHost();
    expect(await site.resolved([HERE], 'ok')).toBe('missing');
    expect(site.changed).toEqual(['web']);
  });
});

describe('thousands of hosts', () => {
  test('are looked up a few at a time', async () => {
    const wanted = Array.from({ length: 200 }, (_, i) => ({ host: `app-${i}.example.com`, addresses: [HERE] }));
    site.names.resolve(APP, wanted);
    await site.clock.sleep(1_000);
    expect(site.names.resolve(APP, wanted).every(one => one === 'ok')).toBe(true);
    expect([site.lookups.length, site.atOnce]).toEqual([200, 8]);
  });
});
