/** A file, folder or symbolic link that goes into a build. */
export interface SourceEntry {
  /** Relative to the root, with slashes. */
  readonly path: string;
  readonly type: 'file' | 'folder' | 'link';

  /** The permissions, as Git has them: those of a file are 644, or 755 if its owner may execute it. */
  readonly mode: number;

  /** In bytes; zero for a folder or link. */
  readonly size: number;

  /**
   * When it was last changed, in milliseconds since 1970. Archives have it, as with Docker: cargo and make with a cache mount, BuildKit's
   * transfers and nginx take a file for the one that they know if its time, or time and size, are the same.
   *
   * @see https://github.com/tonistiigi/fsutil/blob/master/diff_containerd.go sameFile
   */
  readonly modified: number;

  /** Where a symbolic link points. */
  readonly target?: string;

  /** The contents of a file that is not on the disk. */
  readonly text?: string;
}

/** What goes into a build. */
export interface Source {
  /** The absolute path of the folder. */
  readonly root: string;

  /** In the order of their paths. */
  readonly entries: readonly SourceEntry[];

  /** The size of all files. */
  readonly bytes: number;

  /** A hash of the paths, permissions and contents. */
  readonly digest: string;
}

/** How far reading or sending has come. */
export interface SourceProgress {
  readonly files: number;
  readonly bytes: number;
}
