import { numbered } from './rebuilds';
import type { BeforeBuild, BuildRequest, BuiltImage } from './request';
import { Upload } from './upload';
import { APP_NAMESPACE, contentHash, hasTektonVariable, isCutByBuildpacks, literal } from '../../../src/internal';
import { runBuild } from '../engine/builds';
import type { DeployOperation } from '../engine/operation';
import type { Cluster } from '../kube/connect';
import { isForbidden } from '../kube/errors';
import { ASK_FOR_ROLE } from '../kube/explain';
import type { Reference } from '../kube/objects';
import { referenceTo } from '../kube/objects';
import { FORBIDDEN, missingPermissions, permissions, resourceOf, unlessForbidden } from '../kube/permissions';
import type { BuildRun, ClusterBuildStrategy } from '../kube/types';
import { BUILD_RUN, CLUSTER_BUILD_STRATEGY, conditionOf, holds } from '../kube/types';
import type { Manifest } from '../render/synthesis';
import { Failure } from '../ui/failure';

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

/**
 * Builds an image in the cluster, with Shipwright: the source is sent to the pod of the build. A build of the same source that is complete
 * is not run again, unless the request says so.
 *
 * @throws Failure if the strategy cannot do what the request asks for
 * @throws DiagnosedFailure if the build fails, after its whole log was shown
 */
export async function buildInCluster(
  operation: DeployOperation, request: BuildRequest, builds: ClusterBuilds, beforeBuild: BeforeBuild = async () => {},
): Promise<BuiltImage & { readonly build: Reference }> {
  const upload = new Upload(operation, request.source);
  const parameters = await parametersOf(operation, request, builds);
  const { cluster } = operation;
  const namespace = namespaceOf(request, builds);
  const explained = async <T>(result: Promise<T>): Promise<T> => result.catch(async error => failForbidden(cluster, namespace, error));
  const { number, live } = await explained(chooseRun(cluster, request, namespace));
  if (!live || !holds(live, 'Succeeded')) await beforeBuild();
  const manifest = buildRunOf(request, builds, { number, parameters, annotations: upload.mark });
  const { digest, seconds, ranBefore } = await explained(runBuild(operation, manifest, upload));
  if (digest === undefined && builds.cache === 'registry') {
    throw new Failure(`the image of ${request.app.name} was pushed, but the ClusterBuildStrategy ${strategyOf(request, builds)} does not `
      + 'report its digest; set builds: { cache: none } in platform.yaml, so that each image has a tag of its own');
  }
  return { image: pushedImage(request, builds, number, digest), seconds: ranBefore ? undefined : seconds, build: referenceTo(manifest) };
}

/**
 * What a build needs in its namespace. A WebSocket to a container needs both verbs since Kubernetes 1.35.
 *
 * @see https://github.com/kubernetes/kubernetes/pull/134577
 */
const BUILD_PERMISSIONS = [
  ...permissions('buildruns.shipwright.io', 'get', 'list', 'create', 'patch', 'delete'),
  ...permissions('pods', 'get', 'list'),
  ...permissions('pods/log', 'get'),
  ...permissions('pods/exec', 'get', 'create'),
];

/** Fails with all permissions that the user lacks, if that is the reason: the API server does not always say which one it is. */
async function failForbidden(cluster: Cluster, namespace: string, error: unknown): Promise<never> {
  const missing = isForbidden(error) ? await missingPermissions(cluster, BUILD_PERMISSIONS, namespace) : [];
  if (missing.length === 0) throw error;
  const resources = [...new Set(missing.map(resourceOf))].map(resource => (
    `${missing.filter(one => resourceOf(one) === resource).map(({ verb }) => verb).join(', ')} ${resource}`));
  throw new Failure(`you are not allowed to ${resources.join('; ')} in namespace ${namespace}, which a build of a folder needs; `
    + ASK_FOR_ROLE);
}

/** The image of a build that is complete; undefined if there is none, or another one is wanted. */
export async function findInCluster(cluster: Cluster, request: BuildRequest, builds: ClusterBuilds): Promise<string | undefined> {
  const { number, live } = await chooseRun(cluster, request, namespaceOf(request, builds));
  return live && holds(live, 'Succeeded') ? pushedImage(request, builds, number, live.status?.output?.digest) : undefined;
}

function namespaceOf({ app }: BuildRequest, { namespace = app.namespace }: ClusterBuilds): string {
  return namespace;
}

/** A BuildRun of a source, which may not exist yet. */
interface NumberedRun {
  readonly number: number;
  readonly live?: BuildRun;
}

/**
 * The BuildRun that gives a request its image: the latest one of the source that has not failed. A rebuild is a further one, unless there
 * is one that runs, or one that failed to replace.
 */
async function chooseRun({ objects }: Cluster, request: BuildRequest, namespace: string): Promise<NumberedRun> {
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

function pushedImage(request: BuildRequest, builds: ClusterBuilds, number: number, digest: string | undefined): string {
  return digest === undefined ? imageOf(request, builds, number) : `${request.repository}@${digest}`;
}

function strategyOf({ strategy }: BuildRequest, { strategies }: ClusterBuilds): string {
  return strategies[strategy];
}

function imageOf({ repository, hash }: BuildRequest, { cache }: ClusterBuilds, number: number): string {
  return `${repository}:${cache === 'registry' ? CACHE_TAG : numbered(hash, number)}`;
}

interface Parameter {
  readonly name: string;
  readonly value?: string;
  readonly values?: readonly object[];
}

/** What the strategy is told: https://shipwright.io/docs/build/build/#defining-paramvalues */
async function parametersOf(
  { cluster: { objects } }: DeployOperation, request: BuildRequest, builds: ClusterBuilds,
): Promise<Parameter[]> {
  const name = strategyOf(request, builds);
  const strategy = await unlessForbidden(async () => objects.get({ ...CLUSTER_BUILD_STRATEGY, name }));
  if (strategy === undefined) {
    const all = await unlessForbidden(async () => objects.list(CLUSTER_BUILD_STRATEGY, {}));
    const known = all === FORBIDDEN ? [] : all.map(({ metadata }) => metadata.name);
    const others = known.length > 0 ? `; it has ${known.join(', ')}` : '';
    const alternative = request.strategy === 'buildpacks' ? ', or write a Dockerfile' : '';
    throw new Failure(`the cluster has no ClusterBuildStrategy ${name}${others}\n`
      + `  install those of Shipwright (webapp setup --with builds), or set builds.strategies.${request.strategy} `
      + `in platform.yaml${alternative}`);
  }
  const supported = strategy === FORBIDDEN ? undefined : new Set(strategy.spec.parameters?.map(parameter => parameter.name));
  failIfChanged(request, name, strategy);
  const evaluates = strategy !== FORBIDDEN && isEvaluating(strategy);
  const wanted = request.strategy === 'buildpacks' ? [] : dockerfileParameters(request, evaluates);
  const missing = wanted.find(parameter => supported && !supported.has(parameter.name));
  if (missing) {
    throw new Failure(`build.${FIELDS[missing.name] ?? missing.name} of ${request.app.name} is not supported by the ClusterBuildStrategy `
      + `${name}, which has no parameter ${missing.name}; remove it, or set builds.strategies.dockerfile in platform.yaml to one that has, `
      + 'such as buildkit');
  }
  // The pod of a build is new, and so are its base images: nothing of earlier builds is left but this cache.
  const isUncached = builds.cache === 'none' || request.rebuild;
  const uncached = isUncached && supported?.has('cache') ? [{ name: 'cache', value: 'disabled' }] : [];
  return [...wanted, ...uncached];
}

/** The names of parameters that the file has by other names. */
const FIELDS: { readonly [parameter: string]: string | undefined } = { 'build-args': 'env' };

/** The names that Shipwright's own strategies have: https://github.com/shipwright-io/build/tree/main/samples/v1beta1/buildstrategy */
function dockerfileParameters(
  { dockerfile = 'Dockerfile', env, secrets, target, platforms }: BuildRequest, evaluates: boolean,
): Parameter[] {
  const list = (name: string, values: readonly object[]) => values.length > 0 ? [{ name, values }] : [];
  return [
    ...dockerfile === 'Dockerfile' ? [] : [{ name: 'dockerfile', value: dockerfile }],
    ...list('build-args', Object.entries(env).map(([name, value]) => (
      { value: literal(`${name}=${evaluates ? value.replace(EVALUATED, '\\$&') : value}`) }))),
    ...list('secrets', Object.entries(secrets).map(([id, { secret, key }]) => (
      { secretValue: { name: secret, key, format: `${id}=\${SECRET_VALUE}` } }))),
    ...target === undefined ? [] : [{ name: 'target', value: target }],
    ...list('platforms', platforms.map(value => ({ value }))),
  ];
}

/** What a shell replaces between double quotes. */
const EVALUATED = /["$`\\]/g;

/**
 * Whether a strategy writes build arguments into a script, between double quotes, as Shipwright's buildkit does.
 *
 * @see https://github.com/shipwright-io/build/blob/main/samples/v1beta1/buildstrategy/buildkit/buildstrategy_buildkit_cr.yaml
 */
function isEvaluating({ spec: { steps = [] } }: ClusterBuildStrategy): boolean {
  return steps.some(({ args = [] }) => args.some(text => text.includes('echo "--opt=\\"build-arg:${a}\\"')));
}

/**
 * Whether a strategy splits the variables of the build at white space, as Shipwright's buildpacks do.
 *
 * @see https://github.com/shipwright-io/build/blob/main/samples/v1beta1/buildstrategy/buildpacks-v3/buildstrategy_buildpacks-v3_cr.yaml
 */
function isSplitting({ spec: { steps = [] } }: ClusterBuildStrategy): boolean {
  return steps.some(({ args = [] }) => args.some(text => text.includes('envs=($(env))')));
}

/** Fails if a variable of the build would not arrive as the file has it. */
function failIfChanged({ app, env, strategy }: BuildRequest, name: string, live: ClusterBuildStrategy | typeof FORBIDDEN): void {
  const isBuildpacks = strategy === 'buildpacks';
  const find = (isChanged: (value: string) => boolean) => Object.keys(env).find(one => isChanged(env[one]));
  const fail = (variable: string | undefined, why: string) => {
    if (variable !== undefined) throw new Failure(`build.env.${variable} of ${app.name} has ${why}`);
  };
  if (isBuildpacks) fail(find(hasTektonVariable), 'a part $(…) that Tekton replaces; write the value without it');
  if (live === FORBIDDEN) {
    const what = isBuildpacks ? 'white space or =' : 'one of the characters " $ ` \\';
    fail(find(isBuildpacks ? isCutByBuildpacks : value => value.search(EVALUATED) !== -1), `${what}, which some strategies change, `
      + `and you are not allowed to get the ClusterBuildStrategy ${name}; ${ASK_FOR_ROLE}, or remove these characters`);
  } else if (isBuildpacks && isSplitting(live)) {
    fail(find(isCutByBuildpacks), `white space or =, and the ClusterBuildStrategy ${name} passes on only what is before it; `
      + 'write a Dockerfile, or set builds: { where: local } in platform.yaml');
  }
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

/** What a BuildRun has besides the request. */
interface BuildRunParts {
  readonly number: number;
  readonly parameters: readonly Parameter[];
  readonly annotations: { readonly [name: string]: string };
}

function buildRunOf(request: BuildRequest, builds: ClusterBuilds, { number, parameters, annotations }: BuildRunParts): Manifest {
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
