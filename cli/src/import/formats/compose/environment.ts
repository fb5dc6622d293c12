import { existsSync, readFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { isUnresolved } from './load';
import type { Service, Target } from './service';
import { neighborsOf } from './service';
import { parseEnvFile } from '../../../config/env-file';
import type { Conversion, Format } from '../../format';
import type { Reader } from '../../reader';
import type { Variable } from '../../shared/variables';
import { setVariables } from '../../shared/variables';
import { connectMentioned, mentions, wire } from '../../shared/wiring';
import { mapNode } from '../../source/node';

/** The variables of `environment`. */
export function setEnvironment(at: Reader, target: Target): void {
  setAll(target, at.fields.map(([name, one]) => variableOf(name, one)));
}

function variableOf(name: string, at: Reader): Variable {
  const { text } = at;
  return { name, at, text, value: text === undefined || isUnresolved(text) ? undefined : text };
}

function setAll({ app, project, service }: Target, variables: readonly Variable[]): void {
  const neighbors = neighborsOf(project);
  connectMentioned(app, variables, neighbors);
  setVariables(app, service.process, variables, variable => wire(app, neighbors, variable));
}

/** The variables of the files in `env_file`, except those that `environment` sets too. */
export function setEnvFiles(target: Target, conversion: Conversion, format: Format): void {
  const { service, project, app } = target;
  const list = service.at.field('env_file');
  for (const at of list?.items ?? []) {
    const path = at.text ?? at.field('path')?.text;
    const absolute = path === undefined ? undefined : resolve(project.folder, path);
    if (absolute === undefined || !existsSync(absolute)) {
      at.none(`${path ?? 'the file'} is not here`, 'write its variables in env, and its secrets in a Secret, or import again where it is');
      continue;
    }
    at.taken(app.shown([...service.process, 'env']));
    const text = readFileSync(absolute, 'utf8');
    const name = relative(project.folder, absolute);
    const lines = text.split(/\r?\n/);
    const lineOf = (variable: string) => {
      const assignment = new RegExp(`^\\s*(export\\s+)?${variable.replace('.', '\\.')}\\s*=`);
      return lines.findIndex(line => assignment.test(line)) + 1 || undefined;
    };
    const { env } = parseEnvFile(text);
    const nodes = Object.entries(env).map(([variable, value]) => [variable, { line: lineOf(variable), value, text: value }] as const);
    const reader = conversion.read({ name, folder: project.folder, text }, mapNode(new Map(nodes)), format);
    const own = new Set(service.at.field('environment')?.fields.map(([variable]) => variable));
    const variables: Variable[] = [];
    for (const [variable, one] of reader.fields) {
      if (own.has(variable)) one.taken('environment takes precedence');
      else variables.push(variableOf(variable, one));
    }
    setAll(target, variables);
  }
}

/** Whether variables of a service have the address of another one. */
export function callsBy(service: Service, host: string): boolean {
  return service.at.field('environment')?.fields.some(([, { text }]) => text !== undefined && mentions(text, host)) ?? false;
}
