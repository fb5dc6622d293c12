/**
 * AML, the language of Acornfiles: a superset of JSON with references, conditions, loops and functions. Its only parser is the one of
 * Acorn itself, in Go, and there is none for JavaScript, so this is one of our own. It runs no functions of a file: a value that needs one
 * is not known, and says why. Older files, in CUE, are read as far as they look like AML.
 *
 * @see https://github.com/acorn-io/aml
 */
import { evaluate } from './evaluate';
import { parse } from './syntax';
import { Failure } from '../../../ui/failure';
import type { SourceFile, SourceNode } from '../node';

/**
 * The value of an AML file, with the defaults of its `args`.
 *
 * @throws Failure with line and column if it is not valid
 */
export function readAml({ name, text }: Pick<SourceFile, 'name' | 'text'>): SourceNode {
  const root = evaluate(parse(text, name), name);
  if (!root.fields) throw new Failure(`${name} is not an Acornfile: it is not a map`);
  return root;
}
