/**
 * What an author who may only write WebApps in one namespace must not get the operator to do.
 *
 * The operator applies objects with its own rights, and KEDA, the ingress controller, cert-manager and Shipwright act on them with theirs.
 * Who may write a WebApp may run pods in its namespace, and so may use its Secrets, ConfigMaps and claims, as Kubernetes says of everything
 * that creates pods. All else has to be allowed by the platform: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
 *
 * docs/operator-tenancy.md lists each way out, and what closes it.
 */
import { NO_PLATFORM, platformModel } from './models';
import { propsOf } from '../resources';
import { objectProblems } from './objects';
import { HARMLESS_VALUE, isHarmlessOfNginx, isPrivate, strictBounds } from './strict';
import type { PlatformModel, Problem } from '../../../../src/internal';
import { entry, nameProblems } from '../../../../src/internal';
import { footprintOf } from '../../../../src/internal-models';
import type { Manifest } from '../../render/synthesis';
import type { WebAppResource } from '../resources';
import type { PlatformProps, WebAppProps } from 'cdk8s-webapp';

/**
 * What an app says, or has in its objects, that reaches beyond it. It is pure, and asks nobody.
 *
 * What the platform's bounds say is not checked here again: synthesis does it.
 *
 * @param resource the app, whose props have no problems otherwise
 * @param objects what is synthesized from it
 */
export function escapes(resource: WebAppResource, objects: readonly Manifest[], platform: PlatformProps = NO_PLATFORM): Problem[] {
  const { name, namespace = '' } = resource.metadata;
  const props = propsOf(resource);
  const model = platformModel(platform);
  const app = { name, namespace, platform: model };
  const named = [...nameProblems(strictBounds(platform.bounds), app, props, isPrivate), ...ownProblems(name, namespace, props, model)];
  const { hosts } = footprintOf(props, { id: name, namespace, platform: model });
  // What the props say is told once, in the words of props.
  return named.length > 0 ? named : objects.flatMap(object => objectProblems(object, { ...app, props, hosts }));
}

/** What no bound is about. */
function ownProblems(name: string, namespace: string, props: WebAppProps, platform: PlatformModel): Problem[] {
  const { entry: way, tls, httpAddon } = platform;
  const problem = (path: string, message: string, hint: string): Problem => ({ code: 'unsupported', path, message, hint });
  const isElsewhere = way.kind === 'ingress' && way.besideInterceptor && httpAddon.namespace !== namespace;
  const secret = props.tls?.secretName;
  return [
    ...props.name === undefined || props.name === name ? []
      : [problem('name', `is ${JSON.stringify(props.name)}, but the resource is named ${JSON.stringify(name)}`, 'remove it')],
    ...isElsewhere && secret !== undefined && secret !== tls?.secretName
      ? [problem('tls.secretName', `is ${JSON.stringify(secret)}, a Secret of the namespace ${httpAddon.namespace}, where the Ingress is`,
        'remove it, or ask your platform team to set tls.secretName of the Platform')] : [],
    ...isElsewhere && props.access?.password !== undefined
      ? [problem('access.password', `names a Secret of the namespace ${httpAddon.namespace}, where the Ingress is`,
        'use access.signIn, or ask your platform team for ingress.interceptorBackend: external-name')] : [],
    ...Object.entries(props.annotations ?? {}).filter(([key, value]) => isHarmlessOfNginx(key) && !HARMLESS_VALUE.test(value))
      .map(([key, value]) => problem(entry('annotations', key), `is ${JSON.stringify(value)}, which is not a number, a size or a time`,
        'use a value such as 60 or 8m')),
  ];
}
