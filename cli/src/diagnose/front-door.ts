import { isNoSuchHost } from './dns';
import { adviceOn, domainsOf } from './domains';
import { isInMaintenance } from '../engine/maintenance';
import type { Cluster } from '../kube/connect';
import { ApiError } from '../kube/errors';
import type { AppName } from '../kube/types';
import { HTTP_SCALED_OBJECT, INTERCEPTOR_ROUTE, isKind } from '../kube/types';
import type { Manifest } from '../render/synthesis';
import { Failure } from '../ui/failure';
import type { Visit } from '../ui/visit';

/** How long an app that was just deployed may take to answer at its URL, in milliseconds: its ingress reads the new routes meanwhile. */
const PATIENCE = 5_000;

/** How long one attempt may take, in milliseconds. */
const ATTEMPT = 3_000;

export interface FrontDoor {
  readonly cluster: Cluster;
  readonly app: AppName;
  readonly url: string;
  readonly objects: readonly Manifest[];
  readonly signal: AbortSignal;

  /** Sends a request from this computer. */
  readonly visit: (url: string, signal: AbortSignal) => Promise<Visit>;

  /** The addresses of a host, as this computer resolves them. */
  readonly lookUp: (host: string) => Promise<readonly string[]>;
}

/**
 * Opens the URL of an app as its visitors do: with the DNS, the network and the trusted certificates of this computer.
 *
 * @returns what keeps them out, and what to do; undefined if they get an answer, or this computer cannot tell
 */
export async function frontDoorProblem(door: FrontDoor): Promise<string | undefined> {
  const { cluster: { clock }, url, objects, visit, signal } = door;
  if (isInMaintenance(objects)) return undefined;
  const end = clock.now() + PATIENCE;
  for (;;) {
    const attempt = AbortSignal.any([signal, clock.timeout(ATTEMPT)]);
    const found = await visit(url, attempt).then(
      response => problemOf(door, response), error => errorOf(door, error as NodeJS.ErrnoException));
    if (found === undefined || signal.aborted) return undefined;
    // A name that does not exist may be remembered as such.
    if (found.isLasting || clock.now() >= end) return found.text();
    await clock.sleep(1000, signal).catch(() => {}); // the deploy is done
  }
}

interface Problem {
  /** Whether waiting for a few seconds is of no use. */
  readonly isLasting: boolean;
  readonly text: () => Promise<string> | string;
}

function problemOf({ app: { name }, url, objects }: FrontDoor, { status, headers }: Visit): Problem | undefined {
  // The interceptor sets this header on the answers of apps: who answered was something else.
  const isCounted = objects.some(object => isKind(object, INTERCEPTOR_ROUTE) || isKind(object, HTTP_SCALED_OBJECT));
  const isForeign = status === 404 && isCounted && headers['x-keda-http-cold-start'] === undefined;
  if (status < 500 && !isForeign) return undefined;
  const why = isForeign ? 'returned 404, and not from the app: no ingress or gateway routes it there' : `returned ${status}`;
  return { isLasting: false, text: () => `${url} ${why}; webapp doctor ${name} finds out why` };
}

function errorOf(door: FrontDoor, error: NodeJS.ErrnoException): Problem | undefined {
  const { app: { name }, url, signal } = door;
  const { host, hostname } = new URL(url);
  const { code = '' } = error;
  if (isNoSuchHost(error)) {
    const text = `${hostname} does not resolve on this computer`;
    const hint = `webapp domains ${name} says what it needs`;
    return { isLasting: true, text: async () => `${text}; ${await adviceFor(door, hostname) ?? hint}` };
  }
  if (code === 'EAI_AGAIN' || signal.aborted) return undefined; // it has no name server
  if (isOfCertificate(code)) {
    const text = `the certificate of ${hostname} is not valid (${error.message})`;
    const hint = `webapp doctor ${name} finds out why`;
    return { isLasting: false, text: async () => `${text}; ${await adviceFor(door, hostname) ?? hint}` };
  }
  const reason = error.name === 'TimeoutError' || error.name === 'AbortError' ? 'no answer within 3 s' : REASONS[code] ?? error.message;
  return { isLasting: false, text: () => `${host} cannot be reached from this computer (${reason}); webapp doctor ${name} finds out why` };
}

const REASONS: { readonly [code: string]: string | undefined } = {
  ECONNREFUSED: 'connection refused', ECONNRESET: 'connection reset', ETIMEDOUT: 'no answer', EHOSTUNREACH: 'no route to the host',
};

/** https://nodejs.org/api/tls.html#x509-certificate-error-codes */
function isOfCertificate(code: string): boolean {
  return /CERT|^UNABLE_TO_|^ERR_TLS_CERT|^HOSTNAME_MISMATCH$|^INVALID_CA$/.test(code);
}

/** What to do about DNS or the certificate, if the cluster knows it, and the command that tells when it is done. */
async function adviceFor({ cluster, app, lookUp }: FrontDoor, host: string): Promise<string | undefined> {
  try {
    const domain = (await domainsOf({ cluster, app, lookUp })).find(one => one.host === host);
    if (!domain || (domain.records.length === 0 && domain.dns === 'missing')) return undefined;
    const [advice] = adviceOn(domain);
    return advice === undefined ? undefined : `${advice}; webapp domains ${app.name} --wait waits for it`;
  } catch (error) {
    if (!(error instanceof ApiError || error instanceof Failure)) throw error;
  }
  return undefined;
}
