import fc from 'fast-check';
import { parseAllDocuments, stringify } from 'yaml';
import { imported } from './imported';
import { keysOf } from './keys';
import { FORMATS } from '../../src/import/formats';
import { interpolate } from '../../src/import/formats/compose/load';
import { convertFiles } from '../../src/import/import';
import { fieldPath } from '../../src/import/ledger';
import { readToml } from '../../src/import/source/toml';

/** The keys that converters read themselves, beside those of the tables. */
const READ: { readonly [name: string]: readonly string[] } = Object.fromEntries(Object.entries({
  'compose.yaml': `
    services web image build context target command entrypoint ports expose environment env_file volumes depends_on
    healthcheck test deploy resources limits memory cpus replicas secrets configs labels user extends profiles tmpfs
    stop_grace_period networks x-a cap_add shm_size restart working_dir ulimits file
  `,
  'fly.toml': `
    app build image args env processes http_service services internal_port concurrency soft_limit checks vm mounts source
    destination files guest_path deploy release_command metrics ports port memory kill_timeout min_machines_running
    auto_stop_machines handlers path interval statics size experimental cmd
  `,
  'render.yaml': `
    services databases envVarGroups projects environments type name runtime plan startCommand envVars key value fromDatabase
    fromService fromGroup property disk mountPath sizeGB scaling minInstances domains schedule routes headers ipAllowList
    source rootDir staticPublishPath healthCheckPath numInstances image url
  `,
  '.do/app.yaml': `
    name services workers jobs static_sites databases engine envs key value scope type image registry http_port run_command
    instance_size_slug instance_count health_check http_path cors allow_origins exact routes path ingress rules component
    match prefix domains domain kind schedule cron autoscaling internal_ports
  `,
  'app.json': `
    name env value generator required formation web quantity size addons plan as scripts postdeploy cron command schedule
    buildpacks stack environments healthchecks path description keywords image
  `,
  'service.yaml': `
    metadata name namespace annotations labels spec template containers image ports containerPort env valueFrom secretKeyRef
    key resources limits requests memory cpu readinessProbe httpGet path port volumes volumeMounts mountPath emptyDir
    traffic percent containerConcurrency timeoutSeconds value command
  `,
  'app.yaml': `
    runtime env service entrypoint instance_class automatic_scaling max_instances min_instances env_variables handlers url
    static_dir secure readiness_check path resources memory_gb network cpu_utilization basic_scaling
  `,
  'vela.yaml': `
    metadata name namespace spec components type properties image ports port containerPort expose cmd args env value valueFrom
    secretKeyRef key cpu memory volumeMounts pvc configMap secret emptyDir hostPath mountPath claimName cmName items path subPath
    traits scaler replicas gateway domain http sidecar storage resource hpa webservice worker cron-task task schedule dependsOn policies
    topology min max readinessProbe httpGet containers containerName
  `,
  'aca.yaml': `
    name properties configuration ingress external targetPort transport traffic weight latestRevision revisionName customDomains
    secrets value secretRef keyVaultUrl registries template containers image env command args resources cpu memory probes type
    Readiness httpGet path port volumeMounts volumeName mountPath volumes storageType scale minReplicas maxReplicas rules http
    metadata concurrentRequests custom azureQueue triggerType Schedule scheduleTriggerConfig cronExpression initContainers
  `,
  'apprunner.yaml': `
    version runtime build commands pre-build env name value run command network port secrets value-from pre-run runtime-version
  `,
  '.ebextensions/a.config': `
    option_settings namespace option_name value aws:elasticbeanstalk:application:environment aws:autoscaling:asg MinSize MaxSize
    aws:autoscaling:trigger MeasureName UpperThreshold aws:ec2:instances InstanceTypes aws:rds:dbinstance DBEngine
    aws:elbv2:listenerrule:a HostHeaders PathPatterns container_commands command leader_only
    aws:elasticbeanstalk:container:python WSGIPath
  `,
  'Dockerrun.aws.json': `
    AWSEBDockerrunVersion Image Name Ports ContainerPort Volumes ContainerDirectory Entrypoint Command containerDefinitions name
    image memory portMappings hostPort containerPort environment value mountPoints sourceVolume containerPath volumes command
  `,
  'vercel.json': `
    name framework outputDirectory buildCommand env build alias redirects source destination permanent statusCode has type host value
    rewrites headers key crons path schedule functions routes
  `,
  'netlify.toml': `
    build base publish command environment redirects from to status conditions headers for values X-Frame-Options plugins package
    context functions
  `,
  'score.yaml': `
    metadata name annotations service ports http port targetPort protocol containers web image command args variables files target
    content source mode noExpand volumes path readOnly resources limits requests memory cpu readinessProbe httpGet type params host
    id class db size
  `,
  'Acornfile': `
    containers jobs web db api image build context dockerfile target buildArgs ports publish expose env environment value secret key
    dirs volumes size accessModes class files content mode secrets type token params length data probes readiness http url tcp exec
    command entrypoint dependsOn sidecars init memory scale schedule events routers routes targetServiceName targetPort pathType
    services acorns args localData user metrics port path labels annotations workDir
  `,
  'deployment.yaml': `
    metadata name labels spec replicas selector matchLabels template containers initContainers image args ports
    containerPort env envFrom resources livenessProbe exec command volumes configMap items volumeMounts mountPath subPath
    securityContext runAsUser tolerations affinity strategy rollingUpdate nodeSelector lifecycle
  `,
}).map(([name, keys]) => [name, keys.trim().split(/\s+/)]));

/** The formats of the files. */
const FORMAT_OF: { readonly [name: string]: string } = {
  'compose.yaml': 'compose',
  'fly.toml': 'fly',
  'render.yaml': 'render',
  '.do/app.yaml': 'digitalocean',
  'app.json': 'heroku',
  'service.yaml': 'knative',
  'app.yaml': 'appengine',
  'aca.yaml': 'containerapps',
  'apprunner.yaml': 'apprunner',
  '.ebextensions/a.config': 'beanstalk',
  'Dockerrun.aws.json': 'beanstalk',
  'vercel.json': 'vercel',
  'netlify.toml': 'netlify',
  'score.yaml': 'score',
  'vela.yaml': 'kubevela',
  'Acornfile': 'acorn',
  'deployment.yaml': 'kubernetes',
};

const KEYS: typeof READ = Object.fromEntries(Object.entries(READ).map(([name, keys]) => {
  const { tables } = FORMATS.find(format => format.name === FORMAT_OF[name])!;
  return [name, [...keys, ...tables.flatMap(table => keysOf(table)).map(key => key.split('.').at(-1)!)]];
}));

/** What a file starts with, so that it is of its format. */
const HEADS: { readonly [name: string]: object } = {
  'compose.yaml': { services: { app: { image: 'acme/app:1', ports: [80] } } },
  'fly.toml': { app: 'a' },
  'render.yaml': { services: [{ type: 'web', name: 'a' }] },
  '.do/app.yaml': { services: [{ name: 'a' }] },
  'app.json': { name: 'a' },
  'service.yaml': {
    apiVersion: 'serving.knative.dev/v1',
    kind: 'Service',
    spec: { template: { spec: { containers: [{ image: 'a/b:1' }] } } },
  },
  'app.yaml': { runtime: 'nodejs22' },
  'vela.yaml': {
    apiVersion: 'core.oam.dev/v1beta1',
    kind: 'Application',
    spec: { components: [{ name: 'a', type: 'webservice', properties: { image: 'a/b:1' } }] },
  },
  'aca.yaml': {
    type: 'Microsoft.App/containerApps',
    name: 'a',
    properties: { template: { containers: [{ name: 'a', image: 'a/b:1' }] } },
  },
  'apprunner.yaml': { runtime: 'python311' },
  '.ebextensions/a.config': { option_settings: {} },
  'Dockerrun.aws.json': { AWSEBDockerrunVersion: 1 },
  'vercel.json': {},
  'netlify.toml': {},
  'score.yaml': { apiVersion: 'score.dev/v1b1', metadata: { name: 'a' }, containers: { web: { image: 'a/b:1' } } },
  'Acornfile': { containers: { web: { image: 'a/b:1', ports: { publish: '80/http' } } } },
  'deployment.yaml': { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'a' } },
};

const scalar = fc.oneof(
  fc.constantFrom('', 'web', '8080', 'a b', '/x', '../y', '$PORT', '${A}', 'true', '10s', '512Mi', 'x:y', '-1', 'db', 'a=b', '*',
    '0 0 * * *'),
  fc.integer({ min: -5, max: 70000 }), fc.boolean(), fc.constant(null), fc.double({ noNaN: true, min: 0, max: 100 }),
);

const tree = (keys: readonly string[]) => fc.letrec<{ value: unknown }>(tie => ({
  value: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    scalar,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...keys) }, { weight: 1, arbitrary: fc.string() }), tie('value'),
      { maxKeys: 5 }),
  ),
})).value;

/** Merges deep, so that the head stays. */
function over(head: unknown, value: unknown): unknown {
  if (typeof head !== 'object' || head === null || Array.isArray(head) || typeof value !== 'object' || value === null
    || Array.isArray(value)) {
    return head;
  }
  const fields: { [name: string]: unknown } = { ...value };
  for (const [name, inner] of Object.entries(head)) fields[name] = name in value ? over(inner, (value as never)[name]) : inner;
  return fields;
}

/** Strings of TOML and JSON are those of JSON; YAML takes all three, and AML takes JSON. */
function written(name: string, value: object): string {
  if (name === 'Acornfile') return JSON.stringify(value);
  return name.endsWith('.toml') ? tomlOf(value) : stringify(value);
}

function tomlOf(value: object): string {
  const inline = (one: unknown): string => {
    if (Array.isArray(one)) return `[${one.map(inline).join(', ')}]`;
    if (typeof one === 'object' && one !== null) {
      return `{ ${Object.entries(one).map(([name, inner]) => `${JSON.stringify(name)} = ${inline(inner)}`).join(', ')} }`;
    }
    return typeof one === 'number' || typeof one === 'boolean' ? String(one) : JSON.stringify(one ?? '');
  };
  return Object.entries(value).map(([name, inner]) => `${JSON.stringify(name)} = ${inline(inner)}\n`).join('');
}

jest.setTimeout(60_000);

describe.each(Object.keys(KEYS))('any %s', name => {
  const files = fc.oneof(tree(KEYS[name]), fc.dictionary(fc.constantFrom(...KEYS[name]), tree(KEYS[name]), { maxKeys: 6 }))
    .map(value => ({ name, folder: '/nowhere/shop', text: written(name, over(HEADS[name], value) as object) }));

  test('gives a webapp.yaml that passes the check, or an error that says why', async () => {
    await fc.assert(fc.asyncProperty(files, async ({ text }) => {
      const { code, report } = await imported({ [name]: text });
      expect([0, 1]).toContain(code);
      expect(report).not.toBe('');
      expect(report).not.toMatch(/TypeError|at .*\.ts:\d/);
    }), { numRuns: 25 });
  });

  test('has every value in the report', () => {
    fc.assert(fc.property(files, file => {
      const { ledger } = orNothing(() => convertFiles([file], '/nowhere/shop', {})) ?? {};
      const reported = ledger?.entries().map(({ path }) => path) ?? [];
      for (const [...paths] of ledger ? leaves(file.name, file.text) : []) {
        expect(reported.some(path => paths.some(one => (one.endsWith('.') ? path.startsWith(one) : path === one)))).toBe(true);
      }
    }), { numRuns: 60 });
  });
});

/** What cannot be converted at all has an error, and no report. */
function orNothing<T>(convert: () => T): T | undefined {
  try {
    return convert();
  } catch (error) {
    expect((error as Error).message).not.toBe('');
    return undefined;
  }
}

/** The values of a file: each with its path, as the report writes it, and those around it. */
function leaves(name: string, text: string): string[][] {
  const walk = (value: unknown, path: string, above: readonly string[], key = ''): string[][] => {
    // Compose writes pairs as a list or as a map; the report has the map.
    const here = [...above, path, ...PAIRS.has(key) ? [`${path}.`] : []];
    if (Array.isArray(value) && value.length > 0) return value.flatMap((item, i) => walk(item, `${path}[${i}]`, here));
    const below = typeof value === 'object' && value !== null ? Object.entries(value) : [];
    if (below.length === 0) return [here];
    return below.flatMap(([inner, item]) => walk(item, fieldPath(path, inner), here, inner));
  };
  if (name.endsWith('.toml')) return walk(plain(readToml({ name, folder: '', text })), '', []);
  return parseAllDocuments(text, { logLevel: 'silent' }).flatMap(document => walk(document.toJS(), '', []));
}

const PAIRS = new Set(['environment', 'labels', 'args', 'annotations', 'sysctls']);

function plain(node: ReturnType<typeof readToml>): unknown {
  if (node.fields) return Object.fromEntries([...node.fields].map(([key, inner]) => [key, plain(inner)]));
  return node.items ? node.items.map(plain) : node.value;
}

test('variables of Compose files are replaced without an end', () => {
  fc.assert(fc.property(fc.string(), text => {
    expect(typeof interpolate(`\${A:-${text}}`, { A: '' })).toBe('string');
  }));
});
