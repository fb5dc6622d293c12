/**
 * Compose files. Each service that is built, or runs an image of its own, is an app; services that run the same image are processes of one
 * app; databases, caches and queues are connections.
 */
import { basename } from 'node:path';
import { callsBy, setEnvFiles } from './environment';
import { noteUnused } from './files';
import { loadCompose } from './load';
import type { Project, Role, Service } from './service';
import { nameList, portsOf } from './service';
import { SERVICE } from './table';
import type { AppDraft } from '../../draft';
import { appName, folderName } from '../../draft';
import type { Conversion, Format } from '../../format';
import type { Reader } from '../../reader';
import { httpCheckOf } from '../../shared/checks';
import { splitWords } from '../../shared/commands';
import { isScheduler, setCommandOfImage } from '../../shared/processes';
import { serviceOfImage } from '../../shared/services';
import type { SourceFile } from '../../source/node';
import type { Table } from '../../table';
import { convert, holds, none } from '../../table';

export const compose: Format = {
  name: 'compose',
  title: 'Compose',
  documentation: 'https://docs.docker.com/reference/compose-file/',
  get tables() {
    return [TOP, SERVICE];
  },
  recognizes: ({ name, text }) => /^(docker-)?compose\b.*\.ya?ml$/i.test(basename(name))
    || (/^services:/m.test(text) && /^\s+(image|build|extends):/m.test(text) && !/^\s+- type:/m.test(text) && !/^spec:/m.test(text)),
  convert: convertCompose,
};

/** The keys at the top of a file: https://docs.docker.com/reference/compose-file/ */
const TOP: Table<undefined> = {
  'version': holds('it has no meaning any more'),
  'name': holds('namespace'),
  'include': none('other Compose files', 'name them too: webapp import FILE FILE'),
  'networks': holds('apps reach each other by their connections'),
  'models': none('there are no services of models', 'write a connection to one'),
  'x-*': holds('what its anchors name is merged where they are used'),
};

function convertCompose(files: readonly SourceFile[], conversion: Conversion): void {
  const { draft } = conversion;
  const { root: node, replaced } = loadCompose(files);
  const root = conversion.read(files[0], node, compose);
  for (const { path, node: old, by } of replaced) {
    const file = { ...files[0], name: old.file ?? files[0].name };
    conversion.read(file, old, compose, path).taken(`replaced in ${by.file}:${by.line}`);
  }
  convert(root, undefined, TOP);
  draft.namespace ??= appName(root.field('name')?.text ?? folderName(files[0]));

  const services = new Map((root.field('services')?.fields ?? []).map(([name, at]): [string, Service] => [name, serviceOf(name, at)]));
  const project: Project = { services, root, folder: files[0].folder, volumes: new Map() };
  chooseRoles(services);
  draft.hasSeveral = [...services.values()].filter(({ role }) => role === 'web' || role === 'worker').length > 1;
  nameApps(project, conversion);
  for (const service of services.values()) service.shared = service.type && appsOf(service, services).size > 1;
  // The apps come before their further processes, whose variables are compared with theirs.
  const ordered = [...services.values()].sort((a, b) => a.process.length - b.process.length);
  for (const service of ordered) {
    const { app } = service;
    if (!app) continue;
    const target = { service, app, project };
    if (service.process.length > 0 && service.role === 'worker') app.set(service.process, {});
    convert(service.at, target, SERVICE);
    setEnvFiles(target, conversion, compose);
    completeProcess(service, project.folder);
  }
  noteUnused(project);
  for (const service of services.values()) tellProxy(service, services);
}

/** A web server before other services calls them by the names and ports of Compose, in a file that only people can change. */
function tellProxy({ at, app, name }: Service, services: ReadonlyMap<string, Service>): void {
  const isServer = /(^|\/)(nginx|nginx-unprivileged|httpd|openresty)(:|@|$)/.test(at.field('image')?.text ?? '');
  const behind = nameList(at.field('depends_on')).filter(([one]) => services.get(one)?.role === 'web').map(([one]) => one);
  if (!isServer || !app || behind.length === 0) return;
  const others = behind.join(' and ');
  const next = `remove ${name}, and write hosts and paths of ${others}, or write their URLs in it`;
  app.draft.tell(`${app.name}: its configuration calls ${others} as Compose names them; ${next}`);
}

function serviceOf(name: string, at: Reader): Service {
  const image = at.field('image')?.text;
  const type = image === undefined || at.field('build') ? undefined : serviceOfImage(image);
  return { name, at, type, process: [], role: 'web' };
}

/** Images of reverse proxies, which the ingress of the cluster replaces. */
const PROXY = new RegExp(
  '(^|/)(traefik|caddy|haproxy|nginx-proxy|nginx-proxy-acme|nginx-proxy-manager|acme-companion|'
  + 'docker-letsencrypt-nginx-proxy-companion)(:|@|$)');

/** Images of tools for the people who run a database or a cluster. */
const TOOL = new RegExp(
  '(^|/)(adminer|phpmyadmin|pgadmin4?|mongo-express|redis-commander|redisinsight|portainer(-ce)?|dozzle|watchtower|autoheal)(:|@|$)');

/** Images of monitoring, which a cluster has for all apps. */
const MONITORING = new RegExp(
  '(^|/)(prometheus|grafana|grafana-oss|loki|promtail|tempo|alertmanager|cadvisor|node-exporter|blackbox-exporter|jaeger|all-in-one'
  + '|otel-collector|opentelemetry-collector(-contrib)?)(:|@|$)');

function chooseRoles(services: ReadonlyMap<string, Service>): void {
  const all = [...services.values()];
  for (const service of all) {
    service.role = roleOf(service, all);
    const { at, type } = service;
    if (service.role === 'connection') {
      at.taken(`connections of the apps that use it, to ${type!.title}`);
    } else if (service.role === 'none' && all.some(other => extendsService(other, service.name))) {
      at.taken('its values are in the services that extend it');
    } else if (service.role === 'none') {
      const [reason, next] = whyNot(service);
      at.none(reason, next);
    }
  }
}

function whyNot({ at }: Service): [reason: string, next: string] {
  const profiles = at.field('profiles')?.texts ?? [];
  if (profiles.length > 0) {
    return [`it starts only with --profile ${profiles[0]}`, 'if the app needs it, remove profiles, and import the file again'];
  }
  if (PROXY.test(at.field('image')?.text ?? '')) {
    return ['the ingress controller or gateway of the cluster does what it does', 'write hosts, paths and tls of the apps'];
  }
  if (TOOL.test(at.field('image')?.text ?? '')) {
    return ['it is a tool for you, and should not be reachable by all', 'use it on your computer, with kubectl port-forward'];
  }
  if (MONITORING.test(at.field('image')?.text ?? '')) {
    return ['the cluster has monitoring for all apps', 'ask your platform team; write metrics for what the app measures'];
  }
  return ['it has neither an image nor a build', 'write one of them'];
}

function extendsService({ at }: Service, name: string): boolean {
  return at.field('extends')?.text === name || at.at('extends', 'service')?.text === name;
}

function roleOf({ name, at, type }: Service, all: readonly Service[]): Role {
  if (at.field('profiles')?.items.length) return 'none';
  if (type) return 'connection';
  if (!at.field('image') && !at.field('build')) return 'none';
  if ([PROXY, TOOL, MONITORING].some(pattern => pattern.test(at.field('image')?.text ?? '')) && !at.field('build')) return 'none';
  const others = all.filter(other => other.name !== name);
  const isAwaited = others.some(other => (
    other.at.at('depends_on', name, 'condition')?.text === 'service_completed_successfully'));
  if (isAwaited || (at.field('restart')?.text === 'no' && /migrat|release|setup|init|seed/.test(name))) return 'release';
  const isCalled = others.some(other => callsBy(other, name));
  const labels = at.field('labels')?.fields ?? [];
  const isRouted = labels.some(([label]) => /\.rule$|server\.port$/.test(label));
  const test = at.at('healthcheck', 'test');
  const isChecked = test && httpCheckOf(test.isList ? test.texts.slice(1) : test.texts) !== undefined;
  return portsOf(at).some(({ udp }) => !udp) || isCalled || isRouted || isChecked ? 'web' : 'worker';
}

/** What image a service runs. */
function imageKey({ at }: Service): string {
  const build = at.field('build');
  if (!build) return at.field('image')?.text ?? '';
  const part = (name: string) => build.field(name)?.text;
  const context = (build.text ?? part('context') ?? '.').replace(/^\.\/|\/$/g, '');
  return JSON.stringify([context, part('dockerfile') ?? 'Dockerfile', part('target')]);
}

/** Which app each service is, or is a process of. */
function nameApps({ services }: Project, { draft }: Conversion): void {
  const imported = [...services.values()].filter(({ role }) => role === 'web' || role === 'worker' || role === 'release');
  const webs = imported.filter(({ role }) => role === 'web');
  for (const service of webs) service.app = draft.app(service.name);
  for (const service of imported.filter(({ role }) => role !== 'web')) {
    const key = imageKey(service);
    const dependent = service.role === 'release' ? webs.find(web => dependsOn(web, service.name)) : undefined;
    const main = webs.find(web => imageKey(web) === key) ?? dependent;
    if (main?.app && service.role === 'release' && !main.app.has(['releaseCommand'])) {
      service.app = main.app;
      service.process = ['releaseCommand'];
      // So that a second one does not replace it.
      main.app.set(service.process, {});
    } else if (main?.app && service.role !== 'release') {
      service.app = main.app;
      service.process = ['workers', appName(service.name)];
    } else {
      service.role = 'worker';
      service.app = draft.app(service.name);
      service.app.set(['web'], false);
      service.process = ['workers', 'main'];
    }
  }
}

/** The apps that use a service. */
function appsOf({ name }: Service, services: ReadonlyMap<string, Service>): ReadonlySet<unknown> {
  const users = [...services.values()].filter(other => dependsOn(other, name) || callsBy(other, name));
  return new Set(users.map(({ app }) => app).filter(app => app !== undefined));
}

function dependsOn({ at }: Service, name: string): boolean {
  return nameList(at.field('depends_on')).some(([one]) => one === name);
}

/** What a process of an app needs that its service does not say. */
function completeProcess({ at, app, process, role, name }: Service, folder: string): void {
  if (!app) return;
  if (process.length === 0) {
    if (!at.field('ports') && !app.has(['hosts'])) app.set(['internal'], true);
    return;
  }
  const runs = ['command', 'args', 'image'].some(field => app.has([...process, field]));
  if (app.props.web === false) {
    // An app without a web process has the image and the build of its only process.
    const image = app.get([...process, 'image']);
    const hasCommand = app.has([...process, 'command']) || app.has([...process, 'args']);
    if (at.field('build')) {
      buildOf(at, app);
    } else if (image !== undefined && hasCommand) {
      app.set([...process, 'image'], undefined);
      app.set(['image'], image);
    }
  }
  const build = at.field('build');
  const part = (field: string) => build?.field(field)?.text;
  const context = build?.text ?? part('context');
  if (!runs) setCommandOfImage(app, process, folder, { context, dockerfile: part('dockerfile'), target: part('target') });
  const words = [at.field('entrypoint'), at.field('command')].flatMap(one => (one?.isList ? one.texts : splitWords(one?.text ?? '')));
  if (role === 'worker' && isScheduler(name, words.join(' '))) {
    app.set([...process, 'singleton'], true, 'A scheduler must never run twice.');
  }
}

function buildOf(at: Reader, app: AppDraft): void {
  const service: Service = { name: app.name, at, process: [], role: 'worker', app };
  const build = at.field('build')!;
  const rule = SERVICE.build;
  if (typeof rule === 'function') rule(build, { service, app, project: { services: new Map(), root: at, folder: '', volumes: new Map() } });
}
