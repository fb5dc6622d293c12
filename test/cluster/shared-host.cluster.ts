import { App, Chart } from 'cdk8s';
import { apply, describeWithAddon, GATEWAY, IMAGE, request, server, SHORT_LIVED, temporaryNamespace } from './cluster';
import { Platform, PlatformProps, WebApp, WebAppProps } from 'cdk8s-webapp';

const { ENTRY } = process.env;

/** Responds with the name of its pod, which starts with the name of the app, and the path of the request. */
const APP: WebAppProps = { image: IMAGE, command: server('`${process.env.HOSTNAME} ${request.url}`'), health: SHORT_LIVED };

/** A request, the app that answers it, and the path that the app receives. */
interface Routed {
  readonly name: string;
  readonly path: string;
  readonly headers: object;
  readonly received: string;
}

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

  const ofGateway: Routed[] = [
    { name: 'home', path: '/', headers: {}, received: '/' },
    { name: 'docs', path: '/docs/x', headers: {}, received: '/api/x' },
  ];

  test.each<Routed>([
    { name: 'shop', path: '/carts', headers: {}, received: '/carts' },
    { name: 'api-beta', path: '/api/users', headers: { 'X-Beta': 'yes' }, received: '/api/users' },
    { name: 'shop', path: '/api/users', headers: {}, received: '/api/users' },
    ...entry === 'a Gateway' ? ofGateway : [],
  ])('$name answers $path with the headers $headers', async ({ name, path, headers, received }) => {
    const [answer] = await request(namespace, `http://${ENTRY}${path}`, { headers: { Host: host, ...headers }, patient: true });
    expect(answer).toMatchObject({ status: 200, body: expect.stringMatching(new RegExp(`^${name}-[0-9a-f]+-\\w+ ${received}$`)) });
  });
});
