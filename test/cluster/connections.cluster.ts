import { App, Chart } from 'cdk8s';
import {
  apply, describeWithAddon, eventually, get, IMAGE, kubectl, pods, server, SHORT_LIVED, temporaryNamespace, waitUntilReady, wake,
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

describeWithAddon('apps that wake together', () => {
  const namespace = temporaryNamespace('together');
  const NAMES = ['db', 'api', 'shop'];
  const sleep = async () => Promise.all(NAMES.map(async name => eventually(() => pods(namespace, name).length, count => count === 0, 180)));

  test('wake with the first request for one of them, which calls none, and sleep again', async () => {
    const app = new App();
    new Platform(app, 'platform', { domain: `${namespace}.example.com` });
    const chart = new Chart(app, 'apps', { namespace });
    const add = (name: string, wakes?: string) => new WebApp(chart, name, {
      image: IMAGE,
      command: server('process.env.HOSTNAME'),
      scaling: { concurrency: 100, cooldownPeriod: '5s', fallback: 1 },
      health: SHORT_LIVED,
      connections: wakes === undefined ? undefined : { [wakes]: { type: 'web-app', app: wakes, wake: true } },
    });
    // In the order that would be wrong, if the ScaledObjects were not written after the routes that they name.
    add('db');
    add('api', 'db');
    add('shop', 'api');
    apply(app);
    for (const name of NAMES) await eventually(() => pods(namespace, name).length, count => count > 0);
    await sleep();

    const answer = await wake(namespace, `http://shop-proxy.${namespace}:8080/`);
    expect(answer.status).toBe(200);
    for (const name of NAMES) await eventually(() => pods(namespace, name).length, count => count > 0, 5);
    for (const name of NAMES) waitUntilReady(namespace, name);
    const metrics = () => get(namespace, 'hpa', 'keda-hpa-db').spec.metrics.map(({ external }: any) => external.metric.name);
    expect(metrics()).toEqual(['s0-http_db_concurrency', 's1-http_api_concurrency', 's2-http_shop_concurrency']);
    await sleep();
  });
});
