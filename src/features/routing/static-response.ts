import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import type { InterceptorRouteSpecColdStartPlaceholderResponse } from '../../../imports/http.keda.sh';
import { contentHash } from '../../kube/content-hash';
import { objectMetadata } from '../../kube/metadata';
import type { Written } from '../../kube/written';
import type { ResolvedApp } from '../../model/app';

/** An answer that the interceptor gives by itself. */
export interface StaticResponse {
  readonly body: string;
  readonly contentType: string;
  readonly status: number;
}

/** What the answer is for, which names its ConfigMap. */
export type Purpose = 'placeholder' | 'maintenance';

/** Bytes that a ConfigMap holds. The add-on, which reads a body from there, has no limit of its own. */
export const LARGEST_BODY = 1024 * 1024;

/** What the add-on's route takes as a body of its own, in characters, of which none has less than a byte. */
const LARGEST_INLINE = 32768;

/** The key in the ConfigMap. */
const KEY = 'body';

/**
 * Keeps a body that is too large for the route in a ConfigMap, which the add-on finds by its label. It is immutable and named by what is in it, so that
 * the route and the body change together.
 */
export function createBody(scope: Construct, app: ResolvedApp, purpose: Purpose, { body }: StaticResponse): void {
  if (isInline(body)) return;
  const metadata = objectMetadata(app, 'workload', configMapName(app, purpose, body));
  new ApiObject(scope, purpose, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { ...metadata, labels: { ...metadata.labels, 'http.keda.sh/response-body': 'true' } },
    immutable: true,
    data: { [KEY]: body },
  });
}

/** The answer as the add-on's route has it. Nobody may keep it in place of the app's own. */
export function staticResponse(
  app: ResolvedApp, purpose: Purpose, { body, contentType, status }: StaticResponse, headers: { readonly [name: string]: string } = {},
): Written<InterceptorRouteSpecColdStartPlaceholderResponse> {
  return {
    statusCode: status,
    headers: { 'Content-Type': contentType, 'Cache-Control': 'no-store', ...headers },
    ...(isInline(body) ? { body } : { bodyFromConfigMap: { name: configMapName(app, purpose, body), key: KEY } }),
  };
}

function isInline(body: string): boolean {
  return Buffer.byteLength(body) <= LARGEST_INLINE;
}

function configMapName(app: ResolvedApp, purpose: Purpose, body: string): string {
  return `${app.name}-${purpose}-${contentHash(body)}`;
}
