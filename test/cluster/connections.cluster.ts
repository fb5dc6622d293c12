import { App, Chart } from 'cdk8s';
import {
  apply, describeWithAddon, eventually, IMAGE, kubectl, pods, server, SHORT_LIVED, temporaryNamespace, waitUntilReady, wake,
} from './cluster';
import { Platform, WebApp } from 'cdk8s-webapp';

/** The program of an app that returns the response of another app, together with its other connections. */
const SHOP = server('JSON.stringify({ answer, binding, cache: process.env.CACHE_URL })', `
  const answer = await fetch(process.env.API_URL + request.url).then(it => it.text(), error => String(error.cause));
  // The kubelet keeps the values in a folder \`..data\` next to the links to them.
  const binding = require('node:fs').readdirSync(process.env.SERVICE_BINDING_ROOT + '/orders').filter(name => !name.startsWith('..'));
`);

describeWithAddon('an app that is connected to a sleeping app', () => {
  const here = temporaryNamespace('shop');
  const there = temporaryNamespace('api');

  test('wakes the other app through API_URL, and gets Secrets as URLs and files', async () => {
    const app = new App();
    new Platform(app, 'platform', { domain: `${here}.example.com` });
    const shop = new WebApp(new Chart(app, 'shop', { namespace: here }), 'shop', {
      image: IMAGE,
      command: SHOP,
      scaling: { replicas: 1 },
      connections: {
        cache: { type: 'redis', secret: 'redis', url: 'redis://:$(password)@$(host):6379/0' },
        orders: { type: 'service-binding', secret: 'redis' },
      },
    });
    const api = new WebApp(new Chart(app, 'api', { namespace: there }), 'api', {
      image: IMAGE, internal: true, scaling: { cooldownPeriod: '5s' }, health: SHORT_LIVED,
    });
    shop.connect(api);
    api.connect(shop);
    kubectl(['create', 'secret', 'generic', 'redis', '--namespace', here, '--from-literal=host=redis', '--from-literal=password=pw']);
    apply(app);

    await eventually(() => pods(there, 'api').length, count => count > 0);
    await eventually(() => pods(there, 'api').length, count => count === 0, 120);
    await eventually(() => pods(here, 'shop').length, count => count > 0);
    waitUntilReady(here, 'shop');

    const answer = await wake(here, 'http://shop/prices');
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body)).toEqual({
      answer: expect.stringContaining('/prices'),
      cache: 'redis://:pw@redis:6379/0',
      binding: ['host', 'password'],
    });
    expect(pods(there, 'api').length).toBeGreaterThan(0);
  });
});
