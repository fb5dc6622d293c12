import { comparable } from './reference';
import type { AppDraft, Steps } from '../../draft';
import type { Reader } from '../../reader';
import type { ServiceType } from '../../shared/services';
import type { Mounted } from '../../shared/volumes';
import type { Neighbor } from '../../shared/wiring';

/** A container or a job of an Acornfile, and what it becomes. */
export interface Program {
  readonly name: string;
  readonly at: Reader;
  readonly ports: readonly Port[];

  /** What it is if it is a database or the like, which becomes a connection. */
  readonly type?: ServiceType;

  /** Whether several apps use it. */
  shared?: boolean;
  role: Role;

  /** The app that it is, or that it is a process of. */
  app?: AppDraft;

  /** Where it is in the app: empty for the app itself. */
  process: Steps;
}

/**
 * - `web`: it gets requests
 * - `worker`: it gets none
 * - `release`: it runs before each deploy
 * - `cron`: it runs at its times
 * - `connection`: a database or the like
 * - `none`: it is not imported
 */
export type Role = 'web' | 'worker' | 'release' | 'cron' | 'connection' | 'none';

/** A service that another Acorn image creates, or that is outside of Acorn. */
export interface Provided {
  readonly name: string;
  readonly at: Reader;
  readonly type?: ServiceType;
  shared?: boolean;
}

export interface Port {
  readonly at: Reader;

  /** What callers use. */
  readonly port: number;

  /** What the program listens on. */
  readonly target: number;
  readonly protocol: string;
  readonly isPublic: boolean;
  readonly hostname?: string;
  readonly path?: string;
}

/** What is known of the file while each of its programs is converted. */
export interface Project {
  readonly root: Reader;

  /** The folder that paths start from. */
  readonly folder: string;
  readonly programs: ReadonlyMap<string, Program>;
  readonly services: ReadonlyMap<string, Provided>;
  readonly volumes: Mounted;

  /** The names of secrets that are values which `secretEnv` generates. */
  readonly generated: Set<string>;

  /** Whether the file is what `acorn render` wrote, in which contents of files are in base64. */
  readonly isRendered: boolean;
}

/** A container while it is converted: a program, or a sidecar of one. */
export interface Target {
  readonly project: Project;
  readonly program: Program;
  readonly app: AppDraft;

  /** Where it is: that of the process, or a sidecar. */
  readonly steps: Steps;
  readonly isMain: boolean;
}

/** The programs as one of them knows the others. */
export function neighborsOf({ programs }: Project): Neighbor[] {
  return [...programs.values()].map(({ name, at, type, shared, role, app }) => ({
    name,
    at,
    type,
    shared,
    app: role === 'web' ? app : undefined,
    variable: variable => {
      const text = variablesOf(at).find(one => one.name === variable)?.text;
      return text === undefined ? undefined : comparable(text);
    },
  }));
}

/** A variable of a container, with where its value is. */
export interface WrittenVariable {
  readonly name: string;
  readonly at: Reader;
  readonly text?: string;
}

export function variablesOf(container: Reader): WrittenVariable[] {
  return ['env', 'environment'].flatMap(key => container.field(key) ?? []).flatMap(variablesIn);
}

/** Variables in any of the ways in which they are written: a map, a list of pairs, and the list of maps of rendered files. */
export function variablesIn(all: Reader): WrittenVariable[] {
  if (all.isMap) return known(all).map(([name, at]) => ({ name, at, text: valueIn(at) }));
  return all.items.filter(one => one.isKnown).flatMap((at): WrittenVariable[] => {
    const named = at.field('name')?.text;
    if (named !== undefined) return [{ name: named, at, text: valueIn(at) }];
    const [only] = at.fields;
    if (only) return [{ name: only[0], at: only[1], text: valueIn(only[1]) }];
    const [, name, text] = /^([^=]+)(?:=(.*))?$/s.exec(at.text ?? '') ?? [];
    return name === undefined ? [] : [{ name, at, text: text ?? '' }];
  });
}

/** A value, or the reference to a secret that rendered files have as a map. */
function valueIn(at: Reader): string | undefined {
  if (!at.isMap) return at.text;
  const [name, key] = [at.at('secret', 'name')?.text, at.at('secret', 'key')?.text];
  return name === undefined ? at.field('value')?.text ?? '' : `secret://${name}/${key ?? ''}`;
}

/** The fields of a map that users name, without what is not known. */
export function known(at: Reader | undefined): [name: string, at: Reader][] {
  return (at?.fields ?? []).filter(([, one]) => one.isKnown);
}
