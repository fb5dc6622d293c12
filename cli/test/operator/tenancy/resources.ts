import { API_VERSION } from '../../../src/config/api-version';
import type { OperatorFields } from '../../../src/config/operator-fields';
import type { WebAppResource } from '../../../src/operator/resources';
import type { WebAppProps } from 'cdk8s-webapp';

/** A WebApp of a cluster. */
export function webApp(
  name: string, spec: Partial<WebAppProps> & OperatorFields = {},
  { namespace = 'shop', created = 0 }: { readonly namespace?: string; readonly created?: number } = {},
): WebAppResource {
  const creationTimestamp = new Date(Date.UTC(2026, 0, 1) + created * 1000).toISOString().replace('.000', '');
  return {
    apiVersion: API_VERSION,
    kind: 'WebApp',
    metadata: { name, namespace, uid: `${namespace}/${name}`, resourceVersion: '1', creationTimestamp },
    spec: { image: 'ghcr.io/acme/web:1.4.2', ...spec } as WebAppProps,
  };
}
