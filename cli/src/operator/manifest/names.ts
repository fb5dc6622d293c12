/** The names that the manifest gives to what the operator uses at run time. */

/** The namespace of the operator, unless another one is named. */
export const OPERATOR_NAMESPACE = 'webapp-system';

/** The name of the operator's Deployment, Service, ServiceAccount and Lease, and of its ValidatingWebhookConfiguration. */
export const OPERATOR_NAME = 'webapp-operator';

/** The Secret with the certificate of the webhook, which the operator creates. */
export const WEBHOOK_SECRET = 'webapp-operator-webhook';

/** The path of the webhook. */
export const WEBHOOK_PATH = '/validate';

/** The ports of the operator's pods. */
export const PORTS = { metrics: 8080, health: 8081, webhook: 9443 } as const;

/** The labels of everything that is installed. */
export const LABELS = { 'app.kubernetes.io/name': OPERATOR_NAME, 'app.kubernetes.io/managed-by': 'webapp' } as const;
