import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

/** A rule of a Role. */
export interface Rule {
  readonly apiGroups: string[];
  readonly resources: string[];
  readonly verbs: string[];
}

const PAGE = readFileSync(join(__dirname, '../../../docs/deploy.md'), 'utf8');

/** The rules of the Roles that docs/deploy.md shows: of a deploy, and of a build. */
export const [DOCUMENTED, DOCUMENTED_BUILD]: readonly (readonly Rule[])[] = (
  [...PAGE.matchAll(/```yaml\n(apiVersion: rbac[^]*?)```/g)].map(([, role]) => parse(role).rules));
