import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { Kind } from './api-version';
import { FileDocument } from './document';
import type { Mistake } from './mistake';
import { Source, SourceFile } from './source';
import { nearest } from '../../../src/internal';
import { Failure } from '../ui/failure';
import type { World } from '../ui/world';

/** What of which files is meant. */
export interface Request {
  /** The file with the apps. */
  readonly file: string;

  /** The file with the platform; else `platform.yaml` beside the apps' file or in a folder above it. */
  readonly platform?: string;

  /** The environment, of which the documents say what is different there. */
  readonly env?: string;

  /** `IMAGE` for the one app of a file, or `APP=IMAGE` for one of several. */
  readonly images: readonly string[];

  /** The namespace of documents that name none. */
  readonly namespace?: string;
}

/** What the files say. */
export interface Loaded {
  readonly apps: FileDocument[];
  readonly platform?: FileDocument;
  readonly mistakes: Mistake[];

  /** The text of a file, by the name that its mistakes have. */
  readonly textOf: (file: string) => string;
}

/** Files with their text and documents, read once for all environments. */
export interface Read {
  readonly apps: readonly Source[];
  readonly platform: readonly Source[];
  readonly mistakes: Mistake[];
  readonly files: readonly SourceFile[];
}

/** Reads the files of a request. */
export async function read({ file, platform }: Pick<Request, 'file' | 'platform'>, world: World): Promise<Read> {
  const path = resolve(world.cwd, file);
  if (!existsSync(path)) {
    throw new Failure(`there is no ${shown(path, world)}; write one with webapp init, or name another with --file`);
  }
  const platformPath = platform === undefined ? platformAbove(dirname(path)) : resolve(world.cwd, platform);
  if (platformPath !== undefined && !existsSync(platformPath)) throw new Failure(`there is no ${shown(platformPath, world)}`);
  const files = [path, platformPath].filter(given => given !== undefined).map(given => new SourceFile(shown(given, world), readFileSync(given, 'utf8')));
  const [apps, platforms] = await Promise.all(files.map(async given => given.read()));
  return { files, apps: apps.sources, platform: platforms?.sources ?? [], mistakes: [...apps.mistakes, ...platforms?.mistakes ?? []] };
}

/** What the files that were read say in an environment, with what the command line adds. */
export async function load({ apps, platform, mistakes, files }: Read, request: Request): Promise<Loaded> {
  const of = (sources: readonly Source[], kind: Kind) => sources.map(source => new FileDocument(source, kind, request.env));
  const [own, beside] = [of(apps, 'WebApp'), of(platform, 'Platform')];
  const found: Mistake[] = [...mistakes];
  for (const document of [...own, ...beside]) found.push(...await Promise.all(document.mistakes));

  const webApps = own.filter(({ kind }) => kind === 'WebApp');
  const stray = beside.find(({ kind }) => kind === 'WebApp');
  if (stray) found.push(await stray.ofKind('is WebApp, but this file has the platform', 'write the app in a file of its own'));
  // A Platform beside the apps in their own file is nearer than platform.yaml.
  const [near, another] = [...own, ...beside].filter(({ kind }) => kind === 'Platform');
  if (another && (own.includes(another) || !own.includes(near))) found.push(await another.ofKind('is Platform, of which there is one already', 'leave one away'));
  if (webApps.length === 0 && mistakes.length === 0) {
    found.push({ path: '', message: `${files[0].name} has no app`, hint: 'write name: and image:' });
  }

  found.push(...addImages(webApps, request.images), ...checkEnvironment([...own, ...beside], request.env));
  return { apps: webApps, platform: near, mistakes: found, textOf: name => files.find(file => file.name === name)!.text };
}

function addImages(apps: FileDocument[], images: readonly string[]): Mistake[] {
  return images.flatMap(said => {
    // A digest has no `=`, and neither has any other part of an image.
    const [, name, image] = /^(?:([^=]*)=)?(.*)$/s.exec(said)!;
    const names = apps.map(app => String(app.name));
    if (name === undefined && apps.length > 1) return [{ path: '--image', message: `is ${image}, but there are ${apps.length} apps`, hint: `write --image APP=${image}, with one of ${names.join(', ')}` }];
    const app = name === undefined ? apps[0] : apps[names.indexOf(name)];
    if (!app) return apps.length === 0 ? [] : [{ path: '--image', message: `names ${name}, which is no app here`, hint: meant(name, names) }];
    app.use(image);
    return [];
  });
}

function checkEnvironment(documents: FileDocument[], env: string | undefined): Mistake[] {
  const names = [...new Set(documents.flatMap(({ environments }) => environments))];
  if (env === undefined || names.includes(env)) return [];
  return [{ path: '--env', message: `is ${env}, which no document has in its environments`, hint: names.length > 0 ? meant(env, names) : `write environments: { ${env}: … }` }];
}

function meant(name: string, known: string[]): string {
  const near = nearest(name, known);
  return near ? `did you mean ${near}?` : `known are ${known.join(', ')}`;
}

/** The nearest platform.yaml, in a folder or one above it. */
export function platformAbove(folder: string): string | undefined {
  const path = join(folder, 'platform.yaml');
  if (existsSync(path)) return path;
  return dirname(folder) === folder ? undefined : platformAbove(dirname(folder));
}

/** A path as a person reads it: from where they are, unless that is a long way round. */
function shown(path: string, { cwd }: World): string {
  const way = relative(cwd, path);
  return way.startsWith(join('..', '..', '..')) ? path : way || basename(path);
}
