import { App, Chart } from 'cdk8s';
import { apply, describeWithAddon, GATEWAY, IMAGE, request, server, SHORT_LIVED, temporaryNamespace } from './cluster';
import { Platform, PlatformProps, WebApp, WebAppProps } from 'cdk8s-webapp';

const { ENTRY } = process.env;

/** Answers with the name of its pod, which begins with that of the app. */
const APP: WebAppProps = { image: IMAGE, command: server('process.env.HOSTNAME'), health: SHORT_LIVED };

(ENTRY ? describeWithAddon : describe.skip).each<[string, PlatformProps]>([
  ['an Ingress', { ingress: { className: 'traefik' } }],
  ['a Gateway', GATEWAY],
])('apps that share a host, behind %s', (entry, platform) => {
  const namespace = temporaryNamespace(entry.includes('Gateway') ? 'shared-gateway' : 'shared-ingress');
  const host = `shop.${namespace}.example.com`;

  beforeAll(() => {
    const app = new App();
    new Platform(app, 'platform', platform);
    const chart = new Chart(app, 'shop', { namespace });
    new WebApp(chart, 'shop', { ...APP, hosts: [host] });
    new WebApp(chart, 'api-beta', { ...APP, hosts: [host], paths: ['/api'], headers: { 'X-Beta': 'yes' } });
    apply(app);
  });

  test.each<[who: string, path: string, headers: { [name: string]: string }]>([
    ['shop', '/', {}],
    ['api-beta', '/api/users', { 'X-Beta': 'yes' }],
    ['shop', '/api/users', {}],
  ])('%s answers %s with the headers %j', async (who, path, headers) => {
    const [answer] = await request(namespace, `http://${ENTRY}${path}`, { headers: { Host: host, ...headers }, patient: true });
    expect(answer).toMatchObject({ status: 200, body: expect.stringMatching(new RegExp(`^${who}-[0-9a-f]+-`)) });
  });
});
