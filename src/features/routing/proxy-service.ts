import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { annotated, objectMetadata } from '../../kube/metadata';
import { PORT_NAME, traefikScheme } from '../../kube/ports';
import type { Named } from '../../model/named';
import { interceptorHost, proxyName } from '../../model/names';
import type { Route } from '../../model/route';

/**
 * A name for the interceptor in the app's namespace: for an Ingress, which can name only Services of its own namespace, and for callers
 * inside of the cluster, who would find nobody at the Service of a sleeping app.
 *
 * @param named what callers mean: the route, or its canary
 * @see https://kubernetes.io/docs/concepts/services-networking/service/#externalname
 */
export function createProxyService(scope: Construct, named: Named, { http2, internal }: Route): ApiObject {
  const { platform } = named;
  return new ApiObject(scope, 'proxy', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: annotated(objectMetadata(named, 'entry', proxyName(named)), traefikScheme(named, { http2, https: false }, !internal)),
    spec: {
      type: 'ExternalName',
      externalName: interceptorHost(platform),
      ports: [{ name: PORT_NAME, port: platform.httpAddon.interceptorPort }],
    },
  });
}
