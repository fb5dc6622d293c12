import { generatedSecret } from '../../../../src/internal';
import { literally } from '../../config/expand';
import type { AppDraft, Steps } from '../draft';
import type { Reader } from '../reader';

/** A variable of a process in a source. */
export interface Variable {
  readonly name: string;

  /** Undefined where the source does not have it, but something outside of it. */
  readonly value?: string;

  /** The same with variables that only the user's shell has, as `${NAME}`: an address can be known without its password. */
  readonly text?: string;
  readonly at: Reader;

  /** Whether the source says that it is secret. */
  readonly secret?: boolean;

  /** What it is, for the command that creates its Secret. */
  readonly hint?: string;

  /** How long its value is, in characters, where the platform of the source has generated one. */
  readonly generate?: number;
}

/** What the value of a variable is, where it is the address of something that becomes a connection. */
export type Wiring = (variable: Variable & { readonly value: string }) => Wired | undefined;

export interface Wired {
  /** The value, with references to variables; undefined where the connection gives the variable itself. */
  readonly value?: string;

  /** The connection, by name. */
  readonly connection: string;
}

/** Names of variables that have secrets. */
const SECRET_NAME = new RegExp(
  '(^|_)(PASSWORD|PASSWD|PASSPHRASE|PASS|PWD|SECRET|SECRETS|TOKEN|CREDENTIAL|CREDENTIALS|DSN|SALT|JWT|COOKIE|APIKEY)(_?\\d+)?$'
  + '|(?<!PUBLIC|CACHE|SORT|PRIMARY|FOREIGN|PARTITION|HOT|SITE|PUBLISHABLE)_KEY(_BASE|_?\\d+)?$|^KEY_BASE$', 'i');

/** Values that are secrets, whatever their name is: keys of known forms, and URLs with a password. */
const SECRET_VALUE = new RegExp(
  '-----BEGIN [A-Z ]*PRIVATE KEY-----|^(sk|rk|pk)_live_|^gh[pousr]_\\w{20,}|^xox[abpr]-|^AKIA[0-9A-Z]{16}$|^eyJ[\\w-]{10,}\\.[\\w-]+\\.'
  + '|\\b(AccountKey|SharedAccessKey)=[\\w+/]{8,}|^SG\\.[\\w-]{16,}\\.|^glpat-|^[a-z][a-z0-9+.-]*://[^/\\s:@]*:[^/\\s@]+@', 'i');

/** Whether a variable is secret: its value then never becomes part of webapp.yaml. */
export function isSecret({ name, value = '', secret }: Pick<Variable, 'name' | 'value' | 'secret'>): boolean {
  if (secret !== undefined) return secret;
  return SECRET_VALUE.test(value) || (SECRET_NAME.test(name) && !/^(true|false|\d{1,3})$/i.test(value));
}

/** Whether a string has a secret in it, such as a URL with a password; one that refers to a variable has none. */
export function hasSecret(text: string): boolean {
  const isKey = /-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text);
  return isKey || text.split(/[\s"']+/).some(word => SECRET_VALUE.test(word) && !word.includes('$('));
}

/** Sets a variable of the build, which becomes part of the image. */
export function setBuildVariable(app: AppDraft, name: string, at: Reader): void {
  const value = at.text ?? '';
  if (!isSecret({ name, value })) return app.take(at, ['build', 'env', name], value);
  const next = `mount it in the Dockerfile, and write build: { secrets: { ${name}: { secret: …, key: … } } }`;
  return at.none('variables of a build become part of the image, so they must not be secret', next);
}

/** A value that is nothing but a variable of the user's shell: `${STRIPE_KEY}`. */
const FROM_OUTSIDE = /^\$\{?(\w+)\}?$/;

/**
 * Sets variables of an app, or of one of its processes.
 *
 * @param process where the process is: empty for the app itself
 * @param wiring what is known of addresses
 */
export function setVariables(app: AppDraft, process: Steps, variables: readonly Variable[], wiring: Wiring = () => undefined): void {
  for (const variable of variables) setVariable(app, process, variable, wiring);
}

function setVariable(app: AppDraft, process: Steps, variable: Variable, wiring: Wiring): void {
  const { name, value, text = value, at } = variable;
  if (name === 'PORT') return setPort(app, process, variable);
  const steps = [...process, 'env', name];
  const wired = text === undefined ? undefined : wiring({ ...variable, value: text });
  if (wired && !wired.value?.includes('${')) {
    const target = ['connections', wired.connection];
    if (wired.value === undefined) at.changed(app.shown(target), `the connection gives the app ${name}`);
    else if (process.length > 0 && app.get(['env', name]) === wired.value) at.taken(app.shown(['env', name]));
    else app.change(at, steps, wired.value, `it is taken from the connection ${wired.connection}`);
    return undefined;
  }
  if (variable.generate !== undefined) {
    app.set(['env', name], undefined);
    return setGenerated(app, ['secretEnv', name], variable.generate, at);
  }
  if (isSecret(variable)) {
    const target = ['secretEnv', name];
    app.set(['env', name], undefined);
    const reason = 'it is secret: its value is not copied, but comes from a Secret that you create';
    app.change(at, target, { secret: app.name, key: name }, reason);
    app.needsSecret(app.name, name, variable.hint);
    return undefined;
  }
  if (value === undefined || FROM_OUTSIDE.test(value)) {
    const from = value === undefined ? name : FROM_OUTSIDE.exec(value)![1];
    at.none(`its value is that of ${from} where the program runs today`, `write its value: env: { ${name}: … }`);
    return undefined;
  }
  if (process.length > 0 && app.get(['env', name]) === literally(value)) return at.taken(app.shown(['env', name]));
  if (app.has(['secretEnv', name])) return at.none(`${name} is a secret of the app`, 'remove it from secretEnv if it is not');
  return app.take(at, steps, literally(value));
}

/** Lets a deploy generate the value of a variable. The one that there is today is not in the source. */
export function setGenerated(app: AppDraft, target: Steps, length: number, at: Reader): void {
  const name = target.at(-1)!;
  app.change(at, target, { generate: length }, 'webapp deploy generates a value of letters and digits');
  const command = `webapp secrets set ${name} --secret ${generatedSecret(app.name)} --app ${app.name}`;
  app.draft.tell(`${app.name}: webapp deploy generates a new ${name}; to keep the value of today, run this before: ${command}`);
}

/** Sets a variable of another container of the app, which gets none of the app's own. */
export function setContainerVariable(app: AppDraft, container: Steps, { name, value = '', at }: Variable): void {
  if (!isSecret({ name, value })) return app.take(at, [...container, 'env', name], literally(value));
  const reason = 'it is secret: its value is not copied, but comes from a Secret that you create';
  app.change(at, [...container, 'secretEnv', name], { secret: app.name, key: name }, reason);
  app.needsSecret(app.name, name);
  return undefined;
}

/** The app always gets `PORT`. */
function setPort(app: AppDraft, process: Steps, { value, at }: Variable): void {
  const port = Number(value);
  if (process.length > 0) return at.none('a process beside the web process gets no requests', 'remove it, or write another name');
  if (!Number.isInteger(port) || port < 1 || port > 65535) {
    return at.none('PORT is reserved: the app always gets it', 'write the number of the port as port: 8080');
  }
  if (app.props.port === undefined) return app.take(at, ['port'], port);
  if (app.props.port === port) return at.taken(app.shown(['port']));
  return at.changed(app.shown(['port']), `PORT is the port that gets the requests, ${String(app.props.port)}`);
}
