import { isIP } from 'node:net';
import { keyOf } from './resources';
import type { Random } from './runtime/back-off';
import { delayAfter } from './runtime/back-off';
import type { Outcome } from './runtime/queue';
import { WorkQueue } from './runtime/queue';
import { isNoSuchHost, nameToResolve } from '../diagnose/dns';
import type { Clock } from '../kube/clock';
import type { AppName } from '../kube/types';

/** How many hosts are resolved at a time. */
const WORKERS = 8;

/** How long an answer with addresses holds, in milliseconds, and half as long again at random. */
const FRESH = 600_000;

/** How soon a host is looked up again that does not resolve, or whose resolver does not answer: a record may be created at any time. */
const MISSING = { base: 15_000, max: 600_000 };

/** How soon an answer is checked that has nothing in common with the one before it, in milliseconds. */
const CHECK = 20_000;

/**
 * Where a host resolves to: `ok`, to an address of its ingress or gateway, or to anything where no IP address of that is known; `missing`;
 * `elsewhere`, to other addresses; `unknown`, where the resolver has not answered yet.
 */
export type Resolution = 'ok' | 'missing' | 'elsewhere' | 'unknown';

/** A host of an app, and the addresses of its ingress or gateway as far as they are known. */
export interface WantedHost {
  readonly host: string;
  readonly addresses: readonly string[];
}

export interface HostNamesOptions {
  readonly clock: Pick<Clock, 'now' | 'sleep'>;

  /** The addresses of a host, as the cluster resolves it. It must end in seconds. */
  readonly lookUp: (host: string) => Promise<readonly string[]>;
  readonly random?: Random;

  /** Where a host of an app resolves to is no longer what was told. */
  onChange(app: AppName): void;
}

/** An app that wants to know where a host resolves to. */
interface Asker {
  readonly app: AppName;
  readonly addresses: readonly string[];

  /** What it was told last; undefined where it was told that nothing is known yet. */
  readonly told?: Resolution;
}

interface Host {
  readonly askers: Map<string, Asker>;

  /** The last answer; undefined until there is one. */
  addresses?: readonly string[];

  /** Whether the last lookup ended without an answer. */
  hasFailed: boolean;

  /** Whether there was an answer that has nothing in common with the last one. */
  isDoubted: boolean;

  /** How often it did not resolve. */
  misses: number;
}

/**
 * Where the hosts of apps resolve to, as the cluster sees it. Who asks gets the last answer at once; lookups are in the background, a few
 * at a time, and an app is looked at again only where its answer has changed.
 *
 * The last answer stays where the resolver fails; and a host that resolved has to be seen twice without before that is believed.
 */
export class HostNames {
  private readonly hosts = new Map<string, Host>();

  /** The hosts of each app. */
  private readonly asked = new Map<string, readonly string[]>();
  private readonly queue: WorkQueue;

  constructor(private readonly options: HostNamesOptions) {
    this.queue = new WorkQueue({ clock: options.clock, workers: WORKERS, process: async host => this.refresh(host) });
  }

  /** Looks up hosts until the signal is aborted. */
  public async run(stop: AbortSignal): Promise<void> {
    await this.queue.run(stop);
  }

  /**
   * Where the hosts of an app resolve to, in their order; undefined for one that was not looked up yet.
   *
   * @param assumed what its status says of all of them, which another process of the operator has found out
   */
  public resolve(app: AppName, wanted: readonly WantedHost[], assumed?: Resolution): (Resolution | undefined)[] {
    const key = keyOf(app);
    const hosts = wanted.map(({ host }) => host);
    for (const gone of (this.asked.get(key) ?? []).filter(host => !hosts.includes(host))) this.release(gone, key);
    this.asked.set(key, hosts);
    return wanted.map(({ host, addresses }) => {
      const known = this.hosts.get(host) ?? this.add(host);
      const before = known.askers.get(key);
      const told = resolutionOf(known, { addresses, told: before ? before.told : assumed });
      known.askers.set(key, { app, addresses, told });
      return told;
    });
  }

  /** Forgets an app that was deleted. */
  public forget(app: AppName): void {
    const key = keyOf(app);
    for (const host of this.asked.get(key) ?? []) this.release(host, key);
    this.asked.delete(key);
  }

  private add(host: string): Host {
    const added: Host = { askers: new Map(), hasFailed: false, isDoubted: false, misses: 0 };
    this.hosts.set(host, added);
    this.queue.add(host);
    return added;
  }

  private release(host: string, key: string): void {
    const known = this.hosts.get(host);
    known?.askers.delete(key);
    if (known?.askers.size !== 0) return;
    this.hosts.delete(host);
    this.queue.forget(host);
  }

  private async refresh(host: string): Promise<Outcome> {
    const { lookUp, random = Math.random } = this.options;
    const known = this.hosts.get(host);
    if (!known) return {};
    const found = await lookUp(nameToResolve(host)).catch(error => isNoSuchHost(error) ? [] : undefined);
    if (this.hosts.get(host) !== known) return {};
    known.hasFailed = found === undefined;
    if (found && !known.isDoubted && isNews(found, known.addresses)) {
      known.isDoubted = true;
      return { requeueAfter: CHECK };
    }
    if (found) {
      known.isDoubted = false;
      known.addresses = found;
    }
    this.tell(known);
    const isFound = found !== undefined && found.length > 0;
    known.misses = isFound ? 0 : known.misses + 1;
    return { requeueAfter: isFound ? delayAfter(0, { base: FRESH, max: FRESH }, random) : delayAfter(known.misses - 1, MISSING, random) };
  }

  private tell(known: Host): void {
    for (const asker of known.askers.values()) if (resolutionOf(known, asker) !== asker.told) this.options.onChange(asker.app);
  }
}

/** Whether an answer has nothing in common with the one before it, which had addresses. */
function isNews(found: readonly string[], before: readonly string[] = []): boolean {
  return before.length > 0 && !found.some(address => before.includes(address));
}

function resolutionOf({ addresses: found, hasFailed }: Host, { addresses, told }: Omit<Asker, 'app'>): Resolution | undefined {
  if (!found) return told ?? (hasFailed ? 'unknown' : undefined);
  if (found.length === 0) return 'missing';
  // The name of a load balancer has other addresses from one minute to the next.
  const isComparable = addresses.length > 0 && addresses.every(address => isIP(address) !== 0);
  return !isComparable || found.some(address => addresses.includes(address)) ? 'ok' : 'elsewhere';
}
