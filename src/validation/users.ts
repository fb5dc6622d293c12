import type { Problem } from './problem';
import { when } from './rule';
import type { AppDefaults } from '../web-app-props';

/** Whether `security` names one user. */
export function userProblems({ security = {} }: AppDefaults, path: string): Problem[] {
  const { runAsImageUser, runAsUser, runAsGroup } = security;
  const other = runAsUser === undefined ? 'runAsGroup' : 'runAsUser';
  return when([runAsImageUser && (runAsUser ?? runAsGroup) !== undefined, path, `cannot be combined with ${other}`, 'remove one of them']);
}
