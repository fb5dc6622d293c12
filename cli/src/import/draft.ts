import { basename } from 'node:path';
import type { Reader } from './reader';
import type { SourceFile } from './source/node';
import type { Fields } from '../config/merge';
import { fieldsOf, isFields } from '../config/merge';

/** The steps to a prop: `['env', 'LOG_LEVEL']`. */
export type Steps = readonly string[];

interface Origin {
  readonly steps: Steps;
  readonly at: Reader;
}

/** An app of the webapp.yaml that is being written. */
export class AppDraft {
  public readonly props: { [prop: string]: unknown } = {};

  /** What is written above a prop, by `pathOf`. */
  public readonly comments = new Map<string, string>();

  /** Where props come from. */
  public readonly origins: Origin[] = [];

  /** The keys that Secrets need, by the name of the Secret; each with what it is. */
  public readonly secrets = new Map<string, Map<string, string>>();

  constructor(public name: string, public readonly draft: Draft) {}

  /** Sets a prop; undefined removes it. */
  public set(steps: Steps, value: unknown, comment?: string): void {
    setIn(this.props, steps, value);
    if (comment !== undefined) this.comments.set(pathOf(steps), comment);
  }

  public get(steps: Steps): unknown {
    return steps.reduce<unknown>((value, step) => isFields(value) ? value[step] : undefined, this.props);
  }

  public has(steps: Steps): boolean {
    return this.get(steps) !== undefined;
  }

  /** Sets a prop to what a source says. */
  public take(at: Reader, steps: Steps, value: unknown): void {
    this.set(steps, value);
    this.cameFrom(at, steps);
    at.taken(this.shown(steps));
  }

  /** Sets a prop to something else than a source says. */
  public change(at: Reader, steps: Steps, value: unknown, reason: string, comment?: string): void {
    this.set(steps, value, comment);
    this.cameFrom(at, steps);
    at.changed(this.shown(steps), reason);
  }

  /** Sets a field that has no prop, in an object of the app. */
  public patch(at: Reader, kind: string, name: string, steps: Steps, value: unknown): void {
    const patches = (this.props.patches ?? []) as { kind: string; name?: string; merge: { [field: string]: unknown } }[];
    const known = patches.find(one => one.kind === kind && one.name === name);
    const patch = known ?? { kind, name, merge: {} };
    const before = steps.reduce<unknown>((inner, step) => fieldsOf(inner)[step], patch.merge);
    setIn(patch.merge, steps, Array.isArray(before) && Array.isArray(value) ? joined(before, value) : value);
    this.props.patches = known ? patches : [...patches, patch];
    this.cameFrom(at, ['patches']);
    at.changed(this.shown(['patches']), `it is a field of the ${kind} without a prop`);
  }

  /** Notes where a prop comes from, so that the report says so if it turns out to be invalid. */
  public cameFrom(at: Reader, steps: Steps): void {
    this.origins.push({ steps, at });
  }

  /** A prop in the report: with the app if there are several. */
  public shown(steps: Steps): string {
    const path = pathOf(steps);
    return this.draft.apps.length > 1 || this.draft.hasSeveral ? `${this.name}: ${path}` : path;
  }

  /** Notes that the app needs a key of a Secret. */
  public needsSecret(secret: string, key: string, what = ''): void {
    const keys = this.secrets.get(secret) ?? new Map<string, string>();
    if (!keys.get(key)) keys.set(key, what);
    this.secrets.set(secret, keys);
  }
}

/** The webapp.yaml that is being written. */
export class Draft {
  public readonly apps: AppDraft[] = [];

  /** Commands and files that the user needs, in the order in which the report has them. */
  public readonly next: string[] = [];

  /** What comes after all of them. */
  public readonly last: string[] = [];

  /** Whether sources have several apps; known before the first of them. */
  public hasSeveral = false;
  public namespace?: string;

  /** @param folder the absolute path of the folder of webapp.yaml */
  constructor(public readonly folder: string) {}

  /** Adds an app; its name becomes valid and its own. */
  public app(name: string): AppDraft {
    const valid = appName(name);
    let own = valid;
    for (let i = 2; this.apps.some(app => app.name === own); i++) own = `${valid.slice(0, 37)}-${i}`;
    const app = new AppDraft(own, this);
    this.apps.push(app);
    return app;
  }

  /** Tells the user what to do, once. */
  public tell(line: string): void {
    if (!this.next.includes(line)) this.next.push(line);
  }
}

/** The name of an app: a DNS label that is short enough for the objects of its processes. */
export function appName(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^[^a-z]+|-+$/g, '').slice(0, 40)
    .replace(/-+$/, '') || 'web';
}

/** The name of a volume: some are those of volumes that apps have anyway. */
export function volumeName(name: string): string {
  const valid = appName(name);
  return /^(files|secret-files|config-map-files|tmp)$/.test(valid) ? `${valid}-data` : valid;
}

/** The name of an app that a source does not name: that of its folder. */
export function folderName({ folder }: SourceFile): string {
  return appName(basename(folder));
}

export function pathOf(steps: Steps): string {
  return steps.map(step => (/^[\w-]+$/.test(step) ? step : `[${JSON.stringify(step)}]`)).join('.').replace(/\.\[/g, '[');
}

/** Lists of maps with names: what has the same name becomes one. */
function joined(before: readonly unknown[], after: readonly unknown[]): unknown[] {
  const result = [...before];
  for (const item of after) {
    const i = result.findIndex(one => fieldsOf(one).name !== undefined && fieldsOf(one).name === fieldsOf(item).name);
    if (i === -1) {
      result.push(item);
      continue;
    }
    const both = { ...fieldsOf(result[i]) };
    for (const [name, value] of Object.entries(fieldsOf(item))) {
      const other = both[name];
      both[name] = Array.isArray(other) && Array.isArray(value) ? [...other, ...value] : value;
    }
    result[i] = both;
  }
  return result;
}

function setIn(fields: { [name: string]: unknown }, [first, ...rest]: Steps, value: unknown): void {
  if (rest.length === 0) {
    if (value === undefined) delete fields[first];
    else define(fields, first, value);
    return;
  }
  const inner = Object.hasOwn(fields, first) ? fields[first] : undefined;
  const below: Fields = isFields(inner) ? inner : {};
  if (below !== inner) {
    if (value === undefined) return;
    define(fields, first, below);
  }
  setIn(below as { [name: string]: unknown }, rest, value);
  if (Object.keys(below).length === 0) delete fields[first];
}

/** Also for the name `__proto__`. */
function define(fields: object, name: string, value: unknown): void {
  Object.defineProperty(fields, name, { value, enumerable: true, writable: true, configurable: true });
}
