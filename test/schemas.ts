import { appendFileSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv, { ValidateFunction } from 'ajv';

/**
 * The schemas of a real API server, made strict: an unknown field is an error. `npm run schemas` writes them.
 */
const FOLDER = join(__dirname, 'schemas');
const ajv = new Ajv({ strict: false, validateFormats: false });
const known = new Map<string, ValidateFunction>();

/** The errors of an object against the schema of its kind; empty if it is valid. */
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

/** Appends the objects to the file that REACHED names, so that a test can validate all of them on a real API server. */
export function reached(objects: object[]): void {
  if (process.env.REACHED) for (const object of objects) appendFileSync(process.env.REACHED, `${JSON.stringify(object)}\n`);
}
