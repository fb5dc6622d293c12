/** The documents of a YAML file; where there are several, their paths in the report start with their number. */
import type { Conversion, Format } from '../format';
import type { Reader } from '../reader';
import type { SourceFile } from '../source/node';
import { readYaml } from '../source/yaml';

export function readDocuments(file: SourceFile, conversion: Conversion, format: Format): Reader[] {
  return readYaml(file).map((node, i, all) => conversion.read(file, node, format, all.length > 1 ? `[${i}]` : ''));
}
