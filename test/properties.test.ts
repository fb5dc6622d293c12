import { App, Chart } from 'cdk8s';
import fc from 'fast-check';
import { parseAllDocuments } from 'yaml';
import { schemaErrors } from './schemas';
import { synthesize } from '../cli/src/render/synthesis';
import { yamlOf } from '../cli/src/render/text';
import { ENUMS, STRUCTS } from '../src/generated/prop-types';
import { merge } from '../src/kube/patch';
import { nearest } from '../src/validation/nearest';
import { quantity, seconds } from '../src/validation/units';
import { Platform, WebApp } from 'cdk8s-webapp';

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

/** Random props, with a percentage of invalid values. */
class Props {
  constructor(private readonly wrong: number) {}

  /** Each optional prop is present one time in eight; of many, four at a time, as the more there are, the less they fit together. */
  public struct(name: string): fc.Arbitrary<any> {
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
function withImage({ image = 'web:1', ...props }: any): any {
  return props.buildFrom === undefined ? { image, ...props } : props;
}

function write(platform: any, apps: any[]): string {
  const app = new App();
  new Platform(app, 'platform', platform);
  apps.forEach((props, i) => new WebApp(new Chart(app, `chart-${i}`, { namespace: i < 2 ? 'shop' : 'billing' }), `app-${i}`, props));
  return app.synthYaml();
}

describe('any props', () => {
  // Patches may contain anything, by design.
  const webApp = (wrong: number) => new Props(wrong).struct('WebAppProps').map(({ patches, ...props }) => withImage(props));

  /** Without the fields of add-on 0.16, which the schemas do not have yet. */
  const older = (object: any) => {
    const { maxPendingRequests, overflow, ...coldStart } = object.spec?.coldStart ?? {};
    if (maxPendingRequests === undefined) return object;
    return { ...object, spec: { ...object.spec, coldStart: Object.keys(coldStart).length > 0 ? coldStart : undefined } };
  };

  test.each([[0], [3]])('give either YAML that matches the schemas or a validation error, with %d percent of invalid values', wrong => {
    const outcomes = { written: 0, refused: 0 };
    fc.assert(
      fc.property(new Props(wrong).struct('PlatformProps'), fc.array(webApp(wrong), { minLength: 1, maxLength: 2 }), (platform, apps) => {
        let yaml: string;
        try {
          yaml = write({ domain: 'example.com', ...platform }, apps);
        } catch (error) {
          const [first, ...lines] = (error as Error).message.split('\n  ');
          expect(first).toBe('Validation failed with the following errors:');
          for (const line of lines) expect(line).toMatch(/^\[[^\]]*\] (Platform|WebApp "[^"]*"): .+; .+/);
          outcomes.refused++;
          return;
        }
        const objects = parseAllDocuments(yaml).map(document => older(document.toJS()));
        expect(objects.flatMap(schemaErrors)).toEqual([]);
        outcomes.written++;
      }),
      { numRuns: 600, seed: 1 },
    );
    expect(outcomes.written).toBeGreaterThan(50);
    expect(outcomes.refused).toBeGreaterThan(50);
  });

  test('never cause an exception with patches other than one about text that kubectl misreads', () => {
    const patch = fc.record({
      kind: fc.constantFrom('Deployment', 'Service', 'ScaledObject'),
      merge: fc.dictionary(fc.constantFrom('spec', 'metadata', 'x'), fc.jsonValue()),
    });
    fc.assert(
      fc.property(fc.array(patch, { maxLength: 3 }), patches => {
        try {
          expect(write({ domain: 'example.com' }, [{ image: 'web:1', patches }])).toContain('kind: Deployment');
        } catch (error) {
          expect((error as Error).message).toMatch(/which kubectl (?:reads as|cannot read)/);
        }
      }),
      { numRuns: 200 },
    );
  });

  test('give the same bytes every time', () => {
    fc.assert(fc.property(webApp(2), props => {
      const outcome = () => {
        try {
          return write({ domain: 'example.com' }, [props]);
        } catch (error) {
          return (error as Error).message;
        }
      };
      expect(outcome()).toBe(outcome());
    }), { numRuns: 200 });
  });
});

describe('the command', () => {
  test('writes the same bytes or the same error as cdk8s, whatever the props', () => {
    const platform = new Props(0).struct('PlatformProps').map(props => ({ domain: 'example.com', ...props }));
    const cases = fc.sample(
      fc.tuple(platform, fc.array(new Props(0).struct('WebAppProps').map(withImage), { minLength: 1, maxLength: 3 })),
      { numRuns: 400, seed: 2 },
    );
    // First synthesize everything with cdk8s itself, because the command changes how its objects are written.
    const expected = cases.map(([props, apps]) => {
      try {
        return write(props, apps);
      } catch {
        return undefined;
      }
    });
    const found = cases.map(([props, apps]) => {
      const inputs = apps.map((app: any, i: number) => ({ name: `app-${i}`, namespace: i < 2 ? 'shop' : 'billing', props: app }));
      const { apps: written } = synthesize(inputs, props);
      return written.length > 0 ? yamlOf(written.flatMap(({ objects }) => objects)) : undefined;
    });
    expect(found).toEqual(expected);
    expect(expected.filter(text => text !== undefined).length).toBeGreaterThan(50);
  });
});

describe('units', () => {
  test('a duration is the sum of its parts', () => {
    fc.assert(fc.property(fc.nat(99), fc.nat(99), fc.nat(99), (h, m, s) => seconds(`${h}h${m}m${s}s`) === h * 3600 + m * 60 + s));
  });

  test('a string is either a valid duration or an error, never NaN', () => {
    fc.assert(fc.property(fc.string(), written => !Number.isNaN(seconds(written)) && !Number.isNaN(quantity(written))));
  });

  test('binary suffixes are powers of 1024', () => {
    fc.assert(fc.property(fc.nat(1000), n => quantity(`${n}Gi`) === n * 1024 ** 3 && quantity(`${n}M`) === n * 1e6));
  });
});

describe('a merge', () => {
  const map = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.jsonValue());

  test('with nothing changes nothing, and a second merge has no effect', () => {
    fc.assert(fc.property(map, map, (target, change) => {
      expect(merge(target, {})).toEqual(target);
      expect(merge(merge(target, change), change)).toEqual(merge(target, change));
    }));
  });
});

describe('the nearest known name', () => {
  test('is a known name or undefined', () => {
    fc.assert(fc.property(fc.string(), fc.array(fc.string()), (name, known) => {
      const found = nearest(name, known);
      return found === undefined || known.includes(found);
    }));
  });
});
