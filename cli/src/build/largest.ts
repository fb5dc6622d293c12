/** A file or folder, with how much is in it. */
export interface Weight {
  readonly path: string;
  readonly weight: number;
}

/** How many are named. */
const NAMED = 3;

/** The part of everything that is worth a name. */
const LARGE = 0.1;

/** The part of a folder that one thing in it must have to be named in place of the folder. */
const NEARLY_ALL = 0.8;

/** Where most of the weight of files is: the deepest folders that have it, or files of their own. */
export function largest(files: Iterable<Weight>): Weight[] {
  const weights = new Map<string, number>();
  for (const { path, weight } of files) {
    for (const at of [path, ...foldersOf(path), '']) weights.set(at, (weights.get(at) ?? 0) + weight);
  }
  const weightOf = (path: string) => weights.get(path) ?? 0;
  const large = [...weights.keys()].filter(path => path !== '' && weightOf(path) >= LARGE * weightOf(''));
  const replaced = new Set(large.filter(path => weightOf(path) >= NEARLY_ALL * weightOf(parentOf(path))).map(parentOf));
  const named = new Set(large.filter(path => !replaced.has(path)));
  return [...named].filter(path => !foldersOf(path).some(folder => named.has(folder)))
    .map(path => ({ path, weight: weightOf(path) })).sort((a, b) => b.weight - a.weight).slice(0, NAMED);
}

/** The folders above a path, without the root. */
function foldersOf(path: string): string[] {
  const parent = parentOf(path);
  return parent === '' ? [] : [parent, ...foldersOf(parent)];
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}
