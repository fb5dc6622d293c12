import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { imported, section, sources } from './imported';
import { FORMATS } from '../../src/import/formats';
import { Folder } from '../folder';

const path = (name: string) => join(__dirname, 'expected', name);
const read = (name: string) => readFileSync(path(name), 'utf8');

interface Row {
  readonly folder: string;
  readonly files: readonly string[];

  /** What no output may have. */
  readonly secrets?: readonly string[];

  /** Lines of the report that say what this format alone has. */
  readonly none?: readonly string[];
}

const ROWS: readonly Row[] = [
  {
    folder: 'heroku',
    files: ['Procfile', 'app.json'],
    none: ['Procfile:7 "line 7"', 'app.json:24 scripts.postdeploy', 'app.json:27 featured'],
  },
  { folder: 'heroku-docker', files: ['heroku.yml', 'runtime.txt'], secrets: ['t0ps3cret'], none: ['heroku.yml:8 build.docker.worker'] },
  { folder: 'fly', files: ['fly.toml'], secrets: ['kjh34k5jh34k5'], none: ['http_service.concurrency.hard_limit', 'fly.toml statics'] },
  { folder: 'fly-processes', files: ['fly.toml'], none: ['fly.toml paint.blue'] },
  { folder: 'render', files: ['render.yaml'], secrets: ['abc@sentry'], none: ['services[0].region'] },
  { folder: 'render-projects', files: ['render.yaml'], none: ['services[1].shape', 'services[1].envVars[1].fromGroup'] },
  { folder: 'digitalocean', files: ['.do/app.yaml'], secrets: ['EV[1'], none: ['jobs[1]', 'region'] },
  { folder: 'digitalocean-images', files: ['.do/deploy.template.yaml'], none: ['spec.services[1].shades'] },
  { folder: 'knative', files: ['service.yaml'], none: ['spec.traffic[1]'] },
  { folder: 'knative-split', files: ['services.yaml'], none: ['items[1].spec.containers[0].env', 'items.*', 'spec.traffic[2]'] },
  { folder: 'cloudrun', files: ['service.yaml'], none: ['run.googleapis.com/flavour', 'run.googleapis.com/cloudsql-instances'] },
  {
    folder: 'appengine',
    files: ['app.yaml', 'api.yaml', 'cron.yaml', 'dispatch.yaml'],
    secrets: ['key-0123456789abcdef'],
    none: ['cron.yaml:9 cron[2]', 'dispatch.yaml:6 dispatch[2]', 'app.yaml:12 handlers[0]'],
  },
  { folder: 'appengine-flex', files: ['app.yaml'], none: ['app.yaml:11 speed'] },
  {
    folder: 'score',
    files: ['score.yaml'],
    secrets: ['n0t-for-git'],
    none: ['score.yaml:85 resources.bucket', 'score.yaml:64 containers.web.replicas', 'containers.web.variables.MONGO'],
  },
  { folder: 'score-team', files: ['frontend.yaml', 'api.yaml', 'mailer.yaml'], none: ['api.yaml:10 service.ports.grpc'] },
  {
    folder: 'kubevela',
    files: ['application.yaml'],
    secrets: ['k3ep-me-out'],
    none: ['spec.components[0].traits[7]', 'spec.components[0].properties.priority', 'spec.components[4]', 'spec.workflow'],
  },
  { folder: 'kubevela-jobs', files: ['apps.yaml'], none: ['apps.yaml:22 [0].spec.components[2]', 'apps.yaml:51 [2]'] },
  {
    folder: 'containerapps',
    files: ['orders.yaml'],
    secrets: ['pa55word', 'value: abc'],
    none: ['orders.yaml:65 properties.template.containers[0].gpu', 'properties.configuration.dapr', 'volumes[0].storageName'],
  },
  {
    folder: 'containerapps-job',
    files: ['jobs.yaml'],
    secrets: ['t0ken'],
    none: ['[2].properties.configuration.ingress.transport', 'ingress.frobnicate'],
  },
  {
    folder: 'apprunner',
    files: ['apprunner.yaml'],
    secrets: ['npm-t0ken', 'not-in-git-please'],
    none: ['run.pre-run', 'run.autoscaling.max', 'build.env[1].value'],
  },
  { folder: 'apprunner-python', files: ['apprunner.yaml'] },
  {
    folder: 'beanstalk',
    files: [
      'Procfile', '.ebextensions/01-options.config', '.ebextensions/02-commands.config', 'cron.yaml', '.platform/nginx/conf.d/proxy.conf',
      '.platform/hooks/predeploy/01.sh',
    ],
    secrets: ['dj4ngo-s3cret', 'rdspassw0rd'],
    none: ['"aws:elasticbeanstalk:shiny".Sparkle', 'container_commands.02_static', 'hooks/predeploy/01.sh:1', 'Resources'],
  },
  {
    folder: 'beanstalk-docker',
    files: ['Dockerrun.aws.json'],
    secrets: ['s3cr3t-token'],
    none: ['containerDefinitions[1].shmSize', 'containerDefinitions[0].links', 'volumes[1]'],
  },
  {
    folder: 'beanstalk-manifest',
    files: ['env.yaml'],
    secrets: ['m4nifest'],
    none: ['EnvironmentLinks.WORKERQUEUE', 'env.yaml:17 CName', 'env.yaml:24 Sparkle', 'EC2KeyName'],
  },
  {
    folder: 'vercel',
    files: ['vercel.json'],
    none: ['vercel.json:26 sparkle', 'vercel.json:10 redirects[2]', 'redirects[4]', 'rewrites[0]', 'headers[1].headers[0].value'],
  },
  { folder: 'vercel-server', files: ['vercel.json'], secrets: ['v3rcel-secret'], none: ['rewrites[0]', 'redirects[0]'] },
  { folder: 'netlify', files: ['netlify.toml'], none: ['netlify.toml glitter.amount', 'redirects[2]', 'redirects[3]', 'context'] },
  {
    folder: 'netlify-files',
    files: ['netlify.toml', 'public/_redirects', 'public/_headers'],
    secrets: ['s3same'],
    none: ['_redirects:4 "line 4"', '_redirects:5', '_redirects:8', '_redirects:9', '_headers:6', '_headers:10'],
  },
  { folder: 'netlify-next', files: ['netlify.toml'], secrets: ['npm-n3tlify'], none: ['redirects[1]', 'build.environment.NPM_TOKEN'] },
  {
    folder: 'acorn',
    files: ['Acornfile'],
    secrets: ['ac0rn-stripe'],
    none: ['Acornfile:82 containers.web.frobnicate', 'Acornfile:135 jobs.cleanup', 'Acornfile:163 acorns.search', 'containers.api.class'],
  },
  {
    folder: 'acorn-rendered',
    files: ['rendered.json'],
    secrets: ['ac0rn-key'],
    none: ['rendered.json:74 sparkle', 'jobs.seed', 'ports[1]', 'environment[5]', 'services.db.*'],
  },
  { folder: 'kubernetes', files: ['shop.yaml'], secrets: ['letmein'], none: ['shop.yaml:141 [9]'] },
  { folder: 'kubernetes-helm', files: ['rendered.yaml'], secrets: ['0123456789 '], none: ['rendered.yaml:11 [1]'] },
];

describe('webapp import', () => {
  test.each(ROWS)('of $folder writes what a person would write, and reports the rest', async row => {
    const { folder, files, secrets = [], none = [] } = row;
    const { file, report } = await imported(sources(folder), files);
    expect(file).toBe(read(`${folder}.yaml`));
    if (existsSync(path(`${folder}.report.txt`))) expect(report).toBe(read(`${folder}.report.txt`));
    for (const secret of secrets) expect(file + report).not.toContain(secret);
    for (const line of none) expect(section(report, 'No counterpart')).toContain(line);
  });

  test.each(FORMATS.map(({ name }) => name))('has an example of %s', name => {
    const folders: { readonly [format: string]: string } = { dockerfile: 'Dockerfile' };
    expect([...ROWS.map(({ folder }) => folder), 'compose', 'Dockerfile']).toContain(folders[name] ?? name);
  });

  test('reads standard input', async () => {
    const { file, report } = await imported({ keep: '' }, ['-'], [], sources('kubernetes-helm')['rendered.yaml']);
    expect(file).toBe(read('kubernetes-helm.yaml').replace(/^# yaml-language-server.*\n/, ''));
    expect(report).toContain('-:20 [2].spec.type');
  });

  test('writes to standard output, and the report to standard error', async () => {
    const folder = new Folder({ Procfile: 'web: node server.js' });
    const { code, out, err } = await folder.call('import Procfile --output - --namespace shop');
    expect({ code, files: folder.list() }).toEqual({ code: 0, files: ['Procfile'] });
    expect(out).toContain('namespace: shop\n');
    expect(err).toBe('Taken over\n  Procfile:1 web → the image that buildpacks build starts it\n');
  });

  test.each([
    ['score.yaml', 'apiVersion: score.dev/v1b1\nmetadata: { name: web }\nservice: { ports: { www: { port: 80 } } }\ncontainers:\n'
      + '  web: { image: "a/b:1" }\n  agent: { image: "a/c:1", variables: { API_TOKEN: swordfish } }\n'],
    ['app.yaml', 'type: Microsoft.App/containerApps\nname: web\nproperties:\n  configuration: { ingress: { targetPort: 80 } }\n'
      + '  template:\n    containers:\n    - { name: web, image: "a/b:1" }\n'
      + '    - { name: agent, image: "a/c:1", env: [{ name: API_TOKEN, value: swordfish }] }\n'],
    ['app.yaml', 'type: Microsoft.App/containerApps\nname: web\nproperties:\n  configuration: { ingress: { targetPort: 80 } }\n'
      + '  template:\n    containers: [{ name: web, image: "a/b:1" }]\n    scale:\n      rules:\n      - name: bus\n'
      + '        custom: { type: azure-servicebus, metadata: { connection: "Endpoint=sb://x/;SharedAccessKey=swordfish123" } }\n'],
    ['netlify.toml', '[[headers]]\nfor = "/*"\n[headers.values]\nBasic-Auth = "ann:swordfish"\n'],
    ['Dockerrun.aws.json', '{ "AWSEBDockerrunVersion": 2, "containerDefinitions": [{ "name": "web", "image": "a/b:1" },'
      + '{ "name": "agent", "image": "a/c:1", "environment": [{ "name": "API_TOKEN", "value": "swordfish" }] }] }'],
  ])('copies no secret of another container, of a trigger or of a header: %s', async (name, text) => {
    const { code, file, report } = await imported({ [name]: text });
    expect(code).toBe(0);
    expect(file + report).not.toContain('swordfish');
  });

  test.each<[size: string, name: string, written: string, text: string]>([
    ['Performance-L-RAM', 'app.json', 'resources: { memory: 30Gi }', '{"formation":{"web":{"size":"$"}}}'],
    ['dyno-1c-0.5gb', 'app.json', 'size: m', '{"formation":{"web":{"size":"$"}}}'],
    ['Shield-M', 'app.json', 'size: xxl', '{"formation":{"web":{"size":"$"}}}'],
    ['pro', 'render.yaml', 'size: xxl', 'services: [{ type: web, name: a, runtime: node, plan: $ }]'],
    ['apps-s-1vcpu-2gb', '.do/app.yaml', 'size: xl', 'services: [{ name: a, instance_size_slug: $ }]'],
    ['shared-cpu-4x', 'fly.toml', 'size: l', 'app = "a"\n[http_service]\ninternal_port = 8080\n[[vm]]\nsize = "$"'],
    ['F4_1G', 'app.yaml', 'size: xxl', 'runtime: go124\ninstance_class: $'],
    ['t4g.micro', '.ebextensions/a.config', 'size: l', 'option_settings: { "aws:ec2:instances": { InstanceTypes: "$, t3.small" } }'],
  ])('%s in %s is %s', async (size, name, written, text) => {
    expect((await imported({ [name]: text.replace('$', size) })).file).toContain(written);
  });

  test.each([
    ['app.json', '{"formation":{"web":{"size":"Galaxy"}}}'],
    ['render.yaml', 'services: [{ type: web, name: a, runtime: node, plan: galaxy }]'],
    ['.do/app.yaml', 'services: [{ name: a, instance_size_slug: galaxy }]'],
    ['app.yaml', 'runtime: go124\ninstance_class: G9'],
    ['fly.toml', 'app = "a"\n[http_service]\ninternal_port = 8080\n[[vm]]\nsize = "galaxy"'],
  ])('a size that is not known is reported: %s', async (name, text) => {
    expect(section((await imported({ [name]: text })).report, 'No counterpart')).toContain('its memory is not known');
  });

  test.each([
    ['render.yaml', 'services:\n- { type: web, name: web, runtime: docker, envVars: [{ key: API_URL, fromService: '
      + '{ name: api, type: pserv, property: hostport } }] }\n- { type: pserv, name: api, runtime: docker, rootDir: api }\n'],
    ['.do/app.yaml', 'services:\n- { name: web, http_port: 80, envs: [{ key: API_URL, value: "${api.PRIVATE_URL}" }] }\n'
      + '- { name: api, source_dir: api, http_port: 80 }\n'],
  ])('a variable that a connection gives has no other value: %s', async (name, text) => {
    const { file } = await imported({ [name]: text });
    expect(file).toContain('connections: { api: { type: web-app, app: api } }');
    expect(file).not.toContain('env:');
  });

  test.each([
    ['of a group', '- { type: pserv, name: api, runtime: docker, rootDir: api, envVars: [{ fromGroup: keys }] }\n'
      + 'envVarGroups: [{ name: keys, envVars: [{ key: JWT_KEY, generateValue: true }] }]\n', '{ fromGroup: keys }',
    'JWT_KEY: { secret: web-generated, key: JWT_KEY }'],
    ['of another service', '- { type: pserv, name: api, runtime: docker, rootDir: api, envVars: [{ key: KEY, fromService: '
      + '{ type: web, name: web, envVarKey: JWT_KEY } }] }\n', '{ key: JWT_KEY, generateValue: true }',
    'KEY: { secret: web-generated, key: JWT_KEY }'],
  ])('a value that Render generates is the same in all apps that have it: that %s', async (_, others, variable, written) => {
    const text = `services:\n- { type: web, name: web, runtime: docker, envVars: [${variable}] }\n${others}`;
    const { file, report } = await imported({ 'render.yaml': text });
    expect(file).toContain('JWT_KEY: { generate: 44 }');
    expect(file).toContain(written);
    expect(section(report, 'To do')).toContain('webapp secrets set JWT_KEY --secret web-generated --app web');
  });

  test('a value that Heroku generates is generated', async () => {
    const { file, report } = await imported({ 'app.json': '{ "name": "web", "env": { "SESSION": { "generator": "secret" } } }' });
    expect(file).toContain('secretEnv: { SESSION: { generate: 64 } }\n');
    expect(section(report, 'To do')).not.toContain('kubectl create secret');
  });

  const kubernetes = (pod: string, others: string) => 'apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web }\nspec:\n'
    + '  replicas: 3\n  selector: { matchLabels: { app: web } }\n  template:\n    metadata: { labels: { app: web } }\n    spec:\n'
    + `      containers:\n      - { name: web, image: "a/b:1", ports: [{ containerPort: 80 }]${pod}\n`
    + '---\napiVersion: v1\nkind: Service\nmetadata: { name: web }\nspec: { selector: { app: web }, ports: [{ port: 80 }] }\n---\n'
    + others;

  test.each([
    ['an exact path does not replace the others', [['/', 'Prefix'], ['/status', 'Exact']], 'paths: [/]\nexactPaths: [/status]\n'],
    ['a pattern that removes a prefix is that prefix', [['/api(/|$)(.*)', 'ImplementationSpecific']], 'paths: [/api]\n'],
    ['a pattern of all below a path is that path', [['/docs/(.*)', 'ImplementationSpecific']], 'paths: [/docs]\n'],
  ])('%s', async (_, paths, written) => {
    const backend = '{ service: { name: web, port: { number: 80 } } }';
    const routes = paths.map(([at, pathType]) => `{ path: "${at}", pathType: ${pathType}, backend: ${backend} }`);
    const { file } = await imported({
      'web.yaml': kubernetes(' }', 'apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: { name: web }\nspec:\n  rules:\n'
        + `  - host: a.example.com\n    http: { paths: [${routes.join(', ')}] }\n`),
    });
    expect(file).toContain(written);
  });

  test('folders of an empty volume, empty resources and a load balancer, as charts write them', async () => {
    const { file, report } = await imported({
      'chart.yaml': kubernetes(', resources: { limits: {}, requests: {} }, volumeMounts: ['
        + '{ name: empty, mountPath: /tmp, subPath: tmp-dir }, { name: empty, mountPath: /logs, subPath: logs-dir }] }\n'
        + '      volumes: [{ name: empty, emptyDir: {} }]',
      'apiVersion: v1\nkind: Service\nmetadata: { name: web }\n'
        + 'spec: { type: LoadBalancer, selector: { app: web }, ports: [{ port: 80 }] }\n'),
    });
    expect(file).toContain('hosts: [web.example.com]\n');
    expect(file).toContain('volumes: { logs-dir: { path: /logs, empty: 1Gi } }\n');
    expect(file).not.toMatch(/internal|patches/);
    expect(section(report, 'No counterpart')).toBe('');
  });

  test('a claim that replicas of an autoscaler mount does not stop it from scaling', async () => {
    const { file } = await imported({
      'web.yaml': kubernetes(', volumeMounts: [{ name: data, mountPath: /data }] }\n      volumes: '
        + '[{ name: data, persistentVolumeClaim: { claimName: web-data } }]',
      'apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: { name: web }\nspec:\n'
        + '  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: web }\n  minReplicas: 3\n  maxReplicas: 12\n'
        + '  metrics: [{ type: Resource, resource: { name: cpu, target: { type: Utilization, averageUtilization: 70 } } }]\n'),
    });
    expect(file).toContain('data: { path: /data, claim: web-data, accessMode: read-write-many }');
    expect(file).toContain('scaling: { min: 3, max: 12, cpu: 70 }');
  });

  test.each<[what: string, files: { readonly [name: string]: string }, written: string, not?: string]>([
    [
      'a service of Fly that ends TLS alone does not get the requests of HTTP',
      {
        'fly.toml': 'app = "a"\n[http_service]\ninternal_port = 3000\n[[services]]\nprotocol = "tcp"\ninternal_port = 1883\n'
          + '[[services.ports]]\nport = 8883\nhandlers = ["tls"]\n',
      },
      'port: 3000\nports:\n  p1883:\n    port: 1883\n    loadBalancer: { port: 8883 }\n',
    ],
    [
      'a second service of HTTP does not take the place of the first',
      {
        'fly.toml': 'app = "a"\n[http_service]\ninternal_port = 3000\n[[services]]\nprotocol = "tcp"\ninternal_port = 9000\n'
          + '[[services.ports]]\nport = 443\nhandlers = ["tls", "http"]\n',
      },
      'port: 3000\n',
      '9000',
    ],
    [
      'a worker of heroku.yml with another image does not get that of the app',
      {
        'heroku.yml': 'build: { docker: { web: app/Dockerfile, worker: jobs/Dockerfile } }\n'
          + 'run: { web: serve, worker: { command: [work], image: worker } }\n',
      },
      'build: { context: app }\n',
      'workers',
    ],
    [
      'a process for people at a terminal does not become a worker',
      { Procfile: 'web: puma\nworker: sidekiq\nconsole: bin/rails console\nrake: bin/rake\n' },
      'workers:\n  worker: { command: [launcher, sidekiq] }\n',
      'console',
    ],
    [
      'an anonymous volume does not hide what the image has',
      { 'compose.yaml': 'services: { web: { build: ., ports: [80], volumes: [".:/app", /app/node_modules, "gems:/usr/local/bundle"] } }' },
      'port: 80\n',
      'volumes',
    ],
    [
      'a variable of a worker that the app has too is written once',
      {
        'compose.yaml': 'x-env: &env { DB_HOST: db }\nservices:\n  web: { build: ., ports: [80], environment: *env }\n'
          + '  worker: { build: ., command: work, environment: *env }\n  db: { image: postgres }\n',
      },
      'workers:\n  worker: { args: [work] }\n',
    ],
    [
      'the default service of App Engine answers what no rule is about',
      {
        'app.yaml': 'runtime: go124\n',
        'api.yaml': 'runtime: go124\nservice: api\n',
        'dispatch.yaml': 'dispatch:\n- { url: "*/static/*", service: default }\n- { url: "a.example.com/api/*", service: api }\n',
      },
      'paths: [/api]',
      '/static',
    ],
    [
      'a component of App Platform without a route is for the others alone',
      {
        '.do/app.yaml': 'domains: [{ domain: a.example.com }]\nservices:\n- { name: api, source_dir: api, routes: [{ path: /api }] }\n'
          + '- { name: inner, source_dir: inner, http_port: 80 }\nstatic_sites: [{ name: web, source_dir: web, output_dir: dist, '
          + 'envs: [{ key: A, value: b }], routes: [{ path: / }] }]\n',
      },
      'build: { context: inner }\nport: 80\ninternal: true\n',
      'env:',
    ],
    [
      'a file of Secret Manager has the key that its Secret gets',
      {
        'service.yaml': 'apiVersion: serving.knative.dev/v1\nkind: Service\n'
          + 'metadata: { name: a, annotations: { run.googleapis.com/ingress: all } }\n'
          + 'spec: { template: { spec: { containers: [{ image: "a/b:1", volumeMounts: [{ name: s, mountPath: /s }] }], '
          + 'volumes: [{ name: s, secret: { secretName: tls, items: [{ key: latest, path: cert.pem }] } }] } } }\n',
      },
      'secretFiles: { /s/cert.pem: { secret: a, key: cert.pem } }',
    ],
    [
      'a volume of several replicas is one that several can mount',
      { 'compose.yaml': 'services: { web: { build: ., ports: [80], volumes: ["data:/data"], deploy: { replicas: 2 } } }' },
      'data: { path: /data, size: 5Gi, accessMode: read-write-many }\nscaling: { min: 2 }\n',
    ],
    [
      'Machines of Fly have a volume each, so there is one replica',
      {
        'fly.toml': 'app = "a"\n[http_service]\ninternal_port = 3000\nmin_machines_running = 2\n[mounts]\nsource = "data"\n'
          + 'destination = "/data"\n',
      },
      'data: { path: /data, size: 1Gi }\nscaling: { min: 1 }\n',
    ],
    [
      'tools for people are no apps',
      { 'compose.yaml': 'services:\n  web: { build: ., ports: [80] }\n  adminer: { image: "adminer:4", ports: ["8080:8080"] }\n' },
      'name: web\n',
      'name: adminer',
    ],
  ])('%s', async (_, files, written, not = 'nothing of this') => {
    const { file } = await imported(files);
    expect(file).toContain(written);
    expect(file).not.toContain(not);
  });

  test('says what a web server before others needs', async () => {
    const { report } = await imported({
      'compose.yaml': 'services:\n  front: { image: "nginx:1.27", ports: ["80:80"], depends_on: [web] }\n'
        + '  web: { build: ., expose: [80] }\n',
    });
    expect(section(report, 'To do')).toContain('front: its configuration calls web as Compose names them; remove front');
    expect(section(report, 'To do')).toContain('write image: docker.io/nginxinc/nginx-unprivileged:1.27, which listens on port 8080');
  });

  test('one rule that is not valid does not remove the others', async () => {
    const { file, report } = await imported({
      '_redirects': '/a /b\n/c https://example.org/?x=1\n/d /e\n',
      'platform.yaml': 'ingress: { className: traefik, controller: traefik }\n',
    }, ['_redirects']);
    expect(file).toContain('redirects: [{ from: /a, to: /b }, { from: /d, to: /e }]');
    expect(section(report, 'No counterpart')).toContain('_redirects:2 "line 2"');
  });

  test('does not overwrite a file without --force', async () => {
    const files = { 'Procfile': 'web: node server.js', 'webapp.yaml': 'name: x' };
    expect(await imported(files, ['Procfile'])).toMatchObject({ code: 1, report: expect.stringContaining('already exists') });
    expect(await imported(files, ['Procfile'], ['--force'])).toMatchObject({ code: 0 });
  });

  test('needs no host name on a platform with a domain', async () => {
    const { file } = await imported({ 'Procfile': 'web: node server.js', 'platform.yaml': 'domain: apps.example.com' }, ['Procfile']);
    expect(file).toBe('name: shop\nnamespace: shop\n');
  });

  test.each<[files: { readonly [name: string]: string }, message: string]>([
    [{ 'notes.txt': 'hello' }, 'the format of notes.txt is not known; name it with --format, one of acorn, dockerfile, heroku'],
    [{ 'fly.toml': 'a = [' }, 'fly.toml:1:'],
    [{ 'app.json': '{' }, 'app.json:1:'],
    [{ Acornfile: 'containers: web: {\n  image: "nginx\n}' }, 'Acornfile:2:10: the string does not end; fix it, then import'],
    [{ 'compose.yaml': 'a: &a [*a]\nservices: {}' }, 'compose.yaml'],
  ])('fails with what to do for %j', async (files, message) => {
    expect(await imported(files)).toMatchObject({ code: 1, report: expect.stringContaining(message) });
  });

  test('names an unknown format, and a file that does not exist', async () => {
    expect((await imported({ a: '' }, ['a'], ['--format', 'cobol'])).report).toContain('--format is cobol; use one of acorn, dockerfile');
    expect((await imported({ a: '' }, ['b'])).report).toBe('b does not exist\n');
  });
});
