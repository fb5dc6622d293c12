import Ajv from 'ajv';
import fc from 'fast-check';
import { ALL_FORMATS } from '../../src/formats';
import { FORMATS } from '../../src/generated/prop-types';
import { formatsOf } from '../../src/validation/format';

/** Every format and range of the props, once. */
const TAGS = [...new Set(Object.values(FORMATS).flatMap(props => Object.values(props).flatMap(({ format, keyFormat, range }) => [
  ...format === undefined ? [] : [JSON.stringify({ format })],
  ...keyFormat === undefined ? [] : [JSON.stringify({ format: keyFormat })],
  ...range === undefined ? [] : [JSON.stringify({ range })],
])))].sort();

/** Values that formats accept; small changes to them produce others. */
const SEEDS = [
  '', 'web', 'a', '1', 'my-app-2', 'a.b-c.d', 'shop.example.com', '*.shop.example.com', 'cluster.local', '/', '/api/v1',
  '/etc/app/config.yaml', '/healthz?x=1', 'ghcr.io/acme/web:1.4.2', `localhost:5000/web@sha256:${'0'.repeat(64)}`,
  'https://github.com/acme/web', 'git@github.com:acme/web.git', 'ssh://git@a.b:22/c', 'http://prometheus.monitoring:9090/x',
  'a.b:9090', '30s', '1h30m', '0s', '99999h', '500ms', '2s', '250m', '1.5', '256Mi', '2000M', '1.5Gi', '0 8 * * 1-5',
  '*/15 8-18/2 1,15 jan-mar MON-FRI', '0 0 2 * * *', ' 0 8 * * * ', 'UTC', 'Europe/Berlin', 'America/Argentina/Buenos_Aires',
  'Etc/GMT+2', '1.30', 'DATABASE_URL', '_A1', 'lower.case-name', 'X-Tenant', 'text/html; charset=utf-8', 'example.com/team',
  'app.kubernetes.io/part-of', 'NET_BIND_SERVICE', 'rabbitmq', 'aws-eks', 'Exists', 'NoSchedule', '25%', '1', 'main',
  'feature/x', 'apps/web', 'ä', 'a b', 'tls.crt',
  'https://shop.example.com', 'https://docs.example.com:8443/start', '*', '10.0.0.0/8', '2001:db8::/32', '192.0.2.7', 'GET',
  '203.0.113.0/24',
];

const changed = fc.tuple(fc.constantFrom(...SEEDS), fc.nat(80), fc.constantFrom('', ...'aZ0-._/:*@% \n\u00e9$'), fc.nat(2))
  .map(([text, at, put, cut]) => text.slice(0, at % (text.length + 1)) + put + text.slice((at % (text.length + 1)) + cut));
const numbers = fc.oneof(fc.integer({ min: -2, max: 11 }), fc.integer(), fc.constantFrom(0.5, 99.5, 100, 65535, 65536, 1000000));

describe('the schemas for editors accept every value that the library accepts', () => {
  const ajv = new Ajv({ strictTypes: false });

  test.each(TAGS)('%s', tag => {
    const { check, schema } = formatsOf(JSON.parse(tag), ALL_FORMATS).value!;
    const accepts = ajv.compile(schema as object);
    const values: fc.Arbitrary<string | number> =
      tag.includes('range') || /percentage|price/.test(tag) ? numbers : fc.oneof(fc.constantFrom(...SEEDS), changed);
    fc.assert(
      fc.property(values, value => check(value) !== undefined || accepts(value)),
      { numRuns: 2000, seed: 1 },
    );
    const seeds = (fc.sample(values, { numRuns: 200, seed: 1 }) as (string | number)[]).concat(
      tag.includes('range') ? [200, 1, 50] : SEEDS,
    );
    expect(seeds.some(value => check(value) === undefined)).toBe(true);
  });
});
