import type { Document, Pair } from 'yaml';
import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseAllDocuments } from 'yaml';
import type { Diagnostic, Location } from './diagnostic';

type Range = readonly [start: number, end: number];

/** A YAML file of which it is known where each value is written. */
export interface LocatedFile {
  /** Why it is not valid YAML. */
  readonly diagnostics: Diagnostic[];
  find(document: number, steps: readonly (string | number)[]): { readonly location: Location; readonly depth: number };
  findName(document: number, steps: readonly (string | number)[]): Location;
}

export function locate(file: string, text: string): LocatedFile {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false });

  function locationOf([start, end]: Range): Location {
    const { line, col } = lines.linePos(start);
    return { file, line: Math.max(1, line), column: Math.max(1, col), length: Math.max(1, end - start) };
  }

  return {
    diagnostics: documents.flatMap(({ errors }) => errors).map(({ message, pos }) => (
      { location: locationOf(pos), code: 'syntax', path: '', message, hint: '' })),
    find(document, steps) {
      const { value, depth } = walk(documents[document], steps);
      return { location: locationOf(value), depth };
    },
    findName(document, steps) {
      return locationOf(walk(documents[document], steps).name);
    },
  };
}

/** Follows the steps as far as they exist, and returns the ranges of the name and of the value there. */
function walk(document: Document.Parsed, steps: readonly (string | number)[]): { name: Range; value: Range; depth: number } {
  const resolved = (node: unknown) => isAlias(node) ? node.resolve(document) : node;
  let node = resolved(document.contents);
  let name = rangeOf(node);
  let value = name;
  let depth = 0;
  for (const step of steps) {
    if (isMap(node)) {
      const pair: Pair | undefined = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
      if (!pair) break;
      node = resolved(pair.value);
      name = rangeOf(pair.key);
      // A list, a map or an empty value is shown by its name.
      value = isScalar(pair.value) && pair.value.source ? rangeOf(pair.value) : name;
    } else if (isSeq(node) && node.items[Number(step)] !== undefined) {
      const item: unknown = node.items[Number(step)];
      name = value = rangeOf(item);
      node = resolved(item);
    } else {
      break;
    }
    depth++;
  }
  return { name, value, depth };
}

function rangeOf(node: unknown): Range {
  if (!isNode(node) || !node.range) return [0, 0];
  const [start, end] = node.range;
  if (isMap(node) && node.items.length > 0) return rangeOf(node.items[0].key); // rather than all of its lines
  return isSeq(node) ? [start, start + 1] : [start, end];
}
