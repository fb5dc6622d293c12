import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import type { Diagnostic } from './diagnostic';
import { ConfigDocument } from './document';
import { FolderFiles } from './folder-files';
import { SourceFile } from './source';
import { Failure } from '../ui/failure';
import type { World } from '../ui/world';

/** webapp.yaml and platform.yaml as they were when they were read. */
export interface ConfigFiles {
  /** The documents of the apps' file. */
  readonly apps: readonly ConfigDocument[];

  /** The documents of the platform's file; empty where there is none. */
  readonly platform: readonly ConfigDocument[];

  /** Why a file is not valid YAML. */
  readonly diagnostics: readonly Diagnostic[];
  readonly files: readonly SourceFile[];
}

/**
 * Reads the files.
 *
 * @param file the apps' file
 * @param text its content, where it is not written yet
 * @param platform the platform's file; by default the nearest `platform.yaml` in the apps' folder or above it
 */
export async function readFiles(
  { file, text, platform }: { readonly file: string; readonly text?: string; readonly platform?: string }, world: World,
): Promise<ConfigFiles> {
  const path = resolve(world.cwd, file);
  if (text === undefined && !existsSync(path)) {
    throw new Failure(`${shownPath(path, world)} does not exist; create it with webapp init, or name another file with --file`);
  }
  const platformPath = findPlatform(platform, dirname(path), world);
  const paths = [path, platformPath].filter(given => given !== undefined);
  const files = paths.map(given => (
    new SourceFile(shownPath(given, world), given === path && text !== undefined ? text : readText(given, world))));
  const folder = new FolderFiles(dirname(path));
  const [apps, platforms] = await Promise.all(files.map(async given => given.read()));
  return {
    files,
    apps: apps.sources.map(source => ConfigDocument.read(source, 'WebApp', folder)),
    platform: (platforms?.sources ?? []).map(source => ConfigDocument.read(source, 'Platform', folder)),
    diagnostics: [...apps.diagnostics, ...platforms?.diagnostics ?? []],
  };
}

/**
 * Reads the platform's file alone.
 *
 * @param platform it; by default the nearest `platform.yaml` in the current folder or above it
 * @returns its first document that is a platform; undefined where there is none, or the file is not valid
 */
export async function readPlatform(platform: string | undefined, world: World): Promise<ConfigDocument | undefined> {
  const path = findPlatform(platform, world.cwd, world);
  if (path === undefined) return undefined;
  const { sources } = await new SourceFile(shownPath(path, world), readText(path, world)).read();
  return sources.map(source => ConfigDocument.read(source, 'Platform')).find(({ kind }) => kind === 'Platform');
}

/** @throws Failure where the named file does not exist */
function findPlatform(platform: string | undefined, folder: string, world: World): string | undefined {
  const path = platform === undefined ? platformAbove(folder) : resolve(world.cwd, platform);
  if (path === undefined || existsSync(path)) return path;
  throw new Failure(`${shownPath(path, world)} does not exist; name another file with --platform`);
}

/** The nearest platform.yaml, in a folder or one above it. */
export function platformAbove(folder: string): string | undefined {
  const path = join(folder, 'platform.yaml');
  if (existsSync(path)) return path;
  return dirname(folder) === folder ? undefined : platformAbove(dirname(folder));
}

function readText(path: string, world: World): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_ENCODING_INVALID_ENCODED_DATA') throw error;
    throw new Failure(`${shownPath(path, world)} is not UTF-8; save it with the encoding UTF-8`);
  }
}

/** A path as messages show it: relative to the current folder, unless that takes too many `..`. */
function shownPath(path: string, { cwd }: World): string {
  const fromHere = relative(cwd, path);
  return fromHere.startsWith(join('..', '..', '..')) ? path : fromHere || basename(path);
}
