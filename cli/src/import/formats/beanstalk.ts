/**
 * Elastic Beanstalk: .ebextensions, env.yaml and saved configurations, Dockerrun.aws.json, cron.yaml of workers and .platform. What these
 * files say is added to the app of a Procfile, a Compose file or a Dockerfile that is imported with them.
 */
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { AppDraft } from '../draft';
import { appName, folderName, volumeName } from '../draft';
import type { Conversion, Format } from '../format';
import type { Reader } from '../reader';
import { literalWords, splitWords } from '../shared/commands';
import { setHttpCron } from '../shared/http-cron';
import type { Builder } from '../shared/processes';
import { commandFor } from '../shared/processes';
import { connect, partOf, serviceOfEngine, serviceOfImage } from '../shared/services';
import { setSize } from '../shared/sizes';
import { duration } from '../shared/units';
import { setContainerVariable, setVariables } from '../shared/variables';
import { linesOf } from '../source/lines';
import type { SourceFile } from '../source/node';
import { readYaml } from '../source/yaml';
import type { Rule, Table } from '../table';
import { convert, holds, none } from '../table';

export const beanstalk: Format = {
  name: 'beanstalk',
  title: 'Elastic Beanstalk',
  documentation: 'https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/ebextensions.html',
  get tables() {
    return [CONFIG, MANIFEST, OPTIONS, DOCKERRUN, DEFINITION];
  },
  recognizes: ({ name, text }) => /(^|\/)\.ebextensions\/[^/]+$/.test(name) || /(^|\/)\.platform\/./.test(name)
    || basename(name) === 'Dockerrun.aws.json'
    || (/\.ya?ml$/.test(name) && /^AWSConfigurationTemplateVersion:/m.test(text))
    || (/\.config$/.test(name) && /^\s*"?(option_settings|container_commands)"?:/m.test(text))
    || (/^cron\.ya?ml$/.test(basename(name)) && /^cron:/m.test(text) && /^version:/m.test(text)),
  convert: convertBeanstalk,
};

interface Target {
  readonly app: AppDraft;
  readonly builder: Builder;

  /** Whether another file says what starts. */
  readonly isStarted: boolean;
  readonly root: Reader;
}

/** An option in option_settings. */
interface Setting extends Target {
  readonly namespace: string;
  readonly option: string;

  /** The others of its namespace. */
  readonly others: ReadonlyMap<string, string | undefined>;
}

const INSTANCES = 'pods are not instances of EC2';
const NODES = 'ask your platform team, who choose the nodes';
const TEAM = 'ask your platform team';
const IN_IMAGE = 'write it in a Dockerfile';
const ALL_AT_ONCE = 'a new version gets all requests when it is ready';
const CANARY = 'deploy it with webapp deploy --canary 10';
const BALANCER = 'the cluster has an ingress or a gateway';

/** https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/customize-containers-ec2.html */
const CONFIG: Table<Target> = {
  option_settings: setOptions,
  container_commands: setCommands,
  commands: none('nothing runs before each start', IN_IMAGE),
  packages: none('packages are in the image', 'write a Dockerfile, with apt-get install'),
  files: none('files are in the image', 'write files: { … } for configuration, or a Dockerfile'),
  sources: none('files are in the image', IN_IMAGE),
  services: none('a container has one program', 'write sidecars or workers'),
  users: none('the app runs as user 1000', 'write security: { runAsUser: … }'),
  groups: none('the app runs with the group of its user', 'write security: { runAsGroup: … }'),
  Resources: none('resources of AWS are not those of an app', 'keep them in CloudFormation'),
  Parameters: none('resources of AWS are not those of an app', 'keep them in CloudFormation'),
  Conditions: none('resources of AWS are not those of an app', 'keep them in CloudFormation'),
  Mappings: none('resources of AWS are not those of an app', 'keep them in CloudFormation'),
  Outputs: none('resources of AWS are not those of an app', 'keep them in CloudFormation'),
};

/**
 * env.yaml, and the configurations that `eb config save` writes.
 *
 * @see https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/environment-cfg-manifest.html
 */
const MANIFEST: Table<Target> = {
  OptionSettings: setOptions,
  AWSConfigurationTemplateVersion: holds('it is the version of the format'),
  EnvironmentConfigurationMetadata: holds('it is about the file'),
  SolutionStack: (at, target) => setPlatform(at, target),
  Platform: { PlatformArn: (at, target) => setPlatform(at, target) },
  EnvironmentName: holds('the name of the environment in AWS'),
  CName: none('it is a name in elasticbeanstalk.com', 'write hosts'),
  EnvironmentTier: {
    Name: at => at.text === 'Worker'
      ? at.none('no daemon sends messages as requests', 'read the queue in a worker, with a trigger of type aws-sqs-queue')
      : at.taken('the app answers requests'),
    Type: holds('the kind of the environment'),
    Version: holds('the kind of the environment'),
  },
  EnvironmentLinks: (at, { app }) => at.fields.forEach(([name, one]) => {
    const other = appName(one.text?.replace(/\+$/, '') ?? name);
    one.none('a link is a connection to another app',
      `import it too, and write connections: { ${other}: { type: web-app, app: ${other} } } in ${app.name}`);
  }),
  Tags: none('they are tags of AWS', 'write labels'),
};

function setPlatform(at: Reader, { app, builder }: Target): void {
  if (builder === 'dockerfile') at.taken('the image has its own system');
  else at.changed(app.shown(['build']), 'buildpacks detect the language and its version');
}

const scale = (prop: 'min' | 'max'): Rule<Setting> => (at, { app }) => {
  if (at.number === undefined) return;
  if (prop === 'max') app.take(at, ['scaling', 'max'], at.number);
  else if (at.number > 1) app.change(at, ['scaling', 'min'], at.number, 'it scales with its requests, and not below this');
  else at.changed(app.shown(['scaling']), 'it scales with its requests, also to 0 replicas');
};

const healthPath: Rule<Setting> = (at, { app }) => {
  const path = at.text?.replace(/^(HTTPS?|TCP):\d+/i, '') ?? '';
  if (path.startsWith('/')) app.take(at, ['health', 'path'], path);
  else at.taken('an app is ready when it accepts connections');
};

const SAME_OF_BALANCER: Table<Setting> = { '*': none(BALANCER, 'write hosts, paths and tls; ask your platform team for the rest') };

/**
 * Options by their namespace; a namespace that ends with a star stands for all that start so.
 *
 * @see https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/command-options-general.html
 * @see https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/command-options-specific.html
 */
const OPTIONS: Table<Setting> = {
  'aws:elasticbeanstalk:application:environment': {
    '*': (at, { app, option }) => {
      if (at.text === undefined) at.none('it is a value of CloudFormation', `write its value: env: { ${option}: … }`);
      else setVariables(app, [], [{ name: option, at, value: at.text }]);
    },
  },
  'aws:elasticbeanstalk:application': { 'Application Healthcheck URL': healthPath },
  'aws:autoscaling:asg': {
    'MinSize': scale('min'),
    'MaxSize': scale('max'),
    'Cooldown': holds('KEDA has times of its own'),
    'Availability Zones': holds('replicas are spread over zones, if possible'),
    'Custom Availability Zones': none('nodes are those of the cluster', NODES),
    '*': none(INSTANCES, NODES),
  },
  'aws:autoscaling:launchconfiguration': { 'InstanceType': setInstance, '*': none(INSTANCES, NODES) },
  'aws:ec2:instances': { 'InstanceTypes': setInstance, 'EnableSpot': none(INSTANCES, NODES), '*': none(INSTANCES, NODES) },
  'aws:autoscaling:trigger': {
    'MeasureName': (at, { app, others }) => {
      const upper = Number(others.get('UpperThreshold'));
      if (at.text === 'CPUUtilization' && upper > 0 && upper <= 100) {
        app.change(at, ['scaling', 'cpu'], upper, `the app keeps its CPU near ${upper}%, in place of adding replicas above it`);
      } else {
        at.none('an app scales with its requests', 'write scaling: { concurrency: … }, requestRate, cpu or triggers');
      }
    },
    'UpperThreshold': (at, { app, others }) => others.get('MeasureName') === 'CPUUtilization'
      ? at.taken(app.shown(['scaling', 'cpu']))
      : at.none('an app scales with its requests', 'write scaling: { concurrency: … }, requestRate, cpu or triggers'),
    '*': holds('KEDA has times and steps of its own'),
  },
  'aws:autoscaling:scheduledaction': {
    '*': none('it is a time of an Auto Scaling group', 'write scaling: { schedule: [{ start: …, end: …, replicas: … }] }'),
  },
  'aws:autoscaling:updatepolicy:rollingupdate': { '*': holds('replicas are replaced as the new ones are ready') },
  'aws:elasticbeanstalk:environment': {
    'EnvironmentType': (at, { app }) => at.text === 'SingleInstance'
      ? app.change(at, ['scaling', 'max'], 1, 'there is one replica at most')
      : at.taken('requests are balanced'),
    'LoadBalancerType': holds(BALANCER),
    'ServiceRole': none('it is a role of AWS', 'write serviceAccount: { annotations: { eks.amazonaws.com/role-arn: … } }'),
    '*': none('it is about the environment in AWS', TEAM),
  },
  'aws:elasticbeanstalk:environment:process:*': {
    HealthCheckPath: healthPath,
    HealthCheckInterval: (at, { app }) => app.take(at, ['health', 'interval'], duration(at.number ?? 15)),
    Port: holds('the app listens on $PORT'),
    Protocol: holds('the app answers HTTP'),
    DeregistrationDelay: (at, { app }) => Number(at.number) > 30
      ? app.take(at, ['health', 'terminationGracePeriod'], duration(Number(at.number)))
      : at.taken('open requests have 30 seconds to end'),
    HealthCheckTimeout: holds('three checks in a row have to fail'),
    HealthyThresholdCount: holds('three checks in a row have to fail'),
    UnhealthyThresholdCount: holds('three checks in a row have to fail'),
    MatcherHTTPCode: none('a check needs a status from 200 to 399', 'answer so at the path'),
    StickinessEnabled: at => at.boolean
      ? at.none('requests of a client go to any replica', 'keep sessions in a database')
      : at.taken('requests of a client go to any replica'),
    StickinessLBCookieDuration: none('requests of a client go to any replica', 'keep sessions in a database'),
    StickinessType: none('requests of a client go to any replica', 'keep sessions in a database'),
  },
  'aws:elasticbeanstalk:environment:proxy': { '*': holds('no proxy runs beside the app') },
  'aws:elasticbeanstalk:environment:proxy:staticfiles': {
    '*': none('the app serves its files itself', 'serve them in the app, or from an app with static: FOLDER'),
  },
  'aws:elasticbeanstalk:command': {
    'DeploymentPolicy': (at, { app }) => {
      const usual = 'replicas are replaced as the new ones are ready';
      if (at.text === 'TrafficSplitting') at.none(ALL_AT_ONCE, CANARY);
      else if (at.text === 'Immutable') at.changed(app.shown(['rollout']), `${usual}; see rollout: { blueGreen: … }`);
      else at.taken(usual);
    },
    'Timeout': holds('webapp deploy has --timeout'),
    '*': holds('replicas are replaced as the new ones are ready'),
  },
  'aws:elasticbeanstalk:trafficsplitting': { '*': none(ALL_AT_ONCE, CANARY) },
  'aws:elasticbeanstalk:container:python': {
    'WSGIPath': setWsgi,
    'NumProcesses': holds('it is a flag of gunicorn, in the command'),
    'NumThreads': holds('it is a flag of gunicorn, in the command'),
    'StaticFiles': none('the app serves its files itself', 'serve them in the app'),
    '*': none('it is a setting of the platform of Beanstalk', IN_IMAGE),
  },
  'aws:elasticbeanstalk:container:nodejs': {
    NodeCommand: (at, { app, builder }) => app.take(at, ['command'], commandFor(at.text ?? '', builder)),
    NodeVersion: none('buildpacks detect the version', 'write engines in package.json'),
    ProxyServer: holds('no proxy runs beside the app'),
    GzipCompression: none('responses pass unchanged', 'compress them in the app'),
  },
  'aws:elasticbeanstalk:container:php:phpini': { '*': none('it is a setting of PHP', 'write it in php.ini, or .php.ini.d of buildpacks') },
  'aws:elasticbeanstalk:container:tomcat:jvmoptions': { '*': none('it is an option of the JVM', 'write env: { JAVA_TOOL_OPTIONS: … }') },
  'aws:elasticbeanstalk:container:*': { '*': none('it is a setting of the platform of Beanstalk', IN_IMAGE) },
  'aws:elasticbeanstalk:sqsd': {
    '*': none('no daemon sends messages as requests', 'read the queue in a worker, with a trigger of type aws-sqs-queue'),
  },
  'aws:elbv2:listenerrule:*': {
    HostHeaders: (at, { app }) => app.take(at, ['hosts'], listIn(at)),
    PathPatterns: (at, { app }) => {
      const patterns = listIn(at).map(one => one.replace(/\/?\*$/, '') || '/');
      if (patterns.some(one => /[*?]/.test(one))) at.none('paths are prefixes', 'write paths');
      else app.take(at, ['paths'], patterns);
    },
    Priority: holds('longer paths come first'),
    Process: holds('the app'),
  },
  'aws:elbv2:*': SAME_OF_BALANCER,
  'aws:elb:healthcheck': { '*': holds('three checks in a row have to fail') },
  'aws:elb:*': SAME_OF_BALANCER,
  'aws:rds:dbinstance': {
    'DBEngine': setDatabase,
    'DBPassword': none('it is secret, and its value is not copied', 'write it in the Secret of the connection'),
    '*': none('it is about the database in AWS', 'keep the database, and name it: connections: { db: { secret: … } }'),
  },
  'aws:ec2:vpc': { '*': none('it is a network of AWS', TEAM) },
  'aws:elasticbeanstalk:cloudwatch:*': { '*': none('logs are collected by the cluster', TEAM) },
  'aws:elasticbeanstalk:healthreporting:system': { '*': holds('webapp status shows the health') },
  'aws:elasticbeanstalk:hostmanager': { '*': none('logs are collected by the cluster', TEAM) },
  'aws:elasticbeanstalk:managedactions*': { '*': none('there is no platform to update', 'build the image again') },
  'aws:elasticbeanstalk:monitoring': { '*': holds('pods that fail are replaced') },
  'aws:elasticbeanstalk:sns:topics': { '*': none('there are no notifications', 'write alerts in your monitoring') },
  'aws:elasticbeanstalk:xray': { '*': none('there is no X-Ray beside the app', 'write it as one of sidecars') },
  'aws:elasticbeanstalk:control': { '*': holds('webapp deploy has --timeout') },
};

/** https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/single-container-docker-configuration.html */
const DOCKERRUN: Table<Target> = {
  AWSEBDockerrunVersion: holds('it is the version of the format'),
  authentication: none('the credentials of a registry are in a Secret', 'run webapp registry login'),
  Authentication: none('the credentials of a registry are in a Secret', 'run webapp registry login'),
  Image: {
    Name: (at, { app }) => app.take(at, ['image'], at.text),
    Update: holds('images are pinned by their digest'),
  },
  Ports: (at, { app }) => at.items.forEach((one, i) => {
    const port = one.field('ContainerPort');
    if (i === 0 && port?.number !== undefined) app.take(port, ['port'], port.number);
    one.field('HostPort')?.taken('clients use the ports 80 and 443 of the ingress');
  }),
  Volumes: (at, { app }) => at.items.forEach((one, i) => {
    const [host, inside] = [one.field('HostDirectory'), one.field('ContainerDirectory')];
    if (inside?.text) setVolume(inside, `data${i === 0 ? '' : i + 1}`, inside.text, app);
    host?.none('a folder of a node is not mounted', 'write volumes with size, if the data has to outlive the pod');
  }),
  Logging: none('logs are standard output', 'write them there'),
  Entrypoint: (at, { app }) => app.take(at, ['command'], literalWords(splitWords(at.text ?? ''))),
  Command: (at, { app }) => app.take(at, ['args'], literalWords(splitWords(at.text ?? ''))),
  containerDefinitions: setDefinitions,
  volumes: at => at.items.filter(one => !one.outcome).forEach(one => one.none('no container mounts it', 'remove it')),
  family: holds('name'),
  executionRoleArn: none('it is a role of AWS', 'write serviceAccount: { annotations: { eks.amazonaws.com/role-arn: … } }'),
};

interface InDefinition extends Target {
  /** Where the container is: empty for the app. */
  readonly steps: readonly string[];
}

const of = (field: string, next: string): Rule<InDefinition> => none(`${field} is a setting of Docker`, next);

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html */
const DEFINITION: Table<InDefinition> = {
  name: holds('a container of the pod'),
  image: (at, { app, steps }) => app.take(at, [...steps, 'image'], at.text),
  essential: holds('a container that ends is started again'),
  memory: setMemory,
  memoryReservation: setMemory,
  cpu: holds('size reserves CPU'),
  portMappings: (at, { app, steps }) => at.items.forEach((one, i) => {
    const port = one.field('containerPort');
    if (i === 0 && port?.number !== undefined) app.take(port, [...steps, 'port'], port.number);
    for (const name of ['hostPort', 'protocol']) one.field(name)?.taken('clients use the ports 80 and 443 of the ingress');
  }),
  command: (at, { app, steps }) => app.take(at, [...steps, 'args'], literalWords(at.texts)),
  entryPoint: (at, { app, steps }) => app.take(at, [...steps, 'command'], literalWords(at.texts)),
  environment: (at, { app, steps }) => at.items.forEach(one => {
    const [name, value] = [one.field('name')?.text, one.field('value')?.text ?? ''];
    if (name === undefined) return;
    if (steps.length === 0) setVariables(app, [], [{ name, at: one, value }]);
    else setContainerVariable(app, steps, { name, at: one, value });
  }),
  mountPoints: (at, { app, steps, root }) => at.items.forEach(one => {
    const [source, path] = [one.field('sourceVolume'), one.field('containerPath')];
    const volume = root.field('volumes')?.items.find(item => item.field('name')?.text === source?.text);
    if (!source?.text || !path?.text) return;
    const name = volumeName(source.text);
    source.taken(app.shown([...steps, 'volumes', name]));
    if (steps.length === 0 || !app.has(['volumes', name])) setVolume(path, name, path.text, app);
    const own = app.get(['volumes', name, 'path']) === path.text ? {} : { path: path.text };
    if (steps.length > 0) app.take(path, [...steps, 'volumes', name], own);
    one.field('readOnly')?.taken(app.shown([...steps, 'volumes', name]));
    volume?.field('name')?.taken(app.shown(['volumes', name]));
    volume?.field('host')?.none('a folder of a node is not mounted', 'write volumes with size, if the data has to outlive the pod');
  }),
  links: none('containers of a pod reach each other at localhost', 'write localhost in place of the name'),
  workingDirectory: of('it', 'write WORKDIR in the Dockerfile'),
  logConfiguration: none('logs are standard output', TEAM),
  healthCheck: none('an app is checked by a request', 'write health: { path: … }'),
  user: none('the app runs as user 1000', 'write security: { runAsUser: … }'),
  privileged: none('no program gains privileges', 'remove it'),
  ulimits: of('it', TEAM),
  dependsOn: none('sidecars start before the app, in their order', 'order sidecars so'),
};

function convertBeanstalk(files: readonly SourceFile[], conversion: Conversion): void {
  const { draft } = conversion;
  const [first] = files;
  const isWeb = (one: AppDraft) => one.props.web !== false && one.props.internal !== true;
  const projectOf = (file: SourceFile) => file.folder.replace(/\/\.(ebextensions|platform|elasticbeanstalk)(\/.*)?$/, '');
  const known = draft.apps.find(isWeb) ?? draft.apps[0];
  const app = known ?? draft.app(folderName({ ...first, folder: projectOf(first) }));
  const isDocker = files.some(file => basename(file.name) === 'Dockerrun.aws.json')
    || (first.name !== '-' && existsSync(join(projectOf(first), 'Dockerfile')));
  const builder: Builder = isDocker || app.has(['image']) ? 'dockerfile' : 'buildpacks';
  const isStarted = known !== undefined || isDocker;
  if (builder === 'buildpacks' && !app.has(['build'])) app.set(['build', 'strategy'], 'buildpacks');
  for (const file of files) {
    if (/(^|\/)\.platform\//.test(file.name)) {
      setPlatformFile(conversion.read(file, linesOf(file, /^\s*(#|\}|$)/), beanstalk), file, app);
      continue;
    }
    for (const node of readYaml(file)) {
      const at = conversion.read(file, node, beanstalk);
      if (at.field('cron')) setCron(at, app);
      else if (basename(file.name) === 'Dockerrun.aws.json') convert(at, { app, builder, isStarted, root: at }, DOCKERRUN);
      else convert(at, { app, builder, isStarted, root: at }, at.field('AWSConfigurationTemplateVersion') ? MANIFEST : CONFIG);
    }
  }
}

/** Options are maps by namespace, or a list of namespaces, names and values. */
function settingsIn(at: Reader): { readonly namespace: string; readonly option: string; readonly at: Reader }[] {
  if (at.isMap) {
    return at.fields.flatMap(([namespace, options]) => options.fields.map(([option, one]) => ({ namespace, option, at: one })));
  }
  return at.items.flatMap(one => {
    const [namespace, option, value] = ['namespace', 'option_name', 'value'].map(name => one.field(name));
    if (!option?.text || !value) return [];
    namespace?.taken('the namespace of the option');
    option.taken('the name of the option');
    return [{ namespace: namespace?.text ?? 'aws:elasticbeanstalk:application:environment', option: option.text, at: value }];
  });
}

function setOptions(at: Reader, target: Target): void {
  const all = settingsIn(at);
  const find = (table: Table<Setting>, name: string) => table[name]
    ?? Object.entries(table).find(([key]) => key.endsWith('*') && name.startsWith(key.slice(0, -1)))?.[1];
  for (const { namespace, option, at: one } of all) {
    const options = find(OPTIONS, namespace);
    const rule = options && typeof options !== 'function' ? find(options, option) : undefined;
    const others = new Map(all.filter(other => other.namespace === namespace).map(other => [other.option, other.at.text]));
    if (typeof rule === 'function') rule(one, { ...target, namespace, option, others });
  }
}

/** A value that CloudFormation takes as a list: `a, b`. */
function listIn(at: Reader): string[] {
  return at.texts.flatMap(text => text.split(',')).map(text => text.trim()).filter(text => text !== '');
}

/** The folder of the virtual environment of Beanstalk, which images do not have. */
const ACTIVATE = /^(source|\.)\s+\S*\/bin\/activate\s*(&&|;)\s*/;

/**
 * Commands that run once for all instances are the release command.
 *
 * @see https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/customize-containers-ec2.html#linux-container-commands
 */
function setCommands(at: Reader, { app, builder }: Target): void {
  const sorted = [...at.fields].sort(([a], [b]) => (a < b ? -1 : 1));
  const lines: string[] = [];
  for (const [, one] of sorted) {
    const command = one.field('command');
    const line = (command?.isList ? command.texts.join(' ') : command?.text ?? '').trim().replace(ACTIVATE, '');
    if (!command || line === '' || !one.field('leader_only')?.boolean) {
      one.none('it runs on every instance as it starts', 'write it in a Dockerfile; or as releaseCommand, if it has to run once');
      continue;
    }
    lines.push(line);
    app.change(command, ['releaseCommand', 'command'], commandFor(lines.join(' && '), builder), 'it runs once, before each deploy');
    one.field('leader_only')!.taken(app.shown(['releaseCommand']));
    one.field('cwd')?.none('commands start in the folder of the image', 'write cd in the command');
    one.field('env')?.none('the release command has the variables of the app', 'write them in env');
    one.field('test')?.none('it always runs', 'write the test in the command');
    one.field('ignoreErrors')?.none('a release command that fails stops the deploy', 'write || true in the command');
  }
}

/** Memory in GiB of instance types, by family and size: https://aws.amazon.com/ec2/instance-types/ */
const GIBIBYTES: { readonly [family: string]: { readonly [size: string]: number | undefined } | undefined } = {
  t: { 'nano': 0.5, 'micro': 1, 'small': 2, 'medium': 4, 'large': 8, 'xlarge': 16, '2xlarge': 32 },
  m: { 'medium': 4, 'large': 8, 'xlarge': 16, '2xlarge': 32, '4xlarge': 64 },
  c: { 'medium': 2, 'large': 4, 'xlarge': 8, '2xlarge': 16, '4xlarge': 32 },
  r: { 'medium': 8, 'large': 16, 'xlarge': 32, '2xlarge': 64 },
};

/** The first of the types: https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/using-features.managing.as.html */
function setInstance(at: Reader, { app }: Setting): void {
  const [type = ''] = listIn(at);
  const [, family, size] = /^([tmcr])(?:[2-9])[a-z]*\.(\w+)$/.exec(type) ?? [];
  const memory = GIBIBYTES[family]?.[size];
  if (memory === undefined) at.none('its memory is not known', 'write size');
  else setSize(app, [], { memory: memory * 1024 ** 3 }, `an instance ${type} with ${memory} GiB, which the app did not share`, at);
}

/**
 * Without a Procfile, Beanstalk starts gunicorn.
 *
 * @see https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/create-deploy-python-container.html
 */
function setWsgi(at: Reader, { app, builder, others, isStarted }: Setting): void {
  if (isStarted) return at.taken('the Procfile or the image says what starts');
  const path = (at.text ?? '').replace(/\.py$/, '').replace(/\//g, '.');
  const flags = [['NumProcesses', '--workers'], ['NumThreads', '--threads']] as const;
  const more = flags.flatMap(([option, flag]) => (others.has(option) ? [`${flag} ${others.get(option)}`] : []));
  const words = ['gunicorn --bind 0.0.0.0:$PORT', ...more, path.includes(':') ? path : `${path}:application`];
  return app.change(at, ['command'], commandFor(words.join(' '), builder), 'gunicorn starts it, which has to be in requirements.txt');
}

/** The variables that Beanstalk gives the app. */
const RDS = {
  RDS_HOSTNAME: 'host',
  RDS_PORT: 'port',
  RDS_DB_NAME: 'database',
  RDS_USERNAME: 'user',
  RDS_PASSWORD: 'password',
} as const;

/** https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/using-features.managing.db.html */
function setDatabase(at: Reader, { app }: Setting): void {
  const type = serviceOfEngine(at.text ?? '');
  if (!type) return at.none('there is no connection of this kind', 'write a connection of type secret');
  const connection = connect(app, { name: 'db', type }, at);
  at.changed(app.shown(['connections', connection]), 'the connection gives the app its address, also as RDS_HOSTNAME and others');
  for (const [name, part] of Object.entries(RDS)) {
    const value = partOf(app, connection, part);
    if (value !== undefined) app.set(['env', name], value);
  }
  return undefined;
}

function setMemory(at: Reader, { app, steps }: InDefinition): void {
  if (app.has([...steps, 'size']) || app.has([...steps, 'resources'])) at.taken(app.shown([...steps, 'size']));
  else if (at.number !== undefined) setSize(app, steps, { memory: at.number * 1024 ** 2 }, `${at.number} MiB`, at);
}

/** An instance keeps its folders; a new pod starts with an empty one. */
function setVolume(at: Reader, name: string, path: string, app: AppDraft): void {
  if (path === '/tmp') {at.taken('/tmp is an empty folder in each pod');} else {
    app.change(at, ['volumes', name], { path, empty: '1Gi' }, 'a new pod starts with an empty volume',
      'Empty in each new pod; with size: 5Gi in place of empty, it outlives the pod.');
  }
}

/** The container that listens on the port of the instance is the app; databases and caches beside it are connections. */
function setDefinitions(at: Reader, target: Target): void {
  const { app, root } = target;
  const isService = (one: Reader) => serviceOfImage(one.field('image')?.text ?? '') !== undefined;
  const [services, programs] = [at.items.filter(isService), at.items.filter(one => !isService(one))];
  const port = (one: Reader) => one.field('portMappings')?.items[0]?.field('hostPort')?.number;
  const main = programs.find(one => port(one) === 80) ?? programs.find(one => one.field('portMappings')) ?? programs[0];
  for (const one of services) {
    const type = serviceOfImage(one.field('image')!.text!)!;
    const connection = connect(app, { name: one.field('name')?.text ?? type.type, type }, one);
    one.changed(app.shown(['connections', connection]), 'it is not beside the app, but a service of its own; data is not copied');
  }
  for (const one of [...main ? [main] : [], ...programs.filter(other => other !== main)]) {
    const steps = one === main ? [] : ['sidecars', appName(one.field('name')?.text ?? 'sidecar')];
    convert(one, { ...target, steps, root }, DEFINITION);
  }
}

/** https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/platforms-linux-extend.html */
function setPlatformFile(at: Reader, { name }: SourceFile, app: AppDraft): void {
  if (!/\/nginx\//.test(name)) {
    const isBefore = /\/hooks\/(prebuild|predeploy)\//.test(name);
    return at.none(isBefore ? 'nothing runs before each start' : 'nothing runs after each start',
      'write it in a Dockerfile; or as releaseCommand, if it has to run once before each deploy');
  }
  for (const [, one] of at.fields) {
    const [, size, unit = ''] = /^\s*client_max_body_size\s+(\d+)([kmg]?)\s*;/i.exec(one.text ?? '') ?? [];
    const suffix = unit === '' ? '' : `${unit.toUpperCase()}i`;
    if (size !== undefined && size !== '0') app.take(one, ['http', 'maxBodySize'], size + suffix);
    else one.none('no nginx runs beside the app', 'see http and timeouts, or write it in the app');
  }
  return undefined;
}

/**
 * Beanstalk posts to the worker at the time.
 *
 * @see https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/using-features-managing-env-tiers.html
 */
function setCron(at: Reader, app: AppDraft): void {
  at.field('version')?.taken('it is that of the format');
  for (const one of at.field('cron')!.items) {
    const [name, url, schedule] = ['name', 'url', 'schedule'].map(field => one.field(field));
    if (!url?.text || !schedule?.text) continue;
    const task = name?.text ?? url.text.replace(/^\//, '');
    const options = ['-X', 'POST', '-H', `X-Aws-Sqsd-Taskname: ${task}`];
    const steps = setHttpCron(app, { name: task, path: url, schedule: schedule.text.trim(), at: schedule, options });
    name?.taken(app.shown(steps));
  }
}
