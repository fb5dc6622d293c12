import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { shapes } from '../../projenrc/shapes';
import { ENUMS, STRUCTS } from '../../src/generated/prop-types';
import { problems, problemsOf } from '../synth';
import * as library from 'cdk8s-webapp';

describe('a value of the wrong type, as in JavaScript, is an error', () => {
  test.each<[any, string]>([
    [{ imgae: 'x' }, 'imgae is not a known property; did you mean image?'],
    [
      { scaling: { maximum: 3 } },
      'scaling.maximum is not a known property; known properties are min, max, replicas, concurrency, requestRate, window, '
        + 'cpu, memory, schedule, triggers, cooldownPeriod, fallback',
    ],
    [{ image: 5 }, 'image is 5; put it in quotes: \'5\''],
    [{ port: '8080' }, 'port is "8080"; use a number'],
    [{ port: NaN }, 'port is null; use a number'],
    [{ internal: 'yes' }, 'internal is "yes"; use true or false'],
    [{ hosts: 'a.example.com' }, 'hosts is "a.example.com"; use a list'],
    [{ env: ['A=b'] }, 'env is ["A=b"]; use a map'],
    [{ health: { startupTimeout: 90 } }, 'health.startupTimeout is 90; add the unit, such as 90s'],
    [{ ingress: {} }, 'ingress is a property of Platform; set it in the Platform'],
    [{ env: { A: 'a\0' } }, 'env.A has the character U+0000, which kubectl cannot read; remove it'],
    [{ files: { '/a': 'a\u2028b' } }, 'files["/a"] has the character U+2028, which kubectl cannot read; remove it'],
    [{ args: ['\x7f'] }, 'args[0] has the character U+007F, which kubectl cannot read; remove it'],
    [{ env: { A: true } }, 'env.A is true; put it in quotes: \'true\''],
    [{ env: null }, 'env is null; use a map'],
    [{ size: 'huge' }, 'size is "huge"; use one of xs, s, m, l, xl, xxl'],
    [{ protocol: 'http/1' }, 'protocol is "http/1"; use one of http1, http2, https; did you mean http1?'],
    [
      { health: '/healthz' },
      'health is "/healthz"; use an object with path, host, headers, grpc, port, startupTimeout, interval, preStopDelay, '
        + 'terminationGracePeriod',
    ],
    [{ secretFiles: { '/a': { secret: 'a' } } }, 'secretFiles["/a"].key is missing; use a string'],
    [
      { volumes: { data: [] } },
      'volumes.data is []; use an object with path, claim, size, memory, empty, storageClass, accessMode, readOnly',
    ],
  ])('%j', (props, expected) => {
    expect(problems(props).map(line => line.replace(/, (?=\w+Timeout|\w+;)/g, ', '))).toEqual([expect.stringContaining('WebApp "web": ')]);
    expect(sorted(problems(props)[0])).toBe(sorted(`WebApp "web": ${expected}`));
  });

  /** Sorts the listed properties: their order, alphabetical or as in the source, does not matter. */
  function sorted(line: string): string {
    return line.replace(/((?:\w+, )+\w+)$/, list => list.split(', ').sort().join(', '));
  }

  test('missing props', () => {
    const app = new library.Platform(new (jest.requireActual('cdk8s').App)(), 'platform', { domain: 'example.com' }).node.root as any;
    new library.WebApp(new (jest.requireActual('cdk8s').Chart)(app, 'shop', { namespace: 'shop' }), 'web', undefined as any);
    expect(problemsOf(() => app)).toEqual([
      'WebApp "web": image is missing; set image to a reference such as ghcr.io/acme/web:1.4.2, or set buildFrom',
    ]);
  });

  test('one error lists all problems: types, formats, missing props and conflicts', () => {
    expect(problems({
      secretFiles: { '/a': { secret: 'A_B' } },
      health: { interval: '5', helth: true },
      scaling: { min: 5, max: 2 },
      workers: { bad: { command: ['a'], size: 'huge' }, empty: { command: [] } },
    })).toEqual([
      'WebApp "web": secretFiles["/a"].key is missing; use a string',
      'WebApp "web": secretFiles["/a"].secret is "A_B", which is not a valid object name; use lowercase letters, digits, dashes and dots',
      'WebApp "web": health.interval is "5", which is not a valid duration; add the unit, such as 5s',
      expect.stringContaining('WebApp "web": health.helth is not a known property'),
      'WebApp "web": workers.bad.size is "huge"; use one of xs, s, m, l, xl, xxl',
      expect.stringContaining('WebApp "web": scaling.max is 2'),
      expect.stringContaining('WebApp "web": workers.empty.command is empty'),
    ]);
  });

  test('an undefined value is like a missing one', () => {
    expect(problems({ hosts: undefined, scaling: { min: undefined } })).toEqual([]);
  });
});

describe('prop-types.ts', () => {
  test('matches the declarations of the compiled module', () => {
    const jsii = JSON.parse(readFileSync(join(__dirname, '../../.jsii'), 'utf8'));
    expect(readFileSync(join(__dirname, '../../src/generated/prop-types.ts'), 'utf8')).toBe(shapes(jsii));
  });

  test('has enum values that are the member names in kebab-case', () => {
    for (const [name, values] of Object.entries(ENUMS)) expect(Object.values((library as any)[name])).toEqual(values);
  });

  test('has every struct of the props', () => {
    expect(Object.keys(STRUCTS)).toEqual(expect.arrayContaining(['WebAppProps', 'PlatformProps', 'Scaling', 'Trigger', 'AppVolume']));
  });
});
