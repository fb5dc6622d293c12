/** The BuildRun of a folder: which one of several it is, its name, its image, and what it says. */
import { numbered } from './rebuilds';
import type { BuildRequest } from './request';
import { APP_NAMESPACE, contentHash, literal } from '../../../src/internal';
import type { Cluster } from '../kube/connect';
import type { BuildRun } from '../kube/types';
import { BUILD_RUN, conditionOf } from '../kube/types';
import type { Manifest } from '../render/synthesis';

/** How a cluster builds: what `builds` of platform.yaml says. */
export interface ClusterBuilds {
  readonly namespace?: string;
  readonly pushSecret?: string;
  readonly strategies: { readonly buildpacks: string; readonly dockerfile: string };
  readonly cache: 'registry' | 'none';
}

/** The tag of all images of an app where the registry is the cache. */
const CACHE_TAG = 'latest';

/** How long the pod of a build waits for its source: what a slow connection needs, in seconds and in bytes per second. */
const SHORTEST_WAIT = 600;
const SLOWEST_UPLOAD = 256 * 1024;

/** How long a build that failed is kept. */
const KEPT_FAILED = '24h';

/** Where the builds of a request are. */
export function namespaceOf({ app }: BuildRequest, { namespace = app.namespace }: ClusterBuilds): string {
  return namespace;
}

/** A BuildRun of a source, which may not exist yet. */
export interface NumberedRun {
  readonly number: number;
  readonly live?: BuildRun;
}

/**
 * The BuildRun that gives a request its image: the latest one of the source that has not failed. A rebuild is a further one, unless there
 * is one that runs, or one that failed to replace.
 */
export async function chooseRun({ objects }: Cluster, request: BuildRequest, namespace: string): Promise<NumberedRun> {
  const { app, rebuild } = request;
  const labels = { 'app.kubernetes.io/name': app.name, [APP_NAMESPACE]: app.namespace };
  const all = (await objects.list(BUILD_RUN, { namespace, labels })).map(live => ({ live, number: numberOf(live, request, namespace) }));
  const runs = all.filter(({ number }) => number > 0).sort((a, b) => b.number - a.number);
  const [latest] = runs;
  if (!latest) return { number: 1 };
  const state = ({ live: one }: { readonly live: BuildRun }) => conditionOf(one, 'Succeeded')?.status ?? 'Unknown';
  if (!rebuild) return runs.find(run => state(run) !== 'False') ?? latest;
  const isTaken = state(latest) === 'True' || (state(latest) === 'Unknown' && latest.number === 1);
  return isTaken ? { number: latest.number + 1 } : latest;
}

/** The image that a BuildRun has pushed, by its digest unless the strategy does not report that. */
export function pushedImage(request: BuildRequest, builds: ClusterBuilds, number: number, digest: string | undefined): string {
  return digest === undefined ? imageOf(request, builds, number) : `${request.repository}@${digest}`;
}

/** The name of the ClusterBuildStrategy. */
export function strategyOf({ strategy }: BuildRequest, { strategies }: ClusterBuilds): string {
  return strategies[strategy];
}

function imageOf({ repository, hash }: BuildRequest, { cache }: ClusterBuilds, number: number): string {
  return `${repository}:${cache === 'registry' ? CACHE_TAG : numbered(hash, number)}`;
}

/** The name of a BuildRun, which is a label of its pods. Apps of several namespaces may have their builds in one. */
function nameOf({ app, hash }: BuildRequest, namespace: string, number: number): string {
  const end = numbered(namespace === app.namespace ? hash : contentHash(`${app.namespace}/${hash}`), number);
  return `${app.name.slice(0, 62 - end.length)}-${end}`;
}

/** The number of a BuildRun among those of a request's source; 0 if it is of another source. */
function numberOf({ metadata: { name } }: BuildRun, request: BuildRequest, namespace: string): number {
  const end = Number(/-(\d+)$/.exec(name)?.[1]);
  return [1, end].find(number => nameOf(request, namespace, number) === name) ?? 0;
}

/** A parameter of a strategy. */
export interface Parameter {
  readonly name: string;
  readonly value?: string;
  readonly values?: readonly object[];
}

/** What a BuildRun has besides the request. */
interface BuildRunParts {
  readonly number: number;
  readonly parameters: readonly Parameter[];
  readonly annotations: { readonly [name: string]: string };
}

/** @see https://shipwright.io/docs/build/buildrun/ */
export function buildRunOf(request: BuildRequest, builds: ClusterBuilds, { number, parameters, annotations }: BuildRunParts): Manifest {
  const { app, source, strategy, env, timeout } = request;
  const namespace = namespaceOf(request, builds);
  const variables = strategy === 'buildpacks' ? Object.entries(env).map(([name, value]) => ({ name, value: literal(value) })) : [];
  const seconds = SHORTEST_WAIT + Math.ceil(source.bytes / SLOWEST_UPLOAD);
  return {
    apiVersion: BUILD_RUN.apiVersion,
    kind: BUILD_RUN.kind,
    metadata: {
      name: nameOf(request, namespace, number),
      namespace,
      labels: { 'app.kubernetes.io/name': app.name, 'app.kubernetes.io/managed-by': 'webapp', [APP_NAMESPACE]: app.namespace },
      annotations,
    },
    spec: {
      build: {
        spec: {
          source: { type: 'Local', local: { name: 'source', timeout: `${seconds}s` } },
          strategy: { kind: 'ClusterBuildStrategy', name: strategyOf(request, builds) },
          ...parameters.length > 0 ? { paramValues: parameters } : {},
          ...variables.length > 0 ? { env: variables } : {},
          ...timeout === undefined ? {} : { timeout: `${timeout}s` },
          output: {
            image: imageOf(request, builds, number),
            ...builds.pushSecret === undefined ? {} : { pushSecret: builds.pushSecret },
          },
          retention: { ttlAfterFailed: KEPT_FAILED },
        },
      },
    },
  };
}
