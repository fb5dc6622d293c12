import { Document, isAlias, isMap, isNode, isScalar, isSeq, LineCounter, Pair, parseAllDocuments } from 'yaml';
import type { Mistake, Place } from './mistake';

type Range = readonly [start: number, end: number];

/** The places of all that is written in a YAML file. */
export interface Located {
  /** What keeps it from being read as YAML. */
  readonly mistakes: Mistake[];
  find(document: number, steps: readonly (string | number)[]): { readonly place: Place; readonly depth: number };
  findName(document: number, steps: readonly (string | number)[]): Place;
}

export function locate(file: string, text: string): Located {
  const lines = new LineCounter();
  const parsed = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false });
  const documents = Array.isArray(parsed) ? parsed as Document.Parsed[] : [];

  function placeOf([start, end]: Range): Place {
    const { line, col } = lines.linePos(start);
    return { file, line: Math.max(1, line), column: Math.max(1, col), length: Math.max(1, end - start) };
  }

  return {
    mistakes: documents.flatMap(({ errors }) => errors).map(({ message, pos }) => ({ place: placeOf(pos), path: '', message, hint: '' })),
    find(document, steps) {
      const { value, depth } = walk(documents[document], steps);
      return { place: placeOf(value), depth };
    },
    findName(document, steps) {
      return placeOf(walk(documents[document], steps).name);
    },
  };
}

/** Follows the steps as far as they lead: the places of the name and of the value there. */
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
      // Of a list or map, and of nothing, the name is shown.
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
