import { HASH_LENGTH } from '../../kube/content-hash';
import type { Rule } from '../../validation/rule';
import { when } from '../../validation/rule';

/** So that `<name>-release-<hash>` fits the 63 characters of a label, which each pod of a Job has with the Job's name. */
const LONGEST_NAME = 63 - '-release-'.length - HASH_LENGTH;

/** Whether the release command can run where it must. */
export const releaseRules: Rule = ({ name, connections, platform }, { releaseCommand: release }) => {
  if (release === undefined) return [];
  const made = [...connections.databases, ...connections.externalSecrets].map(({ connection }) => connection);
  return when(
    [name.length > LONGEST_NAME, 'name', `has ${name.length} characters, but the name of its release Job would have more than 63`, `use at most ${LONGEST_NAME}`, 'range'],
    [release.command.length === 0, 'releaseCommand.command', 'is empty', 'set it to the program to run, such as [\'npm\', \'run\', \'migrate\']', 'range'],
    [platform.helmHooks && made.length > 0, 'releaseCommand', `needs the connection ${made.join(', ')}, which Helm creates only after it`,
      'use an existing Secret: the first installation would never finish otherwise'],
  );
};
