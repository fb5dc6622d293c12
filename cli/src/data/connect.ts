/** Connects this computer to a service that an app connects to, with the app's own credentials. */
import type { Address, ServiceKind } from './address';
import { formatAddress, serviceName, throughTunnel } from './address';
import { clientVariables, CLIENTS } from './clients';
import type { AppConnection } from './connections';
import { findConnection } from './connections';
import { Environment } from './environment';
import type { PodTarget } from './target';
import { findTarget } from './target';
import type { Tunnel } from './tunnel';
import { openTunnel } from './tunnel';
import type { Operation } from '../engine/operation';
import { notDeployed } from '../engine/operation';
import { ASK_FOR_ROLE } from '../kube/explain';
import { missingAsText, permissions } from '../kube/permissions';
import type { Workload } from '../kube/workload';
import { getWorkload, listWorkloads } from '../kube/workload';
import { Failure } from '../ui/failure';
import { programOnPath } from '../ui/program';
import type { World } from '../ui/world';

export interface ConnectRequest {
  /** The name of the connection; by default the only one. */
  readonly name?: string;

  /** What it is, where its variables do not say it. */
  readonly kind?: ServiceKind;
}

/** What forwarding a port needs; Kubernetes asks for both since version 1.35, and for `get` alone before. */
const FORWARD = permissions('pods/portforward', 'get', 'create');

/** A connection as this computer uses it. */
export interface OpenConnection {
  readonly connection: AppConnection;

  /** The address on this computer, or the service's own if that can be reached from here. */
  readonly address: Address;
  readonly url: string;

  /** The variables of the connection, with this address. */
  readonly variables: { readonly [name: string]: string };

  /** Undefined if none is needed. */
  readonly tunnel?: Tunnel;
}

/** A connection as it is found in the cluster. */
export interface FoundConnection {
  readonly connection: AppConnection;
  readonly environment: Environment;
  readonly workload: Workload;
}

/** Finds a connection of an app. Nothing is connected to yet. */
export async function connectionOf({ cluster, app }: Operation, { name, kind }: ConnectRequest): Promise<FoundConnection> {
  // An app without a web process has the same connections in its workers.
  const workload = await getWorkload(cluster, app) ?? (await listWorkloads(cluster, app)).at(0);
  if (!workload) throw notDeployed(app);
  const environment = new Environment(cluster, app.namespace, workload.spec.template.spec!.containers[0]);
  return { workload, environment, connection: await findConnection(app.name, environment, name, kind) };
}

/**
 * Opens a connection: through a tunnel to its pod, or, if it is outside of the cluster, directly.
 *
 * @param localPort the port of this computer for the tunnel; 0 for one that is free
 * @throws Failure if neither can be done
 */
export async function openConnection(
  operation: Operation, { connection, environment, workload }: FoundConnection, localPort: number, world: World,
): Promise<OpenConnection> {
  const { cluster, app, progress } = operation;
  const { name, address } = connection;
  const { host, port } = address;
  if (port === undefined) return direct(connection, environment);
  const target = await findTarget({ cluster, app, workload, host, port });
  if (address.kind === 'http' && target.isAlias) {
    throw new Failure(`${name} is an app that the interceptor of the HTTP add-on finds by its name, which a tunnel does not have; `
      + 'use webapp open, or webapp run -- COMMAND for a call from inside the cluster');
  }
  if ('host' in target) {
    await checkOutside(target.host, port, name, world);
    progress.done(`Using ${target.host} directly, as it is outside of the cluster`);
    return direct(connection, environment);
  }
  const tunnel = await openIn(operation, target, localPort);
  progress.done(`Connected to ${name} (${serviceName(address.kind)} in pod ${tunnel.pod})`);
  const local = throughTunnel(address, tunnel.port);
  return { connection, address: local, url: formatAddress(local), variables: await variablesAt(connection, environment, local), tunnel };
}

async function openIn({ cluster, progress }: Operation, target: PodTarget, port: number): Promise<Tunnel> {
  const missing = await missingAsText(cluster, FORWARD, target.namespace);
  if (missing !== undefined) throw new Failure(`${missing}; ${ASK_FOR_ROLE}`);
  return openTunnel({ cluster, target, port, warn: text => progress.warn(text) });
}

async function checkOutside(host: string, port: number, name: string, world: World): Promise<void> {
  try {
    await world.reach(host, port);
  } catch (error) {
    throw new Failure([
      `${name} is ${host}:${port}, which is outside of the cluster, and this computer cannot reach it: ${(error as Error).message}`,
      '  connect to the network that can, such as a VPN, or run a client in the cluster, with webapp run -- COMMAND',
    ].join('\n'));
  }
}

async function direct(connection: AppConnection, environment: Environment): Promise<OpenConnection> {
  const { address } = connection;
  return { connection, address, url: formatAddress(address), variables: await variablesAt(connection, environment, address) };
}

/** The variables of a connection, with the address that it has here. */
async function variablesAt(
  { address, prefix, variables }: AppConnection, environment: Environment, here: Address,
): Promise<{ [name: string]: string }> {
  const place = here.port === undefined ? here.host : `${here.host}:${here.port}`;
  const isElsewhere = here !== address;
  const found: { [name: string]: string } = {};
  for (const variable of variables) {
    const value = await environment.get(variable) ?? '';
    const host = hostIn(value);
    const isOwn = variable.startsWith(`${prefix}_`);
    // The Secret may have much that is not for this service.
    if (!isOwn && (host === undefined || !isSameHost(host, address.host))) continue;
    found[variable] = !isElsewhere ? value
      : variable === `${prefix}_URL` ? formatAddress(here)
        : variable === `${prefix}_HOST` ? here.host
          : variable === `${prefix}_PORT` ? String(here.port)
            : host !== undefined && isSameHost(host, address.host) ? value.replace(AUTHORITY, `$1${place}`) : value;
  }
  return found;
}

/** The scheme, which in Java has two parts, and the credentials of a URL; then host and port. */
const AUTHORITY = /^((?:[a-z][a-z\d+.-]*:)+\/\/(?:[^?]*@)?)([^/?@:]+)(?::\d+)?/i;

function hostIn(value: string): string | undefined {
  return AUTHORITY.exec(value)?.[2];
}

/** Whether two names are of the same host: one of them may be shorter, as both are looked up in the same namespace. */
function isSameHost(a: string, b: string): boolean {
  return a === b || a.startsWith(`${b}.`) || b.startsWith(`${a}.`);
}

/** How a client of this computer is called, with what its environment has. */
export interface ClientCall {
  readonly words: readonly string[];
  readonly env: { readonly [name: string]: string | undefined };
}

/**
 * The program of this computer that a kind of service is used with.
 *
 * @throws Failure if there is none, with what to do in its place
 */
export function clientFor({ name, address: { kind } }: AppConnection, world: World): string {
  const others = [
    `  other programs can use it: webapp connect ${name} --url prints its URL, and webapp connect ${name} -- COMMAND runs one`,
  ];
  const clients = CLIENTS[kind];
  if (!clients) throw new Failure([`there is no client for ${serviceName(kind)} that webapp connect knows`, ...others].join('\n'));
  const program = programOnPath(clients.programs, world);
  if (program !== undefined) return program;
  const needed = clients.programs.join(' or ');
  throw new Failure([`${needed} is not on the PATH, and ${name} is ${serviceName(kind)}`, `  ${clients.install}`, ...others].join('\n'));
}

export function clientCall(program: string, { address }: OpenConnection): ClientCall {
  return { words: [program, ...CLIENTS[address.kind]!.args(address)], env: clientVariables(address) };
}

/** The environment of any program that uses a connection: the variables that the app has, and those of the service's own clients. */
export function programVariables({ address, variables }: OpenConnection): { readonly [name: string]: string | undefined } {
  return { ...clientVariables(address), ...variables };
}
