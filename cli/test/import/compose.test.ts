import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { imported, section, sources } from './imported';
import { interpolate } from '../../src/import/formats/compose/load';

const expected = (name: string) => readFileSync(join(__dirname, 'expected', name), 'utf8');
const one = async (service: string, rest = '') => imported({
  'compose.yaml': `services:\n  web:\n    image: acme/web:1\n    ports: [3000]\n${service.replace(/^/gm, '    ')}\n${rest}`,
});

describe('webapp import of a Compose file', () => {
  test('writes an app for each image, with workers, connections and no values of secrets', async () => {
    const { file, report } = await imported(sources('compose'), ['docker-compose.yml']);
    expect(file).toBe(expected('compose.yaml'));
    expect(report).toBe(expected('compose.report.txt'));
    for (const secret of ['geheim123', 'abc123', 'topsecret']) expect(file + report).not.toContain(secret);
  });

  test('takes over what services extend, also from other files, and a URL for another driver', async () => {
    const { file, report } = await imported(sources('compose-team'), ['compose.yaml']);
    expect(file).toBe(expected('compose-team.yaml'));
    expect(section(report, 'Taken over')).toContain('common.yaml:3 services.django.environment.*');
    expect(file + report).not.toContain('hunter2');
  });

  test.each<[what: string, service: string, written: string]>([
    ['a string as a command is split, and no shell runs it', "command: node a.js '--x y' && b", "args: [node, a.js, --x y, '&&', b]"],
    ['an entrypoint replaces that of the image', 'entrypoint: [node, server.js]', 'command: [node, server.js]'],
    ['$$ is a dollar that the program gets', 'command: [sh, -c, "echo $$HOME"]', 'args: [sh, -c, echo $HOME]'],
    ['Kubernetes replaces nothing in a value', 'environment: { A: "$$(B)" }', 'env: { A: $$(B) }'],
    ['a variable keeps its digits', 'environment: { GO: 1.20, N: 010 }', "env: { GO: 1.20, N: '010' }"],
    ['PORT is the port', 'environment: { PORT: 3000 }', 'port: 3000'],
    [
      'a health check by curl is a path',
      "healthcheck: { test: 'curl -fsS http://localhost:9000/up || exit 1' }",
      'health: { path: /up, port: 9000 }',
    ],
    ['a memory limit is the nearest size', 'deploy: { resources: { limits: { memory: 1G } } }', 'size: l'],
    ['more memory than the largest size is exact', 'mem_limit: 12g', 'resources: { memory: 12Gi }'],
    ['replicas are the least', 'deploy: { replicas: 3 }', 'scaling: { min: 3 }'],
    ['a grace period has time before SIGTERM', 'stop_grace_period: 1m30s', 'health: { terminationGracePeriod: 95s }'],
    ['a user is its number', 'user: "1001:2000"', 'security: { runAsGroup: 2000, runAsUser: 1001 }'],
    ['a named volume is a claim', 'volumes: ["data:/data"]', 'data: { path: /data, size: 5Gi }'],
    ['memory is a volume', 'tmpfs: ["/run:size=10m", /tmp]', 'volumes: { run: { path: /run, memory: 10Mi } }'],
    ['shared memory is one too', 'shm_size: 64mb', 'volumes: { shm: { path: /dev/shm, memory: 64Mi } }'],
    ['a host of Traefik is a host', 'labels: ["traefik.http.routers.x.rule=Host(`a.example.org`)"]', 'hosts: [a.example.org]'],
    ['a further port is one', 'expose: [3000]', 'port: 3000'],
    [
      'a secret is a file from a Secret',
      'secrets: [{ source: key, target: k.pem }]',
      'secretFiles: { /run/secrets/k.pem: { secret: web, key: key } }',
    ],
  ])('%s', async (_, service, written) => {
    expect((await one(service)).file).toContain(written);
  });

  test.each([
    ['http://api:3000', 'connections: { api: { type: web-app, app: api } }'],
    ['http://api:3000/', 'connections: { api: { type: web-app, app: api } }'],
    ['http://api:3000/v1', 'env: { API_URL: $(API_APP_URL)/v1 }'],
    ['http://api:3000/v1', 'connections: { api-app: { type: web-app, app: api } }'],
  ])('a variable that the connection gives too is not one of itself: API_URL=%s', async (url, written) => {
    const { file, report } = await imported({
      'compose.yaml': `services:\n  web: { build: ., ports: [80], depends_on: [api], environment: { API_URL: "${url}" } }\n`
        + '  api: { build: api, ports: [3000] }\n',
    });
    expect(file).toContain(written);
    expect(file).not.toContain('$(API_URL)');
    expect(section(report, 'No counterpart')).toBe('');
  });

  test('knows the address of a database whose password only the shell has', async () => {
    const { file, report } = await one('environment: { DATABASE_URL: "postgres://shop:${DB_PASSWORD}@db/shop", OTHER: "x-${DB_PASSWORD}" }',
      '  db: { image: postgres:16 }');
    expect(file).toContain('db: { type: postgres }');
    expect(section(report, 'Changed')).toContain('the connection gives the app DATABASE_URL');
    expect(section(report, 'No counterpart')).toContain('services.web.environment.OTHER');
  });

  test.each<[what: string, service: string, line: string]>([
    ['an unknown key', 'comand: x', 'services.web.comand\n    Compose has no such key that this command knows'],
    ['a key below one that is known', 'deploy: { resource: { limits: { memory: 1g } } }', 'services.web.deploy.resource'],
    ['a variable without a value', 'environment: [REGION]', 'services.web.environment.REGION'],
    ['a mount of the computer', 'volumes: ["/etc/x:/etc/x"]', 'services.web.volumes[0]'],
    ['root', 'user: root', 'the app runs as user 1000, not as root'],
    ['a prop that is not valid', 'environment: { "A B": x }', 'services.web.environment."A B"'],
  ])('reports %s as without a counterpart', async (_, service, line) => {
    expect(section((await one(service)).report, 'No counterpart')).toContain(line);
  });

  test.each([
    'command: [serve, --db, "postgres://u:swordfish@db.example.com/x"]',
    'build: { context: ., args: { NPM_TOKEN: swordfish } }',
    'labels: ["traefik.http.routers.x.rule=Host(`a.example.org`)"]\nentrypoint: sh -c "exec serve redis://:swordfish@cache:6379"',
    'environment: { ANYTHING: "https://user:swordfish@example.com" }',
  ])('copies no secret of %s', async service => {
    const { file, report } = await one(service);
    expect(file).not.toContain('swordfish');
    expect(report).toMatch(/secret/);
  });

  test('keeps files of the folder as they are', async () => {
    const { file } = await imported({
      'compose.yaml': 'services: { web: { image: "a/b:1", volumes: ["./a.conf:/etc/a.conf"], ports: [80] } }',
      'a.conf': 'x',
    }, ['compose.yaml']);
    expect(file).toContain('files: { /etc/a.conf: { fromFile: a.conf } }');
  });

  test('merges an override, and reports what it replaces', async () => {
    const { file, report } = await imported({
      'compose.yaml': 'services: { web: { image: "a/b:1", ports: [80], environment: { A: x, B: y } } }',
      'compose.override.yaml': 'services: { web: { image: "a/b:2", environment: [A=z] } }',
    });
    expect(file).toContain('image: a/b:2');
    expect(file).toContain('env: { A: z, B: y }');
    expect(report).toContain('→ replaced in compose.override.yaml:1');
  });

  test('gives several apps that use one database the same Secret', async () => {
    const service = 'build: X, ports: [80], environment: { DATABASE_URL: "postgres://u:p@db/x" }';
    const { file, report } = await imported({
      'compose.yaml': `services: { a: { ${service.replace('X', './a')} }, b: { ${service.replace('X', './b')} }, db: { image: postgres } }`,
    });
    expect(file.match(/db: \{ type: postgres, secret: db \}/g)).toHaveLength(2);
    expect(report.match(/create the Secret db,/g)).toHaveLength(1);
  });

  test('writes the command of a worker that its Dockerfile has', async () => {
    const { file } = await imported({
      'compose.yaml': 'services: { mailer: { build: mailer } }',
      'mailer/Dockerfile': 'FROM node\nENTRYPOINT ["node"]\nCMD ["mail.js"]\n',
    }, ['compose.yaml']);
    expect(file).toContain('web: false');
    expect(file).toContain('command: [node, mail.js]');
  });

  test.each<[string, string]>([
    ['services: [', 'compose.yaml:1:12'],
    ['services: {}', 'compose.yaml has no app'],
    ['- a', 'is not a Compose file'],
    ['services: { a: { image: x, extends: b }, b: { extends: a } }', 'extends itself'],
  ])('fails with what is wrong: %s', async (text, message) => {
    expect(await imported({ 'compose.yaml': text })).toMatchObject({ code: 1, report: expect.stringContaining(message) });
  });
});

describe('variables of a Compose file', () => {
  test.each([
    ['$A', '1'], ['${A}', '1'], ['${A:-2}', '1'], ['${B:-2}', '2'], ['${E-2}', ''], ['${E:-2}', '2'], ['${A:+3}', '3'], ['${B:+3}', ''],
    ['$$A', '$A'], ['${B:-${A}}', '1'], ['${B}', '${B}'], ['${B:?no}', '${B}'], ['a$', 'a$'],
  ])('%s is %s', (text, value) => {
    expect(interpolate(text, { A: '1', E: '' })).toBe(value);
  });
});
