/** The ClusterBuildStrategy that builds a folder: what it can do, and what it is told. */
import type { ClusterBuilds, Parameter } from './build-run';
import { strategyOf } from './build-run';
import type { BuildRequest } from './request';
import { hasTektonVariable, isCutByBuildpacks, literal, resolveBuilds } from '../../../src/internal';
import type { Cluster } from '../kube/connect';
import { ASK_FOR_ROLE } from '../kube/explain';
import { FORBIDDEN, unlessForbidden } from '../kube/permissions';
import type { ClusterBuildStrategy } from '../kube/types';
import { CLUSTER_BUILD_STRATEGY } from '../kube/types';
import { Failure } from '../ui/failure';

/**
 * What the strategy of a build is told.
 *
 * @see https://shipwright.io/docs/build/build/#defining-paramvalues
 * @throws Failure if it does not exist, or cannot do what the request asks for
 */
export async function parametersOf(
  { objects }: Pick<Cluster, 'objects'>, request: BuildRequest, builds: ClusterBuilds,
): Promise<Parameter[]> {
  const name = strategyOf(request, builds);
  const strategy = await unlessForbidden(async () => objects.get({ ...CLUSTER_BUILD_STRATEGY, name }));
  if (strategy === undefined) {
    const all = await unlessForbidden(async () => objects.list(CLUSTER_BUILD_STRATEGY, {}));
    const known = all === FORBIDDEN ? [] : all.map(({ metadata }) => metadata.name);
    const others = known.length > 0 ? `; it has ${known.join(', ')}` : '';
    const alternative = request.strategy === 'buildpacks' ? ', or write a Dockerfile' : '';
    throw new Failure(`the cluster has no ClusterBuildStrategy ${name}${others}\n`
      + `  install ${name === resolveBuilds().strategies.buildpacks ? 'it' : 'those of Shipwright'} (webapp setup --with builds), `
      + `or set builds.strategies.${request.strategy} `
      + `in platform.yaml${alternative}`);
  }
  const supported = strategy === FORBIDDEN ? undefined : new Set(strategy.spec.parameters?.map(parameter => parameter.name));
  failIfHidden(request, name, strategy);
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

/**
 * Whether a strategy for buildpacks keeps the layers of an image below `/tmp`, as Shipwright's own do: the image then has its programs
 * there.
 *
 * @see https://github.com/shipwright-io/build/blob/main/samples/v1beta1/buildstrategy/buildpacks-v3/buildstrategy_buildpacks-v3_cr.yaml
 */
function buildsBelowTmp({ spec: { steps = [] } }: ClusterBuildStrategy): boolean {
  return steps.some(({ args = [] }) => args.some(text => /(?:LAYERS_DIR|-layers)[= ]["']?\/tmp\b/.test(text)));
}

/** Fails if the app would not find its program in the image. */
function failIfHidden({ app, strategy, hidesTmp }: BuildRequest, name: string, live: ClusterBuildStrategy | typeof FORBIDDEN): void {
  if (strategy !== 'buildpacks' || !hidesTmp || live === FORBIDDEN || !buildsBelowTmp(live)) return;
  throw new Failure(`the ClusterBuildStrategy ${name} puts the program of ${app.name} below /tmp of the image, where the app mounts a `
    + `volume\n  ${USE_OURS}, or set security: { readOnlyRoot: false }`);
}

/** What helps where a strategy cannot build what webapp.yaml says. */
const USE_OURS = 'remove builds.strategies.buildpacks from platform.yaml, and install the default one (webapp setup --with builds)';

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
    fail(find(isCutByBuildpacks), `white space or =, and the ClusterBuildStrategy ${name} passes on only what is before it\n`
      + `  ${USE_OURS}, or write a Dockerfile`);
  }
}
