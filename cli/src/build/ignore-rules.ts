/** What of a folder does not go along. */
export interface IgnoreRules {
  /** Whether a folder goes along in which nothing else does. */
  readonly keepsEmptyFolders: boolean;

  /** Whether something in this folder is ignored. Its path is relative to the root. */
  ignores(path: string, isFolder: boolean): boolean;

  /** The rules in a folder of this folder; undefined if all of it is ignored. */
  inFolder(path: string): IgnoreRules | undefined;
}
