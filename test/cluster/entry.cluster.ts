import { createHash } from 'node:crypto';
import { App, Chart } from 'cdk8s';
import { Answer, apply, eventually, IMAGE, kubectl, pods, request, Requests, server, SHORT_LIVED, temporaryNamespace } from './cluster';
import { describeTraefik, temporaryTraefik } from './traefik';
import { Platform, Tls, WebApp, WebAppProps } from 'cdk8s-webapp';

/** Responds with the headers of the request. */
const SERVER = server('JSON.stringify(request.headers)');

/** A sign-in service that accepts requests with a ticket, and adds a header with the name of the user. */
const DOOR = server('request.headers["x-ticket"]', `
  response.statusCode = request.headers["x-ticket"] ? 200 : 401;
  response.setHeader("X-User", "alice");
`);

const PASSWORD = { Authorization: `Basic ${Buffer.from('alice:s3cret').toString('base64')}` };

describeTraefik()('Traefik, before it routes requests to an app,', () => {
  const namespace = temporaryNamespace('entry');
  const { className, url } = temporaryTraefik(namespace);
  const host = `web.${namespace}.example.com`;

  function deploy(props: Partial<WebAppProps>, tls?: Tls): void {
    const app = new App();
    new Platform(app, 'platform', {
      domain: `${namespace}.example.com`,
      ingress: { className },
      tls,
      access: { company: { url: `http://door.${namespace}.svc.cluster.local/`, responseHeaders: ['X-User'] } },
    });
    const chart = new Chart(app, 'shop', { namespace });
    new WebApp(chart, 'web', {
      image: IMAGE, command: SERVER, scaling: { cooldownPeriod: '5s' }, health: SHORT_LIVED, ...props,
    });
    if (props.access?.signIn !== undefined) {
      const open = { internal: true, security: { networkPolicy: false } };
      new WebApp(chart, 'door', { image: IMAGE, command: DOOR, scaling: { replicas: 1 }, ...open });
    }
    apply(app);
  }

  const send = (path: string, options: Requests = {}) => (
    request(namespace, `${url}${path}`, { ...options, headers: { Host: host, ...options.headers } }));
  const ask = async (path = '/', options: Requests = {}): Promise<Answer> => (await send(path, options))[0];

  /** Sends requests until Traefik has loaded the deployed objects. */
  const until = (path: string, expected: number, options: Requests = {}) => (
    eventually(() => ask(path, options), ({ status }) => status === expected, 60));

  beforeAll(() => {
    const hash = createHash('sha1').update('s3cret').digest('base64');
    kubectl(['create', 'secret', 'generic', 'visitors', '--namespace', namespace, `--from-literal=auth=alice:{SHA}${hash}`]);
  });

  test('requires the password, without which no request wakes the app', async () => {
    deploy({ access: { password: { secret: 'visitors' } } });
    await eventually(() => pods(namespace, 'web').length, count => count > 0);
    await eventually(() => pods(namespace, 'web').length, count => count === 0, 120);
    await until('/', 401);
    expect((await send('/', { count: 20 })).map(({ status }) => status)).toEqual(Array(20).fill(401));
    const wrong = { Authorization: `Basic ${Buffer.from('alice:guess').toString('base64')}` };
    expect((await ask('/', { headers: wrong })).status).toBe(401);
    await new Promise(resolve => setTimeout(resolve, 5000));
    expect(pods(namespace, 'web')).toEqual([]);

    const answer = await ask('/', { headers: PASSWORD, patient: true });
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body)).not.toHaveProperty('authorization');
  });

  test('accepts only clients in the allowed IP ranges', async () => {
    deploy({ access: { allow: ['192.0.2.0/24', '2001:db8::1'] } });
    await until('/', 403);
    deploy({ access: { allow: ['192.0.2.0/24', '10.0.0.0/8'] } });
    await until('/', 200, { patient: true });
  });

  test('asks the sign-in service, and passes its headers to the app', async () => {
    deploy({ access: { signIn: 'company' } });
    await until('/', 401);
    const answer = await until('/', 200, { headers: { 'X-Ticket': 'yes', 'X-User': 'mallory' }, patient: true });
    expect(JSON.parse(answer.body)).toMatchObject({ 'x-user': 'alice' });
  });

  test('limits bodies, redirects requests, answers preflight requests, and sets response headers', async () => {
    deploy({
      http: {
        maxBodySize: '1Mi',
        redirectFrom: [`www.${host}`],
        redirects: [{ from: '/old.html', to: '/new' }, { from: '/docs', to: 'https://docs.example.com/start', permanent: false }],
        cors: { allowOrigins: ['https://a.example.com'] },
        responseHeaders: { 'X-Frame-Options': 'DENY' },
      },
    });
    await until('/', 413, { body: 2 * 1024 ** 2, patient: true });
    const preflight = (origin: string) => (
      ask('/', { method: 'OPTIONS', headers: { 'Origin': origin, 'Access-Control-Request-Method': 'PUT' } }));
    const [small, old, similar, docs, www, friend, stranger] = await Promise.all([
      ask('/', { body: 1000 }),
      ask('/old.html?a=b'),
      ask('/oldXhtml'),
      ask('/docs'),
      ask('/a/b?c=d', { headers: { Host: `www.${host}` } }),
      preflight('https://a.example.com'),
      preflight('https://b.example.com'),
    ]);
    expect(small).toMatchObject({ status: 200, headers: { 'x-frame-options': 'DENY' } });
    expect(old).toMatchObject({ status: 301, headers: { location: `http://${host}/new?a=b` } });
    expect(similar.status).toBe(200);
    expect(docs).toMatchObject({ status: 302, headers: { location: 'https://docs.example.com/start' } });
    expect(www).toMatchObject({ status: 301, headers: { location: `http://${host}/a/b?c=d` } });
    expect(friend.headers).toMatchObject({ 'access-control-allow-origin': 'https://a.example.com', 'access-control-max-age': '3600' });
    expect(stranger.headers).not.toHaveProperty('access-control-allow-origin');
  });

  test('redirects HTTP to HTTPS', async () => {
    deploy({}, { redirect: true });
    const answer = await until('/a?b=c', 301);
    expect(answer.headers.location).toBe(`https://${host}/a?b=c`);
  });
});
