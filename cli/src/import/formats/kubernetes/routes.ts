/** How requests reach an app: Services, Ingresses and routes of the Gateway API. */
import type { KubeObject } from './objects';
import type { AppDraft } from '../../draft';
import type { Reader } from '../../reader';
import { valueOf } from '../../source/node';

/** An app, and the Services in front of it. */
export interface ServedApp {
  readonly app: AppDraft;
  readonly services: readonly KubeObject[];
}

/** The port of the pods behind a Service that gets the requests. */
export function targetPort({ at }: KubeObject): string | undefined {
  const ports = at.at('spec', 'ports')?.items ?? [];
  const main = ports.find(one => /^(http|web|h2c|grpc)/.test(one.field('name')?.text ?? '')) ?? ports[0];
  return (main?.field('targetPort') ?? main?.field('port'))?.text;
}

/** https://kubernetes.io/docs/reference/kubernetes-api/service-resources/service-v1/ */
export function convertService({ at, name }: KubeObject, app: AppDraft): void {
  const spec = at.field('spec');
  spec?.field('selector')?.taken('the Service of the app selects its pods');
  for (const one of spec?.field('ports')?.items ?? []) {
    const port = one.field('port')?.number;
    for (const [, field] of one.fields) field.taken(app.shown(['port']));
    if (port !== undefined && port !== 80 && app.props.internal === true) {
      one.field('port')?.changed(app.shown(['port']),
        `the Service has port 80, and not ${port}; callers wake the app by its URL in connections`);
    }
    one.field('nodePort')?.none('ports of nodes are not used', 'write hosts, or ports: { … loadBalancer: {} }');
  }
  const type = spec?.field('type');
  if (type?.text === 'LoadBalancer' || type?.text === 'NodePort') {
    type.changed(app.shown(['hosts']), 'requests come through the ingress or the gateway of the cluster');
  } else {
    type?.taken('the Service has an address in the cluster');
  }
  if (name !== app.name) app.draft.tell(`callers of http://${name} call http://${app.name} now: change them, or name the app ${name}`);
  for (const field of ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy', 'internalTrafficPolicy', 'externalTrafficPolicy']) {
    spec?.field(field)?.taken('the cluster chooses it');
  }
  const affinity = spec?.field('sessionAffinity');
  if (affinity?.text === 'None') affinity.taken('requests of a client go to any replica');
}

/** https://kubernetes.io/docs/reference/kubernetes-api/service-resources/ingress-v1/ */
export function convertIngress({ at }: KubeObject, appOf: (service: string) => AppDraft | undefined): AppDraft | undefined {
  const spec = at.field('spec');
  let first: AppDraft | undefined;
  const add = (app: AppDraft, from: Reader, prop: 'hosts' | 'paths' | 'exactPaths', value: string) => {
    first ??= app;
    const before = (app.props[prop] as string[] | undefined) ?? [];
    app.take(from, [prop], [...new Set([...before, value])]);
  };
  for (const rule of spec?.field('rules')?.items ?? []) {
    const host = rule.field('host');
    for (const path of rule.at('http', 'paths')?.items ?? []) {
      const backend = path.at('backend', 'service') ?? path.field('backend');
      const service = (backend?.field('name') ?? backend?.field('serviceName'))?.text;
      const app = service === undefined ? undefined : appOf(service);
      if (!app) {
        path.none(`no app of the source is behind the Service ${service ?? ''}`, 'import its Deployment too');
        continue;
      }
      if (host?.text) add(app, host, 'hosts', host.text);
      const prefix = path.field('path');
      const type = path.field('pathType');
      if (prefix?.text) {
        const plain = withoutPattern(prefix.text);
        add(app, prefix, type?.text === 'Exact' ? 'exactPaths' : 'paths', plain.replace(/(?<=.)\/\*?$/, '').replace(/^\/\*$/, '/'));
        if (plain !== prefix.text) prefix.changed(app.shown(['paths']), 'paths are prefixes, and no patterns');
      }
      if (type?.text === 'ImplementationSpecific') type.changed(app.shown(['paths']), 'paths are prefixes');
      else type?.taken(app.shown(['paths']));
      path.field('backend')?.taken('the Service of the app');
    }
  }
  const app = first;
  const backend = spec?.field('defaultBackend');
  backend?.none('an app has hosts', "write hosts: ['*'], if the platform allows it");
  spec?.field('ingressClassName')?.taken('ingress.className of the platform');
  if (!app) return undefined;
  for (const tls of spec?.field('tls')?.items ?? []) {
    const secret = tls.field('secretName');
    tls.field('hosts')?.taken(app.shown(['hosts']));
    const issuer = at.at('metadata', 'annotations')?.field('cert-manager.io/cluster-issuer');
    if (issuer?.text) {
      app.take(issuer, ['tls', 'clusterIssuer'], issuer.text);
      secret?.taken('cert-manager creates the Secret');
    } else if (secret?.text) {
      app.take(secret, ['tls', 'secretName'], secret.text);
    }
  }
  for (const [name, one] of at.at('metadata', 'annotations')?.fields ?? []) setAnnotation(name, one, app);
  return app;
}

/** `/api` of the pattern `/api(/|$)(.*)`, which ingress-nginx needs to remove a prefix. */
function withoutPattern(path: string): string {
  const [, prefix] = /^(\/[^()*|$?\\]*?)\/?(?:\(\/\|\$\)\(\.\*\)|\/?\(\.\*\)|\(\/\.\*\)\??|\/\?\(\.\*\)|\.\*)\$?$/.exec(path) ?? [];
  return prefix ?? path;
}

/** Annotations of ingress controllers stay on the Ingress of the app. */
function setAnnotation(name: string, at: Reader, app: AppDraft): void {
  if (at.outcome) return;
  if (name === 'kubernetes.io/ingress.class') {
    at.taken('ingress.className of the platform');
  } else if (/rewrite-target$/.test(name)) {
    at.none('paths reach the app unchanged', 'answer at them, or write replacePrefixMatch on a platform with a Gateway');
  } else if (/^(nginx\.ingress\.kubernetes\.io|traefik\.ingress\.kubernetes\.io|haproxy\.org|alb\.ingress\.kubernetes\.io)\//.test(name)) {
    app.take(at, ['annotations', name], at.text);
  } else if (/^(cert-manager\.io|external-dns\.alpha\.kubernetes\.io|acme\.cert-manager\.io)\//.test(name)) {
    at.none('the platform configures TLS and DNS', 'write tls, or annotations of the platform');
  }
}

/** https://gateway-api.sigs.k8s.io/reference/spec/#httproute */
export function convertHttpRoute({ at }: KubeObject, appOf: (service: string) => AppDraft | undefined): AppDraft | undefined {
  const spec = at.field('spec');
  spec?.field('parentRefs')?.taken('gateway of the platform');
  let first: AppDraft | undefined;
  for (const rule of spec?.field('rules')?.items ?? []) {
    const backends = rule.field('backendRefs')?.items ?? [];
    const [main] = [...backends].sort((a, b) => (b.field('weight')?.number ?? 1) - (a.field('weight')?.number ?? 1));
    const service = main?.field('name')?.text;
    const app = service === undefined ? undefined : appOf(service);
    if (!app) {
      rule.none(service === undefined ? 'it has no Service' : `no app of the source is behind the Service ${service}`,
        'import its Deployment too, or write http: { redirects: … }');
      continue;
    }
    first ??= app;
    for (const [, field] of main.fields) field.taken('the Service of the app');
    for (const other of backends.filter(one => one !== main)) {
      other.none('a part of the traffic goes to another Service', 'write rollout: { canary: { image: …, weight: … } }');
    }
    for (const match of rule.field('matches')?.items ?? []) {
      const [type, value] = [match.at('path', 'type'), match.at('path', 'value')];
      if (value?.text) {
        const prop = type?.text === 'Exact' ? 'exactPaths' : 'paths';
        app.take(value, [prop], [...new Set([...(app.props[prop] as string[] | undefined) ?? [], value.text])]);
      }
      if (type?.text === 'RegularExpression') type.none('paths are prefixes', 'write paths');
      else type?.taken(app.shown(['paths']));
      for (const header of match.field('headers')?.items ?? []) {
        const [name, wanted] = [header.field('name')?.text, header.field('value')?.text];
        if (name && wanted && header.field('type')?.text !== 'RegularExpression') app.take(header, ['headers', name], wanted);
      }
    }
    const timeout = rule.at('timeouts', 'request');
    if (timeout?.text) app.take(timeout, ['timeouts', 'request'], timeout.text);
    for (const filter of rule.field('filters')?.items ?? []) {
      const prefix = filter.at('urlRewrite', 'path', 'replacePrefixMatch');
      const headers = filter.at('responseHeaderModifier', 'set');
      if (prefix?.text) {
        app.take(prefix, ['replacePrefixMatch'], prefix.text);
        filter.field('type')?.taken(app.shown(['replacePrefixMatch']));
        filter.at('urlRewrite', 'path', 'type')?.taken(app.shown(['replacePrefixMatch']));
      }
      for (const header of headers?.items ?? []) {
        const name = header.field('name')?.text;
        if (name) app.take(header, ['http', 'responseHeaders', name], valueOf(header.field('value')?.node ?? { value: '' }));
      }
      if (headers) filter.field('type')?.taken(app.shown(['http', 'responseHeaders']));
    }
  }
  const hosts = spec?.field('hostnames');
  if (hosts && first) first.take(hosts, ['hosts'], [...new Set([...(first.props.hosts as string[] | undefined) ?? [], ...hosts.texts])]);
  return first;
}
