/** Which app of a cluster has which host, and which apps have to be synthesized together. */
import { createHash } from 'node:crypto';
import { Index } from './claim-index';
import { NO_PLATFORM, platformModel } from './models';
import type { Problem } from '../../../../src/internal';
import type { Footprint } from '../../../../src/internal-models';
import { exclusiveProblem, footprintOf } from '../../../../src/internal-models';
import type { AppName } from '../../kube/types';
import { keyOf, propsOf } from '../resources';
import type { WebAppResource } from '../resources';
import type { PlatformProps } from 'cdk8s-webapp';

/** An app, and what others have to know of it. */
interface Claimant extends AppName, Pick<Footprint, 'hosts' | 'exclusive' | 'calls'> {
  /** When it was created: the first of two apps has what both want. */
  readonly since: string;

  /** The same where nothing has changed for other apps. */
  readonly revision: string;
}

/**
 * The claims of all apps of a cluster, kept up to date app by app: a change costs as much as the app has hosts, however many other apps
 * there are. (An app of a wildcard costs as much as there are hosts below it.)
 *
 * A host belongs to a namespace: that of the app that was created first of those that claim it. No app of another namespace can have it,
 * whatever its paths and headers, nor what a wildcard stands for that was claimed before, nor a wildcard that stands for it. Within a
 * namespace apps may share a host, and an app may have a host that the wildcard of another one stands for; the same host, path and headers
 * belong to the app that was created first.
 *
 * Two apps of one namespace are related where the library's registry (src/registry/) makes the objects or the problems of one depend on
 * the other:
 *
 * - they share a host: the interceptor's rules (`answers`), the certificate (`certificates`), access, canaries, TLS (`neighbors`);
 * - one has a host that the other's wildcard stands for: whether all requests for the host are answered (`answers`). Only the app of the
 *   host depends on it;
 * - one calls the other: whether and how it can be called (`calls`). Only the caller depends on it;
 * - requests for one wake the other, also by way of further apps: the ScaledObject of the one that is woken counts them (`wakes`). An app
 *   that wakes another one is an error without it, so apps that are related to the one are related to the other.
 *
 * Not so, although the registry compares them: objects of two apps with the same name, such as those of the worker `a` of `web` and of the
 * app `web-a`, which are found when they are applied; and apps of two namespaces. The registry opens an app's NetworkPolicy to callers of
 * other namespaces, and only for that reason: here the author of the caller would open an app of others.
 */
export class Claims {
  private readonly apps = new Map<string, Claimant>();
  private readonly hosts = new Index<Claimant>(precedes);
  private readonly exclusive = new Index<Claimant>(precedes);
  private readonly callers = new Index<Claimant>(precedes);

  /** The hosts that are claimed below each wildcard, claimed or not: `*.example.com`. */
  private readonly below = new Map<string, Set<string>>();

  /**
   * Takes in an app that is new or has changed.
   *
   * @returns the other apps that have to be reconciled again: their conflicts, or what they are synthesized with, may have changed
   */
  public update(resource: WebAppResource, platform: PlatformProps = NO_PLATFORM): AppName[] {
    const now = claimantOf(resource, platform);
    const before = this.apps.get(keyOf(now));
    if (before?.revision === now.revision && before.since === now.since) return [];
    const affected = this.around(before);
    if (before) this.take(before);
    this.apps.set(keyOf(now), now);
    for (const host of now.hosts.keys()) this.addHost(host, now);
    for (const { keys } of exclusives(now)) for (const key of keys) this.exclusive.add(inNamespace(now, key), now);
    for (const { app } of now.calls) this.callers.add(inNamespace(now, app), now);
    return namesOf([...affected, ...this.around(now)], now);
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
    return namesOf(affected, known);
  }

  /** What an app may not have, because another one has it: what to do is told to the one that was created later. */
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
    const sharers = [...claimant.hosts.keys()].flatMap(host => [host, ...wildcardsOver(host)]).flatMap(host => this.hosts.get(host));
    const callees = claimant.calls.flatMap(call => this.apps.get(inNamespace(claimant, call.app)) ?? []);
    const own = [...sharers.filter(({ namespace }) => namespace === claimant.namespace), ...callees, ...this.wakersOf(claimant)];
    return namesOf([...own, ...own.flatMap(one => this.wokenBy(one))], claimant);
  }

  /** Apps in the order in which they were created: synthesized in this order, the first of two has what both want. */
  public inOrder<T extends AppName>(apps: readonly T[]): T[] {
    const since = (app: AppName) => this.apps.get(keyOf(app))?.since ?? '';
    return [...apps].sort((a, b) => precedes({ ...a, since: since(a) }, { ...b, since: since(b) }) ? -1 : 1);
  }

  private take(app: Claimant): void {
    this.apps.delete(keyOf(app));
    for (const host of app.hosts.keys()) this.removeHost(host, app);
    for (const { keys } of exclusives(app)) for (const key of keys) this.exclusive.remove(inNamespace(app, key), app);
    for (const call of app.calls) this.callers.remove(inNamespace(app, call.app), app);
  }

  private addHost(host: string, app: Claimant): void {
    this.hosts.add(host, app);
    for (const wildcard of wildcardsOver(host)) {
      const known = this.below.get(wildcard);
      if (known) known.add(host);
      else this.below.set(wildcard, new Set([host]));
    }
  }

  private removeHost(host: string, app: Claimant): void {
    this.hosts.remove(host, app);
    if (this.hosts.get(host).length > 0) return;
    for (const wildcard of wildcardsOver(host)) {
      const known = this.below.get(wildcard)!;
      known.delete(host);
      if (known.size === 0) this.below.delete(wildcard);
    }
  }

  /** The app that has one of several keys of a namespace, if that is another one. */
  private owner(app: Claimant, keys: readonly string[]): Claimant | undefined {
    return keys.map(key => this.exclusive.get(inNamespace(app, key))[0]).find(first => first !== undefined && first !== app);
  }

  /** Whether a host, or something that it is part of or that is part of it, belongs to another namespace. */
  private foreignClaim({ namespace }: Claimant, host: string, path: string): Problem[] {
    const [first] = this.hosts.get(host);
    if (first.namespace !== namespace) return [foreign(path, host, `is a host of the namespace ${quoted(first.namespace)}`)];
    const isFirst = (other?: Claimant) => other !== undefined && other.namespace !== namespace && precedes(other, first);
    const [over] = wildcardsOver(host).filter(wildcard => isFirst(this.hosts.get(wildcard)[0]));
    if (over !== undefined) {
      const owner = this.hosts.get(over)[0].namespace;
      return [foreign(path, host, `is part of ${quoted(over)}, a host of the namespace ${quoted(owner)}`)];
    }
    let earliest: { readonly part: string; readonly owner: Claimant } | undefined;
    for (const part of this.below.get(host) ?? []) {
      const [owner] = this.hosts.get(part);
      if (isFirst(owner) && (!earliest || precedes(owner, earliest.owner) || (owner === earliest.owner && part < earliest.part))) {
        earliest = { part, owner };
      }
    }
    if (!earliest) return [];
    return [foreign(path, host, `also stands for ${quoted(earliest.part)}, a host of the namespace ${quoted(earliest.owner.namespace)}`)];
  }

  /** The apps that may depend on an app, itself or by way of those that wake it. */
  private around(app: Claimant | undefined): Claimant[] {
    return app ? [app, ...this.wakersOf(app)].flatMap(one => this.nextTo(one)) : [];
  }

  private nextTo(app: Claimant): Claimant[] {
    const hosts = [...app.hosts.keys()].flatMap(host => [host, ...wildcardsOver(host), ...this.below.get(host) ?? []]);
    return [
      ...hosts.flatMap(host => this.hosts.get(host)),
      ...exclusives(app).flatMap(({ keys }) => keys.flatMap(key => this.exclusive.get(inNamespace(app, key)))),
      ...this.callers.get(inNamespace(app, app.name)),
      ...this.wokenBy(app),
    ];
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

function claimantOf(resource: WebAppResource, platform: PlatformProps): Claimant {
  const { name, namespace = '', creationTimestamp } = resource.metadata;
  const { hosts, exclusive, calls, text } = footprintOf(propsOf(resource), { id: name, namespace, platform: platformModel(platform) });
  const revision = createHash('sha256').update(text).digest('base64');
  return { name, namespace, since: creationTimestamp, hosts, exclusive, calls, revision };
}

function exclusives({ exclusive }: Claimant): Claimant['exclusive'] {
  return exclusive.flatMap(one => one.otherwise ? [one, one.otherwise] : [one]);
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
