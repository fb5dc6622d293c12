import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { shapes } from '../../projenrc/shapes';
import { ENUMS, STRUCTS } from '../../src/generated/prop-types';
import { problems, problemsOf } from '../synth';
import * as library from 'cdk8s-webapp';

describe('values of the wrong type, as they come from JavaScript', () => {
  test.each<[any, string]>([
    [{ imgae: 'x' }, 'imgae is no property; did you mean image?'],
    [{ scaling: { maximum: 3 } }, 'scaling.maximum is no property; known are min, max, replicas, concurrency, requestRate, window, cpu, memory, schedule, triggers, cooldownPeriod, fallback'],
    [{ image: 5 }, 'image is 5; write it in quotes: \'5\''],
    [{ port: '8080' }, 'port is "8080"; write a number'],
    [{ port: NaN }, 'port is null; write a number'],
    [{ internal: 'yes' }, 'internal is "yes"; write true or false'],
    [{ hosts: 'a.example.com' }, 'hosts is "a.example.com"; write a list'],
    [{ env: ['A=b'] }, 'env is ["A=b"]; write a map'],
    [{ env: { A: true } }, 'env.A is true; write it in quotes: \'true\''],
    [{ env: null }, 'env is null; write a map'],
    [{ size: 'huge' }, 'size is "huge"; write one of xs, s, m, l, xl, xxl'],
    [{ protocol: 'http/1' }, 'protocol is "http/1"; write one of http1, http2; did you mean http1?'],
    [{ health: '/healthz' }, 'health is "/healthz"; write an object with path, grpc, port, startupTimeout, interval, preStopDelay, terminationGracePeriod'],
    [{ secretEnv: { A: { secret: 'a' } } }, 'secretEnv.A.key is missing; write a text'],
    [{ volumes: { data: [] } }, 'volumes.data is []; write an object with path, claim, size, memory, empty, storageClass, accessMode, readOnly'],
  ])('%j', (props, expected) => {
    expect(problems(props).map(line => line.replace(/, (?=\w+Timeout|\w+;)/g, ', '))).toEqual([expect.stringContaining('WebApp "web": ')]);
    expect(sorted(problems(props)[0])).toBe(sorted(`WebApp "web": ${expected}`));
  });

  /** The order in which properties are listed is that of the alphabet or of the source, and does not matter. */
  function sorted(line: string): string {
    return line.replace(/((?:\w+, )+\w+)$/, list => list.split(', ').sort().join(', '));
  }

  test('no props at all', () => {
    const app = new library.Platform(new (jest.requireActual('cdk8s').App)(), 'platform', { domain: 'example.com' }).node.root as any;
    new library.WebApp(new (jest.requireActual('cdk8s').Chart)(app, 'shop', { namespace: 'shop' }), 'web', undefined as any);
    expect(problemsOf(() => app)).toEqual(['WebApp "web": image is missing; write one such as ghcr.io/acme/web:1.4.2, or buildFrom']);
  });

  test('an undefined value is none', () => {
    expect(problems({ hosts: undefined, scaling: { min: undefined } })).toEqual([]);
  });
});

describe('shapes.ts', () => {
  test('is what the compiled module declares', () => {
    const jsii = JSON.parse(readFileSync(join(__dirname, '../../.jsii'), 'utf8'));
    expect(readFileSync(join(__dirname, '../../src/generated/prop-types.ts'), 'utf8')).toBe(shapes(jsii));
  });

  test('every enum value is its member\'s name in kebab-case, as the file and the custom resource write it', () => {
    for (const [name, values] of Object.entries(ENUMS)) expect(Object.values((library as any)[name])).toEqual(values);
  });

  test('every struct of the props is there', () => {
    expect(Object.keys(STRUCTS)).toEqual(expect.arrayContaining(['WebAppProps', 'PlatformProps', 'Scaling', 'Trigger', 'AppVolume']));
  });
});
