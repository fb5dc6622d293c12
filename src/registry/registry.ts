import { ApiObject } from 'cdk8s';
import { IConstruct } from 'constructs';
import { callersByCallee, callProblems } from './calls';
import { previewOf } from '../features/rollout/resolve-preview';
import type { Caller } from '../features/workload/network';
import { ResolvedApp, Texts } from '../model/app';
import { Problem, quoted } from '../validation/problem';

/** An app of the tree, as far as others must not be in its way. */
export interface Owner {
  /** Path of its construct, which tells two of one name apart. */
  readonly path: string;
  readonly app: ResolvedApp;
  readonly objects: () => ApiObject[];
}

/**
 * Which app has which hosts and objects, across all charts and namespaces of a tree. What two of them claim is nobody's: with it, one
 * app would take the other's traffic, or overwrite its objects.
 */
export class Ownership {
  public static of(construct: IConstruct): Ownership {
    const root = construct.node.root;
    const known = TREES.get(root) ?? new Ownership();
    TREES.set(root, known);
    return known;
  }

  private readonly owners: Owner[] = [];
  private found?: Map<Owner, Problem[]>;
  private callers?: Map<string, Caller[]>;

  public add(owner: Owner): void {
    this.owners.push(owner);
    this.changed();
  }

  /** To be called when an app is not what it was, as what was found before is kept. */
  public changed(): void {
    this.found = undefined;
    this.callers = undefined;
  }

  /** The apps that call an app. */
  public callersOf({ name, namespace = '' }: ResolvedApp): readonly Caller[] {
    this.callers ??= callersByCallee(this.owners);
    return this.callers.get(`${namespace}/${name}`) ?? [];
  }

  public problems(owner: Owner): Problem[] {
    this.found ??= findCollisions(this.owners);
    return this.found.get(owner) ?? [];
  }
}

const TREES = new WeakMap<IConstruct, Ownership>();

function findCollisions(owners: readonly Owner[]): Map<Owner, Problem[]> {
  const found = new Map<Owner, Problem[]>();
  const claims = new Map<string, Owner>();
  for (const owner of owners) {
    const problems = [...nameProblems(owner, claims), ...hostProblems(owner, claims)];
    if (problems.length > 0) found.set(owner, problems);
  }
  for (const [owner, problem] of [...wildcardProblems(owners), ...callProblems(owners)]) found.set(owner, [...found.get(owner) ?? [], problem]);
  return found;
}

/** Takes a claim, unless another app has it: then that app is given back. */
function take(claims: Map<string, Owner>, claim: string, owner: Owner): Owner | undefined {
  const other = claims.get(claim);
  if (other === undefined) claims.set(claim, owner);
  return other === owner ? undefined : other;
}

function nameProblems(owner: Owner, claims: Map<string, Owner>): Problem[] {
  const { name, namespace = '' } = owner.app;
  const other = take(claims, `app ${namespace}/${name}`, owner);
  if (other) return [{ code: 'duplicate', path: 'name', message: `is ${quoted(name)}, which WebApp ${quoted(other.path)} in the same namespace has as well`, hint: 'choose another name' }];
  return owner.objects().flatMap(object => {
    if (typeof object.name !== 'string') return [];
    const taken = take(claims, `${object.apiGroup} ${object.kind} ${object.metadata.namespace ?? ''}/${object.name}`, owner);
    return taken ? [{ code: 'duplicate', path: 'name', message: `makes a ${object.kind} ${quoted(object.name)}, which WebApp ${quoted(taken.path)} makes as well`, hint: 'choose another name' }] : [];
  });
}

function hostProblems(owner: Owner, claims: Map<string, Owner>): Problem[] {
  const { routing, rollout } = owner.app;
  const { canary } = rollout;
  const preview = previewOf(rollout);
  return [
    ...routeProblems(owner, 'hosts', routing, canary ? [routing.headers, { ...routing.headers, ...canary.headers }] : [routing.headers], claims),
    ...preview ? routeProblems(owner, `rollout.${rollout.argo ? 'argo' : 'blueGreen'}.previewHosts`, preview.routing, [{}], claims) : [],
  ];
}

function routeProblems(owner: Owner, prop: string, { hosts, paths }: ResolvedApp['routing'], having: Texts[], claims: Map<string, Owner>): Problem[] {
  const conditions = having.map(condition);
  const problems: Problem[] = [];
  for (const host of hosts) {
    for (const path of paths) {
      const where = `${host}${path.replace(/(.)\/$/, '$1')}`;
      const other = conditions.map(text => take(claims, `${where} ${text}`, owner)).find(Boolean);
      if (other) {
        problems.push({ code: 'duplicate', path: prop, message: `have ${quoted(host)} with path ${quoted(path)}, which WebApp ${quoted(other.path)} has as well`, hint: 'write another host, path or header in one of them' });
      }
      const neighbour = onNginx(owner) ? take(claims, `nginx ${where}`, owner) : undefined;
      if (neighbour && !other) {
        problems.push({ code: 'unsupported', path: 'headers', message: `alone tell ${quoted(host)} with path ${quoted(path)} from that of WebApp ${quoted(neighbour.path)}, but ingress-nginx refuses two Ingresses for it`, hint: 'write another host or path, or use a platform with a gateway' });
      }
    }
  }
  return problems;
}

function condition(headers: Texts): string {
  return Object.entries(headers).map(([name, value]) => `${name.toLowerCase()}=${value}`).sort().join('&');
}

function onNginx({ app: { platform: { entry } } }: Owner): boolean {
  return entry.kind === 'ingress' && entry.controller === 'nginx';
}

function hostsOf({ app: { routing, rollout } }: Owner): readonly string[] {
  const preview = previewOf(rollout);
  return preview ? [...routing.hosts, ...preview.routing.hosts] : routing.hosts;
}

/** Within a namespace a host may stand out from a wildcard; another namespace's wildcard is another team's. */
function* wildcardProblems(owners: readonly Owner[]): Iterable<[Owner, Problem]> {
  const wildcards = owners.flatMap(owner => hostsOf(owner).filter(host => host.startsWith('*.')).map(host => ({ owner, host })));
  if (wildcards.length === 0) return;
  for (const owner of owners) {
    for (const host of hostsOf(owner)) {
      const over = wildcards.find(other => other.host !== host && host.endsWith(other.host.slice(1))
        && other.owner.app.namespace !== owner.app.namespace);
      if (over) yield [owner, { code: 'duplicate', path: 'hosts', message: `have ${quoted(host)}, a part of ${quoted(over.host)}, which WebApp ${quoted(over.owner.path)} of another namespace has`, hint: 'write a host outside of it' }];
    }
  }
}
