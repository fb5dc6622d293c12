import { App, Chart } from 'cdk8s';
import {
  apply, describeWithAddon, eventually, get, IMAGE, pods, request, SHORT_LIVED, temporaryNamespace, waitUntilReady, wake,
} from './cluster';
import { HttpAddonApi, Platform, PlatformProps, WebApp, WebAppProps } from 'cdk8s-webapp';

/** The app `web`, as in most unit tests. */
function web(namespace: string, props: Partial<WebAppProps> = {}, platform: PlatformProps = {}): App {
  const app = new App();
  new Platform(app, 'platform', { domain: `${namespace}.example.com`, ...platform });
  new WebApp(new Chart(app, 'shop', { namespace }), 'web', { image: IMAGE, ...props });
  return app;
}

describeWithAddon('the minimal app', () => {
  const namespace = temporaryNamespace('minimal');

  test('is ready under Pod Security restricted and responds', async () => {
    apply(web(namespace));
    await eventually(() => pods(namespace, 'web').length, count => count > 0);
    waitUntilReady(namespace, 'web');
    const [answer] = await request(namespace, `http://web-proxy.${namespace}:8080/hello`);
    expect(answer).toMatchObject({ status: 200, body: expect.stringContaining('/hello') });
  });

  test('has a ScaledObject that KEDA reports as ready', async () => {
    const ready = (status: any) => status?.conditions?.find(({ type }: any) => type === 'Ready')?.status;
    await eventually(() => get(namespace, 'scaledobject', 'web').status, status => ready(status) === 'True');
  });
});

describeWithAddon.each([
  ['v1beta1', HttpAddonApi.V1BETA1],
  ['v1alpha1', HttpAddonApi.V1ALPHA1],
])('an app that scales to zero, with the add-on\'s API %s', (version, api) => {
  const namespace = temporaryNamespace(version);
  const host = `web.${namespace}.example.com`;

  test('sleeps when it gets no requests, but not before its first start', async () => {
    apply(web(namespace, { scaling: { cooldownPeriod: '5s' }, health: SHORT_LIVED }, { httpAddon: { api } }));
    await eventually(() => pods(namespace, 'web').length, count => count > 0);
    waitUntilReady(namespace, 'web');
    await eventually(() => pods(namespace, 'web').length, count => count === 0, 120);
  });

  test('is woken by another pod, which gets a response and not an error', async () => {
    const answer = await wake(namespace, `http://web-proxy.${namespace}:8080/first`);
    expect(answer).toMatchObject({ status: 200, body: expect.stringContaining('/first') });
    expect(answer.headers).toHaveProperty('x-keda-http-cold-start');
  });

  test('responds to every request while it is awake', async () => {
    const answers = await request(namespace, `http://web-proxy.${namespace}:8080/`, { count: 300 });
    expect(answers.map(({ status }) => status)).toEqual(Array(300).fill(200));
  });

  const entry = process.env.ENTRY ?? '';
  (entry ? test : test.skip)('serves its public host through the ingress controller, and no other host', async () => {
    const [answer] = await request(namespace, `http://${entry}/through`, { headers: { Host: host } });
    expect(answer).toMatchObject({ status: 200, body: expect.stringContaining('/through') });
    const [other] = await request(namespace, `http://${entry}/`, { headers: { Host: `other.${namespace}.example.com` } });
    expect(other.status).toBe(404);
  });
});
