import { parse, TomlError } from 'smol-toml';
import type { SourceFile, SourceNode } from './node';
import { nodeOf } from './node';
import { Failure } from '../../ui/failure';

/**
 * The value of a TOML file. Its parser does not tell where values are written, but the path of a key of TOML says it.
 *
 * @throws Failure if the file is not valid
 */
export function readToml({ name, text }: SourceFile): SourceNode {
  try {
    return nodeOf(parse(text.replace(/^\ufeff/, '')));
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const [reason] = error.message.replace(/^Invalid TOML document: /, '').split('\n');
    throw new Failure(`${name}:${error.line}:${error.column}: ${reason}; fix it, then import the file again`);
  }
}
