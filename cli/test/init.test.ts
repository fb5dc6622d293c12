import { call } from './call';
import { Folder } from './file/folder';

const yes = async (files: { [path: string]: string }, options = '') => {
  const folder = new Folder({ 'my-app/.keep': '', ...Object.fromEntries(Object.entries(files).map(([path, text]) => [`my-app/${path}`, text])) });
  const called = await folder.call(`init --yes my-app ${options}`.trim());
  return { ...called, folder, file: called.code === 0 ? folder.read('my-app/webapp.yaml') : '' };
};

describe('webapp init', () => {
  test('writes a file that is well, whatever the folder', async () => {
    for (const files of [{}, { Dockerfile: 'FROM node\nEXPOSE 3000\n' }, { Procfile: 'web: a "b" \'c\' $PORT\n' }, { 'package.json': '{' }]) {
      const { folder, code } = await yes(files as any);
      expect(code).toBe(0);
      expect(await folder.call('check', 'my-app')).toMatchObject({ code: 0, out: '' });
    }
  });

  test('is small, explains itself, and leads editors to the schema', async () => {
    expect((await yes({})).file).toBe(`# yaml-language-server: $schema=https://unpkg.com/cdk8s-webapp-cli@0.0.0/schema/webapp.schema.json
name: my-app
namespace: my-app

# What is deployed. --image names another one without a change here.
image: registry.example.com/my-app:1.0.0

# The program is to listen on $PORT, which is 8080; or name its own port.
# port: 8080

# Where it answers.
hosts: [my-app.example.com]

# It sleeps while nobody asks for it. With min: 1, one replica is always up.
# scaling: { min: 0, max: 10 }

# A path that answers 200 as soon as the program is ready.
# health: { path: /healthz }

# env: { LOG_LEVEL: info }
# secretEnv: { DATABASE_URL: { secret: my-database, key: url } }
`);
  });

  test.each<[string, { [path: string]: string }, string]>([
    ['the port that a Dockerfile exposes', { Dockerfile: 'FROM node AS build\nEXPOSE 1\nFROM node\nEXPOSE 3000/tcp 9090\n' }, 'port: 3000\n'],
    ['a port in a variable', { Dockerfile: 'FROM node\nENV PORT=5000\nEXPOSE ${PORT}\n' }, 'port: 5000\n'],
    ['a port that nobody knows', { Dockerfile: 'FROM node\nEXPOSE $PORT\n' }, '# port: 8080\n'],
    ['the command of a Procfile', { Procfile: 'web: gunicorn shop.wsgi --log-file -\nworker: celery\n' }, 'command: [sh, -c, "exec gunicorn shop.wsgi --log-file -"]\n'],
    ['the name of a package', { 'package.json': '{"name": "@acme/web-shop"}' }, 'name: web-shop\n'],
    ['the name of a Go module', { 'go.mod': 'module github.com/acme/Shop_API/v2\n' }, 'name: shop-api\n'],
    ['the name of a crate', { 'Cargo.toml': '[package]\nname = "shop"\n' }, 'name: shop\n'],
    ['a server that does not ask for $PORT', { 'requirements.txt': 'fastapi\nuvicorn[standard]==0.30\n' }, 'port: 8000\n'],
    ['a server that does', { 'requirements.txt': 'uvicorn\ngunicorn\n' }, '# port: 8080\n'],
    ['the image by the repository', { '.git/config': '[remote "origin"]\n\turl = git@github.com:Acme/shop.git\n' }, 'image: ghcr.io/acme/shop:1.0.0\n'],
    ['the domain of a platform', { 'platform.yaml': 'domain: apps.example.com\n' }, '# It answers at my-app.apps.example.com, unless hosts are named.\n'],
  ])('finds %s', async (_, files, expected) => {
    expect((await yes(files)).file).toContain(expected);
  });

  test('takes what is said over what it finds', async () => {
    const { file } = await yes({ 'package.json': '{"name": "a"}' }, '--name shop --image shop:2 --host shop.example.org --namespace prod');
    expect(file).toContain('name: shop\nnamespace: prod\n');
    expect(file).toContain('image: shop:2\n');
    expect(file).toContain('hosts: [shop.example.org]\n');
  });

  test('asks at most three questions, and takes Enter as yes', async () => {
    const folder = new Folder({ 'package.json': '{"name": "shop"}' });
    const questions: string[] = [];
    const { code } = await call(['init'], {
      cwd: folder.path,
      interactive: true,
      ask: async question => (questions.push(question) === 2 ? 'ghcr.io/acme/shop:3' : ''),
    });
    expect(code).toBe(0);
    expect(questions).toEqual(['Name of the app? [shop] ', 'Image that is deployed? [registry.example.com/shop:1.0.0] ', 'Host that it answers at? [shop.example.com] ']);
    expect(folder.read('webapp.yaml')).toContain('image: ghcr.io/acme/shop:3\n');
  });

  test('does not write over a file', async () => {
    expect(await yes({ 'webapp.yaml': 'x' })).toMatchObject({ code: 1, err: 'there is a webapp.yaml already; write over it with --force\n' });
    expect(await yes({ 'webapp.yaml': 'x' }, '--force')).toMatchObject({ code: 0 });
  });

  test('says what of a Procfile it leaves out', async () => {
    expect((await yes({ Procfile: 'web: a\nworker: b\n' })).err).toContain('note: worker in Procfile is not taken over\n');
  });
});
