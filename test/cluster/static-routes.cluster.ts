import { App, Chart } from 'cdk8s';
import { apply, describeWithAddon, eventually, IMAGE, pods, request, SHORT_LIVED, temporaryNamespace, wake } from './cluster';
import { Platform, ResponseMode, WebApp } from 'cdk8s-webapp';

describeWithAddon('static routes of a sleeping app', () => {
  const namespace = temporaryNamespace('static');
  const url = `http://web-proxy.${namespace}:8080`;

  test('answer without waking it, and other requests wake it', async () => {
    const app = new App();
    new Platform(app, 'platform', { domain: `${namespace}.example.com` });
    new WebApp(new Chart(app, 'shop', { namespace }), 'web', {
      image: IMAGE,
      health: SHORT_LIVED,
      scaling: { cooldownPeriod: '5s' },
      staticRoutes: [
        { paths: ['/healthz'], body: 'asleep' },
        { paths: ['/robots.txt'], body: 'User-agent: *', responseMode: ResponseMode.ALWAYS },
      ],
    });
    apply(app);
    await eventually(() => pods(namespace, 'web').length, count => count > 0);
    await eventually(() => pods(namespace, 'web').length, count => count === 0, 120);
    expect((await request(namespace, `${url}/healthz`, { count: 20 })).map(({ body }) => body)).toEqual(Array(20).fill('asleep'));
    expect(pods(namespace, 'web')).toEqual([]);
    expect((await wake(namespace, `${url}/any`)).body).toContain('/any');
    // While the app is awake, it answers these requests itself if they are static only while it sleeps.
    const [health, robots] = [...await request(namespace, `${url}/healthz`), ...await request(namespace, `${url}/robots.txt`)];
    expect(health.body).toContain('/healthz');
    expect(robots.body).toBe('User-agent: *');
  });
});
