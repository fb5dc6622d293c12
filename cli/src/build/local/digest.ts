import { readFile } from 'node:fs/promises';
import { parseJson, ProgramError } from './programs';

const DIGEST = /sha256:[0-9a-f]{64}/;

/**
 * The digest that a builder has written to a file.
 *
 * @param pattern what is around it, where the file has more than one
 * @throws ProgramError if there is none: some builders exit with 0 although they could not push
 */
export async function digestIn(file: string, pattern = DIGEST): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const digest = DIGEST.exec(pattern.exec(text)?.[0] ?? '')?.[0];
  if (digest === undefined) throw new ProgramError('the builder does not say which digest the image has in the registry');
  return digest;
}

/**
 * The digest of an image in its repository, among all that a builder knows of it.
 *
 * @param output a JSON list such as `["registry.example.com/acme/web@sha256:…"]`
 * @throws ProgramError if it knows none
 */
export function digestAmong(output: string, repository: string | undefined): string {
  const found = parseJson<readonly string[]>(output).find(one => one.startsWith(`${repository}@`));
  if (found === undefined) throw new ProgramError('the builder does not say which digest the image has in the registry');
  return found.slice(found.indexOf('@') + 1);
}
