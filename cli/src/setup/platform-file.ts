import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import type { YAMLMap } from 'yaml';
import { Document, isMap, parseAllDocuments, Scalar } from 'yaml';
import { version } from '../../package.json';
import { platformAbove } from '../config/files';
import { fieldsOf, mergePatch } from '../config/merge';
import { Failure } from '../ui/failure';
import type { World } from '../ui/world';
import type { PlatformProps } from 'cdk8s-webapp';

/** What a prop of the platform should be. */
export interface Fact {
  readonly prop: keyof PlatformProps;

  /** Undefined for a prop that must not be there. */
  readonly value: unknown;

  /** Why, above the prop. */
  readonly comment?: string;

  /**
   * What becomes of a value that the file has already: `keep` leaves it as it is, `merge` changes those of its fields that differ, and
   * `replace` replaces all of it.
   */
  readonly existing: 'keep' | 'merge' | 'replace';
}

/** Which file it is. */
export interface PlatformFileOptions {
  readonly platform?: string;

  /** The environment whose values are written. */
  readonly env?: string;
}

/** platform.yaml. What `webapp setup` does not write stays as it is, comments included. */
export class PlatformFile {
  /**
   * Reads the file that the command line names, or the nearest platform.yaml in the current folder or above it.
   *
   * @throws Failure if it cannot be changed
   */
  public static open({ platform, env }: PlatformFileOptions, world: World): PlatformFile {
    const path = platform === undefined ? platformAbove(world.cwd) ?? join(world.cwd, 'platform.yaml') : resolve(world.cwd, platform);
    const name = relative(world.cwd, path);
    const text = existsSync(path) ? readFileSync(path, 'utf8') : undefined;
    const documents = parseAllDocuments(text ?? '') as Document[];
    const [error] = documents.flatMap(({ errors }) => errors);
    if (error) throw new Failure(`${name} is not valid YAML: ${error.message.split('\n')[0]}`);
    if (documents.length > 1) throw new Failure(`${name} has several documents; put the platform into a file of its own`);
    // A file without a document may have comments.
    return new PlatformFile(path, name, documents[0] ?? new Document({}), { text, isEmpty: documents.length === 0, env });
  }

  private constructor(
    private readonly path: string,
    /** Its path, as messages show it. */
    public readonly name: string,
    private readonly document: Document,
    private readonly options: { readonly text?: string; readonly isEmpty: boolean; readonly env?: string },
  ) {}

  public get exists(): boolean {
    return this.options.text !== undefined;
  }

  private get env(): string | undefined {
    return this.options.env;
  }

  /** The props as they are in the environment. */
  public get props(): PlatformProps {
    const all = fieldsOf(this.document.toJS());
    const base = this.isResource ? fieldsOf(all.spec) : all;
    return (this.env === undefined ? base : mergePatch(base, fieldsOf(fieldsOf(all.environments)[this.env]))) as PlatformProps;
  }

  /**
   * Writes the file, if the facts change it.
   *
   * @returns the props that were set or removed
   */
  public write(facts: readonly Fact[]): string[] {
    const changed = facts.filter(fact => this.set(fact)).map(({ prop }) => prop);
    if (changed.length === 0) return [];
    const text = this.document.toString({ lineWidth: 0 });
    const schema = `# yaml-language-server: $schema=https://unpkg.com/cdk8s-webapp-cli@${version}/schema/platform.schema.json\n`;
    const before = this.options.isEmpty ? this.options.text ?? schema : '';
    writeFileSync(this.path, before === '' || before.endsWith('\n') ? `${before}${text}` : `${before}\n${text}`);
    return changed;
  }

  private set({ prop, value, comment, existing }: Fact): boolean {
    const now = this.props[prop];
    if (isSame(now, value) || (now !== undefined && existing === 'keep')) return false;
    const map = this.map();
    if (now === undefined || existing === 'replace') {
      this.setProp(map, { prop, value, comment });
      return true;
    }
    const fields = Object.entries(fieldsOf(value)).filter(([name, one]) => !isSame(fieldsOf(now)[name], one));
    if (fields.length === 0) return false;
    if (isMap(map.get(prop))) for (const [name, one] of fields) map.setIn([prop, name], one);
    else this.setProp(map, { prop, value: Object.fromEntries(fields), comment });
    return true;
  }

  private setProp(map: YAMLMap, { prop, value, comment }: Pick<Fact, 'prop' | 'value' | 'comment'>): void {
    const node = this.document.createNode(value ?? null, { flow: true });
    if (value === undefined && this.env === undefined) {map.delete(prop);} else if (map.has(prop)) {map.set(prop, node);} else {
      const key = new Scalar<string>(prop);
      key.commentBefore = comment === undefined ? undefined : ` ${comment}`;
      key.spaceBefore = map.items.length > 0;
      map.add(this.document.createPair(key, node));
    }
  }

  /** The map that has the props. */
  private map(): YAMLMap {
    const { document, env } = this;
    if (!isMap(document.contents)) document.contents = document.createNode({}) as never;
    (document.contents as unknown as YAMLMap).flow = false;
    const way = env !== undefined ? ['environments', env] : this.isResource ? ['spec'] : [];
    way.forEach((_, i) => {
      const above = way.slice(0, i + 1);
      if (!isMap(document.getIn(above))) document.setIn(above, document.createNode({}));
    });
    return (way.length > 0 ? document.getIn(way) : document.contents) as YAMLMap;
  }

  private get isResource(): boolean {
    return isMap(this.document.contents) && this.document.has('kind');
  }
}

/** Whether two values are the same in a file, where `0.15` and `'0.15'` are. */
function isSame(a: unknown, b: unknown): boolean {
  const text = (value: unknown) => JSON.stringify(value, (_, one: unknown) => (typeof one === 'number' ? String(one) : one));
  return text(a) === text(b);
}

