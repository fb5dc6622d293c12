/**
 * Why a process ends, by what it logs last. Each is an error of the operating system, which has the same words, or the same name, in every
 * language: https://man7.org/linux/man-pages/man3/errno.3.html
 */

/** The message and the hint of a diagnosis. */
export interface Cause {
  /** What follows `container web exited with code 1: `. */
  readonly why: string;
  readonly hint: string;
}

interface Known {
  readonly pattern: RegExp;

  /** @param path the file that the log names, if it names one */
  readonly cause: (path?: string) => Cause;
}

/** What to do about an image that is for other processors than those of the nodes. */
export const OTHER_ARCHITECTURE = 'build it for those of the nodes, such as linux/amd64: build.platforms, or docker build --platform';

const KNOWN: readonly Known[] = [
  {
    pattern: /exec format error/i,
    cause: () => ({ why: 'its image is for processors of another architecture', hint: OTHER_ARCHITECTURE }),
  },
  {
    pattern: /EROFS|read-only file system/i,
    cause: path => ({
      why: `it writes to ${path ?? 'its file system'}, which is read-only`,
      hint: `write to /tmp, ${volumeFor(path)}or set security.readOnlyRoot: false`,
    }),
  },
  {
    pattern: /EACCES|permission denied/i,
    cause: path => ({
      why: `it is not allowed to use ${path ?? 'a file'} as the user that it runs as`,
      hint: 'give the file to that user in the image (chown, chmod), or set security.runAsUser to the user of the image',
    }),
  },
];

/** Why a process ended; undefined if its log does not say it. The last line that does is the one that counts. */
export function causeIn(log: readonly string[]): Cause | undefined {
  for (const line of [...log].reverse()) {
    const known = KNOWN.find(({ pattern }) => pattern.test(line));
    if (known) return known.cause(pathIn(line));
  }
  return undefined;
}

/** A path in quotes, or one that a colon follows, as shells and C programs write it: `touch: /app/x: Permission denied`. */
function pathIn(line: string): string | undefined {
  return /['"`](\/[^'"`]+)['"`]/.exec(line)?.[1] ?? /(?:^|\s)(\/[^\s:,]+)(?=:)/.exec(line)?.[1];
}

/** A volume would hide what else is in its folder: no program works without that of these. */
const OF_THE_SYSTEM = /^\/(bin|dev|etc|lib|lib64|opt|proc|root|sbin|sys|usr|var)?$/;

function volumeFor(path: string | undefined): string {
  const folder = folderOf(path);
  return OF_THE_SYSTEM.test(folder) ? '' : `add volumes: { data: { path: ${folder}, empty: 100Mi } }, `;
}

function folderOf(path = '/folder/file'): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}
