import { imported, section } from './imported';

/** An Acornfile with one container that answers requests, and whatever else it has. */
async function web(fields: string, rest = '') {
  const text = `containers: web: {\n  image: "a/b:1"\n  ports: publish: "8080/http"\n  ${fields}\n}\n${rest}\n`;
  return imported({ 'Acornfile': text, 'platform.yaml': 'domain: apps.example.com\nmonitoring: {}\n' }, ['Acornfile']);
}

/** Without the braces of maps on one line, as others are written on several. */
const flat = (text: string) => text.replace(/[{},\s]+/g, ' ').trim();

describe('webapp import of an Acornfile', () => {
  test.each<[rule: string, fields: string, written: string, rest?: string]>([
    ['a port is what the program listens on', '', 'port: 3000', 'containers: b: { image: "c/d", ports: "80:3000/http" }'],
    ['memory is the nearest size', 'mem: 1Gi', 'size: l'],
    ['scale is the least', 'scale: args.n', 'scaling: { min: 3 }', 'args: n: 3'],
    ['a string as a command is split, and no shell runs it', 'cmd: "node a.js \'--x y\' && b"', "args: [node, a.js, --x y, '&&', b]"],
    ['an entrypoint replaces that of the image', 'entrypoint: ["node", "a.js"]', 'command: [node, a.js]'],
    ['a working folder is one of a shell', 'entrypoint: "node a.js", workDir: "/srv"',
      'command: [sh, -c, cd /srv && exec "$@", sh, node, a.js]'],
    ['variables are a map', 'env: { A: "1", "B": "x" }', 'env: { A: 1, B: x }'],
    ['variables are a list', 'environment: ["A=1", "B=x=y"]', 'env: { A: 1, B: x=y }'],
    ['Kubernetes replaces nothing in a value', 'env: A: "$(B)"', 'env: { A: $$(B) }'],
    ['a probe is a path', 'probe: "http://localhost:8080/up"', 'health: { path: /up }'],
    ['a probe of another port has it', 'probes: ready: http: { url: "http://localhost:9000/up", headers: { "X-A": "b" } }',
      'health: { path: /up, port: 9000, headers: { X-A: b } }'],
    ['a startup probe is a time', 'probes: startup: { tcp: url: "tcp://localhost:8080", periodSeconds: 10, failureThreshold: 60 }',
      'health: { startupTimeout: 10m }'],
    ['a user has a group', 'user: "2000:3000"', 'security: { runAsGroup: 3000, runAsUser: 2000 }'],
    ['a secret is a key of a Secret', 'env: A: "secret://api/key?onchange=no-action"', 'secretEnv: { A: { secret: api, key: key } }'],
    ['all keys of a secret are variables', 'env: "secret://api": ""', 'envFromSecrets: [api]'],
    ['a secret in a string is a variable of its own', 'env: A: "x ${secret://api/key} y"', 'env: { A: x $(API_KEY) y }'],
    ['an external secret has its name', 'env: A: "secret://api/key"', 'secretEnv: { A: { secret: theirs, key: key } }',
      'secrets: api: external: "theirs"'],
    ['a file is one', 'files: "/etc/a.conf": "x"', 'files: { /etc/a.conf: x }'],
    ['a secret is a file', 'files: "/etc/a.key": "secret://api/key?mode=0400"', 'secretFiles: { /etc/a.key: { secret: api, key: key } }'],
    ['a template without secrets is a file', 'files: "/a.conf": "secret://conf/template"', 'files: { /a.conf: a=1 }',
      'args: a: 1\nsecrets: conf: { type: "template", data: template: "a=\\(args.a)" }'],
    ['a script is started by what it starts with', 'entrypoint: "/run.sh a", files: "/run.sh": "#!/bin/sh\\necho"',
      'command: [/bin/sh, /run.sh, a]'],
    ['a folder of a secret has its keys', 'dirs: "/keys": "secret://token"', 'secretFiles: { /keys/token: { secret: token, key: token } }',
      'secrets: token: type: "token"'],
    ['a volume is a claim', 'dirs: "/data": "data"', 'data: { path: /data, size: 10G }'],
    ['a number is gigabytes', 'dirs: "/data": "volume://data"', 'data: { path: /data, size: 3G, storageClass: fast }',
      'volumes: data: { size: 3, class: "fast" }'],
    ['a size can be where it is mounted', 'dirs: "/data": "volume://data?size=5G,accessMode=readWriteMany"',
      'data: { path: /data, size: 5G, accessMode: read-write-many }'],
    ['an ephemeral volume is empty', 'dirs: "/cache": "ephemeral://"', 'volumes: { cache: { path: /cache, empty: 1Gi } }'],
    ['a job with a schedule runs at it', '', 'cronJobs: { night: { args: [x], schedule: 0 0 * * * } }',
      'jobs: night: { image: "a/b:1", cmd: "x", schedule: "@daily" }'],
    ['a job of another image has it', '', 'night: { image: c/d:1, schedule: 5 * * * * }',
      'jobs: night: { image: "c/d:1", schedule: "5 * * * *" }'],
    ['a job runs before each deploy', '', 'releaseCommand: { args: [migrate] }', 'jobs: setup: { image: "a/b:1", cmd: "migrate" }'],
    ['a container without ports is a worker of the app with its image', '', 'workers: { jobs: { args: [work] } }',
      'containers: jobs: { image: "a/b:1", cmd: "work" }'],
    ['metrics have a port', 'metrics: { port: 9090, path: "/m" }', 'metrics: { port: 9090, path: /m }'],
    ['a PostgreSQL that it waits for is a connection', 'dependsOn: "db"\nenv: { DB_PASS: "secret://db/token", U: "me" }',
      'env: { DB_PASS: $(DB_PASSWORD), U: me }', 'containers: db: { image: "postgres", env: POSTGRES_PASSWORD: "secret://db/token" }'],
    ['its usual user is that of the connection', 'dependsOn: "db"\nenv: PG_USER: "postgres"', 'env: { PG_USER: $(DB_USER) }',
      'containers: db: { image: "postgres", env: POSTGRES_PASSWORD: "secret://db/token" }'],
    ['a URL of it is that of the connection', 'env: DATABASE_URL: "postgres://u:${secret://db/token}@db:5432/x"', 'db: { type: postgres }',
      'containers: db: { image: "postgres:16" }'],
    ['what a service of Acorn gives is what its connection gives', 'env: { H: "@{service.db.address}:@{services.db.port.5432}" }',
      'env: { H: $(DB_HOST):$(DB_PORT) }', 'services: db: image: "ghcr.io/acorn-io/postgres"'],
    ['the address of another container is its name', 'env: API: "http://@{service.api.address}:@{service.api.port.80}/v1"',
      'env: { API: $(API_URL)/v1 }',
      'containers: api: { image: "c/d:1", ports: "80:9000/http" }'],
    ['a router has the same host for all', '', 'hosts: [front.example.com]\npaths: [/b]',
      'containers: api: { image: "c/d:1", ports: "80/http" }\nrouters: front: routes: { "/a": "web:8080", "/b": "api:80" }'],
    ['labels at the top are those of all apps', '', 'labels: { team: a }', 'labels: team: "a"'],
  ])('%s', async (_, fields, written, rest = '') => {
    expect(flat((await web(fields, rest)).file)).toContain(flat(written));
  });

  test.each<[what: string, fields: string, line: string, rest?: string]>([
    ['a value that only Acorn knows', 'env: A: "@{acorn.region}"', '@{acorn.region} is known to Acorn alone'],
    ['a value that a program computes', 'env: A: std.sha256sum("x")', 'it calls std.sha256sum'],
    ['a condition that is not known', 'if args.x { env: A: "1" }',
      'containers.web."if args.x"\n    its condition is not known: args.x is not defined'],
    ['a folder of the project', 'dirs: "/www": "./www"', 'next: write a Dockerfile with FROM a/b:1 and COPY ./www /www'],
    ['a check by a program', 'probe: "check.sh"', 'an app is checked by a request, and this check runs a program'],
    ['a port of UDP', '', 'ports of UDP are not supported', 'containers: b: { image: "c/d", ports: ["53/udp", "80/http"] }'],
    ['permissions', 'permissions: rules: ["pods"]', 'an app has no Roles'],
    ['a profile', '', 'profiles are other defaults of args', 'profiles: dev: n: 1'],
    ['a sidecar that is built', 'sidecars: a: build: "."', 'a sidecar has an image that exists'],
    ['a job that runs when the app is deleted', '', 'nothing runs when an app is stopped or deleted',
      'jobs: a: { image: "x", events: ["delete"] }'],
    ['a second job before a deploy', '', 'an app has one release command',
      'jobs: { a: { image: "a/b:1", cmd: "a" }, b: { image: "a/b:1", cmd: "b" } }'],
    ['a route to nothing', '', 'there is no app nobody', 'routers: r: routes: "/a": "nobody:80"'],
    ['a function', '', 'a function is called with events', 'functions: f: { image: "x" }'],
    ['a container without an image', '', 'it has neither an image nor a build', 'containers: b: {}'],
    ['a key of its own', 'sparkle: 1', 'Acorn has no such key that this command knows'],
  ])('reports %s', async (_, fields, line, rest = '') => {
    const { code, report } = await web(fields, rest);
    expect(code).toBe(0);
    expect(section(report, 'No counterpart')).toContain(line);
  });

  test('copies no values of secrets, and says how to create them', async () => {
    const { file, report } = await web('env: { A: "secret://a/x", B: "secret://t/token", C: "secret://c/tpl", MY_TOKEN: "hunter2" }',
      'secrets: { a: data: x: "hunter2", t: { type: "token", params: length: 20 }, '
      + 'c: { type: "template", data: tpl: "pw=hunter2 ${secret://t/token}" } }');
    expect(file + report).not.toContain('hunter2');
    expect(section(report, 'To do')).toContain('--from-literal=token="$(openssl rand -hex 10)"');
    expect(section(report, 'To do')).toContain('write the template tpl of the secret c to the file tpl, with the values of its secrets');
    expect(section(report, 'To do')).toContain('--from-literal=tpl="$(cat tpl)"');
    expect(section(report, 'To do')).toContain('--from-literal=x=…');
  });

  test('lets a deploy generate a secret of one variable, of the length that Acorn gives it', async () => {
    const secrets = 'secrets: { t: { type: "token" }, b: { type: "basic" }, short: { type: "token", params: length: 8 } }';
    const { file, report } = await web('env: { T: "secret://t/token", B: "secret://b/password", S: "secret://short/token" }', secrets);
    expect(file).toContain('T: { generate: 54 }');
    expect(file).toContain('B: { generate: 16 }');
    expect(file).toContain('S: { secret: short, key: token }');
    expect(section(report, 'To do')).not.toContain('create the Secret t,');
  });

  test('keeps a secret of several variables in a Secret, as each generated value would be another one', async () => {
    const { file } = await web('env: { A: "secret://t/token", B: "secret://t/token" }', 'secrets: t: { type: "token" }');
    expect(file).toContain('A: { secret: t, key: token }');
    expect(file).toContain('B: { secret: t, key: token }');
  });

  test('takes what acorn render prints from standard input, in both forms', async () => {
    const json = '{ "containers": { "web": { "image": "a/b:1", "probes": null, "ports": [{ "targetPort": 80, "port": 80, "publish": true, '
      + '"protocol": "http" }], "files": { "/a": { "content": "aGVsbG8=", "mode": "0644", "secret": {} } } } } }';
    const { file, code } = await imported({ keep: '' }, ['-'], [], json);
    expect({ code, file }).toMatchObject({ code: 0, file: expect.stringContaining('files: { /a: hello }') });
    const aml = await imported({ keep: '' }, ['-'], ['--format', 'acorn'], 'containers: web: { image: "a/b:1", ports: 80 }');
    expect(aml.file).toContain('port: 80\n');
  });
});
