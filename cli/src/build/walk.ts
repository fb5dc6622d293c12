import { createHash } from 'node:crypto';
import type { Dirent, Stats } from 'node:fs';
import { lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { isAbsolute, join, posix } from 'node:path';
import { attempt } from './contents';
import type { IgnoreRules } from './ignore-rules';
import { largest } from './largest';
import type { SourceEntry } from './source';
import { Turns } from './turns';
import { Failure } from '../ui/failure';

/** What a source may have at most. */
export interface Limits {
  readonly files: number;
  readonly bytes: number;
}

export interface WalkOptions {
  readonly limits: Limits;
  readonly signal?: AbortSignal;
  readonly excluded: ReadonlySet<string>;

  /** The file to write in what is to be ignored. */
  readonly ignoreFile: string;
}

/** As Git has them. */
const MODES = { folder: 0o755, executable: 0o755, file: 0o644, link: 0o777 };

const IS_WINDOWS = process.platform === 'win32';

/** The first year that a ZIP archive can say, which some builds put files into. */
const YEAR_1980 = Date.UTC(1980);

/** Finds what goes along. Nothing of a file but its size is read. */
export class Walk {
  public bytes = 0;

  private readonly entries = new Map<string, SourceEntry>();
  private readonly unusual: string[] = [];
  private readonly pointingOut: string[] = [];
  private readonly turns: Turns;
  private count = 0;

  /** @param root the absolute path of the folder */
  constructor(private readonly root: string, private readonly options: WalkOptions) {
    this.turns = new Turns(options.signal);
  }

  /** Adds what is in a folder. */
  public async read(folder: string, rules: IgnoreRules): Promise<void> {
    for (const found of attempt(folder || '.', () => readdirSync(join(this.root, folder), { withFileTypes: true }))) {
      if (this.turns.isOver) await this.turns.next();
      const path = folder === '' ? found.name : `${folder}/${found.name}`;
      if (this.options.excluded.has(path)) continue;
      const isFolder = found.isDirectory();
      const isIgnored = rules.ignores(path, isFolder);
      if (!isIgnored) this.failUnlessUnicode(found, path);
      if (isFolder) {
        if (!isIgnored && rules.keepsEmptyFolders) this.addFolder(path);
        const inside = rules.inFolder(path);
        if (inside) await this.read(path, inside);
      } else if (!isIgnored) {
        this.add(path);
      }
    }
  }

  /** Adds a file or link; nothing if it is not there, as it may just have been deleted. */
  public add(path: string): void {
    const stats = attempt(path, () => lstatSync(join(this.root, path), { throwIfNoEntry: false }));
    if (!stats || this.entries.has(path)) return;
    if (stats.isSymbolicLink()) this.addLink(path, stats);
    else if (stats.isFile()) this.addFile(path, stats);
    else this.unusual.push(path);
  }

  /** Adds a file that is not on the disk. */
  public generate(path: string, text: string): void {
    this.addFolder(posix.dirname(path));
    const size = Buffer.byteLength(text);
    // Another text has another time: see SourceEntry.modified.
    const modified = YEAR_1980 + 100 * createHash('sha256').update(text).digest().readUInt32BE();
    this.entries.set(path, { path, type: 'file', mode: MODES.file, size, modified, text });
    this.bytes += size;
  }

  /** The paths of all files. */
  public get files(): string[] {
    return [...this.entries.values()].filter(({ type }) => type === 'file').map(({ path }) => path);
  }

  /** Everything, in the order of the paths, which is the same everywhere. */
  public sorted(): SourceEntry[] {
    return [...this.entries.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  /** What does not go along as one may think. */
  public warnings(): string[] {
    const { pointingOut, unusual } = this;
    return [
      ...pointingOut.length > 0 ? [`${listed(pointingOut)}: symbolic links to outside of the folder; the image gets only the links`] : [],
      ...unusual.length > 0 ? [`${listed(unusual)}: not a file, folder or symbolic link, so the build does not get it`] : [],
    ];
  }

  private addFolder(path: string): void {
    if (path === '.' || this.entries.has(path)) return;
    this.addFolder(posix.dirname(path));
    const modified = lstatSync(join(this.root, path), { throwIfNoEntry: false })?.mtimeMs ?? YEAR_1980;
    this.entries.set(path, { path, type: 'folder', mode: MODES.folder, size: 0, modified });
  }

  private addLink(path: string, { mtimeMs }: Stats): void {
    const read = attempt(path, () => readlinkSync(join(this.root, path)));
    const target = IS_WINDOWS ? read.replaceAll('\\', '/') : read;
    if (isAbsolute(target) || /^\.\.(\/|$)/.test(posix.join(posix.dirname(path), target))) this.pointingOut.push(path);
    this.addFolder(posix.dirname(path));
    this.entries.set(path, { path, type: 'link', mode: MODES.link, size: 0, modified: mtimeMs, target });
    this.weigh(0);
  }

  private addFile(path: string, { size, mode, mtimeMs }: Stats): void {
    this.addFolder(posix.dirname(path));
    // Windows does not know which files are programs, so from there Docker too sends all as such.
    const isExecutable = IS_WINDOWS || Math.floor(mode / 0o100) % 2 === 1;
    this.entries.set(path, { path, type: 'file', mode: isExecutable ? MODES.executable : MODES.file, size, modified: mtimeMs });
    this.weigh(size);
  }

  /** Counts a file. */
  private weigh(size: number): void {
    this.count++;
    this.bytes += size;
    const { limits } = this.options;
    if (this.count > limits.files) throw this.tooLarge(countShown(limits.files), () => 1, countShown);
    if (this.bytes > limits.bytes) throw this.tooLarge(bytesShown(limits.bytes), entry => entry.size, bytesShown);
  }

  private tooLarge(limit: string, weightOf: (entry: SourceEntry) => number, shown: (weight: number) => string): Failure {
    const files = [...this.entries.values()].filter(({ type }) => type !== 'folder');
    const where = largest(files.map(entry => ({ path: entry.path, weight: weightOf(entry) })));
    const named = where.map(({ path, weight }) => `${path} (${shown(weight)})`).join(', ');
    return new Failure([
      `the folder has more than ${limit}, which is too much for a build`,
      ...named === '' ? [] : [`most of what was read so far is in ${named}`],
      `ignore in ${this.options.ignoreFile} what the build does not need`,
    ].join('; '));
  }

  /** An archive has names in UTF-8. A name that is not reads as one with the replacement character, which is not there. */
  private failUnlessUnicode({ name }: Dirent, path: string): void {
    if (!name.includes('\uFFFD') || lstatSync(join(this.root, path), { throwIfNoEntry: false })) return;
    throw new Failure(`${path} has a name that is not UTF-8; rename it, or move it out of the folder`);
  }
}

/** A few of some paths. */
function listed(paths: readonly string[]): string {
  return paths.length > 4 ? `${paths.slice(0, 3).join(', ')} and ${paths.length - 3} more` : paths.join(', ');
}

function countShown(files: number): string {
  return `${files.toLocaleString('en')} files`;
}

function bytesShown(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB'];
  const unit = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(bytes, 1)) / 10));
  return `${Number((bytes / 1024 ** unit).toPrecision(3))} ${units[unit]}`;
}
