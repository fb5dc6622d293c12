/** app.yaml, cron.yaml and dispatch.yaml of App Engine. */
import { basename } from 'node:path';
import type { AppDraft } from '../draft';
import { folderName } from '../draft';
import type { Conversion, Format } from '../format';
import type { Reader } from '../reader';
import { setHttpCron } from '../shared/http-cron';
import { commandFor } from '../shared/processes';
import { setSize } from '../shared/sizes';
import { duration, secondsIn } from '../shared/units';
import { setBuildVariable, setVariables } from '../shared/variables';
import type { SourceFile } from '../source/node';
import { readYaml } from '../source/yaml';
import type { Table } from '../table';
import { convert, holds, none } from '../table';

export const appengine: Format = {
  name: 'appengine',
  title: 'App Engine',
  documentation: 'https://cloud.google.com/appengine/docs/standard/reference/app-yaml',
  get tables() {
    return [TABLE];
  },
  recognizes: ({ name, text }) => (/^(app|[\w-]+)\.ya?ml$/.test(basename(name)) && /^runtime:/m.test(text)
    && !/^(kind|services):/m.test(text))
    || (/^cron\.ya?ml$/.test(basename(name)) && /^cron:/m.test(text) && !/^version:/m.test(text))
      || (/^dispatch\.ya?ml$/.test(basename(name)) && /^dispatch:/m.test(text)),
  convert: convertAppEngine,
};

interface Target {
  readonly app: AppDraft;
  readonly isFlexible: boolean;
}

const SCALING: Table<Target> = {
  min_instances: (at, { app }) => at.number ? app.take(at, ['scaling', 'min'], at.number) : at.taken('the app scales to zero'),
  min_num_instances: (at, { app }) => app.take(at, ['scaling', 'min'], at.number),
  max_instances: (at, { app }) => app.take(at, ['scaling', 'max'], at.number),
  max_num_instances: (at, { app }) => app.take(at, ['scaling', 'max'], at.number),
  instances: (at, { app }) => app.take(at, ['scaling', 'replicas'], at.number),
  max_concurrent_requests: (at, { app }) => app.change(at, ['scaling', 'concurrency'], at.number,
    'it is what the app scales on, and not a limit'),
  target_concurrent_requests: (at, { app }) => app.take(at, ['scaling', 'concurrency'], at.number),
  target_cpu_utilization: (at, { app, isFlexible }) => {
    const percent = Math.round((at.number ?? 0.6) * 100);
    if (isFlexible) app.take(at, ['scaling', 'cpu'], percent);
    else at.none('an app that scales by CPU alone cannot be woken by requests', `write scaling: { concurrency: …, cpu: ${percent} }`);
  },
  cpu_utilization: {
    target_utilization: (at, { app }) => app.take(at, ['scaling', 'cpu'], Math.round((at.number ?? 0.5) * 100)),
    aggregation_window_length_sec: none('KEDA has a window of its own', 'remove it'),
  },
  idle_timeout: (at, { app }) => {
    const seconds = secondsIn(at.text ?? '');
    if (seconds === 300) at.taken('an idle app sleeps after 5 minutes');
    else if (seconds !== undefined) app.take(at, ['scaling', 'cooldownPeriod'], duration(seconds));
  },
  cool_down_period_sec: (at, { app }) => app.take(at, ['scaling', 'cooldownPeriod'], duration(at.number ?? 120)),
  target_throughput_utilization: none('targets are reached in full', 'write a lower concurrency'),
  min_idle_instances: (at, { app }) => at.number
    ? app.change(at, ['scaling', 'min'], at.number, 'there are no idle replicas beside the busy ones; so many always run')
    : at.taken('the app scales to zero'),
  max_idle_instances: holds('idle replicas are removed'),
  min_pending_latency: none('requests do not wait for a replica that runs', 'write a lower concurrency'),
  max_pending_latency: none('requests do not wait for a replica that runs', 'write a lower concurrency'),
};

/** https://cloud.google.com/appengine/docs/standard/reference/app-yaml, and that of the flexible environment */
const TABLE: Table<Target> = {
  runtime: (at, { app }) => at.text === 'custom'
    ? at.taken('the Dockerfile is built')
    : app.change(at, ['build', 'strategy'], 'buildpacks', 'buildpacks detect the language and its version'),
  env: holds('there is one environment'),
  runtime_config: none('buildpacks detect the version', 'write the files that they read, or build: { env: … }'),
  service: holds('name'),
  module: holds('name'),
  entrypoint: (at, { app, isFlexible }) => {
    const line = at.isMap ? at.field('shell') : at;
    if (line?.text) {
      app.take(line, ['command'], commandFor(line.text, isFlexible && app.get(['build']) === undefined ? 'dockerfile'
        : 'buildpacks'));
    }
  },
  instance_class: setClass,
  resources: (at, { app }) => {
    const [memory, cpu, disk] = ['memory_gb', 'cpu', 'disk_size_gb'].map(name => at.field(name));
    const sources = [memory, cpu].flatMap(one => one ?? []);
    setSize(app, [], { memory: memory?.number === undefined ? undefined : memory.number * 1024 ** 3, cpu: cpu?.number },
      sources.map(one => `${one.path.split('.').at(-1)}: ${one.text}`).join(', '), ...sources);
    disk?.taken('a replica may use 1Gi of disk, or resources.ephemeralStorage');
    at.field('volumes')?.items.forEach(one => one.none('it is memory', 'write volumes: { work: { path: …, memory: … } }'));
  },
  automatic_scaling: { standard_scheduler_settings: SCALING, ...SCALING },
  basic_scaling: SCALING,
  manual_scaling: SCALING,
  env_variables: (at, { app }) => setVariables(app, [], at.fields.map(([name, one]) => ({ name, at: one, value: one.text }))),
  build_env_variables: (at, { app }) => at.fields.forEach(([name, one]) => setBuildVariable(app, name, one)),
  handlers: setHandlers,
  error_handlers: none('errors are pages of the app', 'answer them in the app'),
  readiness_check: setHealth,
  liveness_check: none('an app that is slow is not restarted', 'write health: { path: … }, which decides about requests'),
  health_check: none('it is an older form of readiness_check', 'write health: { path: … }'),
  inbound_services: none('there is no warmup request', 'a replica gets requests when health.path answers'),
  service_account: none('it is an identity of Google Cloud',
    'write serviceAccount: { annotations: { iam.gke.io/gcp-service-account: … } }'),
  network: at => {
    for (const port of at.field('forwarded_ports')?.items ?? []) port.none('ports of nodes are not used', 'write ports');
    at.field('session_affinity')?.none('requests of a client go to any replica', 'keep sessions in a database');
    for (const name of ['name', 'subnetwork_name', 'instance_tag', 'instance_ip_mode']) {
      at.field(name)?.none('it is a network of Google Cloud', 'ask your platform team');
    }

  },
  beta_settings: none('it is a setting of Google Cloud', 'for Cloud SQL, write sidecars with its proxy, or a connection'),
  vpc_access_connector: none('it is a network of Google Cloud', 'ask your platform team'),
  app_engine_apis: none('there are no services of App Engine', 'use libraries that do not need them'),
  app_engine_bundled_services: none('there are no services of App Engine', 'use libraries that do not need them'),
  includes: none('other files', 'copy what they say'),
  libraries: none('the build installs libraries', 'write them in requirements.txt'),
  default_expiration: none('static files have the Cache-Control of their server', 'set it in the app'),
  derived_file_type: none('nothing is derived', 'remove it'),
  main: holds('buildpacks find the program'),
  threadsafe: holds('replicas get several requests at a time'),
  api_version: holds('it has no meaning any more'),
  application: holds('namespace'),
  version: holds('images have tags'),
  skip_files: none('.gitignore and .dockerignore say what is not built', 'write them there'),
  nobuild_files: none('.gitignore and .dockerignore say what is not built', 'write them there'),
};

function convertAppEngine(files: readonly SourceFile[], conversion: Conversion): void {
  const roots = files.flatMap(file => readYaml(file).map(node => ({ file, root: conversion.read(file, node, appengine) })));
  const services = roots.filter(({ root }) => root.field('runtime'));
  conversion.draft.hasSeveral = services.length > 1;
  const apps = new Map<string, AppDraft>();
  for (const { file, root } of services) {
    const service = (root.field('service') ?? root.field('module'))?.text;
    const app = conversion.draft.app(service === undefined || service === 'default' ? folderName(file) : service);
    apps.set(service ?? 'default', app);
    const isFlexible = /^flex(ible)?$/.test(root.field('env')?.text ?? '') || root.field('vm')?.boolean === true;
    root.field('vm')?.taken('there is one environment');
    convert(root, { app, isFlexible }, TABLE);
  }
  for (const { root } of roots) {
    for (const job of root.field('cron')?.items ?? []) setCron(job, apps);
    for (const rule of root.field('dispatch')?.items ?? []) setDispatch(rule, apps);
  }
}

/** Memory of instance classes in MB: https://cloud.google.com/appengine/docs/standard#instance_classes */
const CLASSES: { readonly [name: string]: number | undefined } = {
  F1: 384, F2: 768, F4: 1536, F4_1G: 3072, B1: 384, B2: 768, B4: 1536, B4_1G: 3072, B8: 3072,
};

function setClass(at: Reader, { app }: Target): void {
  const memory = CLASSES[at.text?.toUpperCase() ?? ''];
  if (memory === undefined) at.none('its memory is not known', 'write size');
  else setSize(app, [], { memory: memory * 1024 ** 2 }, `${at.text} with ${memory} MB`, at);
}

/** https://cloud.google.com/appengine/docs/standard/reference/app-yaml#handlers_element */
function setHandlers(at: Reader): void {
  for (const one of at.items) {
    const isStatic = one.field('static_dir') || one.field('static_files');
    if (isStatic) {
      one.none('the app serves its files itself', 'serve them in the app, or from an app with static: FOLDER');
      continue;
    }
    one.field('url')?.taken('all paths reach the app');
    one.field('script')?.taken('all paths reach the app');
    const secure = one.field('secure');
    if (secure?.text === 'always') secure.taken('the platform redirects to HTTPS, or tls: { redirect: true }');
    else secure?.taken('the platform decides about HTTPS');
    one.field('redirect_http_response_code')?.taken('the ingress chooses it');
    for (const name of ['login', 'auth_fail_action']) {
      one.field(name)?.none('the ingress decides who may come in', 'write access: { signIn: … }');
    }

  }
}

/** https://cloud.google.com/appengine/docs/flexible/reference/app-yaml#readiness_checks */
function setHealth(at: Reader, { app }: Target): void {
  const [path, interval, start, host] = ['path', 'check_interval_sec', 'app_start_timeout_sec', 'host'].map(name => at.field(name));
  if (path?.text) app.take(path, ['health', 'path'], path.text);
  if (interval?.number !== undefined) app.take(interval, ['health', 'interval'], duration(interval.number));
  if (start?.number !== undefined) app.take(start, ['health', 'startupTimeout'], duration(start.number));
  if (host?.text) app.take(host, ['health', 'host'], host.text);
  for (const name of ['timeout_sec', 'failure_threshold', 'success_threshold']) at.field(name)?.taken('three checks in a row have to fail');
}

/**
 * App Engine sends a request at the time; here a program sends it.
 *
 * @see https://cloud.google.com/appengine/docs/standard/scheduling-jobs-with-cron-yaml
 */
function setCron(job: Reader, apps: ReadonlyMap<string, AppDraft>): void {
  const [url, schedule, description, zone] = ['url', 'schedule', 'description', 'timezone'].map(name => job.field(name));
  const app = apps.get(job.field('target')?.text ?? 'default') ?? [...apps.values()][0];
  const cron = scheduleOf(schedule?.text ?? '');
  if (!app) return job.none('no app.yaml is here for it', 'name that too: webapp import app.yaml cron.yaml');
  if (!url?.text || cron === undefined) {
    return job.none(`its schedule has no five fields: ${schedule?.text ?? ''}`, 'write cronJobs with a schedule such as 0 3 * * *');
  }
  const name = description?.text ?? url.text.replace(/^\//, '');
  const steps = setHttpCron(app, { name, path: url, schedule: cron, at: schedule!, options: ['-H', 'X-Appengine-Cron: true'] });
  description?.taken(app.shown(steps));
  job.field('target')?.taken(app.shown(steps));
  if (zone?.text) app.take(zone, [...steps, 'timezone'], zone.text);
  job.field('retry_parameters')?.none('runs are tried again twice', 'write retries');
  return undefined;
}

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/** `every 24 hours`, `every 5 minutes`, `every day 03:00`, `every monday 09:00`; undefined for others. */
export function scheduleOf(text: string): string | undefined {
  const lower = text.trim().toLowerCase();
  const [, number, unit] = /^every (\d+) (minutes?|mins?|hours?)$/.exec(lower) ?? [];
  const every = Number(number);
  if (unit?.startsWith('m') && every > 0 && 60 % every === 0) return every === 60 ? '0 * * * *' : `*/${every} * * * *`;
  if (unit?.startsWith('h') && every > 0 && 24 % every === 0) return every === 24 ? '0 0 * * *' : `0 */${every} * * *`;
  const [, days, hour, minute] = /^every ([a-z, ]+?) (\d{1,2}):(\d{2})$/.exec(lower) ?? [];
  if (days === undefined) return undefined;
  const time = `${Number(minute)} ${Number(hour)} * *`;
  if (days === 'day') return `${time} *`;
  const numbers = days.split(/\s*,\s*/).map(day => DAYS.indexOf(day.slice(0, 3)));
  return numbers.includes(-1) ? undefined : `${time} ${numbers.join(',')}`;
}

/** https://cloud.google.com/appengine/docs/standard/reference/dispatch-yaml */
function setDispatch(rule: Reader, apps: ReadonlyMap<string, AppDraft>): void {
  const [url, service] = [rule.field('url'), rule.field('service') ?? rule.field('module')];
  const app = apps.get(service?.text ?? '');
  const [, host, path] = /^([^/]*)(\/.*)$/.exec(url?.text ?? '') ?? [];
  if (!url || !app || host === undefined) return rule.none('no app.yaml is here for its service', 'write hosts and paths of that app');
  service?.taken(app.shown(['paths']));
  const prefix = path.replace(/\/?\*$/, '') || '/';
  if (/\*/.test(prefix)) return url.none('paths are prefixes', 'write paths of the app');
  // What no rule is about goes to the default service, so it has all paths in any case.
  const isDefault = service?.text === 'default';
  if (prefix !== '/' && !isDefault) app.take(url, ['paths'], [...(app.props.paths as string[] | undefined) ?? [], prefix]);
  if (host !== '*' && !host.startsWith('*/')) {
    app.take(url, ['hosts'],
      [...new Set([...(app.props.hosts as string[] | undefined) ?? [], host])]);
  }
  if (!url.outcome) url.taken(app.shown(['paths']));
  return undefined;
}
