/** Services that Acorn images provide, and the references `@{…}` to them and to containers, which Acorn replaces when it runs the app. */
import type { Program, Project, Provided, Target } from './program';
import { known, neighborsOf, variablesIn } from './program';
import { comparable, hasReference, secretIn, withoutReferences } from './reference';
import { setSecretVariable, useSecret } from './secrets';
import { literally } from '../../../config/expand';
import { appName } from '../../draft';
import type { Reader } from '../../reader';
import type { ServiceType } from '../../shared/services';
import { connect, partOf, prefixOf, serviceOfEngine, serviceOfImage } from '../../shared/services';
import { setContainerVariable, setVariables } from '../../shared/variables';
import { connectMentioned, wire } from '../../shared/wiring';
import type { Table } from '../../table';
import { convert, holds, none } from '../../table';

const CREATED = 'it is for the Acorn image that provides the service';
const SET_THERE = 'set it where the service runs';

interface ProvidedTarget {
  readonly to: string;
}

const there = none(CREATED, SET_THERE);

/**
 * Services and nested acorns that become connections.
 *
 * @see https://github.com/acorn-io/runtime/blob/main/docs/versioned_docs/version-0.9/100-reference/03-acornfile.md#services-consuming
 */
export const PROVIDED: Table<ProvidedTarget> = {
  image: (at, { to }) => at.taken(to),
  build: (at, { to }) => at.taken(to),
  address: (at, { to }) => at.changed(to, 'the address is in the Secret of the connection'),
  external: (at, { to }) => at.taken(to),
  alias: (at, { to }) => at.taken(to),
  ports: (at, { to }) => at.changed(to, 'the address is in the Secret of the connection'),
  container: (at, { to }) => at.taken(to),
  default: holds('there is one connection of the name'),
  generated: there,
  serviceArgs: there,
  deployArgs: there,
  args: there,
  env: there,
  environment: there,
  secrets: none(CREATED, 'write its credentials in the Secret of the connection'),
  links: there,
  data: none(CREATED, 'write what the app needs of it in env'),
  consumer: none(CREATED, 'write what it gives its consumers in env, secretEnv and files'),
  memory: there,
  mem: there,
  class: there,
  permissions: there,
  publish: there,
  publishMode: there,
  volumes: none('data is not copied', 'copy it into the new database, or connect the old one'),
  profiles: there,
  autoUpgrade: there,
  autoUpgradeInterval: there,
  notifyUpgrade: there,
  containerLabels: there,
  labels: there,
  annotations: there,
  name: holds('it is a description'),
  description: holds('it is a description'),
};

/** What a service is: by its image, or by the port that the file asks it for. */
export function typeOf(name: string, at: Reader, text: string): ServiceType | undefined {
  const image = at.field('image')?.text ?? at.at('build', 'context')?.text ?? at.field('build')?.text ?? '';
  const port = new RegExp(`@\\{\\s*services?\\.${name}\\.ports?\\.(\\d+)`).exec(text)?.[1];
  const byPort = { 5432: 'postgres', 3306: 'mysql', 6379: 'redis', 5672: 'rabbitmq', 27017: 'mongodb', 9092: 'kafka' }[port ?? ''];
  const [last] = image.replace(/[:@].*$/, '').split('/').slice(-1);
  return serviceOfImage(image) ?? serviceOfEngine(byPort ?? '') ?? serviceOfEngine(last) ?? serviceOfEngine(name);
}

/** The definitions of services and acorns, when all that use them are converted. */
export function noteServices({ root, services }: Project, shown: (name: string) => string | undefined): void {
  for (const group of ['services', 'acorns']) {
    for (const [name, at] of known(root.field(group))) {
      const to = services.get(name)?.type && shown(name);
      if (to) convert(at, { to }, PROVIDED);
      else if (at.field('container')) at.taken('the app of the container');
      else if (group === 'acorns') at.none('it is an Acorn image of its own', 'import its Acornfile too, and connect the apps');
      else at.none('an Acorn image provides it, which only Acorn runs', 'write a connection of type secret, or its address in env');
    }
  }
}

/** Sets the variables of a container. */
export function setEnvironment(at: Reader, target: Target): void {
  const { app, program, project, isMain, steps } = target;
  const variables = variablesIn(at);
  const neighbors = neighborsOf(project);
  const process = program.process[0] === 'releaseCommand' ? [] : program.process;
  const texts = variables.map(({ text }) => (text === undefined ? undefined : withAddresses(text, project)));
  if (isMain) connectMentioned(app, variables.map(({ name }, i) => ({ name, text: texts[i] && plainOf(texts[i]) })), neighbors);
  variables.forEach(({ name, at: one }, i) => {
    const text = texts[i];
    if (text === undefined) return;
    const isAll = secretIn(name);
    const secret = isAll && text === '' ? isAll : secretIn(text);
    const isReferring = secret !== undefined || hasReference(text);
    const wired = isReferring && isMain ? wire(app, neighbors, { name, at: one, value: plainOf(text) }) : undefined;
    if (wired) {
      const shown = app.shown(['connections', wired.connection]);
      if (wired.value === undefined) one.changed(shown, `the connection gives the app ${name}`);
      else if (process.length > 0 && app.get(['env', name]) === wired.value) one.taken(app.shown(['env', name]));
      else app.change(one, [...process, 'env', name], wired.value, `it is taken from the connection ${wired.connection}`);
    } else if (secret) {
      setSecretVariable(one, name, secret, target);
    } else if (hasReference(text)) {
      setReferring(one, name, text, target);
    } else if (isMain) {
      setVariables(app, process, [{ name, at: one, value: text }], variable => wire(app, neighbors, variable));
    } else {
      setContainerVariable(app, steps, { name, at: one, value: text });
    }
  });
}

function plainOf(text: string): string {
  return secretIn(text) ? comparable(text) : withoutReferences(text);
}

/** References to containers are replaced by what their callers write. */
function withAddresses(text: string, { programs, root }: Project): string {
  const pattern = /@\{\s*services?\.([a-z][-a-z0-9]*)\.(\w+)(?:\.(\d+))?\s*\}/g;
  return text.replace(pattern, (whole, service: string, part: string, port?: string) => {
    const name = root.at('services', service, 'container')?.text ?? service;
    const program = programs.get(name);
    if (!program) return whole;
    if (/^(address|host|hostname)$/.test(part)) return name;
    const found = program.ports.find(one => String(one.port) === port);
    return /^ports?$/.test(part) && port !== undefined ? String(found?.target ?? port) : whole;
  });
}

/** A variable whose value has references in it. */
function setReferring(at: Reader, name: string, text: string, target: Target): void {
  const { app, program, steps, isMain } = target;
  let missing: string | undefined;
  let connection: string | undefined;
  const value = text.split(/(@\{[^}]*\}|\$\{secret:\/\/[^}]*\})/).map(part => {
    if (!hasReference(part)) return literally(part);
    const found = referenceOf(part.replace(/^[@$]\{|\}$/g, '').trim(), target);
    connection = found?.connection ?? connection;
    if (found === undefined) missing ??= part;
    return found?.value ?? '';
  }).join('');
  if (missing !== undefined) {
    at.none(`${missing} is known to Acorn alone`, `write its value: env: { ${name}: … }`);
    return;
  }
  const gives = connection && [`$(${name})`, ...name === 'DATABASE_URL' ? [`$(${prefixOf(connection)}_URL)`] : []];
  if (gives && gives.includes(value)) {
    at.changed(app.shown(['connections', connection!]), `the connection gives the app ${name}`);
    return;
  }
  const process = isMain ? program.process[0] === 'releaseCommand' ? [] : program.process : steps;
  const reason = connection ? `it is taken from the connection ${connection}` : 'the secrets in it are variables of their own';
  app.change(at, [...process, 'env', name], value, reason);
}

/** What is asked of a service, as parts of its connection. */
function partNamed(property: string, [key = '', last = '']: readonly string[]): Parameters<typeof partOf>[2] | undefined {
  if (/^(address|host|hostname)$/.test(property)) return 'host';
  if (/^ports?$/.test(property)) return 'port';
  if (property === 'endpoint') return 'url';
  if (property === 'data') return /^(db|database)?_?(name)?$/i.test(key) && key !== '' ? 'database' : undefined;
  if (/^secrets?$/.test(property)) return /user/i.test(last) ? 'user' : /pass/i.test(last) ? 'password' : undefined;
  return undefined;
}

function referenceOf(expression: string, { app, project, isMain, steps }: Target): { value: string; connection?: string } | undefined {
  const secret = secretIn(expression) ?? secretNamed(expression);
  if (secret?.key !== undefined) {
    const name = `${secret.name}_${secret.key}`.toUpperCase().replace(/[^A-Z0-9]+/g, '_');
    app.set([...isMain ? [] : steps, 'secretEnv', name], useSecret(app, project, secret.name, secret.key));
    return { value: `$(${name})` };
  }
  const [kind, name, property = '', ...rest] = expression.split('.');
  if (!/^services?$/.test(kind)) return undefined;
  const program = project.programs.get(name);
  const service: Provided | Program | undefined = project.services.get(name) ?? program;
  const part = partNamed(property, rest);
  if (!service?.type || !part || !isMain) return undefined;
  const connection = connect(app, { name, type: service.type, shared: service.shared }, service.at);
  const value = partOf(app, connection, part);
  return value === undefined ? undefined : { value, connection: appName(connection) };
}

/** `secrets.name.key`. */
function secretNamed(expression: string): { readonly name: string; readonly key: string } | undefined {
  const [, name, key] = /^secrets?\.([^.]+)\.([^.]+)$/.exec(expression) ?? [];
  return name === undefined ? undefined : { name, key };
}
