import { problems, synth } from '../synth';
import { AppProtocol, HttpAddonApi, PlatformProps, WebAppProps } from 'cdk8s-webapp';

const body = 'One moment';
const needs = (path: string, least: string, version: string) => (
  `${path} needs add-on ${least}, but the platform's httpAddon.version is ${version}; `
  + `remove it, or update the add-on and set httpAddon.version: '${least}'`);

/** A feature that a version of the add-on lacks. */
interface Feature {
  readonly path: string;
  readonly least: string;
  readonly version: string;
}

describe('features of the add-on', () => {
  test.each<Feature & { readonly props: Partial<WebAppProps> }>([
    { path: 'headers', least: '0.12', version: '0.11', props: { headers: { 'X-Beta': '1' } } },
    { path: 'hosts[1]', least: '0.12', version: '0.11', props: { hosts: ['example.com', '*.example.com'] } },
    { path: 'protocol', least: '0.15', version: '0.14', props: { protocol: AppProtocol.HTTP2 } },
    { path: 'protocol', least: '0.15', version: '0.13', props: { protocol: AppProtocol.HTTP2 } },
    { path: 'scaling.requestRate', least: '0.15', version: '0.14', props: { scaling: { concurrency: 1, requestRate: 1 } } },
    { path: 'coldStart.placeholder', least: '0.15', version: '0.14', props: { coldStart: { placeholder: { body } } } },
    { path: 'coldStart.maxPending', least: '0.16', version: '0.15', props: { coldStart: { maxPending: { requests: 1 } } } },
    { path: 'staticRoutes', least: '0.16', version: '0.15', props: { staticRoutes: [{ paths: ['/healthz'] }] } },
    { path: 'maintenance', least: '0.16', version: '0.15', props: { maintenance: { body, enabled: false } } },
  ])('$path needs $least, and is an error with $version', ({ path, least, version, props }) => {
    expect(problems(props, { httpAddon: { version } })).toEqual([`WebApp "web": ${needs(path, least, version)}`]);
    expect(problems(props, { httpAddon: { version: least } })).toEqual([]);
    expect(problems(props, { httpAddon: { version: '1.0' } })).toEqual([]);
    expect(problems(props)).toEqual([]);
  });

  test('are not checked if an app does not use them', () => {
    expect(problems({}, { httpAddon: { version: '0.11' } })).toEqual([]);
    expect(problems({ scaling: { replicas: 1 }, protocol: AppProtocol.HTTP2 }, { httpAddon: { version: '0.14' } })).toEqual([]);
  });
});

describe('a platform', () => {
  test.each<Feature & { readonly platform: PlatformProps }>([
    {
      path: 'httpAddon.api',
      least: '0.14',
      version: '0.13',
      platform: { httpAddon: { api: HttpAddonApi.V1BETA1 } },
    },
    {
      path: 'appDefaults.scaling.requestRate',
      least: '0.15',
      version: '0.14',
      platform: { appDefaults: { scaling: { concurrency: 1, requestRate: 1 } } },
    },
    {
      path: 'appDefaults.coldStart.placeholder',
      least: '0.15',
      version: '0.14',
      platform: { appDefaults: { coldStart: { placeholder: { body } } } },
    },
    {
      path: 'appDefaults.coldStart.maxPending',
      least: '0.16',
      version: '0.15',
      platform: { appDefaults: { coldStart: { maxPending: { requests: 1 } } } },
    },
  ])('can set $path with add-on $least and newer only', ({ path, least, version, platform: { httpAddon, ...platform } }) => {
    expect(problems({}, { ...platform, httpAddon: { ...httpAddon, version } })).toEqual([`Platform: ${needs(path, least, version)}`]);
    expect(problems({}, { ...platform, httpAddon: { ...httpAddon, version: least } })).toEqual([]);
  });

  test('with an add-on before 0.14 uses the API v1alpha1', () => {
    expect(synth({}, { httpAddon: { version: '0.13' } }).list).toContain('HTTPScaledObject web');
    expect(synth({}, { httpAddon: { version: '0.14' } }).list).toContain('InterceptorRoute web');
    expect(synth({}, { httpAddon: { version: '0.16', api: HttpAddonApi.V1ALPHA1 } }).list).toContain('HTTPScaledObject web');
  });

  test.each([
    ['v0.14.0', 'is "v0.14.0", which is not a minor version of the add-on; use a version such as \'0.14\''],
    ['latest', 'is "latest", which is not a minor version of the add-on; use a version such as \'0.16\''],
    ['0.9', 'is "0.9", which is too old; use \'0.11\' or newer'],
  ])('must set a minor version that is supported: %s', (version, expected) => {
    expect(problems({}, { httpAddon: { version } })).toEqual([`Platform: httpAddon.version ${expected}`]);
  });
});
