import type { ClusterBuilds } from './build-run';
import { buildRunOf, chooseRun, namespaceOf, pushedImage, strategyOf } from './build-run';
import { parametersOf } from './build-strategy';
import type { BeforeBuild, BuildRequest, BuiltImage } from './request';
import { Upload } from './upload';
import { runBuild } from '../engine/builds';
import type { DeployOperation } from '../engine/operation';
import { missingReferences } from '../engine/references';
import type { Cluster } from '../kube/connect';
import { isForbidden } from '../kube/errors';
import { ASK_FOR_ROLE } from '../kube/explain';
import type { Reference } from '../kube/objects';
import { referenceTo } from '../kube/objects';
import { missingPermissions, permissions, resourceOf } from '../kube/permissions';
import { holds } from '../kube/types';
import { Failure } from '../ui/failure';

/**
 * Builds an image in the cluster, with Shipwright: the source is sent to the pod of the build. A build of the same source that is complete
 * is not run again, unless the request says so.
 *
 * @throws Failure if the strategy cannot do what the request asks for, or a Secret that the build needs does not exist
 * @throws DiagnosedFailure if the build fails, after its whole log was shown
 */
export async function buildInCluster(
  operation: DeployOperation, request: BuildRequest, builds: ClusterBuilds, beforeBuild: BeforeBuild = async () => {},
): Promise<BuiltImage & { readonly build: Reference }> {
  const upload = new Upload(operation, request.source);
  const { cluster } = operation;
  const parameters = await parametersOf(cluster, request, builds);
  const namespace = namespaceOf(request, builds);
  const explained = async <T>(result: Promise<T>): Promise<T> => result.catch(async error => failForbidden(cluster, namespace, error));
  const { number, live } = await explained(chooseRun(cluster, request, namespace));
  const manifest = buildRunOf(request, builds, { number, parameters, annotations: upload.mark });
  if (!live || !holds(live, 'Succeeded')) {
    await beforeBuild();
    const { problems } = await missingReferences(cluster, { app: request.app, objects: [manifest] });
    if (problems.length > 0) throw new Failure(problems.join('\n'));
  }
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
