import { parseEnvFile } from './env-file';
import type { FolderFiles } from './folder-files';
import type { Fields } from './merge';
import { fieldsOf, isFields } from './merge';
import type { Problem, ProblemCode } from '../../../src/internal';
import { entry, UNREADABLE } from '../../../src/internal';

/** Props of the library, with what a file says in forms of its own. */
export interface Expanded {
  readonly props: Fields;
  readonly problems: readonly Problem[];

  /** Where props come from that are not written where they are: by path. */
  readonly origins: ReadonlyMap<string, string>;
}

/**
 * Replaces what a file says in forms of its own by props of the library, which are pure data: `{ fromFile: PATH }` in `files` and
 * `binaryFiles` by the file's content, and `envFile` by its variables. Those of `env` take precedence.
 */
export function expand(written: Fields, folder: FolderFiles): Expanded {
  const { envFile, ...props } = written;
  const problems: Problem[] = [];
  const origins = new Map<string, string>();
  const files: { [path: string]: unknown } = {};
  const binaryFiles: { [path: string]: unknown } = {};
  for (const prop of ['files', 'binaryFiles']) {
    for (const [path, value] of Object.entries(fieldsOf(props[prop]))) {
      const own = prop === 'files' ? files : binaryFiles;
      const content = isFields(value) ? contentOf(value, entry(prop, path), folder, problems) : value;
      const text = Buffer.isBuffer(content) && prop === 'files' ? textOf(content) : undefined;
      if (!Buffer.isBuffer(content)) {
        own[path] = content;
      } else if (text !== undefined) {
        files[path] = text;
      } else {
        binaryFiles[path] = content.toString('base64');
        origins.set(entry('binaryFiles', path), entry(prop, path));
      }
    }
  }
  const expanded = {
    ...props,
    ...isFields(props.files) ? { files } : {},
    ...isFields(props.binaryFiles) || Object.keys(binaryFiles).length > 0 ? { binaryFiles } : {},
  };
  if (envFile === undefined) return { props: expanded, problems, origins };
  const env = variablesOf(envFile, folder, problems);
  for (const name of Object.keys(env)) if (!Object.hasOwn(fieldsOf(props.env), name)) origins.set(entry('env', name), 'envFile');
  // Something else than a map is reported as it is.
  const all = props.env === undefined || isFields(props.env) ? { ...env, ...props.env } : props.env;
  return { props: { ...expanded, env: all }, problems, origins };
}

/** @returns undefined after adding a problem */
function contentOf(value: Fields, path: string, folder: FolderFiles, problems: Problem[]): Buffer | undefined {
  const { fromFile, ...others } = value;
  const add = (where: string, code: ProblemCode, message: string, hint = 'write the content as a string, or fromFile: PATH') => (
    void problems.push({ path: where, code, message, hint }));
  for (const name of Object.keys(others)) add(entry(path, name), 'unknown', 'is not a known property');
  if (typeof fromFile !== 'string' || fromFile === '') {
    if (fromFile === undefined) add(path, 'missing', 'has no fromFile');
    else add(entry(path, 'fromFile'), 'type', `is ${JSON.stringify(fromFile)}`, 'write the path of a file');
    return undefined;
  }
  const content = folder.read(fromFile);
  if (!('code' in content)) return content;
  problems.push({ path: entry(path, 'fromFile'), ...content });
  return undefined;
}

/** The text of a file; undefined if it is not text, or has a byte order mark or characters that kubectl cannot read in YAML. */
function textOf(content: Buffer): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content);
    return UNREADABLE.test(text) || text.includes('\ufeff') ? undefined : text;
  } catch {
    return undefined;
  }
}

function variablesOf(envFile: unknown, folder: FolderFiles, problems: Problem[]): { [name: string]: string } {
  const path = 'envFile';
  const shown = JSON.stringify(envFile);
  if (typeof envFile !== 'string' || envFile === '') {
    problems.push({ path, code: 'type', message: `is ${shown}`, hint: 'write the path of a file, such as .env' });
    return {};
  }
  const content = folder.read(envFile);
  if ('code' in content) {
    problems.push({ path, ...content });
    return {};
  }
  const text = textOf(content);
  if (text === undefined) {
    problems.push({ path, code: 'format', message: `is ${shown}, which is not UTF-8`, hint: 'save it with the encoding UTF-8' });
    return {};
  }
  const { env, faults } = parseEnvFile(text);
  for (const { line, message, hint } of faults) {
    problems.push({ path, code: 'format', message: `is invalid: line ${line} of ${envFile} ${message}`, hint });
  }
  return Object.fromEntries(Object.entries(env).map(([name, value]) => [name, literally(value)]));
}

/**
 * A value as Kubernetes has to get it to keep it as it is: it replaces `$(NAME)` and `$$`.
 *
 * @see https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/
 */
export function literally(value: string): string {
  return value.replace(/\$+(?=\()|\${2,}/g, dollars => dollars + dollars);
}
