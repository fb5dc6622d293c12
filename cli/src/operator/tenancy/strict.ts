/** What apps may name where their platform does not say it, as the operator acts with its own rights for authors who may have none. */
import type { NameBound } from '../../../../src/internal';
import type { Bounds } from 'cdk8s-webapp';

/** Annotations by which ingress-nginx limits what a request of the app itself may be and take. None names anything beyond the app. */
const HARMLESS_OF_NGINX = [
  'client-body-buffer-size', 'client-header-timeout', 'proxy-body-size', 'proxy-buffer-size', 'proxy-buffering', 'proxy-buffers-number',
  'proxy-connect-timeout', 'proxy-next-upstream-timeout', 'proxy-next-upstream-tries', 'proxy-read-timeout', 'proxy-request-buffering',
  'proxy-send-timeout', 'limit-connections', 'limit-rpm', 'limit-rps', 'ssl-redirect', 'force-ssl-redirect',
].map(name => `nginx.ingress.kubernetes.io/${name}`);

/** Values that these can have. ingress-nginx writes them into its configuration. */
export const HARMLESS_VALUE = /^[A-Za-z0-9]{0,20}$/;

/** Whether an annotation of ingress-nginx is one of these. */
export function isHarmlessOfNginx(annotation: string): boolean {
  return HARMLESS_OF_NGINX.includes(annotation);
}

/**
 * Controllers obey annotations and labels with a prefix, which names who defined them; one without is private to users.
 *
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/annotations/#syntax-and-character-set
 */
export function isPrivate(bound: NameBound, name: string): boolean {
  return (bound === 'annotations' || bound === 'labels') && !name.includes('/');
}

/** The defaults of the operator. */
export const STRICT: { readonly [bound in NameBound]: readonly string[] } = {
  patches: [],
  serviceAccounts: [],
  annotations: HARMLESS_OF_NGINX,
  labels: ['app.kubernetes.io/*'],
  triggers: ['cpu', 'memory', 'cron', 'kubernetes-workload'],
  triggerAuthentications: [],
  clusterIssuers: [],
  buildSecrets: [],
  buildImages: [],
  externalKeys: [],
  clusterNamespaces: [],
  priorityClasses: [],
};

/** The defaults for what a platform does not bound. What it does bound is checked with the rest of the props. */
export function strictBounds(bounds: Bounds = {}): Bounds {
  const open = Object.entries(STRICT).filter(([bound]) => bounds[bound as NameBound] === undefined);
  return Object.fromEntries(open.map(([bound, names]) => [bound, [...names]]));
}
