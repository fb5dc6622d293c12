import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { clusterHosts } from './hosts';
import { backendService, ingressRules } from './ingress';
import { objectMetadata } from '../../kube/metadata';
import { ResolvedApp } from '../../model/app';
import { ResolvedIngressEntry } from '../../platform/resolve';
import { ResolvedCanary } from '../rollout/resolved-rollout';

const NGINX = 'nginx.ingress.kubernetes.io';

/**
 * Gives the canary its share, as ingress-nginx does it: by a second Ingress of the same hosts and paths, which has the rest from the first.
 *
 * Both lead to the interceptor, under names of its that differ, as ingress-nginx tells upstreams apart by those. The interceptor knows the canary's
 * requests by the header that the platform's `ingress.upstreamHeader` names. `upstream-vhost` is for controllers that take it from the canary's
 * Ingress, which ingress-nginx and Traefik do not.
 *
 * @see https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#canary
 */
export function createCanaryIngress(scope: Construct, app: ResolvedApp, entry: ResolvedIngressEntry, canary: ResolvedCanary): ApiObject {
  const metadata = objectMetadata(canary.app, 'entry');
  return new ApiObject(scope, 'canary-ingress', {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { ...metadata, annotations: { ...metadata.annotations, ...entry.annotations, ...canaryAnnotations(app, canary) } },
    spec: {
      ingressClassName: entry.className,
      rules: ingressRules(app, { service: backendService(canary.app, false) }),
    },
  });
}

function canaryAnnotations({ scaling }: ResolvedApp, { app: canary, weight, headers }: ResolvedCanary) {
  const share = { [`${NGINX}/canary`]: 'true', [`${NGINX}/canary-weight`]: String(weight) };
  // The interceptor knows the headers of requests that pass there.
  if (scaling.http) return { ...share, [`${NGINX}/upstream-vhost`]: clusterHosts(canary).at(-1)! };
  const [header] = Object.entries(headers);
  return header ? { ...share, [`${NGINX}/canary-by-header`]: header[0], [`${NGINX}/canary-by-header-value`]: header[1] } : share;
}
