/**
 * What a preview must not have in common with its app by accident: Secrets with the passwords of its databases, volumes, rights. Whatever
 * the environment of previews names is meant, even if it is the same.
 */
import type { Problem } from '../../../src/internal';
import { entry, STRUCTS } from '../../../src/internal';
import type { Fields } from '../config/merge';
import { fieldsOf, isFields } from '../config/merge';

export interface SharedInput {
  /** The props of the preview. */
  readonly props: Fields;

  /** What is written for the environment of previews alone. */
  readonly named: Fields;

  /** Where that is, as in `environments.preview`. */
  readonly environment: string;

  /** Whether the preview is in another namespace than the app: Secrets and claims there are not those of the app. */
  readonly isElsewhere: boolean;

  /** The hosts of the app. */
  readonly hosts: readonly string[];

  /** The connection types of the platform. */
  readonly types: Fields;
}

/** Props that hold data of the app's own, or of the entry, where names such as `secret` mean something else or no credentials. */
const UNRELATED = [
  'env', 'files', 'binaryFiles', 'labels', 'annotations', 'patches', 'access', 'tls', 'http', 'coldStart', 'staticRoutes', 'maintenance',
  'metrics', 'buildFrom', 'hosts',
];

/** The addresses of databases and queues, and URLs with credentials. Those that consist of variables are of a connection of the preview. */
const ADDRESS = /^(?:jdbc:)?(?:postgres|mysql|mariadb|mongodb|redis|amqp|sqlserver|clickhouse|nats)[\w+]*:\/\/|^[\w+]+:\/\/[^/\s]*@/i;

/** A value, and the steps to it. */
interface Leaf {
  readonly steps: readonly (string | number)[];
  readonly value: unknown;
}

/** What a preview and its app would have in common though the environment does not say so. */
export function sharedProblems(input: SharedInput): Problem[] {
  const { props, named, environment, isElsewhere } = input;
  const withTypes = { ...props, connections: resolved(props.connections, input.types) };
  const found: Problem[] = hostProblems(input);
  const add = ({ steps }: Leaf, message: string) => {
    if (isWritten(named, steps)) return;
    const hint = `write in ${environment} what previews use, which may be the same`;
    found.push({ path: pathOf(steps), code: 'conflict', message, hint });
  };
  for (const leaf of leavesOf(without(withTypes, UNRELATED))) {
    const [, second, third] = leaf.steps;
    const fields = propsIn(leaf.steps);
    const [top, key] = [leaf.steps[0], fields.at(-1)];
    const shown = JSON.stringify(leaf.value);
    if (top === 'connections' && third === 'external') {
      add({ ...leaf, steps: leaf.steps.slice(0, 3) }, 'has values of the app itself');
    } else if (fields.at(-2) === 'env') {
      addressOf(leaf, add);
    } else if (!isElsewhere) {
      if (key === 'secret' || fields.includes('envFromSecrets')) add(leaf, `is ${shown}, a Secret of the app itself`);
      else if (key === 'existing' || key === 'existingInCluster') add(leaf, `is ${shown}, the credentials of the app itself`);
      else if (key === 'claim') add(leaf, `is ${shown}, a volume of the app itself`);
      else if (top === 'serviceAccount' && second === 'name') add(leaf, `is ${shown}, with the rights of the app itself`);
      else if (top === 'serviceAccount' && second === 'annotations') add(leaf, 'gives the rights of the app itself');
    }
  }
  for (const [name, value] of Object.entries(fieldsOf(props.env))) addressOf({ steps: ['env', name], value }, add);
  return once(found);
}

/** The props whose keys are names of the user's own: a volume may be called `env`. */
const MAPS = new Set(Object.values(STRUCTS).flatMap(struct => Object.keys(struct).filter(prop => struct[prop].startsWith('{'))));

/** The steps that are names of props; undefined for others. */
function propsIn(steps: Leaf['steps']): (string | undefined)[] {
  const props: (string | undefined)[] = [];
  for (const step of steps) {
    const before = props.at(-1);
    props.push(typeof step === 'string' && (before === undefined || !MAPS.has(before)) ? step : undefined);
  }
  return props;
}

function addressOf(leaf: Leaf, add: (leaf: Leaf, message: string) => void): void {
  if (typeof leaf.value !== 'string' || !ADDRESS.test(leaf.value) || leaf.value.includes('$(')) return;
  add(leaf, 'is the address of a service of the app itself');
}

/** Fields that could give a preview the hosts of the app, and hosts for previews, of which there are many. */
function hostProblems({ props, named, environment, hosts }: SharedInput): Problem[] {
  const problems: Problem[] = [];
  const add = (path: string, message: string, hint: string) => problems.push({ path, code: 'conflict', message, hint });
  const many = ', and a host can be that of one preview';
  if (named.hosts !== undefined) add('hosts', `is in ${environment}${many}`, 'remove it there; set domain in the platform for all of them');
  if (fieldsOf(named.http).redirectFrom !== undefined) add('http.redirectFrom', `is in ${environment}${many}`, 'remove it there');
  for (const [port, value] of Object.entries(fieldsOf(named.ports))) {
    if (fieldsOf(value).hosts !== undefined) add(`ports.${port}.hosts`, `is in ${environment}${many}`, 'remove it there; use paths');
  }
  for (const field of ['annotations', 'patches']) {
    const text = JSON.stringify(props[field] ?? '');
    const host = hosts.find(one => new RegExp(`(?<![\\w./-])${one.replace(/[.*+]/g, '\\$&')}(?![\\w.-])`).test(text));
    if (host !== undefined) add(field, `has ${host}, a host of the app itself`, `set ${field} in ${environment}`);
  }
  return problems;
}

/** Connections with what the platform says of their type. */
function resolved(connections: unknown, types: Fields): Fields {
  return Object.fromEntries(Object.entries(fieldsOf(connections)).map(([name, one]) => {
    const { type } = fieldsOf(one);
    const known = typeof type === 'string' && Object.hasOwn(types, type) ? fieldsOf(types[type]) : {};
    return [name, isFields(one) ? { ...known, ...one } : one];
  }));
}

function* leavesOf(value: unknown, steps: Leaf['steps'] = []): Generator<Leaf> {
  if (Array.isArray(value)) for (const [i, item] of value.entries()) yield* leavesOf(item, [...steps, i]);
  else if (isFields(value)) for (const [name, one] of Object.entries(value)) yield* leavesOf(one, [...steps, name]);
  else if (value !== undefined && value !== null) yield { steps, value };
}

/** Whether a value is written in the environment: a list there replaces the one of the app as a whole. */
function isWritten(named: unknown, [step, ...rest]: Leaf['steps']): boolean {
  if (step === undefined || Array.isArray(named)) return named !== undefined;
  return isFields(named) && Object.hasOwn(named, step) && isWritten(named[step], rest);
}

function without(props: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(Object.entries(props).filter(([name]) => !names.includes(name)));
}

function pathOf(steps: Leaf['steps']): string {
  return steps.reduce<string>((path, step) => typeof step === 'number' ? `${path}[${step}]` : entry(path, step), '');
}

function once(problems: readonly Problem[]): Problem[] {
  return [...new Map(problems.map(problem => [problem.path, problem])).values()];
}
