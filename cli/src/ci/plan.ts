import type { Config } from '../config/config';

/** What a pipeline does. */
export interface CiPlan {
  /** The folder of webapp.yaml in the repository; undefined for its root. */
  readonly folder?: string;

  /** The branch that is deployed. */
  readonly branch: string;

  /** The environment that it is deployed to; undefined for the values of the file outside its environments. */
  readonly env?: string;

  /** Where that is promoted to, by hand: an environment, or `default`; undefined if there is no other place. */
  readonly promoteTo?: string;
}

/** What a file without flags means: staging is promoted to production, or to what the file says outside its environments. */
export function ciPlanOf({ environments }: Config, given: Partial<CiPlan>): CiPlan {
  const env = given.env === 'default' ? undefined : given.env ?? (environments.includes('staging') ? 'staging' : undefined);
  const next = environments.includes('production') ? 'production' : 'default';
  const promoteTo = given.promoteTo ?? (env === undefined || env === next ? undefined : next);
  return { ...given, branch: given.branch ?? 'main', env, promoteTo };
}

/** How the system calls an environment of the file: what the file says outside of them is production. */
export function placeOf(env: string | undefined): string {
  return env === undefined || env === 'default' ? 'production' : env;
}

/** How `webapp deploy` is called. */
export function deployCommand({ env }: CiPlan): string {
  return env === undefined ? 'webapp deploy' : `webapp deploy --env ${quoted(env)}`;
}

/** How `webapp promote` is called. */
export function promoteCommand({ env = 'default', promoteTo = 'default' }: CiPlan): string {
  return `webapp promote ${quoted(env)} ${quoted(promoteTo)} --yes`;
}

/** A word of a command line of a POSIX shell. */
function quoted(word: string): string {
  return /^[\w.-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** A scalar of YAML that is a string, whatever it looks like. */
export function scalar(text: string): string {
  return /^[A-Za-z][\w./-]*$/.test(text) && !/^(?:y|yes|n|no|true|false|on|off|null)$/i.test(text) ? text : JSON.stringify(text);
}
