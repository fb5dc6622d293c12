/** Azure Container Apps and their jobs, as `az containerapp create --yaml` takes them and `az containerapp show` prints them. */
import type { AppDraft, Steps } from '../draft';
import { appName, folderName, volumeName } from '../draft';
import type { Conversion, Format } from '../format';
import type { Reader } from '../reader';
import { readDocuments } from '../shared/documents';
import type { ContainerTarget, PodTarget } from '../shared/pod';
import { CONTAINER } from '../shared/pod';
import { fiveFields } from '../shared/schedules';
import { setSize } from '../shared/sizes';
import { setTraffic } from '../shared/traffic';
import { bytesIn, duration } from '../shared/units';
import { setContainerVariable, setVariables } from '../shared/variables';
import type { SourceFile } from '../source/node';
import type { Rule, Table } from '../table';
import { convert, holds, none } from '../table';

export const containerapps: Format = {
  name: 'containerapps',
  title: 'Azure Container Apps',
  documentation: 'https://learn.microsoft.com/azure/container-apps/azure-resource-manager-api-spec',
  get tables() {
    return [TOP, PROPERTIES, APP_CONTAINER, INGRESS];
  },
  recognizes: ({ text }) => /^\s*"?type"?:\s*['"]?Microsoft\.App\/(containerApps|jobs)/im.test(text)
    || (/^\s*"?properties"?:/m.test(text) && /^\s*"?(managedEnvironmentId|environmentId|activeRevisionsMode)"?:/m.test(text)),
  convert: (files, conversion) => files.forEach(file => convertFile(file, conversion)),
};

interface Target {
  readonly app: AppDraft;
  readonly root: Reader;

  /** Where its program is: empty for an app with ingress. */
  readonly process: Steps;
}

interface InContainer extends Target, ContainerTarget {}

const OF_AZURE = 'it is about the resource in Azure';
const STATE = 'Azure writes it';
const IDENTITY = 'it is an identity of Azure';
const WORKLOAD_IDENTITY = 'write serviceAccount: { annotations: { azure.workload.identity/client-id: … } }, on AKS with workload identity';
const TEAM = 'ask your platform team';

/** https://learn.microsoft.com/azure/templates/microsoft.app/containerapps */
const TOP: Table<Target> = {
  name: (at, { app }) => at.taken(app.shown(['name'])),
  properties: (at, target) => convert(at, target, PROPERTIES),
  tags: none(OF_AZURE, 'write labels: { … }, if something reads them'),
  identity: none(IDENTITY, WORKLOAD_IDENTITY),
  type: holds('the kind of the resource'),
  location: none('a cluster is in one region', 'deploy to a cluster there'),
  resourceGroup: holds('namespace'),
  id: holds(STATE),
  systemData: holds(STATE),
  apiVersion: holds('the version of the format'),
  kind: holds(OF_AZURE),
  managedBy: holds(OF_AZURE),
  extendedLocation: none('a cluster is in one region', 'deploy to a cluster there'),
};

const PROPERTIES: Table<Target> = {
  configuration: {
    ingress: (at, target) => setIngress(at, target),
    activeRevisionsMode: at => at.text?.toLowerCase() === 'multiple'
      ? at.changed('rollout', 'there is one version, or two with a canary')
      : at.taken('there is one version'),
    secrets: setSecrets,
    registries: (at, { app }) => at.items.forEach(one => {
      const login = `webapp registry login ${one.field('server')?.text ?? ''} --namespace ${app.draft.namespace ?? app.name}`;
      one.none('the credentials of a registry are in a Secret', `run ${login}`);
    }),
    dapr: (at, _) => at.field('enabled')?.boolean
      ? at.none('there is no Dapr beside the app', 'install it in the cluster, and write its annotations in annotations')
      : at.taken('it is off'),
    maxInactiveRevisions: holds('releases are kept'),
    runtime: none('it is a feature of Azure for Java', 'write metrics: { … }'),
    service: none('it is a development service of Azure', 'write connections: { … }'),
    identitySettings: none(IDENTITY, WORKLOAD_IDENTITY),
    // Those of a job.
    triggerType: (at, _) => at.text?.toLowerCase() === 'event'
      ? at.none('jobs start by the clock', 'write a worker that scales with its queue: workers: { …: { scaling: { triggers: … } } }')
      : at.taken('the kind of the job'),
    replicaTimeout: (at, { app, process }) => app.take(at, [...process, 'deadline'], duration(at.number ?? 1800)),
    replicaRetryLimit: (at, { app, process }) => app.take(at, [...process, 'retries'], at.number),
    scheduleTriggerConfig: {
      cronExpression: (at, { app, process }) => app.take(at, [...process, 'schedule'], fiveFields(at.text ?? '')),
      parallelism: at => at.number === 1 ? at.taken('a run has one pod') : at.none('a run has one pod', 'write patches with parallelism'),
      replicaCompletionCount: at => at.number === 1
        ? at.taken('a run has one pod')
        : at.none('a run has one pod', 'write patches with completions'),
    },
    manualTriggerConfig: none('jobs start by the clock', 'run it: webapp run -- and its command'),
    eventTriggerConfig: none('jobs start by the clock', 'write a worker that scales with its queue'),
  },
  template: {
    containers: (at, target) => at.items.forEach((one, i) => setContainer(one, target, i === 0)),
    initContainers: (at, target) => at.items.forEach(one => setContainer(one, target, false, 'initContainers')),
    scale: setScale,
    volumes: at => at.items.filter(one => !one.outcome).forEach(one => one.none('no container mounts it', 'remove it')),
    revisionSuffix: holds('releases have numbers'),
    terminationGracePeriodSeconds: (at, { app, process }) => {
      if (at.number === 30 || at.number === undefined) at.taken('programs have 30 seconds to stop');
      else if (process.length > 0) app.take(at, [...process, 'terminationGracePeriod'], duration(at.number));
      else app.take(at, ['health', 'terminationGracePeriod'], duration(at.number + 5));
    },
    serviceBinds: none('it is a development service of Azure', 'write connections: { … }'),
  },
  managedEnvironmentId: holds('namespace'),
  environmentId: holds('namespace'),
  workloadProfileName: none('nodes are those of the cluster', 'choose them with scheduling: { nodeSelector: … }'),
  patchingMode: holds('images are those that you deploy'),
  provisioningState: holds(STATE),
  runningStatus: holds(STATE),
  latestRevisionName: holds(STATE),
  latestReadyRevisionName: holds(STATE),
  latestRevisionFqdn: holds(STATE),
  customDomainVerificationId: holds(STATE),
  outboundIpAddresses: holds(STATE),
  eventStreamEndpoint: holds(STATE),
  deploymentErrors: holds(STATE),
};

/** https://learn.microsoft.com/azure/container-apps/ingress-overview */
const INGRESS: Table<Target> = {
  external: (at, { app }) => at.boolean
    ? at.taken('the app is reachable through the ingress of the cluster')
    : app.take(at, ['internal'], true),
  targetPort: (at, { app }) => at.number === 0 ? at.taken('the port is 8080') : app.take(at, ['port'], at.number),
  exposedPort: holds('clients use the ports 80 and 443 of the ingress'),
  transport: (at, { app }) => {
    if (at.outcome) return;
    if (at.text?.toLowerCase() === 'http2') app.take(at, ['protocol'], 'http2');
    else at.taken('http1');
  },
  allowInsecure: holds('the platform decides whether HTTP is redirected to HTTPS'),
  customDomains: (at, { app }) => at.items.forEach(one => {
    const name = one.field('name');
    const before = (app.props.hosts as string[] | undefined) ?? [];
    if (name?.text) app.take(name, ['hosts'], [...new Set([...before, name.text])]);
    for (const field of ['bindingType', 'certificateId']) one.field(field)?.none('the platform configures TLS', 'see tls');
  }),
  traffic: (at, { app }) => setTraffic(at, app, { weight: 'weight', tag: 'label' }),
  ipSecurityRestrictions: (at, { app }) => {
    const isAllowed = (one: Reader) => one.field('action')?.text?.toLowerCase() === 'allow';
    const ranges = at.items.filter(isAllowed).flatMap(one => one.field('ipAddressRange')?.text ?? []);
    if (ranges.length > 0) app.take(at, ['access', 'allow'], ranges);
    for (const one of at.items) if (!isAllowed(one)) one.none('access lists who may come in', 'write access: { allow: … }');
  },
  stickySessions: at => at.field('affinity')?.text?.toLowerCase() === 'sticky'
    ? at.none('requests of a client go to any replica', 'keep sessions in a database')
    : at.taken('requests of a client go to any replica'),
  clientCertificateMode: at => !at.text || at.text.toLowerCase() === 'ignore'
    ? at.taken('clients need no certificate')
    : at.none('the ingress decides who may come in', TEAM),
  corsPolicy: {
    allowedOrigins: (at, { app }) => app.take(at, ['http', 'cors', 'allowOrigins'], at.texts),
    allowedMethods: (at, { app }) => app.take(at, ['http', 'cors', 'allowMethods'], at.texts),
    allowedHeaders: (at, { app }) => app.take(at, ['http', 'cors', 'allowHeaders'], at.texts),
    exposeHeaders: (at, { app }) => app.take(at, ['http', 'cors', 'exposeHeaders'], at.texts),
    maxAge: (at, { app }) => app.take(at, ['http', 'cors', 'maxAge'], duration(at.number ?? 3600)),
    allowCredentials: (at, { app }) => app.take(at, ['http', 'cors', 'allowCredentials'], at.boolean),
  },
  additionalPortMappings: (at, { app }) => at.items.forEach(one => {
    const port = one.field('targetPort');
    if (port?.number === undefined) return;
    const isExternal = one.field('external')?.boolean;
    const own = ['ports', `p${port.number}`];
    app.change(port, own, { port: port.number, ...isExternal ? { loadBalancer: {} } : {} },
      'its connections do not wake the app, so a replica always runs');
    app.set(['scaling', 'min'], Math.max(1, Number(app.get(['scaling', 'min']) ?? 0)));
    for (const name of ['external', 'exposedPort']) one.field(name)?.taken(app.shown(own));
  }),
  fqdn: holds(STATE),
};

/** https://learn.microsoft.com/azure/templates/microsoft.app/containerapps#container */
const APP_CONTAINER: Table<InContainer> = {
  name: holds('a container of the pod'),
  image: (at, { app, steps, isMain, process }) => {
    if (!isMain) app.take(at, [...steps, 'image'], at.text);
    else app.take(at, ['image'], at.text);
    if (isMain && process.length > 0) app.cameFrom(at, [...process, 'image']);
  },
  imageType: holds('the image is one'),
  command: CONTAINER.command as Rule<ContainerTarget>,
  args: CONTAINER.args as Rule<ContainerTarget>,
  env: setEnv,
  resources: (at, { app, steps }) => {
    const [cpu, memory, disk] = ['cpu', 'memory', 'ephemeralStorage'].map(name => at.field(name));
    const sources = [cpu, memory].flatMap(one => one ?? []);
    setSize(app, steps, { cpu: cpu?.number, memory: bytesIn(memory?.text ?? '') },
      [cpu && `${cpu.text} CPU`, memory && `${memory.text} of memory`].filter(one => one).join(' and '), ...sources);
    disk?.taken('a replica may use 1Gi of disk, or resources.ephemeralStorage');
  },
  probes: (at, target) => at.items.forEach(one => setProbe(one, target)),
  volumeMounts: setMounts,
};

function convertFile(file: SourceFile, conversion: Conversion): void {
  const roots = readDocuments(file, conversion, containerapps);
  conversion.draft.hasSeveral ||= roots.length > 1;
  for (const root of roots) {
    const app = conversion.draft.app(root.field('name')?.text ?? folderName(file));
    const configuration = root.at('properties', 'configuration');
    const isJob = configuration?.field('triggerType') !== undefined;
    const process = isJob ? ['cronJobs', 'main'] : configuration?.field('ingress')?.isMap ? [] : ['workers', 'main'];
    if (process.length > 0) app.set(['web'], false);
    convert(root, { app, root, process }, TOP);
    if (process.length === 0) continue;
    if (isJob && !app.has([...process, 'schedule'])) {
      app.set([...process, 'schedule'], '0 0 * * *', 'It had no schedule: write one, and remove suspend.');
      app.set([...process, 'suspend'], true);
    }
    // A process needs something of its own to run.
    if (['command', 'args'].some(field => app.has([...process, field]))) continue;
    app.set([...process, 'image'], app.get(['image']));
    app.set(['image'], undefined);
  }
}

function setIngress(at: Reader, target: Target): void {
  const { app } = target;
  if (at.field('transport')?.text?.toLowerCase() === 'tcp') {
    const port = at.field('targetPort')?.number;
    at.field('transport')!.none('requests are those of HTTP', `write ports: { tcp: { port: ${port ?? '…'}, loadBalancer: {} } }`);
    app.set(['scaling', 'min'], 1);
    app.set(['internal'], true, 'It is a server of TCP, which no request of HTTP wakes.');
  }
  convert(at, target, INGRESS);
}

/** Secrets are there for the variables that name them: https://learn.microsoft.com/azure/container-apps/manage-secrets */
function setSecrets(at: Reader, { app }: Target): void {
  for (const one of at.items) {
    for (const field of ['name', 'value', 'keyVaultUrl']) one.field(field)?.taken(app.shown(['secretEnv']));
    one.field('identity')?.none(IDENTITY, 'create the Secret from the key vault, or use External Secrets');
  }
}

/** The command that reads the value of a secret. */
function readerOf(secret: string, { root }: Target): string {
  const found = root.at('properties', 'configuration', 'secrets')?.items.find(one => one.field('name')?.text === secret);
  const vault = found?.field('keyVaultUrl')?.text;
  if (vault !== undefined) return `"$(az keyvault secret show --id ${vault} --query value --output tsv)"`;
  const group = root.field('resourceGroup')?.text ?? 'GROUP';
  const [name, command] = [root.field('name')?.text ?? 'APP', `--secret-name ${secret} --query value --output tsv`];
  const kind = /jobs$/i.test(root.field('type')?.text ?? '') ? 'containerapp job' : 'containerapp';
  return `"$(az ${kind} secret show --name ${name} --resource-group ${group} ${command})"`;
}

function setEnv(at: Reader, target: InContainer): void {
  const { app, steps, isMain, process } = target;
  for (const one of at.items) {
    const [name, value, secret] = ['name', 'value', 'secretRef'].map(field => one.field(field));
    if (name?.text === undefined) continue;
    if (secret?.text) {
      app.change(one, [...isMain ? [] : steps, 'secretEnv', name.text], { secret: app.name, key: name.text },
        'a Secret of the cluster has the value');
      app.needsSecret(app.name, name.text, readerOf(secret.text, target));
    } else if (isMain) {
      setVariables(app, process, [{ name: name.text, at: one, value: value?.text ?? '' }]);
    } else {
      setContainerVariable(app, steps, { name: name.text, at: one, value: value?.text });
    }
  }
}

function setContainer(at: Reader, target: Target, isMain: boolean, kind: 'sidecars' | 'initContainers' = 'sidecars'): void {
  const { app, process } = target;
  const name = appName(at.field('name')?.text ?? kind);
  const steps = isMain ? process : [kind, name];
  if (!isMain && process.length > 0) app.set([...steps, 'processes'], [process.at(-1)]);
  const isJob = process[0] === 'cronJobs';
  const pod: PodTarget = {
    app,
    process,
    spec: at,
    main: '',
    patch: {
      kind: isJob ? 'CronJob' : 'Deployment',
      name: [app.name, ...process.slice(1)].join('-'),
      way: isJob ? ['spec', 'jobTemplate', 'spec', 'template', 'spec'] : ['spec', 'template', 'spec'],
    },
    keys: { configMaps: new Map(), secrets: new Map() },
    accessModes: new Map(),
  };
  convert(at, { ...target, pod, steps, isMain }, APP_CONTAINER);
}

/** Probes are those of Kubernetes, in a list: https://learn.microsoft.com/azure/container-apps/health-probes */
function setProbe(at: Reader, target: InContainer): void {
  const type = at.field('type')?.text?.toLowerCase() ?? '';
  const rules: { readonly [type: string]: Table<ContainerTarget>[string] } = {
    liveness: CONTAINER.livenessProbe,
    readiness: CONTAINER.readinessProbe,
    startup: CONTAINER.startupProbe,
  };
  if (!(type in rules)) return;
  (rules[type] as Rule<ContainerTarget>)(at, target);
  if (!at.outcome) at.field('type')?.taken(target.app.shown(['health']));
}

/** https://learn.microsoft.com/azure/container-apps/scale-app */
function setScale(at: Reader, { app, process }: Target): void {
  const [min, max, cooldown, polling] = ['minReplicas', 'maxReplicas', 'cooldownPeriod', 'pollingInterval'].map(name => at.field(name));
  const scaling = [...process, 'scaling'];
  const isFixed = min?.number !== undefined && min.number === max?.number && process.length > 0;
  if (isFixed) {
    for (const one of [min, max]) if (one) app.take(one, [...scaling, 'replicas'], min.number);
  } else {
    if (min?.number) app.take(min, [...scaling, 'min'], min.number);
    else min?.taken('the app scales to zero');
    if (max?.number !== undefined) app.take(max, [...scaling, 'max'], max.number);
  }
  if (cooldown?.number === 300) cooldown.taken('an idle app sleeps after 5 minutes');
  else if (cooldown?.number !== undefined) app.take(cooldown, [...scaling, 'cooldownPeriod'], duration(cooldown.number));
  if (polling?.number !== undefined) polling.none('KEDA has an interval of its own', 'write patches with spec.pollingInterval');
  for (const rule of at.field('rules')?.items ?? []) setRule(rule, app, scaling);
}

const AUTH = 'name a TriggerAuthentication that you create: authentication: { existing: … }';

function setRule(at: Reader, app: AppDraft, scaling: Steps): void {
  const http = at.field('http') ?? at.field('tcp');
  const concurrent = http?.at('metadata', 'concurrentRequests');
  const [custom, queue] = [at.field('custom'), at.field('azureQueue')];
  at.field('name')?.taken(app.shown(scaling));
  const add = (from: Reader, trigger: object) => {
    const before = (app.get([...scaling, 'triggers']) as object[] | undefined) ?? [];
    app.take(from, [...scaling, 'triggers'], [...before, trigger]);
  };
  if (concurrent?.number !== undefined && scaling.length === 1) {
    app.take(concurrent, [...scaling, 'concurrency'], concurrent.number);
  } else if (custom) {
    const type = custom.field('type')?.text ?? '';
    const metadata = Object.fromEntries(custom.field('metadata')?.fields.map(([name, one]) => [name, one.text ?? '']) ?? []);
    const percent = Number(metadata.value);
    if (/^(cpu|memory)$/.test(type) && (metadata.type ?? 'Utilization') === 'Utilization') app.take(custom, [...scaling, type], percent);
    else if (type === 'http') app.take(custom, [...scaling, 'concurrency'], Number(metadata.concurrentRequests ?? 10));
    else add(custom, { type, metadata });
    custom.field('auth')?.none('secrets of triggers are in a TriggerAuthentication', AUTH);
  } else if (queue) {
    const [name, length, account] = ['queueName', 'queueLength', 'accountName'].map(field => queue.field(field));
    add(queue, {
      type: 'azure-queue',
      metadata: { queueName: name?.text ?? '', queueLength: length?.text ?? '5', ...account?.text ? { accountName: account.text } : {} },
    });
    queue.field('auth')?.none('secrets of triggers are in a TriggerAuthentication', AUTH);
  }
  for (const one of [http, custom, queue]) one?.field('identity')?.none(IDENTITY, WORKLOAD_IDENTITY);
}

/** https://learn.microsoft.com/azure/container-apps/storage-mounts */
function setMounts(at: Reader, target: InContainer): void {
  const { app, steps, isMain, root } = target;
  for (const mount of at.items) {
    const [name, path, sub] = ['volumeName', 'mountPath', 'subPath'].map(field => mount.field(field));
    const volume = root.at('properties', 'template', 'volumes')?.items.find(one => one.field('name')?.text === name?.text);
    if (!volume || !name?.text || !path?.text) continue;
    const type = volume.field('storageType')?.text ?? 'EmptyDir';
    const where = [...steps, 'volumes', volumeName(name.text)];
    if (type === 'Secret') {
      setSecretFiles(volume, path, target);
      name.taken(app.shown(['secretFiles']));
    } else if (type === 'EmptyDir' && path.text === '/tmp') {
      mount.taken('/tmp is an empty folder in each pod');
      volume.taken('/tmp is an empty folder in each pod');
    } else {
      const isShared = type !== 'EmptyDir';
      const source = isShared ? { size: '5Gi', accessMode: 'read-write-many' } : { empty: '1Gi' };
      const whole = { path: path.text, ...source };
      if (!isMain && !app.has(['volumes', volumeName(name.text)])) app.set(['volumes', volumeName(name.text)], whole);
      const own = isMain ? whole : app.get(['volumes', volumeName(name.text), 'path']) === path.text ? {} : { path: path.text };
      const reason = isShared
        ? 'it is a new claim, whose storage class must support several writers; data is not copied'
        : 'an empty volume has a size';
      const comment = isShared && isMain ? 'Its storage class must support several writers, as Azure Files does.' : undefined;
      app.change(path, where, own, reason, comment);
      name.taken(app.shown(where));
      volume.taken(app.shown(where));
      volume.field('storageName')?.none('it is a share of Azure', 'write claim: … with a claim of that share, in place of size');
      volume.field('mountOptions')?.none('they are options of the storage class', TEAM);
    }
    sub?.none('a volume is mounted as a whole', 'mount it, and use the folder in it');
  }
}

function setSecretFiles(volume: Reader, path: Reader, target: InContainer): void {
  const { app, root, isMain, steps } = target;
  const named = volume.field('secrets')?.items.map(one => [one.field('secretRef')?.text, one.field('path')?.text] as const);
  // Without a list, all secrets of the app are files.
  const all = root.at('properties', 'configuration', 'secrets')?.items.map(one => [one.field('name')?.text, undefined] as const);
  for (const [secret, file] of named ?? all ?? []) {
    if (secret === undefined) continue;
    const where = `${path.text!.replace(/\/$/, '')}/${file ?? secret}`;
    app.change(path, [...isMain ? [] : steps, 'secretFiles', where], { secret: app.name, key: secret },
      'a Secret of the cluster has the value');
    app.needsSecret(app.name, secret, readerOf(secret, target));
  }
  volume.taken(app.shown(['secretFiles']));
}
