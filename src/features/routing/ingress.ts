import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { proxyName } from './hosts';
import { ingressAnnotations } from './ingress-annotations';
import { objectMetadata, orNothing } from '../../kube/metadata';
import { SERVICE_PORT } from '../../kube/ports';
import { ResolvedApp } from '../../model/app';
import { ResolvedIngressEntry } from '../../platform/resolve';

/**
 * Opens an app to the world through an Ingress. The way goes to the interceptor where the app is scaled by HTTP, otherwise to the app.
 *
 * @see https://kubernetes.io/docs/concepts/services-networking/ingress/
 */
export function createIngress(scope: Construct, app: ResolvedApp, entry: ResolvedIngressEntry): ApiObject {
  const { routing: { hosts, tls }, platform: { httpAddon } } = app;
  const besideInterceptor = app.scaling.http !== undefined && entry.besideInterceptor;
  const name = besideInterceptor ? `${app.name}.${app.namespace}` : app.name;
  const metadata = objectMetadata(app, 'entry', name);
  const backend = { service: backendService(app, besideInterceptor) };
  return new ApiObject(scope, 'ingress', {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: {
      ...metadata,
      namespace: besideInterceptor ? httpAddon.namespace : undefined,
      annotations: orNothing({ ...metadata.annotations, ...ingressAnnotations(app, entry) }),
    },
    spec: {
      ingressClassName: entry.className,
      rules: ingressRules(app, backend),
      tls: tls && [{ hosts, secretName: tls.secretName ?? (tls.clusterIssuer ? `${name}-tls` : undefined) }],
    },
  });
}

export function ingressRules({ routing: { hosts, paths } }: ResolvedApp, backend: object): object[] {
  return hosts.map(host => ({ host, http: { paths: paths.map(path => ({ path, pathType: 'Prefix', backend })) } }));
}

export function backendService(app: ResolvedApp, besideInterceptor: boolean): object {
  const { interceptorService, interceptorPort } = app.platform.httpAddon;
  if (!app.scaling.http) return { name: app.routing.service, port: { number: SERVICE_PORT } };
  return { name: besideInterceptor ? interceptorService : proxyName(app), port: { number: interceptorPort } };
}
