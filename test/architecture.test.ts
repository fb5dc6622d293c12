import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { preProcessFile } from 'typescript';

const ROOT = resolve(__dirname, '..');

describe('there are no import cycles, type imports included', () => {
  // The linter's rule `import/no-cycle` ignores type imports.
  test.each(['src', 'cli/src'])('%s', folder => {
    expect(cycles(importsOf(join(ROOT, folder)))).toEqual([]);
  });
});

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.ts')).map(name => join(folder, name));
}

/** The files of a folder, each with the project files that it imports. */
function importsOf(folder: string): Map<string, string[]> {
  return new Map(
    filesIn(folder).map(file => {
      const named = preProcessFile(readFileSync(file, 'utf8'), true, true).importedFiles.map(({ fileName }) => fileName);
      const found = named
        .filter(name => name.startsWith('.'))
        .map(name => resolve(dirname(file), `${name}.ts`))
        .filter(path => existsSync(path));
      return [file, found];
    }),
  );
}

/** Cycles as lists of paths, each once, found by depth-first search: a file that is still being visited closes a cycle. */
function cycles(imports: Map<string, string[]>): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, trail: string[]): void => {
    if (trail.includes(file)) {
      found.push([...trail.slice(trail.indexOf(file)), file].map(path => relative(ROOT, path)).join(' → '));
      return;
    }
    if (done.has(file)) return;
    for (const imported of imports.get(file) ?? []) visit(imported, [...trail, file]);
    done.add(file);
  };
  for (const file of imports.keys()) visit(file, []);
  return found;
}
