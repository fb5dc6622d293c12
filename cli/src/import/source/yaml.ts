import type { Document, Pair } from 'yaml';
import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseAllDocuments } from 'yaml';
import type { SourceFile, SourceNode } from './node';
import { Failure } from '../../ui/failure';

/** How many values the anchors of a file may stand for: a few lines of aliases of aliases would fill the memory otherwise. */
const MOST_NODES = 200_000;

/** How deep they may be nested. */
const MOST_LEVELS = 100;

/**
 * The documents of a YAML or JSON file, with anchors and `<<` replaced by what they stand for.
 *
 * @throws Failure if the file is not valid
 */
export function readYaml({ name, text, hasLines = true }: SourceFile): SourceNode[] {
  const lines = new LineCounter();
  // Tags of CloudFormation and others are no errors: the value below them counts.
  const documents = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false, logLevel: 'silent', uniqueKeys: false });
  const [error] = documents.flatMap(document => document.errors);
  if (error) {
    const { line, col } = lines.linePos(error.pos[0]);
    throw new Failure(`${name}:${line}:${col}: ${error.message}; fix it, then import the file again`);
  }
  const known = hasLines ? lines : undefined;
  return documents.map(document => new Nodes(name, document, known).of(document.contents)).filter(({ value }) => value !== null);
}

/** The values of one document. */
class Nodes {
  private count = 0;

  constructor(private readonly file: string, private readonly document: Document, private readonly lines: LineCounter | undefined) {}

  public of(given: unknown, at?: number, level = 0): SourceNode {
    if (++this.count > MOST_NODES) throw new Failure(`${this.file} has more than ${MOST_NODES} values, with those of its anchors`);
    if (level > MOST_LEVELS) throw new Failure(`${this.file} is nested more than ${MOST_LEVELS} levels deep`);
    const node = isAlias(given) ? given.resolve(this.document) : given;
    const line = at ?? this.lineOf(given);
    if (isMap(node)) return { line, fields: this.fieldsOf(node.items, level) };
    if (isSeq(node)) return { line, items: node.items.map(item => this.of(item, undefined, level + 1)) };
    if (!isScalar(node)) return { line, value: null, text: '' };
    const { value, source } = node;
    if (value === null || value === undefined) return { line, value: null, text: '' };
    const scalar = ['string', 'number', 'boolean'].includes(typeof value) ? value as string | number | boolean : String(value);
    return { line, value: scalar, text: typeof scalar === 'string' ? scalar : source ?? String(scalar) };
  }

  /** What `<<` names comes first in time, not in precedence: https://yaml.org/type/merge.html */
  private fieldsOf(pairs: readonly Pair[], level: number): Map<string, SourceNode> {
    const own = new Map<string, SourceNode>();
    const merged = new Map<string, SourceNode>();
    for (const { key, value } of pairs) {
      const name = isScalar(key) ? String(key.source ?? key.value ?? '') : String(key);
      const line = this.lineOf(key);
      if (name !== '<<') {
        own.set(name, this.of(value, line, level + 1));
        continue;
      }
      const all = isSeq(value) ? value.items : [value];
      for (const one of all) {
        for (const [inner, node] of this.of(one, undefined, level + 1).fields ?? []) if (!merged.has(inner)) merged.set(inner, node);
      }
    }
    return new Map([...merged, ...own]);
  }

  private lineOf(node: unknown): number | undefined {
    return this.lines && isNode(node) && node.range ? this.lines.linePos(node.range[0]).line || 1 : undefined;
  }
}
