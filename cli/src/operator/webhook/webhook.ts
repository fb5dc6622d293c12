/**
 * The admission webhook: refuses at `kubectl apply` what the checks refuse, and warns of what they warn of.
 *
 * Every replica serves it, whether it leads or not. If it cannot be reached, the API server stores resources unchecked
 * (`failurePolicy: Ignore`), and the operator tells in the status what is wrong with them.
 */
import { CertificateStore } from './certificate-store';
import type { Validate } from './review';
import { serveWebhook } from './server';
import type { Cluster } from '../../kube/connect';

/**
 * How often the certificate is looked at, in milliseconds. For one of its own an hour would do, as the API server knows the authority of
 * the previous one for a month; cert-manager tells it the new one alone, and at once.
 */
const REFRESH = 60_000;

export interface RunWebhookOptions {
  readonly cluster: Pick<Cluster, 'objects' | 'clock'>;

  /** The namespace of the operator. */
  readonly namespace: string;
  readonly validate: Validate;
  readonly port?: number;

  /** Stops it. */
  readonly signal: AbortSignal;

  /** Receives what went wrong with the certificate. It is tried again later. */
  onError(error: Error): void;
}

/**
 * Serves the webhook until the signal is aborted.
 *
 * @throws if there is no certificate to begin with, or the port is taken
 */
export async function runWebhook({ cluster, namespace, validate, port, signal, onError }: RunWebhookOptions): Promise<void> {
  const store = new CertificateStore(cluster, namespace);
  const server = await serveWebhook({ validate, port, certificate: await store.refresh() });
  const stop = cluster.clock.every(REFRESH, () => void store.refresh().then(server.use, onError));
  await new Promise<void>(resolve => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
  stop();
  await server.close();
}
