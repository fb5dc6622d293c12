import { problems, synth } from '../synth';
import { AppProtocol, HttpAddonApi, PlatformProps, WebAppProps } from 'cdk8s-webapp';

const body = 'One moment';
const needs = (path: string, least: string, version: string) => (
  `${path} needs add-on ${least}, but the platform's httpAddon.version is ${version}; remove it, or update the add-on and set httpAddon.version: '${least}'`);

describe('what an app uses of the add-on', () => {
  test.each<[path: string, least: string, older: string, props: Partial<WebAppProps>]>([
    ['headers', '0.12', '0.11', { headers: { 'X-Beta': '1' } }],
    ['hosts[1]', '0.12', '0.11', { hosts: ['example.com', '*.example.com'] }],
    ['protocol', '0.15', '0.14', { protocol: AppProtocol.HTTP2 }],
    ['protocol', '0.15', '0.13', { protocol: AppProtocol.HTTP2 }],
    ['scaling.requestRate', '0.15', '0.14', { scaling: { concurrency: 1, requestRate: 1 } }],
    ['coldStart.placeholder', '0.15', '0.14', { coldStart: { placeholder: { body } } }],
    ['coldStart.maxPending', '0.16', '0.15', { coldStart: { maxPending: { requests: 1 } } }],
    ['staticRoutes', '0.16', '0.15', { staticRoutes: [{ paths: ['/healthz'] }] }],
    ['maintenance', '0.16', '0.15', { maintenance: { body, enabled: false } }],
  ])('%s needs %s, and is an error with %s', (path, least, version, props) => {
    expect(problems(props, { httpAddon: { version } })).toEqual([`WebApp "web": ${needs(path, least, version)}`]);
    expect(problems(props, { httpAddon: { version: least } })).toEqual([]);
    expect(problems(props, { httpAddon: { version: '1.0' } })).toEqual([]);
    expect(problems(props)).toEqual([]);
  });

  test('does not matter for an app that does not use it', () => {
    expect(problems({}, { httpAddon: { version: '0.11' } })).toEqual([]);
    expect(problems({ scaling: { replicas: 1 }, protocol: AppProtocol.HTTP2 }, { httpAddon: { version: '0.14' } })).toEqual([]);
  });
});

describe('what a platform says', () => {
  test.each<[path: string, least: string, version: string, platform: PlatformProps]>([
    ['httpAddon.api', '0.14', '0.13', { httpAddon: { api: HttpAddonApi.V1BETA1 } }],
    ['appDefaults.scaling.requestRate', '0.15', '0.14', { appDefaults: { scaling: { concurrency: 1, requestRate: 1 } } }],
    ['appDefaults.coldStart.placeholder', '0.15', '0.14', { appDefaults: { coldStart: { placeholder: { body } } } }],
    ['appDefaults.coldStart.maxPending', '0.16', '0.15', { appDefaults: { coldStart: { maxPending: { requests: 1 } } } }],
  ])('%s needs %s too', (path, least, version, { httpAddon, ...platform }) => {
    expect(problems({}, { ...platform, httpAddon: { ...httpAddon, version } })).toEqual([`Platform: ${needs(path, least, version)}`]);
    expect(problems({}, { ...platform, httpAddon: { ...httpAddon, version: least } })).toEqual([]);
  });

  test('of a version before 0.14 means its API', () => {
    expect(synth({}, { httpAddon: { version: '0.13' } }).list).toContain('HTTPScaledObject web');
    expect(synth({}, { httpAddon: { version: '0.14' } }).list).toContain('InterceptorRoute web');
    expect(synth({}, { httpAddon: { version: '0.16', api: HttpAddonApi.V1ALPHA1 } }).list).toContain('HTTPScaledObject web');
  });

  test.each([
    ['v0.14.0', 'is "v0.14.0", which is not a minor version of the add-on; use a version such as \'0.14\''],
    ['latest', 'is "latest", which is not a minor version of the add-on; use a version such as \'0.16\''],
    ['0.9', 'is "0.9", which is too old; use \'0.11\' or newer'],
  ])('must be a minor version that is supported: %s', (version, expected) => {
    expect(problems({}, { httpAddon: { version } })).toEqual([`Platform: httpAddon.version ${expected}`]);
  });
});
