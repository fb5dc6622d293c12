import { App, Chart } from 'cdk8s';
import {
  apply, describeWithAddon, eventually, get, IMAGE, pods, request, SHORT_LIVED, temporaryNamespace, waitUntilReady, wake,
} from './cluster';
import { HttpAddonApi, Platform, PlatformProps, WebApp, WebAppProps } from 'cdk8s-webapp';

/** An app `web`, as most tests of the library look at it. */
function web(namespace: string, props: Partial<WebAppProps> = {}, platform: PlatformProps = {}): App {
  const app = new App();
  new Platform(app, 'platform', { domain: `${namespace}.example.com`, ...platform });
  new WebApp(new Chart(app, 'shop', { namespace }), 'web', { image: IMAGE, ...props });
  return app;
}

describeWithAddon('the minimal app', () => {
  const namespace = temporaryNamespace('minimal');

  test('becomes ready under Pod Security restricted, and answers', async () => {
    apply(web(namespace));
    await eventually(() => pods(namespace, 'web').length, count => count > 0);
    waitUntilReady(namespace, 'web');
    const [answer] = await request(namespace, `http://web-proxy.${namespace}:8080/hello`);
    expect(answer).toMatchObject({ status: 200, body: expect.stringContaining('/hello') });
  });

  test('is scaled by KEDA, which finds nothing wrong with it', async () => {
    const ready = (status: any) => status?.conditions?.find(({ type }: any) => type === 'Ready')?.status;
    await eventually(() => get(namespace, 'scaledobject', 'web').status, status => ready(status) === 'True');
  });
});

describeWithAddon.each([
  ['v1beta1', HttpAddonApi.V1BETA1],
  ['v1alpha1', HttpAddonApi.V1ALPHA1],
])('an app that sleeps, with the add-on\'s API %s', (version, api) => {
  const namespace = temporaryNamespace(version);
  const host = `web.${namespace}.example.com`;

  test('goes to sleep when nobody asks for it, after it was seen to start', async () => {
    apply(web(namespace, { scaling: { cooldownPeriod: '5s' }, health: SHORT_LIVED }, { httpAddon: { api } }));
    await eventually(() => pods(namespace, 'web').length, count => count > 0);
    waitUntilReady(namespace, 'web');
    await eventually(() => pods(namespace, 'web').length, count => count === 0, 120);
  });

  test('is woken by a neighbour, who gets an answer and not an error', async () => {
    const answer = await wake(namespace, `http://web-proxy.${namespace}:8080/first`);
    expect(answer).toMatchObject({ status: 200, body: expect.stringContaining('/first') });
    expect(answer.headers).toHaveProperty('x-keda-http-cold-start');
  });

  test('then loses none of many requests', async () => {
    const answers = await request(namespace, `http://web-proxy.${namespace}:8080/`, { count: 300 });
    expect(answers.map(({ status }) => status)).toEqual(Array(300).fill(200));
  });

  const entry = process.env.ENTRY ?? '';
  (entry ? test : test.skip)('answers at its public host through the cluster\'s entry, and at no other', async () => {
    const [answer] = await request(namespace, `http://${entry}/through`, { headers: { Host: host } });
    expect(answer).toMatchObject({ status: 200, body: expect.stringContaining('/through') });
    const [other] = await request(namespace, `http://${entry}/`, { headers: { Host: `other.${namespace}.example.com` } });
    expect(other.status).toBe(404);
  });
});
