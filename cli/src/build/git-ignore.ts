import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative, sep } from 'node:path';
import ignore from 'ignore';
import { attempt } from './contents';
import type { IgnoreRules } from './ignore-rules';

/** A .gitignore. */
interface IgnoreFile {
  readonly rules: ignore.Ignore;

  /** The path that it knows a path of the root by. */
  pathOf(path: string): string;
}

/**
 * The rules of the files .gitignore: those of the folder, of the folders in it, and of those above it in the same repository. Git's own
 * files are always ignored. So is a file that Git tracks although it is ignored, as nothing looks into the repository.
 *
 * @param root the absolute path of the folder
 * @see https://git-scm.com/docs/gitignore
 */
export function gitIgnore(root: string): IgnoreRules {
  const above = filesAbove(root);
  // A folder that is built although its repository ignores it is not known to the repository.
  const isIgnored = above.some(({ rules, pathOf }) => rules.ignores(pathOf('')));
  return new GitIgnore(root, isIgnored ? [] : above).with('');
}

class GitIgnore implements IgnoreRules {
  /** Git does not know them, so a clone has none. */
  public readonly keepsEmptyFolders = false;

  constructor(private readonly root: string, private readonly files: readonly IgnoreFile[]) {}

  public ignores(path: string, isFolder: boolean): boolean {
    if (posix.basename(path) === '.git') return true;
    // The file nearest to it that has a rule for it decides.
    const results = this.files.map(({ rules, pathOf }) => rules.test(isFolder ? `${pathOf(path)}/` : pathOf(path)));
    return results.reduce((before, { ignored, unignored }) => (ignored || unignored ? ignored : before), false);
  }

  public inFolder(path: string): IgnoreRules | undefined {
    if (this.ignores(path, true)) return undefined;
    return new GitIgnore(this.root, this.files.map(file => readmitted(file, path))).with(path);
  }

  /** These rules and those of the file in a folder. */
  public with(folder: string): GitIgnore {
    const rules = rulesIn(join(this.root, folder));
    const skipped = folder === '' ? 0 : folder.length + 1;
    return rules ? new GitIgnore(this.root, [...this.files, { rules, pathOf: path => path.slice(skipped) }]) : this;
  }
}

/** The same rules, but for a folder that those of another file have kept. They would ignore all that is in it. */
function readmitted(file: IgnoreFile, folder: string): IgnoreFile {
  const path = file.pathOf(folder);
  if (!file.rules.ignores(`${path}/`)) return file;
  return { ...file, rules: empty().add(file.rules).add(`!/${path.replace(/[\\*?[\]!# ]/g, '\\$&')}/`) };
}

/** The files of the folders above, the outermost first. Without a repository there are none. */
function filesAbove(root: string): IgnoreFile[] {
  const folders: string[] = [];
  for (let at = root; !existsSync(join(at, '.git')); at = dirname(at)) {
    if (dirname(at) === at) return [];
    folders.unshift(dirname(at));
  }
  return folders.flatMap(folder => {
    const rules = rulesIn(folder);
    const prefix = `${relative(folder, root).replaceAll(sep, '/')}/`;
    return rules ? [{ rules, pathOf: path => prefix + path }] : [];
  });
}

function rulesIn(folder: string): ignore.Ignore | undefined {
  const path = join(folder, '.gitignore');
  if (!existsSync(path)) return undefined;
  const text = attempt(path, () => readFileSync(path, 'utf8'));
  return empty().add(text.replace(/^\uFEFF/, ''));
}

/** Upper and lower case differ, as they do where most repositories are built. */
function empty(): ignore.Ignore {
  return ignore({ ignorecase: false });
}
