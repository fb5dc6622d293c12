/** Which app of a cluster has which host, and which apps have to be synthesized together. */
import { createHash } from 'node:crypto';
import { Index } from './claim-index';
import { NO_PLATFORM, platformModel } from './models';
import type { Problem } from '../../../../src/internal';
import type { Footprint } from '../../../../src/internal-models';
import { exclusiveProblem, footprintOf } from '../../../../src/internal-models';
import type { AppName } from '../../kube/types';
import { keyOf, propsOf } from '../resources';
import type { WebAppResource, WebAppStatus } from '../resources';
import type { PlatformProps } from 'cdk8s-webapp';

/** An app, and what others have to know of it. */
interface Claimant extends AppName, Pick<Footprint, 'hosts' | 'exclusive' | 'calls'> {
  readonly uid?: string;

  /** When it was created: the first of two has what both want and neither has. */
  readonly since: string;

  /** The same where nothing has changed for other apps. */
  readonly revision: string;

  /** What it has, by its status: it stays its own, whatever others come to claim. */
  readonly held: readonly string[];

  /** Whether the operator has accepted its spec, which its status need not say yet: then it has all that it claims. */
  readonly isAccepted: boolean;

  /** Whether it is refused for what it is itself, such as a host that its platform does not allow: then it takes nothing from others. */
  readonly isVoid: boolean;
}

/** What an app claims, or has. */
interface Claim {
  readonly app: Claimant;
  readonly rank: Rank;
}

/** In this order: what an app has, what it wants, and what an app wants that is refused anyway. */
enum Rank { HELD, WANTED, VOID }

/**
 * The claims of all apps of a cluster, kept up to date app by app: a change costs as much as the app has hosts, however many other apps
 * there are. (An app of a wildcard costs as much as there are hosts below it.)
 *
 * A host belongs to a namespace: that of the app that has it, or of the one that was created first of those that claim it. No app of
 * another namespace can have it, whatever its paths and headers, nor what a wildcard stands for that was claimed before, nor a wildcard
 * that stands for it. Within a namespace apps may share a host, and an app may have a host that the wildcard of another one stands for;
 * the same host, path and headers belong to one app in the same way.
 *
 * An app has what it claims once the operator has accepted it, until a release without it is deployed: its status says so, so that another
 * process of the operator knows it too. An older app that comes to claim it later takes nothing away.
 *
 * Two apps of one namespace are related where the library's registry (src/registry/) makes the objects or the problems of one depend on
 * the other:
 *
 * - they share a host: the interceptor's rules (`answers`), the certificate (`certificates`), access, canaries, TLS (`neighbors`);
 * - one has a host that the other's wildcard stands for: whether all requests for the host are answered (`answers`). Only the app of the
 *   host depends on it;
 * - one calls the other: whether and how it can be called (`calls`). Only the caller depends on it, and on the apps that the other one
 *   shares a host with;
 * - requests for one wake the other, also by way of further apps: the ScaledObject of the one that is woken counts them (`wakes`). An app
 *   that wakes another one is an error without it, so apps that are related to the one are related to the other.
 *
 * Not so, although the registry compares them: objects of two apps with the same name, such as those of the worker `a` of `web` and of the
 * app `web-a`, which are found when they are applied; and apps of two namespaces. The registry opens an app's NetworkPolicy to callers of
 * other namespaces, and only for that reason: here the author of the caller would open an app of others.
 */
export class Claims {
  private readonly apps = new Map<string, Claimant>();
  private readonly hosts = new Index<Claim>(comesFirst);
  private readonly exclusive = new Index<Claim>(comesFirst);
  private readonly callers = new Index<Claimant>(precedes);

  /** What is in these indexes of each app. */
  private readonly entries = new Map<Claimant, Entries>();

  /** The revisions of apps that the operator has accepted. */
  private readonly accepted = new Map<string, Pick<Claimant, 'uid' | 'revision'>>();

  /** The hosts that are claimed below each wildcard, claimed or not: `*.example.com`. */
  private readonly below = new Map<string, Set<string>>();

  /**
   * Takes in an app that is new or has changed.
   *
   * @returns the other apps that have to be reconciled again: their conflicts, or what they are synthesized with, may have changed
   */
  public update(resource: WebAppResource, platform: PlatformProps = NO_PLATFORM): AppName[] {
    const found = claimantOf(resource, platform);
    const before = this.apps.get(keyOf(found));
    const isSame = before?.revision === found.revision && before.since === found.since && before.uid === found.uid;
    const accepted = this.accepted.get(keyOf(found));
    const now = { ...found, isAccepted: accepted?.revision === found.revision && accepted.uid === found.uid };
    if (isSame && before.isVoid === now.isVoid && before.held.join('\n') === now.held.join('\n')) return [];
    const affected = before ? isSame ? this.rivals(before) : this.around(before) : [];
    if (before) this.take(before);
    this.put(now);
    return namesOf([...affected, ...isSame ? this.rivals(now) : this.around(now)], now);
  }

  /**
   * The operator has accepted an app as it is now: it has what it claims from now on.
   *
   * @returns what its status has to keep
   */
  public accept(app: AppName): readonly string[] {
    const known = this.apps.get(keyOf(app));
    if (!known) return [];
    const { uid, revision } = known;
    this.accepted.set(keyOf(app), { uid, revision });
    if (!known.isAccepted) {
      this.take(known);
      this.put({ ...known, isAccepted: true });
    }
    return keysOf(known);
  }

  /** The operator has refused an app as it is now: it has what its release has. */
  public refuse(app: AppName): void {
    this.accepted.delete(keyOf(app));
    const known = this.apps.get(keyOf(app));
    if (!known?.isAccepted) return;
    this.take(known);
    this.put({ ...known, isAccepted: false });
  }

  /**
   * Forgets an app that was deleted.
   *
   * @returns the apps that have to be reconciled again
   */
  public remove(app: AppName): AppName[] {
    const known = this.apps.get(keyOf(app));
    if (!known) return [];
    const affected = this.around(known);
    this.take(known);
    this.accepted.delete(keyOf(app));
    return namesOf(affected, known);
  }

  /** What an app may not have, because another one has it: what to do is told to the one that does not have it, or was created later. */
  public conflicts(app: AppName): Problem[] {
    const claimant = this.apps.get(keyOf(app));
    if (!claimant) return [];
    const ofOthers = [...claimant.hosts].flatMap(([host, prop]) => this.foreignClaim(claimant, host, prop));
    const shared = claimant.exclusive.flatMap(one => {
      const owner = this.owner(claimant, one.keys);
      if (owner) return [exclusiveProblem(one, owner.name)];
      const other = one.otherwise && this.owner(claimant, one.otherwise.keys);
      return other ? [exclusiveProblem(one.otherwise!, other.name)] : [];
    });
    const problems = new Map([...ofOthers, ...shared].map(one => [`${one.path} ${one.message}`, one]));
    return [...problems.values()];
  }

  /** The apps of its namespace that an app has to be synthesized with, those that were created first before the others. */
  public related(app: AppName): AppName[] {
    const claimant = this.apps.get(keyOf(app));
    if (!claimant) return [];
    const callees = claimant.calls.flatMap(call => this.apps.get(inNamespace(claimant, call.app)) ?? []);
    const others = [...callees, ...this.wakersOf(claimant)];
    // Whether these have problems may depend on those that they share a host with, and so on.
    const own = [...others, ...[claimant, ...others].flatMap(one => reachable(one, sharer => this.sharersOf(sharer)))];
    return namesOf([...own, ...own.flatMap(one => this.wokenBy(one))], claimant);
  }

  /** Apps in the order in which they were created: synthesized in this order, the first of two has what both want. */
  public inOrder<T extends AppName>(apps: readonly T[]): T[] {
    const since = (app: AppName) => this.apps.get(keyOf(app))?.since ?? '';
    return [...apps].sort((a, b) => precedes({ ...a, since: since(a) }, { ...b, since: since(b) }) ? -1 : 1);
  }

  private put(app: Claimant): void {
    const entries = entriesOf(app);
    this.apps.set(keyOf(app), app);
    this.entries.set(app, entries);
    for (const [host, claim] of entries.hosts) this.addHost(host, claim);
    for (const [key, claim] of entries.exclusive) this.exclusive.add(inNamespace(app, key), claim);
    for (const call of app.calls) this.callers.add(inNamespace(app, call.app), app);
  }

  private take(app: Claimant): void {
    const { hosts, exclusive } = this.entries.get(app)!;
    this.apps.delete(keyOf(app));
    this.entries.delete(app);
    for (const [host, claim] of hosts) this.removeHost(host, claim);
    for (const [key, claim] of exclusive) this.exclusive.remove(inNamespace(app, key), claim);
    for (const call of app.calls) this.callers.remove(inNamespace(app, call.app), app);
  }

  private addHost(host: string, claim: Claim): void {
    this.hosts.add(host, claim);
    for (const wildcard of wildcardsOver(host)) {
      const known = this.below.get(wildcard);
      if (known) known.add(host);
      else this.below.set(wildcard, new Set([host]));
    }
  }

  private removeHost(host: string, claim: Claim): void {
    this.hosts.remove(host, claim);
    if (this.hosts.get(host).length > 0) return;
    for (const wildcard of wildcardsOver(host)) {
      const known = this.below.get(wildcard)!;
      known.delete(host);
      if (known.size === 0) this.below.delete(wildcard);
    }
  }

  /** The app that has one of several keys of a namespace, if that is another one. */
  private owner(app: Claimant, keys: readonly string[]): Claimant | undefined {
    const firsts = keys.flatMap(key => this.exclusive.get(inNamespace(app, written(key))).slice(0, 1));
    return firsts.find(first => first.app !== app && first.rank !== Rank.VOID)?.app;
  }

  /** Whether a host, or something that it is part of or that is part of it, belongs to another namespace. */
  private foreignClaim({ namespace }: Claimant, host: string, path: string): Problem[] {
    const all = this.hosts.get(host);
    const isForeign = ({ app, rank }: Claim) => app.namespace !== namespace && rank !== Rank.VOID;
    if (isForeign(all[0])) return [foreign(path, host, `is a host of the namespace ${quoted(all[0].app.namespace)}`)];
    const first = all.find(({ app }) => app.namespace === namespace)!;
    const isFirst = (other?: Claim) => other !== undefined && isForeign(other) && comesFirst(other, first);
    const [over] = wildcardsOver(host).filter(wildcard => isFirst(this.hosts.get(wildcard)[0]));
    if (over !== undefined) {
      const owner = this.hosts.get(over)[0].app.namespace;
      return [foreign(path, host, `is part of ${quoted(over)}, a host of the namespace ${quoted(owner)}`)];
    }
    let earliest: { readonly part: string; readonly owner: Claim } | undefined;
    for (const part of this.below.get(host) ?? []) {
      const [owner] = this.hosts.get(part);
      const isEarlier = !earliest || comesFirst(owner, earliest.owner) || (owner.app === earliest.owner.app && part < earliest.part);
      if (isFirst(owner) && isEarlier) earliest = { part, owner };
    }
    if (!earliest) return [];
    const { part, owner: { app } } = earliest;
    return [foreign(path, host, `also stands for ${quoted(part)}, a host of the namespace ${quoted(app.namespace)}`)];
  }

  /** The apps that may depend on an app, itself or by way of those that wake it. */
  private around(app: Claimant | undefined): Claimant[] {
    return app ? [app, ...this.wakersOf(app)].flatMap(one => this.nextTo(one)) : [];
  }

  private nextTo(app: Claimant): Claimant[] {
    const dependents = [app, ...reachable(app, one => this.dependentsOf(one))];
    const others = dependents.flatMap(one => [...this.callers.get(inNamespace(one, one.name)), ...this.wokenBy(one)]);
    return [...this.neighbors(app), ...this.sameKeys(app), ...dependents, ...others];
  }

  /** The apps of its namespace that claim a host of an app, or a wildcard that stands for it. One that only has it will not for long. */
  private sharersOf(app: Claimant): Claimant[] {
    const hosts = [...app.hosts.keys()].flatMap(host => [host, ...wildcardsOver(host)]);
    const claimants = hosts.flatMap(host => this.hosts.get(host).flatMap(claim => claim.app.hosts.has(host) ? [claim.app] : []));
    return claimants.filter(({ namespace }) => namespace === app.namespace);
  }

  /** The other way round: those that an app shares a host with. */
  private dependentsOf(app: Claimant): Claimant[] {
    const hosts = [...app.hosts.keys()].flatMap(host => [host, ...this.below.get(host) ?? []]);
    return hosts.flatMap(host => this.hosts.get(host).map(claim => claim.app)).filter(({ namespace }) => namespace === app.namespace);
  }

  /** The apps that may not have what an app has: whether it has it or only claims it is all the same to others. */
  private rivals(app: Claimant): Claimant[] {
    return [...this.neighbors(app).filter(({ namespace }) => namespace !== app.namespace), ...this.sameKeys(app)];
  }

  /** The apps of the same hosts, and of those that a wildcard stands for. */
  private neighbors(app: Claimant): Claimant[] {
    const hosts = [...entriesOf(app).hosts.keys()].flatMap(host => [host, ...wildcardsOver(host), ...this.below.get(host) ?? []]);
    return hosts.flatMap(host => this.hosts.get(host).map(claim => claim.app));
  }

  /** The apps that want what only one of its namespace can have. */
  private sameKeys(app: Claimant): Claimant[] {
    return [...entriesOf(app).exclusive.keys()].flatMap(key => this.exclusive.get(inNamespace(app, key)).map(claim => claim.app));
  }

  /** The apps that requests for an app wake, also by way of others. */
  private wokenBy(app: Claimant): Claimant[] {
    return reachable(app, one => one.calls.filter(({ wake }) => wake).flatMap(call => this.apps.get(inNamespace(one, call.app)) ?? []));
  }

  /** The apps whose requests wake an app, also by way of others. */
  private wakersOf(app: Claimant): Claimant[] {
    return reachable(app, one => this.callers.get(inNamespace(one, one.name))
      .filter(({ calls }) => calls.some(call => call.wake && call.app === one.name)));
  }
}

function claimantOf(resource: WebAppResource, platform: PlatformProps): Omit<Claimant, 'isAccepted'> {
  const { name, namespace = '', uid, creationTimestamp } = resource.metadata;
  const { hosts, exclusive, calls, text } = footprintOf(propsOf(resource), { id: name, namespace, platform: platformModel(platform) });
  const revision = createHash('sha256').update(text).digest('base64');
  const held = claimsIn(resource.status);
  return { name, namespace, uid, since: creationTimestamp, hosts, exclusive, calls, revision, held, isVoid: isInvalid(resource) };
}

/** What an app has, by its status. */
export function claimsIn({ claims = [], attempt }: WebAppStatus = {}): readonly string[] {
  return [...new Set([...claims, ...attempt?.claims ?? []])];
}

/** Whether the operator has refused a spec for another reason than the claims of others. */
export function isInvalid({ metadata: { generation }, status }: WebAppResource): boolean {
  const accepted = status?.conditions?.find(({ type }) => type === 'Accepted');
  return accepted?.status === 'False' && accepted.reason === 'Invalid' && accepted.observedGeneration === generation;
}

/** What an app has in the indexes, each key once. */
interface Entries {
  readonly hosts: ReadonlyMap<string, Claim>;
  readonly exclusive: ReadonlyMap<string, Claim>;
}

function entriesOf(app: Claimant): Entries {
  const held = new Set(app.held);
  const heldHosts = new Set(app.held.flatMap(hostOf));
  const claim = (isHeld: boolean): Claim => (
    { app, rank: isHeld || app.isAccepted ? Rank.HELD : app.isVoid ? Rank.VOID : Rank.WANTED });
  const wanted = app.exclusive.flatMap(({ keys, otherwise }) => {
    const own = keys.map(written);
    const isHeld = own.every(key => held.has(key));
    return [...own, ...otherwise?.keys.map(written) ?? []].map((key): [string, Claim] => [key, claim(isHeld)]);
  });
  const hosts = [...app.hosts.keys()].map((host): [string, Claim] => [host, claim(heldHosts.has(host))]);
  return {
    hosts: new Map([...hosts, ...[...heldHosts].map((host): [string, Claim] => [host, claim(true)])]),
    exclusive: new Map([...wanted, ...app.held.map((key): [string, Claim] => [key, claim(true)])]),
  };
}

/** What only one app of a namespace can have, as a status has it: requests as a host with a path and headers, and volumes. */
function keysOf({ exclusive }: Claimant): string[] {
  return [...new Set(exclusive.flatMap(({ keys }) => keys.map(written)))].sort();
}

/** A key of the library's registry, for people. */
function written(key: string): string {
  return key.split(' ').filter(part => part !== '').join(' ');
}

/** The host of a key that is about requests. */
function hostOf(key: string): string[] {
  return key.startsWith('volume ') ? [] : [key.split(/[ /]/)[0]];
}

function foreign(path: string, host: string, message: string): Problem {
  const hint = 'use another host, or ask your platform team, which can reserve hosts for a namespace in bounds.hosts';
  return { code: 'duplicate', path, message: `have ${quoted(host)}, which ${message}`, hint };
}

function quoted(text: string): string {
  return JSON.stringify(text);
}

/** The wildcards that a host is part of, itself excluded: `*.b.c` and `*.c` of `a.b.c`. That of all hosts has only what nobody has. */
function wildcardsOver(host: string): string[] {
  const labels = host.split('.').slice(host.startsWith('*') ? 2 : 1);
  return labels.map((_, i) => `*.${labels.slice(i).join('.')}`);
}

/** Whether an app was created before another one. Of those of the same second, the order of their names decides. */
function precedes(a: AppName & { readonly since: string }, b: AppName & { readonly since: string }): boolean {
  return a.since === b.since ? keyOf(a) < keyOf(b) : a.since < b.since;
}

/** Whether a claim is good against another one. */
function comesFirst(a: Claim, b: Claim): boolean {
  return a.rank === b.rank ? precedes(a.app, b.app) : a.rank < b.rank;
}

/** A key that means something within a namespace. */
function inNamespace({ namespace }: AppName, key: string): string {
  return `${namespace}/${key}`;
}

/** All that can be reached from an app, step by step, and not the app itself. */
function reachable(app: Claimant, next: (one: Claimant) => readonly Claimant[]): Claimant[] {
  const found = new Set<Claimant>([app]);
  for (const one of found) for (const other of next(one)) found.add(other);
  return [...found].slice(1);
}

/** The names of apps besides one, each once and in order. */
function namesOf(apps: readonly Claimant[], besides: AppName): AppName[] {
  const others = new Map(apps.filter(app => keyOf(app) !== keyOf(besides)).map(app => [keyOf(app), app]));
  return [...others.values()].sort((a, b) => precedes(a, b) ? -1 : 1).map(({ name, namespace }) => ({ name, namespace }));
}
