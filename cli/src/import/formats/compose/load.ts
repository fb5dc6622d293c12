/**
 * The effective model of Compose files: variables replaced, overrides and `extends` merged, lists of variables as maps.
 *
 * @see https://github.com/compose-spec/compose-spec/blob/main/13-merge.md
 */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseEnvFile } from '../../../config/env-file';
import { Failure } from '../../../ui/failure';
import { fieldPath } from '../../ledger';
import type { SourceFile, SourceNode } from '../../source/node';
import { nodeOf } from '../../source/node';
import { readYaml } from '../../source/yaml';

/** A value that another file or service has replaced. */
export interface Replaced {
  readonly path: string;
  readonly node: SourceNode;
  readonly by: SourceNode;
}

export interface ComposeModel {
  readonly root: SourceNode;
  readonly replaced: readonly Replaced[];
}

/** Lists that are joined; others replace each other. */
const JOINED = new Set([
  'ports', 'expose', 'external_links', 'dns', 'dns_search', 'tmpfs', 'volumes', 'env_file', 'configs', 'secrets', 'profiles', 'cap_add',
  'cap_drop', 'depends_on', 'extra_hosts',
]);

/** Maps that may also be written as lists of `NAME=value`. */
const PAIRS = new Set(['environment', 'labels', 'args', 'annotations', 'sysctls']);

/** @throws Failure if a file is not valid */
export function loadCompose(files: readonly SourceFile[]): ComposeModel {
  const replaced: Replaced[] = [];
  const roots = files.map(file => effective(file));
  const merged = roots.reduce((base, over) => merge(base, over, '', replaced));
  const services = merged.fields?.get('services');
  if (!services?.fields) return { root: merged, replaced };
  const extended = new Map([...services.fields].map(([name, service]) => (
    [name, extend(name, service, services, files[0], [])] as const)));
  const fields = new Map(merged.fields).set('services', { ...services, fields: extended });
  return { root: { ...merged, fields }, replaced };
}

function effective(file: SourceFile): SourceNode {
  const documents = readYaml(file);
  if (documents.length !== 1 || !documents[0].fields) throw new Failure(`${file.name} is not a Compose file: it has no map of services`);
  const path = join(file.folder, '.env');
  const env = file.name !== '-' && existsSync(path) ? parseEnvFile(readFileSync(path, 'utf8')).env : {};
  return normal(documents[0], file.name, env);
}

/** Replaces variables, and writes pairs as maps. */
function normal(node: SourceNode, file: string, env: { readonly [name: string]: string }, key = ''): SourceNode {
  const inner = (one: SourceNode, name: string) => normal(one, file, env, name);
  if (node.fields) return { ...node, file, fields: new Map([...node.fields].map(([name, one]) => [name, inner(one, name)])) };
  if (node.items) {
    const items = node.items.map(item => inner(item, ''));
    if (PAIRS.has(key) && items.every(({ text }) => text !== undefined)) return { line: node.line, file, fields: pairsOf(items) };
    return { ...node, file, items };
  }
  if (typeof node.value !== 'string') return { ...node, file };
  const text = interpolate(node.value, env);
  return { ...node, file, value: text, text };
}

function pairsOf(items: readonly SourceNode[]): Map<string, SourceNode> {
  return new Map(items.map(item => {
    const [, name, value] = /^([^=]*)(?:=(.*))?$/s.exec(item.text!)!;
    return [name, value === undefined ? { ...item, value: null, text: '' } : { ...item, value, text: value }];
  }));
}

/**
 * A value with its variables replaced by those of `.env` and by their defaults. Others stay, as `${NAME}`: what the shell has today is not
 * part of the project.
 *
 * @see https://github.com/compose-spec/compose-spec/blob/main/12-interpolation.md
 */
export function interpolate(text: string, env: { readonly [name: string]: string }): string {
  return text.replace(/\$(?:(\$)|([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?:(:?[-?+])((?:[^{}]|\{[^{}]*\})*))?\})/g, (
    _, dollar?: string, plain?: string, braced?: string, operator?: string, word = '',
  ) => {
    if (dollar !== undefined) return '$';
    const name = plain ?? braced!;
    const value = Object.hasOwn(env, name) ? env[name] : undefined;
    const isSet = operator?.startsWith(':') ? value !== undefined && value !== '' : value !== undefined;
    if (operator?.endsWith('+')) return isSet ? interpolate(word, env) : '';
    if (isSet) return value!;
    return operator?.endsWith('-') ? interpolate(word, env) : `\${${name}}`;
  });
}

/** Whether something is still to be replaced in a value. */
export function isUnresolved(text: string): boolean {
  return /\$\{\w+\}/.test(text);
}

function merge(base: SourceNode, over: SourceNode, path: string, replaced: Replaced[], key = ''): SourceNode {
  if (base.fields && over.fields) {
    const fields = new Map(base.fields);
    for (const [name, node] of over.fields) {
      const before = base.fields.get(name);
      fields.set(name, before ? merge(before, node, fieldPath(path, name), replaced, name) : node);
    }
    return { ...base, fields };
  }
  if (base.items && over.items && JOINED.has(key)) return { ...base, items: [...base.items, ...over.items] };
  if (over.value === null) return base;
  replaced.push({ path, node: base, by: over });
  return over;
}

/** A service with what it extends. What it replaces of that is in the report where that is written. */
function extend(name: string, service: SourceNode, services: SourceNode, file: SourceFile, above: readonly string[]): SourceNode {
  const from = service.fields?.get('extends');
  if (!from) return service;
  if (above.includes(name)) throw new Failure(`${file.name}: the service ${name} extends itself`);
  const target = from.text || from.fields?.get('service')?.text;
  const other = from.fields?.get('file')?.text;
  const [base, rest] = baseOf(target, other, services, file);
  const whole = base && target !== undefined ? extend(target, base, rest.services, rest.file, [...above, name]) : undefined;
  if (!whole) return service;
  // What is not inherited: https://github.com/compose-spec/compose-spec/blob/main/05-services.md#extends
  const inherited = new Map([...whole.fields ?? []].filter(([key]) => !['extends', 'profiles'].includes(key)));
  return merge({ ...whole, fields: inherited }, service, '', []);
}

function baseOf(
  target: string | undefined, other: string | undefined, services: SourceNode, file: SourceFile,
): [SourceNode | undefined, { readonly services: SourceNode; readonly file: SourceFile }] {
  if (other === undefined) return [target === undefined ? undefined : services.fields?.get(target), { services, file }];
  const path = resolve(file.folder, other);
  if (file.name === '-' || !existsSync(path)) return [undefined, { services, file }];
  const named = { name: other, folder: file.folder, text: readFileSync(path, 'utf8') };
  const all = effective(named).fields?.get('services') ?? nodeOf({});
  return [target === undefined ? undefined : all.fields?.get(target), { services: all, file: named }];
}
