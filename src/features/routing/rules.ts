import type { AppModel } from '../../model/app';
import { clusterHostProblems, repeated } from '../../validation/hosts';
import type { Problem } from '../../validation/problem';
import { quoted } from '../../validation/problem';
import type { Rule } from '../../validation/rule';
import { when } from '../../validation/rule';
import type { WebAppProps } from '../../web-app-props';

/** Where an app answers, and whether its entry can do what it asks for. */
export const routingRules: Rule = (app, said) => [
  ...hostProblems(app, said),
  ...addonProblems(app, said),
  ...entryProblems(app, said),
];

function hostProblems(app: AppModel, said: WebAppProps): Problem[] {
  const { internal, hosts, paths, headers } = app.route;
  const named = said.hosts ?? [];
  return [
    ...when(
      [!internal && hosts.length === 0 && said.hosts === undefined, 'hosts', 'is missing, and the platform has no domain', 'write hosts: [\'shop.example.com\'], or internal: true, or give the Platform a domain', 'missing'],
      [!internal && said.hosts?.length === 0, 'hosts', 'is empty', 'name at least one host, or write internal: true', 'range'],
      [internal && said.hosts !== undefined, 'hosts', 'is set, but the app is internal', 'leave away either of the two'],
      [internal && said.tls !== undefined, 'tls', 'is set, but the app is internal and has no public host', 'leave away either of the two'],
      [said.paths?.length === 0, 'paths', 'is empty', 'name at least one path, or leave it away', 'range'],
      [said.paths !== undefined && internal, 'paths', 'is set, but the app is internal and has its host for itself', 'leave away either of the two'],
      [Object.keys(headers).length > 0 && internal, 'headers', 'is set, but the app is internal and has its host for itself', 'leave away either of the two'],
      [hosts.length > 0 && said.hosts === undefined && hosts[0].length > 253, 'name', `makes the host ${quoted(hosts[0])}, which is too long`, 'write a shorter one'],
    ),
    ...repeated(named, 'hosts'),
    ...repeated(paths.map(path => path.replace(/(.)\/$/, '$1')), 'paths'),
    ...repeated(Object.keys(headers).map(name => name.toLowerCase()), 'headers'),
    ...clusterHostProblems(app.platform, named, 'hosts'),
  ];
}

function addonProblems(app: AppModel, said: WebAppProps): Problem[] {
  const { placeholder, timeouts } = app.route;
  if (!app.route.interceptor) {
    const why = 'is set, but the app is not scaled by HTTP, so its requests do not wait for it to start';
    return when(
      [said.coldStart !== undefined, 'coldStart', why, 'leave it away, or add scaling.concurrency'],
      [said.timeouts?.readiness !== undefined, 'timeouts.readiness', why, 'leave it away, or add scaling.concurrency'],
    );
  }
  const old = app.platform.httpAddon.api === 'v1alpha1';
  return when(
    [app.namespace === undefined, 'namespace', 'is missing: the app is called by names that have it', 'give the chart one: new Chart(app, \'shop\', { namespace: \'shop\' })', 'missing'],
    [old && placeholder !== undefined, 'coldStart.placeholder', 'is set, but the add-on\'s API v1alpha1 has none', 'leave it away, or set the platform\'s httpAddon.api to v1beta1', 'unsupported'],
    [old && timeouts.request !== undefined, 'timeouts.request', 'is set, but the add-on\'s API v1alpha1 has none', 'leave it away, or set the platform\'s httpAddon.api to v1beta1', 'unsupported'],
    [timeouts.request !== undefined && said.timeouts?.readiness !== undefined && timeouts.readiness! > timeouts.request, 'timeouts.readiness', 'is longer than request, which includes it', 'write a shorter one'],
  );
}

function entryProblems(app: AppModel, said: WebAppProps): Problem[] {
  const { route: { internal, tls, headers }, platform: { entry } } = app;
  const direct = app.route.interceptor === undefined;
  if (internal) {
    return when([direct && (said.timeouts?.request ?? said.timeouts?.responseHeader) !== undefined,
      'timeouts', 'is set, but callers of the app reach it with nothing in between', 'leave it away, or add scaling.concurrency: the interceptor is then']);
  }
  const problems = when(
    [said.tls?.clusterIssuer !== undefined && said.tls.secretName !== undefined, 'tls', 'has both a clusterIssuer and a secretName', 'leave one away'],
    [said.tls?.enabled === false && Object.keys(said.tls).length > 1, 'tls.enabled', 'is false, so that the rest of tls does nothing', 'leave away either of the two'],
  );
  if (entry.kind === 'gateway') {
    return [...problems, ...when(
      [direct && said.timeouts?.responseHeader !== undefined, 'timeouts.responseHeader', 'is set, but an HTTPRoute has none', 'leave it away, or write timeouts.request'],
      [said.tls?.clusterIssuer !== undefined || said.tls?.secretName !== undefined, 'tls', 'names a certificate, but TLS ends at the Gateway, whose listener has it', 'leave it away'],
      [said.tls?.redirect === true && entry.httpSectionName === undefined, 'tls.redirect', 'is true, but the platform names no listener for plain HTTP', 'ask the platform team for gateway.httpSectionName', 'unsupported'],
    )];
  }
  const configurable = entry.controller === 'nginx' || entry.controller === 'alb';
  return [...problems, ...when(
    [said.tls?.redirect !== undefined && !configurable, 'tls.redirect', `is set, but the Ingress cannot ask ${controllerName(entry.controller)} for it`, 'leave it away; redirects are set up at the controller itself'],
    [entry.controller === 'alb' && (said.tls?.clusterIssuer ?? said.tls?.secretName) !== undefined, 'tls', 'names a certificate, but AWS\'s load balancer takes those of ACM', 'write tls: {}', 'unsupported'],
    [direct && Object.keys(headers).length > 0, 'headers', 'is set, but an Ingress cannot tell requests apart by headers', 'add scaling.concurrency: the interceptor can; or use a platform with a gateway'],
    [direct && said.timeouts?.request !== undefined, 'timeouts.request', 'is set, but no Ingress bounds whole requests',
      'leave it away, or add scaling.concurrency: the interceptor does'],
    [direct && said.timeouts?.responseHeader !== undefined && !configurable, 'timeouts.responseHeader',
      `is set, but the Ingress cannot tell ${controllerName(entry.controller)}`, 'leave it away; timeouts are set up at the controller itself'],
    [tls === undefined && said.tls?.redirect === true, 'tls.redirect', 'is true, but there is no TLS', 'leave it away'],
  )];
}

function controllerName(controller: string): string {
  return controller === 'other' ? 'this controller' : controller;
}
