import { appendFileSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv, { ValidateFunction } from 'ajv';

/**
 * The schemas of a real API server, strict: a field that it does not know is an error. They are written by `npm run schemas`.
 */
const FOLDER = join(__dirname, 'schemas');
const ajv = new Ajv({ strict: false, validateFormats: false });
const known = new Map<string, ValidateFunction>();

/** What the schema of its kind has against an object; nothing where it is fine. */
export function schemaErrors(object: { apiVersion?: string; kind: string; metadata: { name: string } }): string[] {
  reached([object]);
  const group = object.apiVersion!.includes('/') ? object.apiVersion!.split('/')[0] : 'core';
  const file = `${group}-${object.kind}.json`;
  if (!readdirSync(FOLDER).includes(file)) return [`${object.kind} of ${group} has no schema`];
  if (!known.has(file)) known.set(file, ajv.compile(JSON.parse(readFileSync(join(FOLDER, file), 'utf8'))));
  const validate = known.get(file)!;
  const name = `${object.kind} ${object.metadata.name}`;
  validate(object);
  return (validate.errors ?? []).map(({ instancePath, message, params }) => `${name}${instancePath} ${message} ${JSON.stringify(params)}`);
}

/** Keeps what tests synthesize in the file that REACHED names, for the test that shows all of it to a real API server. */
export function reached(objects: object[]): void {
  if (process.env.REACHED) for (const object of objects) appendFileSync(process.env.REACHED, `${JSON.stringify(object)}\n`);
}
