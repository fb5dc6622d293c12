import { stringify } from 'yaml';
import type { AppDraft, Draft } from './draft';
import { pathOf } from './draft';
import { version } from '../../package.json';
import { isFields } from '../config/merge';

/** The order in which a person would write the fields. Others follow, in the order in which they came. */
const ORDER = [
  'name', 'namespace', 'image', 'build', 'static', 'web', 'command', 'args', 'port', 'protocol', 'ports', 'hosts', 'paths', 'exactPaths',
  'internal', 'tls', 'http', 'access', 'envFile', 'env', 'secretEnv', 'envFromSecrets', 'configMapEnv', 'envFromConfigMaps', 'files',
  'secretFiles', 'configMapFiles', 'volumes', 'connections', 'size', 'resources', 'health', 'scaling', 'timeouts', 'coldStart',
  'staticRoutes', 'releaseCommand', 'rollout', 'workers', 'cronJobs', 'sidecars', 'initContainers',
];

/** A line that is longer is written as several. */
const WIDTH = 100;

/** webapp.yaml as text: a document for each app, with a comment where something was decided. */
export function textOf({ apps, namespace }: Draft): string {
  const schema = `# yaml-language-server: $schema=https://unpkg.com/cdk8s-webapp-cli@${version}/schema/webapp.schema.json\n`;
  return schema + apps.map(app => documentOf(app, namespace)).join('---\n');
}

function documentOf(app: AppDraft, namespace: string | undefined): string {
  const fields = { name: app.name, namespace, ...app.props };
  const names = Object.keys(fields).filter(name => fields[name as keyof typeof fields] !== undefined);
  const rank = (name: string) => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);
  const sorted = [...names].sort((a, b) => rank(a) - rank(b));
  const lines = sorted.flatMap(name => entryLines(name, fields[name as keyof typeof fields], [name], app.comments));
  const trailing = app.comments.get('');
  return `${[...lines, ...trailing === undefined ? [] : commentLines(trailing)].join('\n')}\n`;
}

/** `name: value` in as many lines as it needs, without indentation. */
function entryLines(name: string, value: unknown, steps: readonly string[], comments: ReadonlyMap<string, string>): string[] {
  const comment = comments.get(pathOf(steps));
  const above = comment === undefined ? [] : commentLines(comment);
  const key = scalarOf(name);
  const isComplex = hasComment(value, steps, comments) || isDeep(value) || (steps.length === 1 && isLong(value));
  const flow = isComplex ? undefined : flowOf(value, steps[0] === 'env' || steps.at(-2) === 'env');
  if (flow !== undefined && `${key}: ${flow}`.length + 2 * steps.length <= WIDTH) return [...above, `${key}: ${flow}`];
  if (isFields(value) && Object.keys(value).length > 0) {
    const inner = Object.entries(value).flatMap(([field, one]) => entryLines(field, one, [...steps, field], comments));
    return [...above, `${key}:`, ...indented(inner)];
  }
  if (Array.isArray(value)) return [...above, `${key}:`, ...value.flatMap((item, i) => itemLines(item, [...steps, String(i)], comments))];
  return [...above, ...stringify({ [name]: value }, { lineWidth: 0, singleQuote: true }).trimEnd().split('\n')];
}

function itemLines(value: unknown, steps: readonly string[], comments: ReadonlyMap<string, string>): string[] {
  const flow = isDeep(value) ? undefined : flowOf(value, false);
  if (flow !== undefined && flow.length + 2 * steps.length <= WIDTH) return [`  - ${flow}`];
  if (!isFields(value)) return stringify([value], { lineWidth: 0, singleQuote: true }).trimEnd().split('\n').map(line => `  ${line}`);
  const inner = Object.entries(value).flatMap(([field, one]) => entryLines(field, one, [...steps, field], comments));
  return inner.map((line, i) => `${i === 0 ? '  - ' : '    '}${line}`);
}

function indented(lines: readonly string[]): string[] {
  return lines.map(line => (line === '' ? line : `  ${line}`));
}

function commentLines(comment: string): string[] {
  return comment.split('\n').map(line => `# ${line}`);
}

function hasComment(value: unknown, steps: readonly string[], comments: ReadonlyMap<string, string>): boolean {
  return isFields(value) && Object.entries(value).some(([name, inner]) => (
    comments.has(pathOf([...steps, name])) || hasComment(inner, [...steps, name], comments)));
}

/** Maps of maps of maps are hard to read on one line. */
function isDeep(value: unknown): boolean {
  const depth = (one: unknown): number => typeof one === 'object' && one !== null
    ? 1 + Math.max(0, ...Object.values(one).map(depth))
    : 0;
  return depth(value) > 2 || (isFields(value) && Object.values(value).some(isFields) && Object.keys(value).length > 1);
}

function isLong(value: unknown): boolean {
  return isFields(value) && Object.keys(value).length > 4;
}

/** A value on one line; undefined where it needs several. */
function flowOf(value: unknown, isText: boolean): string | undefined {
  if (Array.isArray(value)) {
    const items = value.map(item => flowOf(item, false));
    return items.includes(undefined) ? undefined : `[${items.join(', ')}]`;
  }
  if (isFields(value)) {
    const fields = Object.entries(value).map(([name, field]) => {
      const flow = flowOf(field, isText);
      return flow === undefined ? undefined : `${scalarOf(name)}: ${flow}`;
    });
    if (fields.includes(undefined)) return undefined;
    return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`;
  }
  if (typeof value === 'string' && value.includes('\n')) return undefined;
  return scalarOf(value, isText);
}

/** @param isText whether a string belongs there in any case, so that `8` needs no quotes */
function scalarOf(value: unknown, isText = false): string {
  if (isText && typeof value === 'string' && /^(-?(0|[1-9]\d*)(\.\d+)?|true|false)$/.test(value)) return value;
  // In a list on one line, what would end an item is quoted too.
  return stringify([value], { collectionStyle: 'flow', singleQuote: true, lineWidth: 0, flowCollectionPadding: false })
    .trimEnd().slice(1, -1);
}
