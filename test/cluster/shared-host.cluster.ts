import { App, Chart } from 'cdk8s';
import { apply, describeWithAddon, GATEWAY, IMAGE, request, server, SHORT_LIVED, temporaryNamespace } from './cluster';
import { Platform, PlatformProps, WebApp, WebAppProps } from 'cdk8s-webapp';

const { ENTRY } = process.env;

/** Answers with the name of its pod, which begins with that of the app, and the path that it got. */
const APP: WebAppProps = { image: IMAGE, command: server('`${process.env.HOSTNAME} ${request.url}`'), health: SHORT_LIVED };

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
    if (entry === 'a Gateway') {
      new WebApp(chart, 'home', { ...APP, hosts: [host], exactPaths: ['/'] });
      new WebApp(chart, 'docs', { ...APP, hosts: [host], paths: ['/docs'], replacePrefixMatch: '/api' });
    }
    apply(app);
  });

  const ofGateway: [who: string, path: string, headers: object, got: string][] = [['home', '/', {}, '/'], ['docs', '/docs/x', {}, '/api/x']];

  test.each<[who: string, path: string, headers: object, got: string]>([
    ['shop', '/carts', {}, '/carts'],
    ['api-beta', '/api/users', { 'X-Beta': 'yes' }, '/api/users'],
    ['shop', '/api/users', {}, '/api/users'],
    ...entry === 'a Gateway' ? ofGateway : [],
  ])('%s answers %s with the headers %j', async (who, path, headers, got) => {
    const [answer] = await request(namespace, `http://${ENTRY}${path}`, { headers: { Host: host, ...headers }, patient: true });
    expect(answer).toMatchObject({ status: 200, body: expect.stringMatching(new RegExp(`^${who}-[0-9a-f]+-\\w+ ${got}$`)) });
  });
});
