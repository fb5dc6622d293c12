/**
 * Folders and files of containers.
 *
 * @see https://github.com/acorn-io/runtime/blob/main/docs/versioned_docs/version-0.9/38-authoring/04-volumes.md
 */
import { posix } from 'node:path';
import type { Target } from './program';
import { known } from './program';
import { hasReference, secretIn } from './reference';
import { keysOf, plainTemplate, takeSecret } from './secrets';
import { appName, volumeName } from '../../draft';
import type { Reader } from '../../reader';
import { mountAgain } from '../../shared/volumes';

/** What a volume is where nothing says its size: https://github.com/acorn-io/runtime, pkg/apis/internal.acorn.io/v1/unmarshal.go */
const USUAL_SIZE = '10G';

const ACCESS_MODES: { readonly [mode: string]: string | undefined } = {
  readWriteMany: 'read-write-many', readOnlyMany: 'read-only-many',
};

export function setFolders(at: Reader, target: Target): void {
  for (const [path, one] of known(at)) setFolder(path.replace(/(?<=.)\/$/, ''), one, target);
}

function setFolder(path: string, at: Reader, target: Target): void {
  const { project, program } = target;
  const secretName = at.at('secret', 'name')?.text;
  const secret = secretName === undefined ? secretIn(at.text) : { name: secretName };
  const text = at.field('contextDir')?.text ?? at.field('volume')?.text ?? at.text ?? '';
  if (secret) return setSecretFolder(path, secret.name, at, target);
  if (at.field('contextDir')?.text || text.startsWith('./') || text === '.') {
    const from = program.at.field('build') ? '' : `FROM ${program.at.field('image')?.text ?? 'the image'} and `;
    return at.none('folders of the project are part of the image', `write a Dockerfile with ${from}COPY ${text} ${path}`);
  }
  const [, scheme = 'volume', name = '', query = ''] = /^(?:(volume|ephemeral):\/\/)?([^?/]*)(?:\?(.*))?$/.exec(text) ?? [];
  const options = new Map(query.split(/[&,]/).map(pair => pair.split('=') as [string, string]));
  const subPaths = ['subpath', 'subPath', 'sub-path'].map(key => options.get(key));
  const subPath = at.field('subPath')?.text ?? subPaths.find(one => one !== undefined);
  const preload = at.field('preload')?.boolean ?? options.get('preload') === 'true';
  if (preload) target.app.draft.tell(`${target.app.name}: the volume at ${path} starts empty: nothing of the image is copied into it`);
  const definition = project.root.at('volumes', name);
  const isEphemeral = scheme === 'ephemeral' || text === '' || definition?.field('class')?.text === 'ephemeral';
  if (isEphemeral) return setEmpty(path, name, at, definition, target);
  const sizeThere = definition?.field('size')?.text;
  return setVolume({
    path,
    name,
    subPath,
    at,
    definition,
    size: sizeOf(sizeThere || options.get('size')),
    mode: definition?.field('accessModes')?.texts[0] ?? options.get('accessMode') ?? options.get('accessmode'),
  }, target);
}

/** A plain number is in gigabytes, unless it is one of bytes: https://github.com/acorn-io/runtime, ParseQuantity */
function sizeOf(text: string | undefined): string | undefined {
  if (!text) return undefined;
  if (!/^\d+$/.test(text)) return text;
  return Number(text) < 1_000_000 ? `${text}G` : text;
}

function setEmpty(path: string, name: string, at: Reader, definition: Reader | undefined, { app, program, steps, isMain }: Target): void {
  const where = ['volumes', volumeName(name === '' ? path.replace(/^\//, '') : name)];
  const size = sizeOf(definition?.field('size')?.text) ?? '1Gi';
  definition?.taken(app.shown(where));
  if (path === '/tmp' && name === '') return at.taken('/tmp is an empty folder in each pod');
  const process = isMain ? program.process : steps;
  // What two containers share is a volume of the app.
  const isShared = app.has(where);
  if (process.length === 0) {
    const before = app.get(where) as object | undefined;
    return app.take(at, where, { ...before, path, empty: size });
  }
  if (!isMain || isShared) {
    if (!isShared) app.set(where, { path, empty: size });
    return app.take(at, [...process, ...where], app.get([...where, 'path']) === path ? {} : { path });
  }
  return app.take(at, [...process, ...where], { path, empty: size });
}

interface Volume {
  readonly path: string;
  readonly name: string;
  readonly subPath?: string;
  readonly at: Reader;
  readonly definition?: Reader;
  readonly size?: string;
  readonly mode?: string;
}

function setVolume({ path, name, subPath, at, definition, size, mode }: Volume, { app, program, project, steps, isMain }: Target): void {
  const own = volumeName(name);
  const process = isMain ? program.process : steps;
  if (subPath) at.field('subPath')?.taken(app.shown([...process, 'volumes', own]));
  const sub = subPath ? `; of the old volume, the folder ${subPath} alone was mounted` : '';
  if (program.role === 'release') {
    return at.none('the release command gets volumes of the app alone', 'mount it in the app');
  }
  if (!isMain && app.has(['volumes', own])) {
    return app.take(at, [...process, 'volumes', own], app.get(['volumes', own, 'path']) === path ? {} : { path });
  }
  if (mountAgain({ at, name, path, readOnly: false, app, process }, project.volumes)) return undefined;
  if (!isMain) app.set(['volumes', own], { path, size: size ?? USUAL_SIZE });
  const where = isMain ? [...process, 'volumes', own] : ['volumes', own];
  project.volumes.set(name, { app, steps: where });
  const accessMode = ACCESS_MODES[mode ?? ''];
  const storageClass = definition?.field('class')?.text;
  const value = {
    path,
    size: size ?? USUAL_SIZE,
    ...accessMode === undefined ? {} : { accessMode },
    ...storageClass && storageClass !== 'default' ? { storageClass } : {},
  };
  const reason = accessMode === undefined
    ? `the claim is a new one; one node at a time can mount it, so the app has at most one replica${sub}`
    : `the claim is a new one; data is not copied${sub}`;
  const comment = accessMode === undefined ? 'One replica at most can mount it, unless its accessMode is read-write-many.' : undefined;
  app.change(at, where, value, reason, comment);
  if (!isMain) app.set([...process, 'volumes', own], {});
  for (const key of ['size', 'class', 'accessModes', 'name', 'description']) definition?.field(key)?.taken(app.shown(where));
  for (const key of ['labels', 'annotations']) definition?.field(key)?.none('claims have the labels of the app', 'write labels of the app');
  return undefined;
}

function setSecretFolder(path: string, name: string, at: Reader, { app, steps, isMain, project }: Target): void {
  const keys = keysOf(project, name);
  const around = isMain ? [] : steps;
  if (keys.length === 0) {
    const next = `write each of them: secretFiles: { ${posix.join(path, 'KEY')}: { secret: ${name}, key: KEY } }`;
    return at.none(`the keys of the secret ${name} are not in the file`, next);
  }
  for (const key of keys) {
    const where = [...around, 'secretFiles', posix.join(path, key)];
    takeSecret(at, where, { name, key }, app, project);
  }
  return undefined;
}

export function setFiles(at: Reader, target: Target): void {
  for (const [path, one] of known(at)) setFile(path, one, target);
}

function setFile(path: string, at: Reader, { app, steps, isMain, project }: Target): void {
  const around = isMain ? [] : steps;
  const [name, key] = [at.at('secret', 'name')?.text, at.at('secret', 'key')?.text];
  const secret = name ? { name, key } : secretIn(at.isMap ? at.field('content')?.text : at.text);
  const plain = secret && plainTemplate(project, secret);
  const content = plain?.text ?? contentOf(at, project.isRendered);
  const mode = at.field('mode');
  mode?.taken('the app can read its files');
  if (secret && !plain) {
    if (!secret.key) return at.none('a file is one key of a secret', 'write secretFiles with the key');
    return takeSecret(at, [...around, 'secretFiles', path], { name: secret.name, key: secret.key }, app, project);
  }
  if (content === undefined) return undefined;
  if (hasReference(content)) {
    return at.none('it has values of services or secrets, which variables alone can have',
      `read them from env; or create a Secret with ${posix.basename(path)}, and write secretFiles`);
  }
  app.take(at, [...around, 'files', path], content);
  plain?.taken(app.shown([...around, 'files', path]));
  return undefined;
}

/** Contents are text; in rendered files, they are in base64. */
function contentOf(at: Reader, isRendered: boolean): string | undefined {
  const text = at.isMap ? at.field('content')?.text ?? '' : at.text;
  if (!isRendered || !at.isMap || text === undefined) return text;
  return Buffer.from(text, 'base64').toString('utf8');
}

/**
 * Files of an app cannot be executed, so what they start with starts them: `/run.sh` becomes `/bin/sh /run.sh`.
 *
 * @param steps where the command is
 */
export function startScripts({ app, steps, isMain }: Target): void {
  const files = app.get([...isMain ? [] : steps, 'files']) as { readonly [path: string]: unknown } | undefined;
  for (const field of ['command', 'args']) {
    const words = app.get([...steps, field]) as string[] | undefined;
    const content = files?.[words?.[0] ?? ''];
    const [, interpreter] = /^#!\s*(\S[^\n]*)/.exec(typeof content === 'string' ? content : '') ?? [];
    if (!words || interpreter === undefined || (field === 'args' && app.has([...steps, 'command']))) continue;
    app.set([...steps, field], undefined);
    const args = field === 'command' ? (app.get([...steps, 'args']) as string[] | undefined) ?? [] : [];
    app.set([...steps, 'args'], undefined);
    app.set([...steps, 'command'], [...interpreter.trim().split(/\s+/), ...words, ...args],
      'Files cannot be executed, so the program in its first line starts it.');
  }
}

/** Volumes that no imported app mounts. */
export function noteVolumes(root: Reader): void {
  for (const [name, volume] of known(root.field('volumes'))) {
    if (!volume.outcome && !volume.fields.some(([, one]) => one.outcome)) volume.taken(`no imported app mounts ${appName(name)}`);
  }
}
