/** The documents of a YAML file, with the items of Lists; where there are several, their paths in the report start with their number. */
import type { Conversion, Format } from '../format';
import type { Reader } from '../reader';
import type { SourceFile, SourceNode } from '../source/node';
import { readYaml } from '../source/yaml';

export function readDocuments(file: SourceFile, conversion: Conversion, format: Format): Reader[] {
  return readYaml(file).flatMap((node, i, all) => (
    itemsOf(node, all.length > 1 ? `[${i}]` : '').map(([item, path]) => conversion.read(file, item, format, path))));
}

/** The items of a List; any other document is one. */
function itemsOf(node: SourceNode, path: string): [SourceNode, string][] {
  const items = node.fields?.get('kind')?.text?.endsWith('List') ? node.fields.get('items')?.items : undefined;
  return items ? items.map((item, i): [SourceNode, string] => [item, `${path}${path === '' ? '' : '.'}items[${i}]`]) : [[node, path]];
}
