import { basename } from 'node:path';
import { call } from '../call';
import { Folder } from '../folder';

interface Files { [path: string]: string }

const yes = async (files: Files, options = '') => {
  const inApp = Object.entries(files).map(([path, text]) => [`my-app/${path}`, text]);
  const folder = new Folder({ 'my-app/.keep': '', ...Object.fromEntries(inApp) });
  const called = await folder.call(`init --yes my-app ${options}`.trim());
  return { ...called, folder, file: called.code === 0 ? folder.read('my-app/webapp.yaml') : '' };
};

describe('webapp init', () => {
  test.each<Files>([
    {},
    { Dockerfile: 'FROM node\nEXPOSE 3000\n' },
    { Procfile: 'web: a "b" \'c\' $PORT\n' },
    { 'package.json': '{' },
  ])('writes a valid file in a folder with %j', async files => {
    const { folder, code } = await yes(files);
    expect(code).toBe(0);
    expect(await folder.call('check', 'my-app')).toMatchObject({ code: 0, out: '' });
  });

  test('writes a small file with comments, and the schema for editors', async () => {
    expect((await yes({})).file).toBe(`# yaml-language-server: $schema=https://unpkg.com/cdk8s-webapp-cli@0.0.0/schema/webapp.schema.json
name: my-app
namespace: my-app

# The image to deploy; --image overrides it.
image: registry.example.com/my-app:1.0.0

# The program should listen on $PORT, which is 8080, unless you set its port here.
# port: 8080

# The host names.
hosts: [my-app.example.com]

# Without traffic, the app scales to zero. With min: 1, one pod always runs.
# scaling: { min: 0, max: 10 }

# A path that returns 200 as soon as the program is ready.
# health: { path: /healthz }

# env: { LOG_LEVEL: info }
# secretEnv: { DATABASE_URL: { secret: my-database, key: url } }
`);
  });

  test.each<[string, Files, string, string?]>([
    [
      'uses the port that a Dockerfile exposes',
      { Dockerfile: 'FROM node AS build\nEXPOSE 1\nFROM node\nEXPOSE 3000/tcp 9090\n' },
      'port: 3000\n',
    ],
    ['uses a port in a variable', { Dockerfile: 'FROM node\nENV PORT=5000\nEXPOSE ${PORT}\n' }, 'port: 5000\n'],
    ['sets no port if the port is unknown', { Dockerfile: 'FROM node\nEXPOSE $PORT\n' }, '# port: 8080\n'],
    [
      'uses the command of a Procfile',
      { Procfile: 'web: gunicorn shop.wsgi --log-file -\nworker: celery\n' },
      'command: [sh, -c, "exec gunicorn shop.wsgi --log-file -"]\n',
      '--image shop:1',
    ],
    ['uses the name of an npm package', { 'package.json': '{"name": "@acme/web-shop"}' }, 'name: web-shop\n'],
    ['uses the name of a Go module', { 'go.mod': 'module github.com/acme/Shop_API/v2\n' }, 'name: shop-api\n'],
    ['uses the name of a crate', { 'Cargo.toml': '[package]\nname = "shop"\n' }, 'name: shop\n'],
    [
      'sets the port of a server that does not use $PORT',
      { 'requirements.txt': 'fastapi\nuvicorn[standard]==0.30\n' },
      'port: 8000\n',
    ],
    ['sets no port for a server that uses $PORT', { 'requirements.txt': 'uvicorn\ngunicorn\n' }, '# port: 8080\n'],
    [
      'derives the image from the Git repository',
      { '.git/config': '[remote "origin"]\n\turl = git@github.com:Acme/shop.git\n' },
      'image: ghcr.io/acme/shop:1.0.0\n',
    ],
    [
      'uses the domain of a platform',
      { 'platform.yaml': 'domain: apps.example.com\n' },
      '# The host name is my-app.apps.example.com, unless you set others.\n',
    ],
  ])('%s', async (_, files, expected, options = '') => {
    expect((await yes(files, options)).file).toContain(expected);
  });

  test.each<[Files, string]>([
    [{ 'Dockerfile': 'FROM node\n', 'package.json': '{}' }, 'the Dockerfile'],
    [{ Procfile: 'web: gunicorn shop.wsgi\n' }, 'buildpacks'],
    [{ 'go.mod': 'module shop\n' }, 'buildpacks'],
    [{ 'public/index.html': 'hello' }, 'a web server for its static files'],
  ])('leaves the image to webapp deploy, which builds a folder with %j', async (files, how) => {
    const { file, folder } = await yes(files);
    expect(file).toContain(`\n# webapp deploy builds the image from this folder, with ${how}. An image that exists can be named here.\n`);
    expect(file).not.toMatch(/^(image|command):/m);
    expect(await folder.call('check', 'my-app')).toMatchObject({ code: 0 });
  });

  test('prefers flags to what it finds', async () => {
    const { file } = await yes({ 'package.json': '{"name": "a"}' }, '--name shop --image shop:2 --host shop.example.org --namespace prod');
    expect(file).toContain('name: shop\nnamespace: prod\n');
    expect(file).toContain('image: shop:2\n');
    expect(file).toContain('hosts: [shop.example.org]\n');
  });

  test('asks at most three questions, and Enter accepts the default', async () => {
    const folder = new Folder({});
    const name = basename(folder.path).toLowerCase();
    const questions: string[] = [];
    const { code } = await call(['init'], {
      cwd: folder.path,
      interactive: true,
      ask: async question => (questions.push(question) === 2 ? 'ghcr.io/acme/shop:3' : ''),
    });
    expect(code).toBe(0);
    expect(questions).toEqual([
      `App name? [${name}] `,
      `Image to deploy? [registry.example.com/${name}:1.0.0] `,
      `Host name? [${name}.example.com] `,
    ]);
    expect(folder.read('webapp.yaml')).toContain('image: ghcr.io/acme/shop:3\n');
  });

  test('does not ask for an image that it can build', async () => {
    const folder = new Folder({ 'package.json': '{"name": "shop"}' });
    const questions: string[] = [];
    const ask = async (question: string) => {
      questions.push(question);
      return '';
    };
    expect(await call(['init'], { cwd: folder.path, interactive: true, ask })).toMatchObject({ code: 0 });
    expect(questions).toEqual(['App name? [shop] ', 'Host name? [shop.example.com] ']);
  });

  test('does not overwrite a file without --force', async () => {
    expect(await yes({ 'webapp.yaml': 'x' })).toMatchObject({ code: 1, err: 'webapp.yaml already exists; overwrite it with --force\n' });
    expect(await yes({ 'webapp.yaml': 'x' }, '--force')).toMatchObject({ code: 0 });
  });

  test('adds the other processes of a Procfile', async () => {
    const Procfile = 'web: a\nrelease: ./migrate\nbeat: celery beat\n';
    const { file, folder } = await yes({ Procfile });
    expect(file).toContain('releaseCommand: { command: ["launcher", "./migrate"] }\n');
    expect(file).toContain('workers:\n  beat: { command: ["launcher", "celery beat"], singleton: true }\n');
    expect(await folder.call('check', 'my-app')).toMatchObject({ code: 0 });
    expect((await yes({ Procfile }, '--image shop:1')).file).toContain('releaseCommand: { command: ["./migrate"] }\n');
  });

  test.each<[Files, string]>([
    [
      { 'package.json': '{"dependencies": {"pg": "8", "ioredis": "5"}}' },
      '# For PostgreSQL (pg in package.json) and Redis (ioredis in package.json).',
    ],
    [{ 'requirements.txt': '# redis\npsycopg[binary]==3\n' }, '# For PostgreSQL (psycopg in requirements.txt).'],
    [{ 'go.mod': 'module shop\nrequire github.com/jackc/pgx/v5 v5.7\n' }, '# For PostgreSQL (github.com/jackc/pgx in go.mod).'],
    [{ Gemfile: "gem 'mysql2'\ngem 'bunny', '~> 2'\n" }, '# For MySQL (mysql2 in Gemfile) and RabbitMQ (bunny in Gemfile).'],
  ])('names the connections that dependencies hint at: %j', async (files, line) => {
    const { file, folder } = await yes(files);
    expect(file).toContain(line);
    expect(file).not.toMatch(/^connections:/m);
    expect(await folder.call('check', 'my-app')).toMatchObject({ code: 0 });
  });

  test('asks whether to connect them, as the third question', async () => {
    const folder = new Folder({ 'package.json': '{"name": "shop", "dependencies": {"pg": "8", "amqplib": "1"}}' });
    const questions: string[] = [];
    const ask = async (question: string) => (questions.push(question) === 3 ? 'y' : '');
    const { code, err } = await call(['init'], { cwd: folder.path, interactive: true, ask });
    expect({ code, questions: questions.length }).toEqual({ code: 0, questions: 3 });
    expect(folder.read('webapp.yaml')).toContain(
      'connections:\n  db: { type: postgres }\n  rabbitmq: { type: rabbitmq, secret: shop-rabbitmq }\n');
    expect(err).toContain('kubectl create secret generic shop-rabbitmq --namespace shop --from-literal=uri=URL\n');
    expect(await folder.call('check')).toMatchObject({ code: 0 });
  });

  test('imports the file of another platform, unless the user does not want it', async () => {
    const files = { 'fly.toml': 'app = "bird"\n[http_service]\ninternal_port = 3000\n', 'Dockerfile': 'FROM node\nEXPOSE 5000\n' };
    const { file, err } = await yes(files);
    expect(file).toContain('name: bird\nnamespace: bird\nport: 3000\n');
    expect(err).toContain('http_service.internal_port → port\n');
    const folder = new Folder(files);
    const ask = async (question: string) => (question === 'Import fly.toml? [Y/n] ' ? 'n' : '');
    expect(await call(['init'], { cwd: folder.path, interactive: true, ask })).toMatchObject({ code: 0 });
    expect(folder.read('webapp.yaml')).toContain('port: 5000\n');
  });

  test.each<[file: string, text: string]>([
    ['apprunner.yaml', 'runtime: python311\nrun: { command: python app.py }\n'],
    ['Dockerrun.aws.json', '{ "AWSEBDockerrunVersion": 1, "Image": { "Name": "acme/web:1" } }\n'],
    ['score.yaml', 'apiVersion: score.dev/v1b1\nmetadata: { name: web }\ncontainers: { web: { image: "acme/web:1" } }\n'],
    ['vercel.json', '{ "framework": "vite" }\n'],
    ['netlify.toml', '[build]\npublish = "dist"\n'],
    ['Acornfile', 'containers: web: { image: "acme/web:1", ports: publish: "80/http" }\n'],
  ])('imports %s', async (file, text) => {
    const imported = expect.stringMatching(new RegExp(`${file}[: ]`));
    expect(await yes({ [file]: text })).toMatchObject({ code: 0, err: imported });
  });

  test('imports the files that belong to it, and not others of the same name', async () => {
    const netlify = await yes({ 'netlify.toml': '[build]\npublish = "dist"\n', 'public/_redirects': '/a /b\n' });
    expect(netlify.err).toContain('public/_redirects:1');
    const docker = { 'Dockerrun.aws.json': '{ "AWSEBDockerrunVersion": 1, "Image": { "Name": "acme/web:1" } }\n', 'env.yaml': 'a: b\n' };
    expect(await yes(docker)).toMatchObject({ code: 0, err: expect.not.stringContaining('env.yaml') });
  });

  test('does not import a Compose file that has databases alone', async () => {
    expect((await yes({ 'compose.yaml': 'services: { db: { image: postgres } }' })).file).toContain('name: my-app\n');
  });
});
