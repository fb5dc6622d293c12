import { posix } from 'node:path';

/** The end of the name of files that a page loads. */
export const ASSET = [
  'js', 'mjs', 'cjs', 'css', 'map', 'json', 'txt', 'xml', 'wasm', 'webmanifest',
  'png', 'jpe?g', 'gif', 'svg', 'ico', 'webp', 'avif', 'bmp', 'woff2?', 'ttf', 'otf', 'eot',
  'mp3', 'mp4', 'm4a', 'ogg', 'wav', 'webm', 'pdf', 'zip', 'gz', 'br',
].join('|');

/** What may follow the hash in a name. */
const REST = `(?:\\.[\\w-]+)*\\.(?:${ASSET})$`;

/** A number, or a word that may end with one, such as `Chapter1` or `IMG_1234`. */
const WORD = '(?:\\d+|[A-Za-z_-]+\\d*)\\.';

/** The last part of a UUID, which names a thing and not its content. */
const NO_UUID = '(?<!-[0-9a-f]{4}-)';

const HEX = '[0-9a-f]{8,64}';

/** As esbuild has it. A digit before a letter shows that it is not a word. */
const BASE32 = '(?=[A-Z]*[2-7]+[A-Z])[A-Z2-7]{8}';

/** As Rollup and Vite have it. Five runs of lower case, upper case and digits show that it is not a name such as `Canvas2D`. */
const BASE64 = '(?=(?:[a-z]+(?![a-z])|[A-Z]+(?![A-Z])|\\d+(?!\\d)){5})[A-Za-z0-9]{8}';

const hashed = (base: string) => `(?:[/._~-]${NO_UUID}(?!${WORD})${HEX}|${base}(?!${WORD})(?:${BASE32}|${BASE64}))${REST}`;

/**
 * A path whose name certainly has a hash of the content, as bundlers write it: a regular expression of JavaScript and of PCRE. It rather
 * misses one than finds one that is not there, as browsers keep such a file for a year. A name like `V1EnvVar.js` is not one.
 */
export const HASHED = hashed('[.-]');

/** The same where all files are named so, also without a name in front of the hash. */
const HASHED_AMONG_OTHERS = new RegExp(hashed('[/.-]'));

/** A path whose name may have one. */
const MAYBE_HASHED = new RegExp(`[/._~-](?:${HEX}|[\\w-]{8})${REST}`);

/** Folders that need no quotes where we write them. */
const PLAIN = /^[\w./@~-]*$/;

/** Files of a folder that all have a hash in their name. */
export interface HashedFiles {
  readonly folder: string;

  /** With its dot. */
  readonly extension: string;
}

/**
 * Where all files of an extension have a hash, and some of the hashes do not look like one by themselves: a bundler names everything that
 * it writes in the same way.
 *
 * @param paths with a slash at the start
 */
export function hashedFiles(paths: readonly string[]): HashedFiles[] {
  const groups = new Map<string, string[]>();
  for (const path of paths) {
    const { dir, ext } = posix.parse(path);
    const group = `${dir}\0${ext}`;
    if (!groups.has(group)) groups.set(group, []);
    groups.get(group)!.push(path);
  }
  const certain = new RegExp(HASHED);
  return [...groups].flatMap(([group, members]) => {
    const [folder, extension] = group.split('\0');
    const isNeeded = PLAIN.test(folder) && members.every(path => MAYBE_HASHED.test(path))
      && members.some(path => HASHED_AMONG_OTHERS.test(path)) && !members.every(path => certain.test(path));
    return isNeeded ? [{ folder, extension }] : [];
  });
}
