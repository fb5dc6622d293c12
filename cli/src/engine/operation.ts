import { hostname } from 'node:os';
import type { Cluster } from '../kube/connect';
import { explainError } from '../kube/explain';
import type { Reference } from '../kube/objects';
import type { AppName } from '../kube/types';
import { Failure } from '../ui/failure';

/** Receives the progress of an operation. */
export interface Progress {
  /** Something is done. */
  done(text: string): void;

  /**
   * What is being waited for; called again whenever it changes.
   *
   * @param log the last lines of its log
   */
  waiting(text: string, log?: readonly string[]): void;

  /** A whole log, of something that failed. */
  log(lines: readonly string[]): void;

  /** Something to know, which stops nothing. */
  warn(text: string): void;
}

/** What is being done to an app in a cluster: the argument of everything that the command and the operator share. */
export interface Operation {
  readonly cluster: Cluster;
  readonly app: AppName;
  readonly progress: Progress;

  /** Aborted by Ctrl-C, or when another deploy takes over. */
  readonly signal: AbortSignal;
}

/** An operation that deploys a release. */
export interface DeployOperation extends Operation {
  /** How long each workload may take to become ready, in seconds; also a Job that does not say how long it may take. */
  readonly timeout: number;

  /** Takes ownership of fields that other managers set in the cluster. */
  readonly force?: boolean;

  /** Whether a store that does not take the secrets stops nothing: External Secrets tries again by itself. */
  readonly pushLater?: boolean;

  /** Creates the namespace if it does not exist. */
  readonly createNamespace?: boolean;

  /** What is deployed with the app, and may not exist yet: it need not be missed. */
  readonly later?: readonly Reference[];

  /** When the builds of this release were completed, by image: a pod that is older may still wait to pull it again. */
  readonly built?: ReadonlyMap<string, string>;
}

/**
 * Turns errors of the API into failures that say what is wrong.
 *
 * @param note a further line of the message
 */
export async function withExplanation<T>(result: Promise<T>, namespace: string, note?: string): Promise<T> {
  try {
    return await result;
  } catch (error) {
    if ((error as Error).name === 'AbortError') throw error;
    const { message, exitCode } = error instanceof Failure ? error : new Failure(explainError(error, namespace));
    throw new Failure(note === undefined ? message : `${message}\n${note}`, exitCode);
  }
}

/** The failure of a command whose app is not deployed. */
export function notDeployed({ name, namespace }: AppName): Failure {
  return new Failure(`${name} is not deployed in namespace ${namespace}; run webapp deploy first`);
}

/** Who does it: the user of the kubeconfig and the machine. */
export function authorOf({ user }: Cluster): string {
  return [user, hostname()].filter(word => word !== '').join('@');
}

/** `1 object`, `2 objects`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
