import type { Project } from '../../src/build/detect';
import { HASHED, hashedFiles } from '../../src/build/hashed-names';
import { readProject } from '../../src/build/project-source';
import { Folder } from '../folder';

const site = (folder: string): Project => ({ kind: 'static', site: folder });

/** The paths of the files of a project, and our own files among them. */
async function built(files: { readonly [path: string]: string }, project: Project) {
  const { source, strategy, dockerfile } = await readProject(new Folder(files).path, project, {});
  const found = source.entries.filter(({ type }) => type === 'file');
  const paths = found.filter(({ text }) => text === undefined).map(({ path }) => path);
  return { paths, ours: Object.fromEntries(found.map(({ path, text }) => [path, text])), strategy, dockerfile };
}

const config = async (...paths: string[]) => {
  const { ours } = await built(Object.fromEntries(paths.map(path => [`dist/${path}`, ''])), site('dist'));
  return ours['.webapp/nginx.conf'];
};

describe('a static site', () => {
  test('is an image of nginx with the files and our configuration', async () => {
    const { ours, strategy, dockerfile } = await built({ 'my site/index.html': '' }, site('my site'));
    expect({ strategy, dockerfile }).toEqual({ strategy: 'dockerfile', dockerfile: '.webapp/Dockerfile' });
    expect(ours['.webapp/Dockerfile']).toBe(`\
ARG NGINX_IMAGE=docker.io/nginxinc/nginx-unprivileged:1.30-alpine-slim
FROM \${NGINX_IMAGE}
COPY [".webapp/nginx.conf",".webapp/start.sh","/etc/webapp/"]
COPY ["my site/","/site/"]
ENTRYPOINT ["/bin/sh", "/etc/webapp/start.sh"]
EXPOSE 8080
`);
  });

  test('writes nothing outside of /tmp, and listens on $PORT', async () => {
    const { ours } = await built({ 'index.html': '' }, site('.'));
    const written = ours['.webapp/nginx.conf']!.matchAll(/(?:pid|_temp_path|access_log|error_log) (\S+)(?: site| warn)?;/g);
    expect([...written].map(([, path]) => path).filter(path => !/^(\/tmp\/|\/dev\/stdout$|stderr$|off$)/.test(path))).toEqual([]);
    expect(ours['.webapp/start.sh']).toContain('port=${PORT:-8080}\necho "listen $port;" > /tmp/listen.conf\n');
  });

  test('has all of its folder, even if Git ignores it, and nothing else', async () => {
    const ofSite = { 'dist/a.js': '', 'dist/b/c': '', 'dist/index.html': '' };
    const files = { '.gitignore': 'dist\n*.js', '.dockerignore': 'dist', 'src/a.js': '', ...ofSite };
    expect((await built(files, site('dist'))).paths).toEqual(Object.keys(ofSite));
  });

  test('in the folder of the project has what is not ignored', async () => {
    const files = { '.gitignore': 'drafts', 'drafts/a.html': '', 'index.html': '', 'a/b.css': '' };
    expect((await built(files, site('.'))).paths).toEqual(['a/b.css', 'index.html']);
  });

  test('has no hidden files, but .well-known', async () => {
    const files = { 'dist/index.html': '', 'dist/.env': '', 'dist/.git/config': '', 'dist/.well-known/a.json': '', 'dist/a/.DS_Store': '' };
    expect((await built(files, site('dist'))).paths).toEqual(['dist/.well-known/a.json', 'dist/index.html']);
  });

  test('answers what it does not have with its 404.html, else as a single-page app', async () => {
    expect(await config('index.html', '404.html')).toContain('error_page 404 /404.html;');
    expect(await config('index.html', '404.html')).toContain('try_files $uri $uri.html $uri/ =404;');
    expect(await config('index.html', 'docs/404.html')).toContain('try_files $uri $uri.html $uri/ /index.html;');
    expect(await config('index.html', 'docs/404.html')).not.toContain('/404.html');
  });
});

describe('a project that is not static', () => {
  test.each<[Project, object]>([
    [{ kind: 'dockerfile', dockerfile: 'Dockerfile' }, { strategy: 'dockerfile', dockerfile: 'Dockerfile', paths: ['Dockerfile', 'a'] }],
    [{ kind: 'buildpacks', from: 'a' }, { strategy: 'buildpacks', dockerfile: undefined, paths: ['Dockerfile', 'a'] }],
  ])('has the files of its folder: %j', async (project, expected) => {
    expect(await built({ Dockerfile: '', a: '' }, project)).toMatchObject(expected);
  });
});

test.each<[toml: string, warnings: string[]]>([
  ['[io.buildpacks]\nexclude = ["/docs"]\n', ['project.toml has rules that only pack knows; exclude the same files in .dockerignore']],
  ['[_]\nschema-version = "0.2"\n', []],
])('a project.toml that excludes files is a warning with buildpacks: %j', async (toml, warnings) => {
  const found: string[] = [];
  await readProject(new Folder({ 'project.toml': toml }).path, { kind: 'buildpacks' }, { onWarning: message => found.push(message) });
  expect(found).toEqual(warnings);
});

describe('a hash in a name', () => {
  const hashed = new RegExp(HASHED);

  test.each([
    '/app.3f1d2c4b.js', '/main.3f1d2c4b5a69788796a5.chunk.js', '/main.3f1d2c4b.js.map', '/main.3f1d2c4b.js.LICENSE.txt',
    '/3f1d2c4b5a69.png', '/assets/index-BxYz12ab.js', '/_app/immutable/start.D4kT9xQ2.js', '/main-QXPVM3NB.js', '/styles-5INURTSO.css',
    '/_astro/inter-latin-400-normal.b27Ta8Vw.woff2', `/css/site.min.${'9f86d081'.repeat(8)}.css`,
  ])('is found: %s', path => {
    expect(hashed.test(path)).toBe(true);
  });

  test.each([
    '/index.html', '/app.js', '/jquery-3.7.1.min.js', '/app-settings.js', '/icon-download.svg', '/report-20240131.pdf',
    '/photo-12345678.jpg', '/IMG_1234.jpg', '/DSC01234.jpg', '/Chapter1.pdf', '/Vector3D.js', '/vendor/Canvas2D.js',
    '/acme-Q3Report.pdf', '/2024Plan.png',
    '/decade2024.css', '/facade.css', '/V1EnvVar.js', '/00ef1b3d-3687-482b-8d03-de2f76b58f54.json', '/3f1d2c4b/app.js',
    '/app.3f1d2c4b.html', '/ngsw-worker.js', '/report-v2-Final.pdf', '/img-2x-Large.png',
  ])('is not found: %s', path => {
    expect(hashed.test(path)).toBe(false);
  });

  test('that looks like a word is found where all files of a folder and kind have one', () => {
    const files = ['index-BxYz12ab.js', 'vendor-Abcdefgh.js', 'B-_xyzab.js', 'logo.svg', 'a-Bcdefghi.css'].map(name => `/assets/${name}`);
    expect(hashedFiles(files)).toEqual([{ folder: '/assets', extension: '.js' }]);
    expect(hashedFiles([...files, '/assets/sw.js'])).toEqual([]);
    expect(hashedFiles(['/a-Bcdefghi.js', '/b-Abcdefgh.js'])).toEqual([]);
    expect(hashedFiles(['/_nuxt/C8kL2mPq.js', '/_nuxt/Abcdefgh.js'])).toEqual([{ folder: '/_nuxt', extension: '.js' }]);
  });

  test('is kept by browsers for a year', async () => {
    const forever = '"public, max-age=31536000, immutable";';
    expect(await config('index.html')).toContain(`"~${HASHED}" ${forever}`);
    expect(await config('index.html', 'a.b/index-BxYz12ab.js', 'a.b/vendor-Abcdefgh.js')).toContain(`"~^/a\\.b/[^/]+\\.js$" ${forever}`);
    expect(await config('index.html', 'main-QXPVM3NB.js', 'chunk-ABCDEFGH.js')).toContain(`"~^/[^/]+\\.js$" ${forever}`);
    expect(await config('index.html', 'a"b/index-BxYz12ab.js', 'a"b/vendor-Abcdefgh.js')).not.toContain('a"b');
  });
});
