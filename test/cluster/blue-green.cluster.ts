import { App, Chart } from 'cdk8s';
import { apply, describeWithAddon, eventually, IMAGE, NEXT_IMAGE, pods, request, server, temporaryNamespace } from './cluster';
import { Color, Platform, WebApp } from 'cdk8s-webapp';

/** Responds with the name of its pod, which begins with the name of its Deployment. */
const SERVER = server('process.env.HOSTNAME');

const { ENTRY } = process.env;

describeWithAddon('blue and green', () => {
  const namespace = temporaryNamespace('colors');
  const LIVE = `http://web-proxy.${namespace}:8080/`;
  const PREVIEW = `http://web-preview-proxy.${namespace}:8080/`;

  function deploy(active: Color): void {
    const app = new App();
    new Platform(app, 'platform', { domain: `${namespace}.example.com`, ingress: { className: 'nginx' } });
    new WebApp(new Chart(app, 'shop', { namespace }), 'web', {
      image: IMAGE,
      command: SERVER,
      scaling: { cooldownPeriod: '5s' },
      health: { startupTimeout: '10s' },
      rollout: { blueGreen: { active, green: { image: NEXT_IMAGE } } },
    });
    apply(app);
  }

  /** The colors that respond. */
  async function answered(url: string, count: number, options = {}): Promise<Set<string>> {
    const answers = await request(namespace, url, { count, pause: 40, patient: true, ...options });
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    return new Set(answers.map(({ body }) => body.startsWith('web-green-') ? 'green' : 'blue'));
  }

  test('both sleep, and each is woken by requests for its host', async () => {
    deploy(Color.BLUE);
    await eventually(() => pods(namespace, 'web').length, count => count > 0);
    await eventually(() => pods(namespace, 'web').length, count => count === 0, 120);
    expect(await answered(PREVIEW, 20)).toEqual(new Set(['green']));
    expect(await answered(LIVE, 20)).toEqual(new Set(['blue']));
  });

  (ENTRY ? test : test.skip)('the ingress controller routes to each by its host', async () => {
    expect(await answered(`http://${ENTRY}/`, 20, { headers: { Host: `web-preview.${namespace}.example.com` } })).toEqual(
      new Set(['green']),
    );
    expect(await answered(`http://${ENTRY}/`, 20, { headers: { Host: `web.${namespace}.example.com` } })).toEqual(new Set(['blue']));
  });

  test('no request fails during a switch to green and back', async () => {
    const headers = { Host: `web.${namespace}.example.com` };
    for (const [active, old] of [[Color.GREEN, 'blue'], [Color.BLUE, 'green']] as const) {
      const sent = ENTRY ? answered(`http://${ENTRY}/`, 1000, { headers }) : answered(LIVE, 1000);
      await new Promise(resolve => setTimeout(resolve, 1500));
      deploy(active);
      expect(await sent).toEqual(new Set(['blue', 'green']));
      expect(await answered(LIVE, 100)).toEqual(new Set([active]));
      expect(await answered(PREVIEW, 20)).toEqual(new Set([old]));
    }
  });

  test('the idle color sleeps while the other gets requests', async () => {
    const sent = answered(LIVE, 4000);
    const left = () => pods(namespace, 'web').filter(({ metadata }) => metadata.name.startsWith('web-green-')).length;
    await eventually(left, count => count === 0, 120);
    expect(await sent).toEqual(new Set(['blue']));
  });

  test('a switch while both sleep applies to the next request', async () => {
    await eventually(() => pods(namespace, 'web').length, count => count === 0, 120);
    deploy(Color.GREEN);
    expect(await answered(LIVE, 20)).toEqual(new Set(['green']));
    expect(await answered(PREVIEW, 20)).toEqual(new Set(['blue']));
  });
});
