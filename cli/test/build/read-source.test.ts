import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SourceOptions } from '../../src/build/read-source';
import { readSource } from '../../src/build/read-source';
import { Folder } from '../folder';

/** Some files, each with its name in it. */
function folder(...names: string[]): Folder {
  return new Folder(Object.fromEntries(names.map(name => [name, name])));
}

async function entries(of: Folder, options?: SourceOptions) {
  return (await readSource(of.path, options)).entries;
}

/** The paths of what goes along, without folders. */
async function paths(of: Folder, options?: SourceOptions): Promise<string[]> {
  return (await entries(of, options)).filter(({ type }) => type !== 'folder').map(({ path }) => path);
}

async function digest(of: Folder, options?: SourceOptions): Promise<string> {
  return (await readSource(of.path, options)).digest;
}

describe('with a .dockerignore', () => {
  const FILES = ['a.js', 'a.md', 'app/(shop)/page.js', 'app/c++/x.o', 'app/x.md', 'lib/app/x.md', 'lib/x.js', 'node_modules/a/index.js'];

  test.each<[lines: string, ignored: string[]]>([
    ['', []],
    ['# a.js\n\n', []],
    ['a.js', ['a.js']],
    ['/a.js\n./a.md', ['a.js', 'a.md']],
    ['\uFEFFa.js\r\na.md\r\n', ['a.js', 'a.md']],
    ['*.md', ['a.md']],
    ['**/*.md', ['a.md', 'app/x.md', 'lib/app/x.md']],
    ['*/*.md', ['app/x.md']],
    ['?.js', ['a.js']],
    ['[ab].js', ['a.js']],
    ['app', ['app/(shop)/page.js', 'app/c++/x.o', 'app/x.md']],
    ['app/', ['app/(shop)/page.js', 'app/c++/x.o', 'app/x.md']],
    ['**/app', ['app/(shop)/page.js', 'app/c++/x.o', 'app/x.md', 'lib/app/x.md']],
    ['node_modules/**', ['node_modules/a/index.js']],
    // These are no regular expressions.
    ['app/(shop)', ['app/(shop)/page.js']],
    ['app/c++', ['app/c++/x.o']],
    // A disk that knows no upper and lower case has the same image.
    ['A.JS', []],
    // The last one wins, and a folder that is ignored may have exceptions.
    ['*\n!app/x.md', FILES.filter(path => path !== 'app/x.md')],
    ['*\n!**/*.js', FILES.filter(path => !path.endsWith('.js'))],
    ['!a.js\n*.js', ['a.js']],
    ['app\n!app/x.md', ['app/(shop)/page.js', 'app/c++/x.o']],
  ])('%j ignores %j', async (lines, ignored) => {
    const of = folder(...FILES);
    of.write('.dockerignore', lines);
    expect(await paths(of)).toEqual(['.dockerignore', ...FILES].filter(path => !ignored.includes(path)));
  });

  test.each(['[a', '!', 'a\\'])('a pattern that is not valid is an error: %j', async line => {
    const of = new Folder({ '.dockerignore': `*.md\n${line}\n` });
    const message = `.dockerignore has the line ${JSON.stringify(line)}, which is not a valid pattern; fix or remove it`;
    await expect(readSource(of.path)).rejects.toThrow(message);
  });

  test('the builder gets it and the Dockerfile even if they are ignored', async () => {
    const of = new Folder({ '.dockerignore': '*', 'deploy/Dockerfile': '', 'deploy/x': '' });
    expect((await entries(of, { dockerfile: 'deploy/Dockerfile' })).map(({ path }) => path))
      .toEqual(['.dockerignore', 'deploy', 'deploy/Dockerfile']);
  });

  test('the one that is named after the Dockerfile comes first', async () => {
    const of = new Folder({ '.dockerignore': 'a', 'x.Dockerfile': '', 'x.Dockerfile.dockerignore': 'b', 'a': '', 'b': '' });
    const dockerfile = 'x.Dockerfile';
    expect(await paths(of, { dockerfile })).toEqual(['.dockerignore', 'a', dockerfile, `${dockerfile}.dockerignore`]);
    expect(await paths(of)).toEqual(['.dockerignore', 'b', dockerfile, `${dockerfile}.dockerignore`]);
  });

  test('a .containerignore stands for it', async () => {
    expect(await paths(new Folder({ '.containerignore': 'a', 'a': '', 'b': '' }))).toEqual(['.containerignore', 'b']);
  });

  test('a .gitignore has no effect, and Git\'s own files go along only if it says so', async () => {
    const of = new Folder({ '.dockerignore': '', '.gitignore': 'a', '.git/config': '', 'sub/.git': '', 'a': '' });
    expect(await paths(of)).toEqual(['.dockerignore', '.gitignore', 'a']);
    of.write('.dockerignore', '!.git');
    expect(await paths(of)).toEqual(['.dockerignore', '.git/config', '.gitignore', 'a']);
  });

  test('empty folders go along', async () => {
    const of = new Folder({ '.dockerignore': 'b/*', 'b/x': '' });
    mkdirSync(join(of.path, 'a'));
    expect((await entries(of)).map(({ path }) => path)).toEqual(['.dockerignore', 'a', 'b']);
  });
});

describe('without a .dockerignore', () => {
  test('the files .gitignore decide, each for its folder', async () => {
    const of = new Folder({
      '.gitignore': '*.log\n/dist\nnode_modules/\n!keep.log\n',
      'web/.gitignore': '!debug.log\n/build\n',
      ...Object.fromEntries([
        'a.log', 'keep.log', 'dist/x', 'web/dist/x', 'web/debug.log', 'web/build/x', 'build/x', 'web/node_modules/a/x', 'node_modules',
        '.git/HEAD',
      ].map(path => [path, ''])),
    });
    expect(await paths(of)).toEqual(['.gitignore', 'build/x', 'keep.log', 'node_modules', 'web/.gitignore', 'web/debug.log', 'web/dist/x']);
  });

  test('the files above count too, up to the root of the repository', async () => {
    const of = new Folder({ '.gitignore': 'a', 'repo/.git/HEAD': '', 'repo/.gitignore': 'b\n/web/c', ...web('a', 'b', 'c', 'd') });
    expect((await readSource(join(of.path, 'repo/web'))).entries.map(({ path }) => path)).toEqual(['a', 'd']);
  });

  test('a folder that its repository ignores has its own rules only', async () => {
    const of = new Folder({ '.git/HEAD': '', '.gitignore': 'dist\n*.js', 'dist/a.js': '', 'dist/.gitignore': 'b', 'dist/b': '' });
    expect((await readSource(join(of.path, 'dist'))).entries.map(({ path }) => path)).toEqual(['.gitignore', 'a.js']);
  });

  test('it is as git says', async () => {
    const of = folder('a/b/c', 'a/b/d', 'a/x.o', 'f/g.o', 'f/keep.o', 'F/g', 'x y/#z', '[a]/b');
    of.write('.gitignore', '*.o\n!keep.o\na/*\n!a/b\nf/g\n\\[a]\n\\#z\n');
    writeFileSync(join(of.path, 'a/.gitignore'), '![b]\nx.*\n!x.o\n');
    writeFileSync(join(of.path, 'a/b/.gitignore'), '/d');
    execFileSync('git', ['init', '--quiet'], { cwd: of.path });
    const listing = ['-c', 'core.excludesFile=', 'ls-files', '--others', '-z', '--exclude-standard'];
    const untracked = execFileSync('git', listing, { cwd: of.path, encoding: 'utf8' });
    expect(await paths(of)).toEqual(untracked.split('\0').filter(path => path !== '').sort());
  });

  test('empty folders do not go along, as a clone has none', async () => {
    const of = new Folder({ '.gitignore': 'x', 'a/b/x': '', 'c': '' });
    expect((await entries(of)).map(({ path }) => path)).toEqual(['.gitignore', 'c']);
  });

  function web(...names: string[]) {
    return Object.fromEntries(names.map(name => [`repo/web/${name}`, '']));
  }
});

describe('what goes along', () => {
  test('is in the order of the paths, whatever the language of the computer', async () => {
    expect(await paths(folder('b', 'B', 'a/z', 'a-b', 'ä', 'a.b', 'a/Z'))).toEqual(['B', 'a-b', 'a.b', 'a/Z', 'a/z', 'b', 'ä']);
  });

  test('has the permissions of Git, with the folders of each file', async () => {
    const of = folder('a/plain', 'a/private', 'a/program');
    chmodSync(join(of.path, 'a/private'), 0o600);
    chmodSync(join(of.path, 'a/program'), 0o700);
    chmodSync(join(of.path, 'a'), 0o777);
    expect((await entries(of)).map(({ path, type, mode, size }) => [path, type, mode.toString(8), size])).toEqual([
      ['a', 'folder', '755', 0],
      ['a/plain', 'file', '644', 7],
      ['a/private', 'file', '644', 9],
      ['a/program', 'file', '755', 9],
    ]);
  });

  test('never are files that the caller excludes', async () => {
    expect(await paths(folder('a', 'webapp.yaml', 'sub/webapp.yaml'), { exclude: ['webapp.yaml'] })).toEqual(['a', 'sub/webapp.yaml']);
  });

  test('can be a part of the folder, by other rules', async () => {
    const of = new Folder({ '.gitignore': 'dist', 'dist/a/b': '', 'dist/c': '', 'src': '' });
    const rules = { keepsEmptyFolders: false, ignores: (path: string) => path === 'dist/c', inFolder: () => rules };
    expect((await entries(of, { part: { folder: 'dist', rules } })).map(({ path }) => path)).toEqual(['dist', 'dist/a', 'dist/a/b']);
  });

  test('can have files that are not on the disk', async () => {
    const of = folder('a');
    const source = await readSource(of.path, { generate: found => [{ path: '.webapp/list', text: `${found.join()} é` }] });
    expect(source.entries).toMatchObject([
      { path: '.webapp', type: 'folder' },
      { path: '.webapp/list', type: 'file', text: 'a é', size: 4, mode: 0o644 },
      { path: 'a' },
    ]);
    expect(source.bytes).toBe(5);
    expect(source.root).toBe(of.path);
  });

  test('are symbolic links as such, with a warning for those that point out of it', async () => {
    const of = folder('a/b');
    const warnings: string[] = [];
    symlinkSync('a', join(of.path, 'folder'));
    symlinkSync('../a/b', join(of.path, 'a/inside'));
    symlinkSync('missing', join(of.path, 'dangling'));
    symlinkSync('../../etc', join(of.path, 'a/out'));
    symlinkSync('/etc/passwd', join(of.path, 'absolute'));
    const links = (await entries(of, { onWarning: message => warnings.push(message) })).filter(({ type }) => type === 'link');
    expect(links.map(({ path, target }) => `${path} -> ${target}`))
      .toEqual(['a/inside -> ../a/b', 'a/out -> ../../etc', 'absolute -> /etc/passwd', 'dangling -> missing', 'folder -> a']);
    expect(warnings).toEqual(['a/out, absolute: symbolic links to outside of the folder; the image gets only the links']);
  });

  test('are no pipes and sockets, with a warning', async () => {
    const of = folder('a');
    for (const name of ['p1', 'p2', 'p3', 'p4', 'p5']) execFileSync('mkfifo', [join(of.path, name)]);
    const warnings: string[] = [];
    expect(await paths(of, { onWarning: message => warnings.push(message) })).toEqual(['a']);
    expect(warnings).toEqual([
      expect.stringMatching(/^p\d, p\d, p\d and 2 more: not a file, folder or symbolic link, so the build does not get it$/),
    ]);
  });
});

describe('the digest', () => {
  test('is the same for the same content at another place and time', async () => {
    const [one, other] = [folder('a', 'b/c'), folder('b/c', 'a')];
    utimesSync(join(one.path, 'a'), 1, 1);
    expect(await digest(one)).toBe(await digest(other));
  });

  test.each<[what: string, change: (path: string) => void]>([
    ['content', path => writeFileSync(join(path, 'a'), 'b')],
    ['name', path => writeFileSync(join(path, 'c'), '')],
    ['permission to run', path => chmodSync(join(path, 'a'), 0o755)],
    ['target of a link', path => {
      rmSync(join(path, 'l'));
      symlinkSync('x', join(path, 'l'));
    }],
    ['kind', path => {
      rmSync(join(path, 'l'));
      writeFileSync(join(path, 'l'), '');
    }],
    ['place of a border between files', path => {
      writeFileSync(join(path, 'a'), '');
      writeFileSync(join(path, 'b'), 'ab');
    }],
  ])('changes with a %s', async (_, change) => {
    const of = folder('a', 'b');
    symlinkSync('a', join(of.path, 'l'));
    const before = await digest(of);
    change(of.path);
    expect(await digest(of)).not.toBe(before);
  });

  test('does not change with what does not go along, nor with permissions that do not', async () => {
    const of = new Folder({ '.gitignore': 'x', 'x': '', 'a': '' });
    const before = await digest(of, { exclude: ['webapp.yaml'] });
    of.write('x', '1');
    of.write('webapp.yaml', '1');
    chmodSync(join(of.path, 'a'), 0o640);
    expect(await digest(of, { exclude: ['webapp.yaml'] })).toBe(before);
  });
});

/** Does something as a user whom permissions stop, as they do not root; the folder is the user's. */
async function asUser(act: () => Promise<void>, { path }: Folder): Promise<void> {
  const user = process.getuid?.() === 0 ? 65534 : undefined;
  if (user !== undefined) {
    for (const found of ['', ...readdirSync(path, { recursive: true, encoding: 'utf8' })]) chownSync(join(path, found), user, user);
    process.seteuid!(user);
  }
  try {
    await act();
  } finally {
    if (user !== undefined) process.seteuid!(0);
  }
}

describe('what cannot be read', () => {
  test('is an error with the path and the reason', async () => {
    const of = folder('secrets/key.pem');
    await asUser(async () => {
      chmodSync(join(of.path, 'secrets/key.pem'), 0);
      await expect(readSource(of.path)).rejects.toThrow(
        'secrets/key.pem cannot be read: permission denied; fix that, or ignore it in .dockerignore');
      chmodSync(join(of.path, 'secrets'), 0);
      await expect(readSource(of.path)).rejects.toThrow('secrets cannot be read: permission denied');
      chmodSync(join(of.path, 'secrets'), 0o755);
    }, of);
  });

  test('does not matter if it is ignored', async () => {
    const of = new Folder({ '.gitignore': 'secrets', 'secrets/key.pem': '' });
    await asUser(async () => {
      chmodSync(join(of.path, 'secrets'), 0);
      expect(await paths(of)).toEqual(['.gitignore']);
      chmodSync(join(of.path, 'secrets'), 0o755);
    }, of);
  });

  test('is an error too if it changes while it is read', async () => {
    const of = folder('a', 'b');
    /** Reads it, with something that happens between the folder and its files. */
    const readWhile = async (act: () => void) => readSource(of.path, {
      generate: () => {
        act();
        return [];
      },
    });
    await expect(readWhile(() => of.write('b', 'longer'))).rejects.toThrow(
      'b changed while it was read; run the command again, or ignore it in .dockerignore if the build does not need it');
    await expect(readWhile(() => rmSync(join(of.path, 'b')))).rejects.toThrow('b changed while it was read');
  });

  test('is a name that is not UTF-8', async () => {
    const of = folder('a/b');
    writeFileSync(Buffer.concat([Buffer.from(`${of.path}/a/caf`), Buffer.from([0xe9])]), '');
    await expect(readSource(of.path)).rejects.toThrow('a/caf\uFFFD has a name that is not UTF-8; rename it, or move it out of the folder');
    writeFileSync(join(of.path, '.gitignore'), 'a/caf*');
    expect(await paths(of)).toEqual(['.gitignore', 'a/b']);
  });
});

describe('a folder that is too large', () => {
  test('is an error that says where most of it is', async () => {
    const of = new Folder({
      'src/a': 'x'.repeat(10),
      'web/app/node_modules/m/a': 'x'.repeat(800),
      'web/app/node_modules/n/b': 'x'.repeat(700),
      'data.sql': 'x'.repeat(500),
    });
    await expect(readSource(of.path, { limits: { files: 10, bytes: 1500 } })).rejects.toThrow(
      /^the folder has more than 1.46 KiB, which is too much for a build; most of what was read so far is in [^;]*; ignore in .gitignore/);
    await expect(readSource(of.path, { limits: { files: 10, bytes: 2009 } })).rejects.toThrow(
      'is in web/app/node_modules (1.46 KiB), data.sql (500 bytes); ');
    expect((await readSource(of.path, { limits: { files: 4, bytes: 2010 } })).bytes).toBe(2010);
  });

  test('may have too many files', async () => {
    const of = folder('.dockerignore', ...Array.from({ length: 20 }, (_, i) => `node_modules/${i % 3}/${i}`), 'src/a', 'src/b');
    await expect(readSource(of.path, { limits: { files: 22, bytes: 1e9 } })).rejects.toThrow(new RegExp(
      '^the folder has more than 22 files, which is too much for a build; most of what was read so far is in node_modules \\(20 files\\)'
        + '.*; ignore in .dockerignore what the build does not need$'));
  });

  test('is measured without what is ignored', async () => {
    const of = new Folder({ '.gitignore': 'node_modules', 'node_modules/a': 'x'.repeat(1000), 'a': '' });
    expect(await paths(of, { limits: { files: 2, bytes: 20 } })).toEqual(['.gitignore', 'a']);
  });
});

describe('while it reads', () => {
  const many = () => folder(...Array.from({ length: 2000 }, (_, i) => `${i % 50}/${i}`));

  test('it says how far it has come', async () => {
    const steps: { files: number; bytes: number }[] = [];
    const source = await readSource(many().path, { onProgress: read => steps.push(read) });
    expect(steps.at(-1)).toEqual({ files: 2000, bytes: source.bytes });
    expect(steps).toEqual([...steps].sort((a, b) => a.files - b.files));
  });

  test('it stops when it is interrupted', async () => {
    await expect(readSource(many().path, { signal: AbortSignal.abort() })).rejects.toThrow('aborted');
    const stop = new AbortController();
    const interrupted = readSource(many().path, { signal: stop.signal, onProgress: () => stop.abort() });
    await expect(interrupted).rejects.toThrow('aborted');
  });
});
