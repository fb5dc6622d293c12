/** Secrets, whose values are not in the file: Acorn generates them, or users give them. */
import type { Project, Target } from './program';
import { known } from './program';
import type { SecretKey, SecretReference } from './reference';
import { formatOf } from '../../../../../src/internal';
import type { AppDraft, Steps } from '../../draft';
import type { Reader } from '../../reader';
import { hasSecret, setGenerated } from '../../shared/variables';
import type { Table } from '../../table';
import { convert, holds, none } from '../../table';

/** The parameter that says how long a generated value is, and its default. */
interface Generated {
  readonly param: string;
  readonly length: number;
}

/** Keys that Acorn generates: https://github.com/acorn-io/runtime/blob/main/pkg/appdefinition/acornfile-schema.acorn */
const GENERATED: { readonly [type: string]: { readonly [key: string]: Generated } | undefined } = {
  token: { token: { param: 'length', length: 54 } },
  basic: { username: { param: 'usernameLength', length: 8 }, password: { param: 'passwordLength', length: 16 } },
};

/** The Secret that a secret of the file is in the cluster. */
function secretOf({ root }: Project, name: string): { readonly at?: Reader; readonly secret: string; readonly exists: boolean } {
  const at = root.at('secrets', name);
  const external = at?.field('external')?.text ?? at?.field('alias')?.text;
  return { at, secret: external || name, exists: Boolean(external) };
}

/** A reference to a key of a secret, whose Secret the user is told to create. */
export function useSecret(app: AppDraft, project: Project, name: string, key: string): { readonly secret: string; readonly key: string } {
  const { at, secret, exists } = secretOf(project, name);
  if (exists) {
    app.draft.tell(`copy the Secret ${secret} into the namespace of the apps, if it is in another one`);
    return { secret, key };
  }
  const type = at?.field('type')?.text ?? 'opaque';
  const generated = GENERATED[type]?.[key];
  const isGiven = Boolean(at?.at('data', key)?.text);
  const length = generated && (at?.at('params', generated.param)?.number ?? generated.length);
  const what = isGiven || length === undefined ? '' : `"$(openssl rand -hex ${Math.max(1, Math.ceil(length / 2))})"`;
  app.needsSecret(secret, key, type === 'template' ? `"$(cat ${key})"` : what);
  const tell = `write the template ${key} of the secret ${name} to the file ${key}, with the values of its secrets`;
  if (type === 'template') app.draft.tell(tell);
  return { secret, key };
}

/**
 * How long the value of a secret is that Acorn generates, and that nothing refers to but one variable; undefined for any other. Several
 * apps would each get a value of their own.
 */
function generatedFor({ root }: Project, { name, key }: SecretKey): number | undefined {
  const at = root.at('secrets', name);
  const found = GENERATED[at?.field('type')?.text ?? '']?.[key];
  if (!found || at?.at('data', key)?.text || at?.field('external') || at?.field('alias')) return undefined;
  const length = at?.at('params', found.param)?.number ?? found.length;
  return !formatOf('SecretVariable', 'generate').check(length) && referencesTo(name, root) === 1 ? length : undefined;
}

/** How many values refer to a secret, in the file and in what `acorn render` prints. */
function referencesTo(name: string, at: Reader): number {
  const own = at.text === undefined ? 0 : [...at.text.matchAll(/secret:\/\/([^/?}\s]+)|@\{secrets\.([^.}]+)/g)]
    .filter(([, reference, variable]) => name === (reference ?? variable)).length;
  const rendered = at.at('secret', 'name')?.text === name ? 1 : 0;
  const below = at.isMap ? at.fields.map(([, one]) => one) : at.isList ? at.items : [];
  return below.reduce((sum, one) => sum + referencesTo(name, one), own + rendered);
}

/** Sets a prop to a key of a secret. */
export function takeSecret(at: Reader, where: Steps, { name, key }: SecretKey, app: AppDraft, project: Project): void {
  const value = useSecret(app, project, name, key);
  if (secretOf(project, name).exists) app.take(at, where, value);
  else app.change(at, where, value, 'Acorn creates the secret; here it is a Secret that you create');
}

/** The keys of a secret, as far as the file says them. */
export function keysOf({ root }: Project, name: string): string[] {
  const at = root.at('secrets', name);
  return [...new Set([...Object.keys(GENERATED[at?.field('type')?.text ?? ''] ?? {}), ...known(at?.field('data')).map(([key]) => key)])];
}

/** The content of a file that is a template without secrets in it. */
export function plainTemplate({ root }: Project, { name, key }: SecretReference): Reader | undefined {
  const at = root.at('secrets', name);
  const content = key === undefined ? undefined : at?.at('data', key);
  const isPlain = at?.field('type')?.text === 'template' && content?.text !== undefined && !/secret:\/\/|@\{/.test(content.text);
  return isPlain && !hasSecret(content.text!) ? content : undefined;
}

interface SecretTarget {
  readonly to: string;
}

/** https://github.com/acorn-io/runtime/blob/main/docs/versioned_docs/version-0.9/100-reference/03-acornfile.md#secrets */
export const SECRET: Table<SecretTarget> = {
  type: (at, { to }) => at.text === 'generated'
    ? at.none('a job of Acorn generates it', 'run what the job runs, and write the result in the Secret')
    : at.taken(to),
  params: {
    'job': none('a job of Acorn generates it', 'run what the job runs, and write the result in the Secret'),
    'instructions': holds('it is a description'),
    'promptOrder': holds('it is a description'),
    '*': (at, { to }) => at.changed(to, 'another program generates the value, of letters and digits'),
  },
  data: (at, { to }) => known(at).forEach(([, one]) => {
    if (one.outcome) return;
    if (one.text) one.changed(to, 'its value is not copied, but comes from a Secret that you create');
    else one.taken(to);
  }),
  external: (at, { to }) => at.taken(to),
  alias: (at, { to }) => at.taken(to),
  labels: none('webapp.yaml refers to the Secret, and does not create it', 'write its labels where you create it'),
  annotations: none('webapp.yaml refers to the Secret, and does not create it', 'write its annotations where you create it'),
  name: holds('it is a description'),
  description: holds('it is a description'),
};

/** The definitions of secrets, when all that use them are converted. */
export function noteSecrets(project: Project, apps: readonly AppDraft[]): void {
  for (const [name, at] of known(project.root.field('secrets'))) {
    const { secret } = secretOf(project, name);
    const isUsed = JSON.stringify(apps.map(({ props }) => props)).includes(`"secret":${JSON.stringify(secret)}`)
      || apps.some(({ props }) => (props.envFromSecrets as string[] | undefined)?.includes(secret));
    if (project.generated.has(name)) convert(at, { to: 'the value that secretEnv generates' }, SECRET);
    else if (isUsed) convert(at, { to: `the Secret ${secret}` }, SECRET);
    else if (!isNoted(at)) at.taken('no imported app uses it');
    else convert(at, { to: 'the values that refer to it' }, SECRET);
  }
}

function isNoted(at: Reader): boolean {
  return at.outcome !== undefined || at.fields.some(([, one]) => isNoted(one));
}

/** Sets a variable to a key of a secret, or all keys of one. */
export function setSecretVariable(at: Reader, name: string, reference: SecretReference, { app, steps, project, isMain }: Target): void {
  const around = isMain ? [] : steps;
  const { secret } = secretOf(project, reference.name);
  if (reference.key === undefined) {
    const before = (app.get([...around, 'envFromSecrets']) as string[] | undefined) ?? [];
    for (const key of keysOf(project, reference.name)) useSecret(app, project, reference.name, key);
    app.take(at, [...around, 'envFromSecrets'], [...new Set([...before, secret])]);
    return;
  }
  const length = generatedFor(project, { name: reference.name, key: reference.key });
  if (length !== undefined) {
    project.generated.add(reference.name);
    return setGenerated(app, [...around, 'secretEnv', name], length, at);
  }
  takeSecret(at, [...around, 'secretEnv', name], { name: reference.name, key: reference.key }, app, project);
}
