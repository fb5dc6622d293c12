import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { interceptorHost, proxyName } from './hosts';
import { objectMetadata, orNothing } from '../../kube/metadata';
import { PORT_NAME, traefikScheme } from '../../kube/ports';
import { ResolvedApp } from '../../model/app';

/**
 * A name for the interceptor in the app's namespace: for an Ingress, which can name only Services of its own namespace, and for callers
 * inside of the cluster, who would find nobody at the Service of a sleeping app.
 *
 * @see https://kubernetes.io/docs/concepts/services-networking/service/#externalname
 */
export function createProxyService(scope: Construct, app: ResolvedApp): ApiObject {
  const metadata = objectMetadata(app, 'entry', proxyName(app));
  return new ApiObject(scope, 'proxy', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { ...metadata, annotations: orNothing({ ...metadata.annotations, ...traefikScheme(app) }) },
    spec: {
      type: 'ExternalName',
      externalName: interceptorHost(app),
      ports: [{ name: PORT_NAME, port: app.platform.httpAddon.interceptorPort }],
    },
  });
}
