import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import type { InterceptorRouteSpecColdStartPlaceholderResponse } from '../../../imports/http.keda.sh';
import { contentHash } from '../../kube/content-hash';
import { objectMetadata } from '../../kube/metadata';
import type { Written } from '../../kube/written';
import type { Named } from '../../model/named';
import type { StaticResponse } from '../../model/route';

/** What the response is for, which names its ConfigMap. */
export type Purpose = 'placeholder' | 'maintenance' | 'static';

/** What the add-on's route takes as a body of its own, in characters, of which none has less than a byte. */
const LARGEST_INLINE = 32768;

/** The key in the ConfigMap. */
const KEY = 'body';

/**
 * Keeps a body that is too large for the route in a ConfigMap, which the add-on finds by its label. It is immutable and named by its
 * content, so that the route and the body change together.
 */
export function createBody(scope: Construct, named: Named, purpose: Purpose, { body }: StaticResponse): void {
  if (isInline(body)) return;
  const name = configMapName(named, purpose, body);
  const id = purpose === 'static' ? name : purpose;
  // Static routes may have the same body.
  if (scope.node.tryFindChild(id)) return;
  const metadata = objectMetadata(named, 'workload', name);
  new ApiObject(scope, id, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { ...metadata, labels: { ...metadata.labels, 'http.keda.sh/response-body': 'true' } },
    immutable: true,
    data: { [KEY]: body },
  });
}

/** The response as the add-on's route has it. Nobody may cache it in place of the app's own. */
export function staticResponse(
  named: Named, purpose: Purpose, { body, contentType, status }: StaticResponse, headers: { readonly [name: string]: string } = {},
): Written<InterceptorRouteSpecColdStartPlaceholderResponse> {
  return {
    statusCode: status,
    headers: { 'Content-Type': contentType, 'Cache-Control': 'no-store', ...headers },
    ...(isInline(body) ? { body } : { bodyFromConfigMap: { name: configMapName(named, purpose, body), key: KEY } }),
  };
}

function isInline(body: string): boolean {
  return Buffer.byteLength(body) <= LARGEST_INLINE;
}

function configMapName({ name }: Named, purpose: Purpose, body: string): string {
  return `${name}-${purpose}-${contentHash(body)}`;
}
