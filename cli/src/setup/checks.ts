import { works, MissingProgram } from './call';
import type { Helm } from './helm';
import type { Extra } from './parts';
import type { Cluster } from '../kube/connect';
import { ASK_FOR_ROLE } from '../kube/explain';
import { missingPermissions, permissions, resourceOf } from '../kube/permissions';
import { Failure } from '../ui/failure';
import type { World } from '../ui/world';
import type { PlatformProps } from 'cdk8s-webapp';

/** @throws Failure if a program is missing */
export async function checkTools(helm: Helm, extras: readonly Extra[], world: World, signal: AbortSignal): Promise<void> {
  await helm.check();
  if (!extras.includes('builds')) return;
  if (!await works({ program: 'kubectl', words: ['version', '--client'] }, world, signal)) throw new MissingProgram('kubectl');
}

/** @throws Failure if the user may not install what is for the whole cluster */
export async function checkRole(cluster: Cluster): Promise<void> {
  const needed = ['customresourcedefinitions.apiextensions.k8s.io', 'clusterroles.rbac.authorization.k8s.io', 'namespaces'];
  const missing = await missingPermissions(cluster, needed.flatMap(resource => permissions(resource, 'create')), '');
  if (missing.length === 0) return;
  const what = missing.map(permission => `${permission.verb} ${resourceOf(permission)}`).join(', ');
  throw new Failure(`you are not allowed to ${what}; ${ASK_FOR_ROLE}, or give them what webapp setup --output yaml prints`);
}

/** @throws Failure if it is not a domain below which apps can have names */
export async function checkDomain(domain: string | undefined): Promise<void> {
  if (domain === undefined) return;
  await checkPlatform('--domain', { domain });
}

/** @throws Failure if it is not a registry to which images can be pushed */
export async function checkRegistry(registry: string | undefined): Promise<void> {
  if (registry !== undefined) await checkPlatform('the registry', { builds: { registry } });
}

async function checkPlatform(what: string, props: PlatformProps): Promise<void> {
  const { synthesize } = await import('../render/synthesis');
  const [problem] = synthesize([], props).platformProblems;
  if (problem) throw new Failure(`${what} ${problem.message}; ${problem.hint}`);
}
