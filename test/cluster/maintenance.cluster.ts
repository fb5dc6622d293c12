import { App, Chart } from 'cdk8s';
import { apply, describeWithAddon, eventually, IMAGE, pods, request, SHORT_LIVED, temporaryNamespace } from './cluster';
import { Maintenance, Platform, WebApp } from 'cdk8s-webapp';

describeWithAddon.each([
  ['in the route', '<h1>Back at noon</h1>'],
  ['in a ConfigMap', `<h1>Back at noon</h1>${' '.repeat(40000)}`],
])('an app in maintenance, with a page %s', (where, body) => {
  const namespace = temporaryNamespace(where.startsWith('in the') ? 'maintenance' : 'maintenance-large');
  const url = `http://web-proxy.${namespace}:8080/any/where`;

  function web(maintenance: Maintenance): App {
    const app = new App();
    new Platform(app, 'platform', { domain: `${namespace}.example.com` });
    const scaling = { cooldownPeriod: '5s' };
    new WebApp(new Chart(app, 'shop', { namespace }), 'web', { image: IMAGE, scaling, health: SHORT_LIVED, maintenance });
    return app;
  }

  test('returns the page and is not woken', async () => {
    apply(web({ body }));
    await eventually(() => pods(namespace, 'web').length, count => count > 0);
    await eventually(() => pods(namespace, 'web').length, count => count === 0, 120);
    const answers = await request(namespace, url, { count: 40 });
    expect(answers.map(({ status }) => status)).toEqual(Array(40).fill(503));
    expect(answers[0]).toMatchObject({ body, headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' } });
    expect(pods(namespace, 'web')).toEqual([]);
  });

  test('serves traffic again as soon as maintenance is disabled', async () => {
    apply(web({ body, enabled: false }));
    const answer = await eventually(async () => (await request(namespace, url))[0], ({ status }) => status === 200, 60);
    expect(answer.body).toContain('/any/where');
  });
});
