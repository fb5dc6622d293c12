import { existsSync, statSync } from 'node:fs';
import { posix, relative, resolve } from 'node:path';
import type { Project, Target } from './service';
import { appName, volumeName } from '../../draft';
import type { Reader } from '../../reader';
import { bytesIn } from '../../shared/units';
import { mountAgain } from '../../shared/volumes';

/** What a ConfigMap can hold: https://kubernetes.io/docs/concepts/configuration/configmap/#configmap-object */
const LARGEST = 1024 * 1024;

interface Mount {
  readonly at: Reader;
  readonly source?: string;
  readonly target: string;
  readonly readOnly: boolean;
  readonly type: 'bind' | 'volume' | 'tmpfs' | 'other';
}

/** @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#volumes */
function mountOf(at: Reader): Mount | undefined {
  if (at.isMap) {
    const type = at.field('type')?.text;
    const target = at.field('target')?.text;
    if (target === undefined) return undefined;
    const known = type === 'bind' || type === 'volume' || type === 'tmpfs' ? type : 'other';
    return { at, source: at.field('source')?.text, target, readOnly: at.field('read_only')?.boolean ?? false, type: known };
  }
  // A path of Windows has a colon too.
  const [, first, second, mode = ''] = /^((?:[A-Za-z]:(?=[\\/]))?[^:]*)(?::([^:]*))?(?::(.*))?$/.exec(at.text ?? '') ?? [];
  const [source, target] = second === undefined ? [undefined, first] : [first, second];
  if (target === undefined || target === '') return undefined;
  const isPath = source !== undefined && /^[./~\\]|^[A-Za-z]:|\$\{/.test(source);
  return { at, source, target, readOnly: mode.split(',').includes('ro'), type: isPath ? 'bind' : 'volume' };
}

export function setVolumes(at: Reader, target: Target): void {
  for (const one of at.items) {
    const mount = mountOf(one);
    if (!mount) continue;
    if (mount.type === 'bind') setBind(mount, target);
    else if (mount.type === 'volume') setVolume(mount, target);
    else if (mount.type === 'tmpfs') setMemory(mount, target);
    else one.none('mounts of this type do not exist here', 'write volumes, files or secretFiles');
  }
}

function setBind({ at, source = '', target, readOnly }: Mount, { app, service, project }: Target): void {
  if (/docker\.sock$/.test(source)) {
    return at.none('there is no Docker', 'use the Kubernetes API, with serviceAccount: { automountToken: true }');
  }
  const path = resolve(project.folder, source);
  const exists = existsSync(path);
  if (exists && statSync(path).isFile() && statSync(path).size <= LARGEST) {
    const fromFile = relative(app.draft.folder, path);
    if (!fromFile.startsWith('..')) return app.take(at, ['files', target], { fromFile });
  }
  const isCode = !exists || statSync(path).isDirectory();
  const folder = service.at.field('build');
  if (isCode && folder && !readOnly) {
    return at.none('a folder of your computer cannot be mounted', 'code and assets are part of the image; for data, write volumes');
  }
  const next = `copy it into the image; or write files: { ${target}: { fromFile: … } } for a file, and volumes for data`;
  return at.none(`${source} is on your computer`, next);
}

/** Folders that a build fills: a new volume in their place would be empty, and hide them. */
const FILLED = /(^|\/)(node_modules|\.venv|venv|vendor|bundle|site-packages|\.next|\.nuxt|__pycache__|target|_build|deps)$/;

function setVolume({ at, source, target, readOnly }: Mount, { app, service, project }: Target): void {
  const { process, role } = service;
  const binds = service.at.field('volumes')?.items.flatMap(one => mountOf(one) ?? []).filter(({ type }) => type === 'bind') ?? [];
  const isInBind = source === undefined && binds.some(bind => target.startsWith(`${bind.target.replace(/\/$/, '')}/`));
  if (isInBind || FILLED.test(target)) {
    const volume = source === undefined ? undefined : project.root.at('volumes', source);
    volume?.taken('the folder of the image is used');
    return at.taken('the folder of the image is used');
  }
  if (source === undefined) {
    const name = nameOf(target);
    const value = { path: target, empty: '1Gi' };
    return app.change(at, [...process, 'volumes', name], value, 'a volume without a name is empty in each new pod');
  }
  const name = volumeName(source);
  const other = project.volumes.get(source);
  const volume = project.root.at('volumes', source);
  if (!other && role === 'release') return at.none('the release command gets volumes of the app alone', 'mount it in the app');
  if (mountAgain({ at, name: source, path: target, readOnly, app, process }, project.volumes)) return undefined;
  const steps = [...process, 'volumes', name];
  project.volumes.set(source, { app, steps });
  if (volume?.field('external')?.boolean) {
    const claim = appName(volume.field('name')?.text ?? source);
    volume.taken(app.shown(steps));
    return app.change(at, steps, { path: target, claim }, `the claim ${claim} has to exist`, 'An existing PersistentVolumeClaim.');
  }
  volume?.taken(app.shown(steps));
  return app.change(at, steps, { path: target, size: '5Gi', ...readOnly ? { readOnly } : {} },
    'a claim has a size; one node at a time can mount it, so the app has at most one replica',
    'Compose does not say how large it is. One replica at most can mount it, unless its accessMode is read-write-many.');
}

function setMemory({ at, target }: Mount, { app, service }: Target): void {
  const bytes = bytesIn(at.at('tmpfs', 'size')?.text ?? '');
  setTmpfsAt(at, target, bytes, app, service.process);
}

export function setTmpfs(at: Reader, { app, service }: Target): void {
  for (const one of at.items) {
    const [path, options = ''] = (one.text ?? '').split(':');
    const size = /(?:^|,)size=([^,]+)/.exec(options)?.[1];
    if (path !== '') setTmpfsAt(one, path, bytesIn(size ?? ''), app, service.process);
  }
}

function setTmpfsAt(at: Reader, path: string, bytes: number | undefined, app: Target['app'], process: readonly string[]): void {
  if (path === '/tmp') return at.taken('/tmp is an empty folder in each pod');
  const megabytes = Math.max(1, Math.round((bytes ?? 64 * 1024 ** 2) / 1024 ** 2));
  return app.take(at, [...process, 'volumes', nameOf(path)], { path, memory: `${megabytes}Mi` });
}

function nameOf(path: string): string {
  return appName(path.replace(/^\//, '')).slice(0, 30).replace(/-+$/, '');
}

/** Secrets are files: https://github.com/compose-spec/compose-spec/blob/main/09-secrets.md */
export function setSecrets(at: Reader, { app, project }: Target): void {
  for (const one of at.items) {
    const source = one.text ?? one.field('source')?.text;
    if (source === undefined) continue;
    const target = one.field('target')?.text ?? source;
    const path = target.startsWith('/') ? target : posix.join('/run/secrets', target);
    const key = source.replace(/[^\w.-]/g, '-');
    app.change(one, ['secretFiles', path], { secret: app.name, key }, 'its value is not copied, but comes from a Secret that you create');
    const definition = project.root.at('secrets', source);
    definition?.taken(app.shown(['secretFiles', path]));
    const file = definition?.field('file')?.text;
    app.needsSecret(app.name, key, file === undefined ? '' : `"$(cat ${file})"`);
  }
}

/** @see https://github.com/compose-spec/compose-spec/blob/main/08-configs.md */
export function setFiles(at: Reader, { app, project }: Target): void {
  for (const one of at.items) {
    const source = one.text ?? one.field('source')?.text;
    if (source === undefined) continue;
    const path = one.field('target')?.text ?? `/${source}`;
    const definition = project.root.at('configs', source);
    const content = definition?.field('content')?.text;
    const file = definition?.field('file')?.text;
    const fromFile = file === undefined ? undefined : relative(app.draft.folder, resolve(project.folder, file));
    if (content !== undefined) {
      app.take(one, ['files', path], content);
    } else if (fromFile !== undefined && existsSync(resolve(app.draft.folder, fromFile))) {
      app.take(one, ['files', path], { fromFile });
    } else {
      app.change(one, ['configMapFiles', path], { configMap: app.name, key: source.replace(/[^\w.-]/g, '-') }, 'its content is not here',
        'This ConfigMap has to exist.');
    }
    definition?.taken(app.shown(['files', path]));
  }
}

/** Volumes that no imported service mounts are not reported twice. */
export function noteUnused(project: Project): void {
  for (const [, volume] of project.root.field('volumes')?.fields ?? []) {
    if (!volume.outcome) volume.taken('no imported app mounts it');
  }
}
