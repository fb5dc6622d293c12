import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ProjectProps } from '../../src/build/detect';
import { detect } from '../../src/build/detect';
import { LANGUAGES } from '../../src/build/language';
import { Folder } from '../folder';

/** The project of a folder with some files. */
function project(files: readonly string[] | { readonly [path: string]: string }, props: ProjectProps = {}) {
  const texts = Array.isArray(files) ? Object.fromEntries(files.map(path => [path, ''])) : files as { [path: string]: string };
  return detect(new Folder(texts).path, props, '.');
}

describe('a project without props', () => {
  test.each<[files: string[], found: object]>([
    [['Dockerfile', 'Procfile', 'package.json', 'index.html'], { kind: 'dockerfile', dockerfile: 'Dockerfile' }],
    [['Containerfile', 'go.mod'], { kind: 'dockerfile', dockerfile: 'Containerfile' }],
    [['dockerfile'], { kind: 'dockerfile', dockerfile: 'dockerfile' }],
    [['Procfile', 'go.mod', 'index.html'], { kind: 'buildpacks', from: 'Procfile' }],
    [['go.mod', 'index.html'], { kind: 'buildpacks', from: 'go.mod' }],
    [['Web.csproj'], { kind: 'buildpacks', from: 'Web.csproj' }],
    [['Dockerfile/x', 'requirements.txt'], { kind: 'buildpacks', from: 'requirements.txt' }],
    [['index.html', 'public/index.html'], { kind: 'static', site: '.' }],
    [['public/index.html', 'readme.md'], { kind: 'static', site: 'public' }],
    [['dist/index.html'], { kind: 'static', site: 'dist' }],
    [['build/index.html'], { kind: 'static', site: 'build' }],
  ])('with %j is %j', (files, found) => {
    expect(project(files)).toEqual({ ...found, ...'from' in found ? { warning: undefined } : {} });
  });

  test.each(LANGUAGES.map(({ file }) => file.replace('*', 'x')))('with %s is built by buildpacks', file => {
    expect(project([file, 'server.js'])).toEqual({ kind: 'buildpacks', from: file, warning: undefined });
  });

  test.each<[files: string[], message: string]>([
    [[], '. has no code, so there is nothing to build; run the command in the folder of your code, or pass --image'],
    [['webapp.yaml', 'platform.yaml', '.gitignore'], '. has no code'],
    [['readme.md'], '. does not show how to build it: it has no Dockerfile, no Procfile, no file of a language, such as package.json, '
      + 'requirements.txt or go.mod, and no index.html; write a Dockerfile, name the folder of a static site with static, or pass --image'],
    [['Dockerfile.prod'], 'no index.html; to build Dockerfile.prod, write build: { dockerfile: Dockerfile.prod }'],
    [['web.Dockerfile', 'docs/a', 'web/go.mod'],
      'write build: { dockerfile: web.Dockerfile }; to build the folder web, write build: { context: web }'],
  ])('with %j is an error', (files, message) => {
    expect(() => project(files)).toThrow(message);
  });

  test('is an error if its folder does not exist', () => {
    expect(() => detect('/does/not/exist', {}, 'web')).toThrow('the folder web does not exist; build.context names it');
  });
});

describe('JavaScript that nothing starts', () => {
  test.each<[packageJson: object, others: string[], warning: string | undefined]>([
    [{ scripts: { start: 'node .' } }, [], undefined],
    [{}, ['server.js'], undefined],
    [{ scripts: { dev: 'vite' } }, ['Procfile'], undefined],
    [{}, [], 'package.json has no start script, so buildpacks may find no server to start'],
    [{ scripts: { build: 'vite build' } }, [], 'package.json has no start script, so buildpacks may find no server to start; '
      + 'if it is a static site, run npm run build and write static: dist, or the folder that it writes'],
    [{ scripts: { build: 'vite build' } }, ['pnpm-lock.yaml'], 'run pnpm run build and write static: dist'],
    [{ scripts: { build: 'vite build' } }, ['yarn.lock'], 'run yarn run build and write static: dist'],
  ])('is a warning: %j with %j', (packageJson, others, warning) => {
    const files = { ...Object.fromEntries(others.map(path => [path, ''])), 'package.json': JSON.stringify(packageJson) };
    expect(project(files)).toMatchObject({ kind: 'buildpacks', warning: warning && expect.stringContaining(warning) });
  });

  test('is not seen where package.json is not valid, as the build says that', () => {
    expect(project({ 'package.json': '{', 'index.js': '' })).toMatchObject({ kind: 'buildpacks', warning: undefined });
  });
});

describe('the strategy', () => {
  test('can be buildpacks although there is a Dockerfile', () => {
    expect(project(['Dockerfile', 'go.mod'], { strategy: 'buildpacks' })).toEqual({ kind: 'buildpacks', warning: undefined });
  });

  test('can be a Dockerfile, which must exist', () => {
    expect(project(['Dockerfile', 'Procfile'], { strategy: 'dockerfile' })).toEqual({ kind: 'dockerfile', dockerfile: 'Dockerfile' });
    expect(() => project(['go.mod'], { strategy: 'dockerfile' }))
      .toThrow('. has no Dockerfile; write one, or name it with build.dockerfile');
  });
});

describe('the path of a Dockerfile', () => {
  test.each(['deploy/web.Dockerfile', './deploy//web.Dockerfile'])('is one in the folder: %s', dockerfile => {
    const found = { kind: 'dockerfile', dockerfile: 'deploy/web.Dockerfile' };
    expect(project(['Dockerfile', 'deploy/web.Dockerfile'], { dockerfile })).toEqual(found);
  });

  test.each<[dockerfile: string, message: string]>([
    ['deploy/Dockerfile', 'build.dockerfile is deploy/Dockerfile, which does not exist in .; write its path there'],
    ['Deploy/web.dockerfile', 'build.dockerfile is Deploy/web.dockerfile, but the file is deploy/web.Dockerfile; write it so'],
    ['deploy', 'build.dockerfile is deploy, which is not a file; write the path of a Dockerfile'],
  ])('%s is an error', (dockerfile, message) => {
    expect(() => project(['deploy/web.Dockerfile'], { dockerfile })).toThrow(message);
  });
});

describe('the folder of a static site', () => {
  test.each([['dist', 'dist'], ['./dist/', 'dist'], ['.', '.'], ['./', '.']])('counts more than a Dockerfile: %s', (site, found) => {
    const files = ['package.json', 'Dockerfile', 'index.html', 'dist/index.html'];
    expect(project(files, { static: site })).toEqual({ kind: 'static', site: found });
  });

  test.each<[files: { [path: string]: string }, message: string]>([
    [{ 'readme.md': '' }, 'static is dist, which does not exist; run what writes it first, or write a Dockerfile that does'],
    [{ 'package.json': '{"scripts":{"build":"vite build"}}' },
      'static is dist, which does not exist; run npm run build first, or write a Dockerfile that does'],
    [{ dist: '' }, 'static is dist, which does not exist'],
    [{ 'dist/a/b.html': '' }, 'static is dist, which has no index.html; write an index.html, or name the folder that has it'],
    [{ 'dist/client/index.html': '', 'dist/a': '' }, 'static is dist, which has no index.html; write static: dist/client, which has one'],
    [{ 'dist/web/browser/index.html': '', 'dist/a': '' }, 'write static: dist/web/browser, which has one'],
  ])('is an error with %j', (files, message) => {
    expect(() => project(files, { static: 'dist' })).toThrow(message);
  });

  test('can be empty, which is an error', () => {
    const folder = new Folder({});
    mkdirSync(join(folder.path, 'dist'));
    expect(() => detect(folder.path, { static: 'dist' }, '.')).toThrow('static is dist, which has no index.html');
  });
});
