import fc from 'fast-check';
import { ENUMS, STRUCTS } from '../src/generated/prop-types';

/** Strings that a user might write for a prop: valid ones, and invalid ones. */
const TEXTS: { readonly [prop: string]: readonly [right: string[], wrong: string[]] } = {
  git: [['https://github.com/acme/web', 'git@github.com:acme/web.git'], ['github.com/acme/web']],
  revision: [['main', 'f'.repeat(40)], ['-x']],
  image: [['ghcr.io/acme/web:1.4.2', 'web'], ['web@sha256:x', 'a b']],
  name: [['web', 'api-2', 'data', 'x'.repeat(54)], ['Web', 'a'.repeat(60)]],
  hosts: [['a.example.com', '*.b.example.com', 'c.example.com'], ['https://d', 'x-proxy.shop']],
  replacePrefixMatch: [['/', '/v2'], ['v2']],
  exactPaths: [['/robots.txt', '/v1/'], ['/*']],
  paths: [['/', '/api', '/v1/'], ['api']],
  path: [['/data', '/srv/x', '/tmp', '/healthz'], ['x', '/']],
  domain: [['apps.example.com'], ['apps']],
  clusterDomain: [['cluster.local', 'k8s'], ['Cluster']],
  timezone: [['UTC', 'Europe/Berlin'], ['europe/berlin']],
  start: [['0 8 * * 1-5', '* * * * *'], ['8']],
  end: [['0 18 * * 1-5', '30 2 1 1 *'], ['']],
  cpu: [['250m', '2'], ['1Gi']],
  cpuLimit: [['2', '4'], ['-']],
  version: [['0.11', '0.14', '0.15', '0.16', '1.0'], ['v0.14']],
  kubernetesVersion: [['1.26', '1.30', '1.34'], ['1.3']],
  className: [['nginx', 'traefik', 'alb', 'public'], ['A']],
  type: [['rabbitmq', 'kafka', 'redis', 'postgres', 'service-binding', 'web-app'], ['cpu']],
  connection: [['jobs', 'db'], ['queue']],
  schedule: [['0 0 2 * * *'], ['0 2 * * *']],
  url: [['redis://:$(password)@$(host):6379', 'uri', 'http://auth.shop:4180/auth'], ['$(pasword)']],
  podIdentity: [['aws', 'gcp'], ['mine']],
  capabilities: [['NET_BIND_SERVICE'], ['SYS_ADMIN', 'x']],
  scalerAddress: [['scaler.keda:9090'], ['scaler']],
  operator: [['Equal', 'Exists'], ['In']],
  duration: [['10m', '90s'], ['10']],
  autoPromotion: [['0s', '10m'], ['soon']],
  latency: [['500ms', '2s'], ['10s', '5m']],
  prometheus: [['http://prometheus.monitoring:9090'], ['prometheus:9090']],
  grafana: [['https://grafana.example.com'], ['grafana']],
  loki: [['http://loki.monitoring:3100'], ['loki']],
  victoriaLogs: [['http://victoria-logs.monitoring:9428'], ['victoria-logs']],
  tenant: [['shop', '1:2'], ['a b']],
  pod: [['pod', 'kubernetes.pod_name'], ['a-b']],
  container: [['container', 'kubernetes.container_name'], ['a-b']],
  currency: [['EUR', 'USD'], ['euro']],
  previewHosts: [['next.example.com'], ['https://d']],
  redirectFrom: [['www.example.com', 'www.a.example.com'], ['*.example.com']],
  from: [['/', '/api', '/old'], ['old']],
  to: [['/new', 'https://a.example.com/b'], ['/a?b']],
  allowOrigins: [['https://a.example.com', 'http://localhost:3000'], ['a.example.com']],
  allowMethods: [['GET', 'POST'], ['get']],
  allowHeaders: [['X-A', 'Authorization'], ['a b']],
  exposeHeaders: [['X-A', 'X-B'], ['a b']],
  allow: [['10.0.0.0/8', '192.0.2.7', '2001:db8::/32'], ['10']],
  signIn: [['company'], ['compny']],
  signInUrl: [['https://sign-in.example.com/?a=b'], ['sign-in']],
  maxAge: [['10m'], ['10']],
  processes: [['web'], ['emails']],
  effect: [['NoSchedule', 'NoExecute'], ['Never']],
  sourceRanges: [['203.0.113.0/24', '2001:db8::/32'], ['203.0.113.7']],
};
const DURATIONS: [string[], string[]] = [['30s', '5m', '1h30m'], ['0s', '500ms', '']];
const BYTES: [string[], string[]] = [['64Mi', '2Gi', '1500M'], ['10', 'x']];
const NAMES: [string[], string[]] = [['web', 'db', 'public'], ['Web', 'a b', '']];
const KEYS: { readonly [prop: string]: readonly [right: string[], wrong: string[]] } = {
  access: [['company'], ['Company']],
  responseHeaders: [['X-A', 'X-B'], ['a b']],
  files: [['/etc/motd', '/a b'], ['x', '/']],
  secretFiles: [['/etc/key', '/a b'], ['x', '/']],
  configMapFiles: [['/etc/ca', '/b'], ['x', '/']],
  volumes: [['data', 'cache'], ['Data', 'files']],
  connections: [['jobs', 'db', 'my-cache'], ['Db', '']],
  variables: [['A', 'B_C'], ['1 2', 'PORT']],
  external: [['A', 'B_C'], ['1 2', 'PORT']],
  sidecars: [['proxy', 'logs'], ['Proxy', 'web']],
  initContainers: [['prepare', 'wait'], ['Prepare', 'proxy']],
  workers: [['emails', 'images'], ['Emails', 'proxy', 'db']],
  cronJobs: [['nightly', 'hourly'], ['Nightly', 'emails']],
  ports: [['ssh', 'admin'], ['SSH', 'http']],
};
const NAMED: [string[], string[]] = [['A', 'B-C', 'team'], ['1 2', '', 'PORT']];

/** A variable that has one of both sources, without which most would fail for that reason. */
const SECRET_VARIABLE = fc.oneof(
  fc.record({ secret: fc.constantFrom('web', 'db'), key: fc.constantFrom('a', 'b') }), fc.record({ generate: fc.constantFrom(16, 32) }),
);

/** Random props, with a percentage of invalid values. */
export class Props {
  constructor(private readonly wrong: number) {}

  /** Each optional prop is present one time in eight; of many, four at a time, as the more there are, the less they fit together. */
  public struct(name: string): fc.Arbitrary<any> {
    return name === 'SecretVariable' ? this.rarely(SECRET_VARIABLE, this.anyStruct(name)) : this.anyStruct(name);
  }

  private anyStruct(name: string): fc.Arbitrary<any> {
    const props = Object.entries(STRUCTS[name]);
    const absent = Math.max(7, Math.floor(props.length / 4));
    const values = props.map(([prop, type]) =>
      type.endsWith('?')
        ? fc.oneof({ weight: absent, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: this.value(type, prop) })
        : this.value(type, prop),
    );
    return fc
      .tuple(...values)
      .map(given => Object.fromEntries(props.map(([prop], i) => [prop, given[i]]).filter(([, some]) => some !== undefined)));
  }

  private value(type: string, prop: string): fc.Arbitrary<unknown> {
    return this.rarely(this.typed(type.replace('?', ''), prop), fc.jsonValue());
  }

  private typed(type: string, prop: string): fc.Arbitrary<unknown> {
    if (type.endsWith('[]')) {
      const item = this.value(type.slice(0, -2), prop);
      return fc.uniqueArray(item, { maxLength: 3, minLength: 1, selector: value => JSON.stringify(value) });
    }
    if (type.startsWith('{')) return fc.dictionary(this.oneOf(KEYS[prop] ?? NAMED), this.value(type.slice(1, -1), prop), { maxKeys: 3 });
    if (type in STRUCTS) return this.struct(type);
    if (type in ENUMS) return fc.constantFrom(...ENUMS[type]);
    switch (type) {
      case 'number': return this.rarely(fc.constantFrom(1, 2, 3, 5), fc.constantFrom(0, -1, 0.5, NaN, 1e9, Infinity));
      case 'boolean': return fc.boolean();
      case 'any': return fc.jsonValue();
      default: return this.oneOf(TEXTS[prop]
        ?? (/timeout|interval|window|after|delay|^request$|responseHeader|readiness/i.test(prop) ? DURATIONS : undefined)
        ?? (/size|memory|empty|storage$/i.test(prop) ? BYTES : NAMES));
    }
  }

  private oneOf([right, wrong]: readonly [string[], string[]]): fc.Arbitrary<string> {
    return this.rarely(fc.constantFrom(...right), fc.constantFrom(...wrong));
  }

  private rarely<T>(right: fc.Arbitrary<T>, wrong: fc.Arbitrary<T>): fc.Arbitrary<T> {
    return fc.oneof({ weight: 100 - this.wrong, arbitrary: right }, { weight: this.wrong, arbitrary: wrong });
  }
}

/** Exactly one of the two is required; without this, most props would fail for that reason. */
export function withImage({ image = 'web:1', ...props }: any): any {
  return props.buildFrom === undefined ? { image, ...props } : props;
}
