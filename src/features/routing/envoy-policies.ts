import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { objectMetadata, orNone } from '../../kube/metadata';
import type { Route } from '../../model/route';
import { isOpen } from '../../model/route';

const API = 'gateway.envoyproxy.io/v1alpha1';

/**
 * What Envoy Gateway does for HTTPRoutes besides what the Gateway API has: it decides who is let in, and limits the size of requests.
 *
 * @param names all HTTPRoutes of the app
 * @see https://gateway.envoyproxy.io/docs/api/extension_types/
 */
export function createEnvoyPolicies(scope: Construct, route: Route, names: readonly string[]): void {
  const { access, http: { maxBodySize } } = route;
  const targetRefs = names.map(name => ({ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', name }));
  const metadata = objectMetadata(route, 'entry');
  if (!isOpen(access)) {
    const spec = { targetRefs, ...security(route) };
    new ApiObject(scope, 'security-policy', { apiVersion: API, kind: 'SecurityPolicy', metadata, spec });
  }
  if (maxBodySize !== undefined) {
    const spec = { targetRefs, requestBuffer: { limit: String(maxBodySize) } };
    new ApiObject(scope, 'traffic-policy', { apiVersion: API, kind: 'BackendTrafficPolicy', metadata, spec });
  }
}

function security({ access: { allow, passwordSecret, signIn } }: Route): object {
  return {
    authorization: allow.length > 0
      ? { defaultAction: 'Deny', rules: [{ action: 'Allow', principal: { clientCIDRs: allow } }] }
      : undefined,
    basicAuth: passwordSecret === undefined ? undefined : { users: { name: passwordSecret } },
    extAuth: signIn?.service && {
      http: {
        backendRefs: [{ name: signIn.service.name, namespace: signIn.service.namespace, port: signIn.service.port }],
        path: signIn.service.path,
        headersToBackend: orNone(signIn.responseHeaders),
      },
    },
  };
}
