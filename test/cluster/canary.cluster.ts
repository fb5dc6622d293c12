import { App, Chart } from 'cdk8s';
import {
  apply, Answer, describeWithAddon, eventually, GATEWAY, get, IMAGE, kubectl, NEXT_IMAGE, pods, request, server, temporaryNamespace,
  waitUntilReady,
} from './cluster';
import { describeTraefik, temporaryTraefik } from './traefik';
import { Canary, Platform, PlatformProps, WebApp } from 'cdk8s-webapp';

const { ENTRY } = process.env;

/** Responds with the name of its pod, which begins with the name of its Deployment. */
const SERVER = server('process.env.HOSTNAME');

const describeEntry = ENTRY ? describeWithAddon : describe.skip;

describeEntry('a canary whose traffic weight grows from 0 to 100 behind a gateway', () => {
  const namespace = temporaryNamespace('canary');
  const host = `web.${namespace}.example.com`;

  function deploy(image: string, canary?: Canary): App {
    const app = new App();
    new Platform(app, 'platform', { domain: `${namespace}.example.com`, ...GATEWAY });
    new WebApp(new Chart(app, 'shop', { namespace }), 'web', {
      image,
      command: SERVER,
      scaling: { cooldownPeriod: '5s' },
      health: { startupTimeout: '10s' },
      rollout: canary && { canary: { ...canary, headers: { 'X-Beta': 'yes' } } },
    });
    apply(app);
    return app;
  }

  /** Sends requests through the gateway. */
  function send(count: number, headers = {}, pause = 10): Promise<Answer[]> {
    return request(namespace, `http://${ENTRY}/`, { count, headers: { Host: host, ...headers }, pause, patient: true });
  }

  /** Changes the app while it receives requests; none of them may fail. */
  async function whileInUse(change: () => unknown): Promise<void> {
    const sent = send(1000, {}, 40);
    await new Promise(resolve => setTimeout(resolve, 1500));
    await change();
    expect((await sent).filter(({ status }) => status !== 200)).toEqual([]);
  }

  /** How many of a thousand requests reach the canary. */
  async function reached(): Promise<number> {
    const answers = await send(1000);
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    return answers.filter(({ body }) => body.startsWith('web-canary-')).length;
  }

  test('scales from zero like the stable version', async () => {
    deploy(IMAGE, { image: NEXT_IMAGE, weight: 50 });
    await eventually(() => pods(namespace, 'web').length, count => count > 0);
    await eventually(() => pods(namespace, 'web').length, count => count === 0, 120);
    const answers = await send(50);
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    expect(new Set(answers.map(({ body }) => body.startsWith('web-canary-')))).toEqual(new Set([true, false]));
  });

  test.each([0, 10, 50, 100])('gets the traffic for a weight of %d, and no request fails during the change', async weight => {
    await whileInUse(() => deploy(IMAGE, { image: NEXT_IMAGE, weight }));
    const share = weight / 100;
    const deviation = Math.sqrt(1000 * share * (1 - share));
    const found = await reached();
    expect(found).toBeGreaterThanOrEqual(1000 * share - 5 * deviation);
    expect(found).toBeLessThanOrEqual(1000 * share + 5 * deviation);
  });

  test('gets the requests with its headers whatever the weight, through the gateway and inside the cluster', async () => {
    deploy(IMAGE, { image: NEXT_IMAGE, weight: 0 });
    const headers = { 'X-Beta': 'yes' };
    const answers = [
      ...(await send(20, headers)),
      ...(await request(namespace, `http://web-proxy.${namespace}:8080/`, { count: 20, headers, patient: true })),
    ];
    expect(answers.map(({ body }) => body.slice(0, 'web-canary-'.length))).toEqual(Array(40).fill('web-canary-'));
    // The header that the gateway sets on requests for the canary.
    expect((await send(20, { 'X-Webapp-Track': 'canary' })).filter(({ body }) => body.startsWith('web-canary-'))).toHaveLength(20);
    deploy(IMAGE, { image: NEXT_IMAGE, weight: 100 });
  });

  test('is promoted without a failed request', async () => {
    await whileInUse(async () => {
      // Unlike `webapp deploy`, a pipeline does not ask whether requests wait for a version before it prunes it.
      await eventually(() => get(namespace, 'deployment', 'web-canary').status.readyReplicas, ready => ready > 0);
      deploy(NEXT_IMAGE);
      // The objects that a pipeline prunes, routing objects first.
      const kinds = ['ingress', 'interceptorroute', 'scaledobject', 'deployment', 'poddisruptionbudget', 'networkpolicy', 'service'];
      for (const kind of kinds) {
        kubectl(['delete', kind, '--namespace', namespace, '--selector', 'app.kubernetes.io/component=canary', '--ignore-not-found']);
      }
    });
    expect(await reached()).toBe(0);
    const running = pods(namespace, 'web').filter(({ metadata }) => !metadata.deletionTimestamp);
    expect(new Set(running.map(({ spec }) => spec.containers[0].image))).toEqual(new Set([NEXT_IMAGE]));
  });
});

describeTraefik()('a canary through an Ingress of Traefik', () => {
  const namespace = temporaryNamespace('canary-traefik');
  const { className, url } = temporaryTraefik(namespace);

  function deploy(canary?: Canary): void {
    const app = new App();
    new Platform(app, 'platform', { domain: `${namespace}.example.com`, ingress: { className } });
    new WebApp(new Chart(app, 'shop', { namespace }), 'web', {
      image: IMAGE, command: SERVER, scaling: { min: 1 }, health: { startupTimeout: '10s' }, rollout: canary && { canary },
    });
    apply(app);
  }

  const send = (count: number, headers = {}, pause = 0) => request(namespace, url, {
    count, headers: { Host: `web.${namespace}.example.com`, ...headers }, pause, patient: true,
  });
  const ofCanary = (answers: readonly Answer[]) => (
    answers.filter(({ status, body }) => status === 200 && body.startsWith('web-canary-')).length);

  /** Changes the app while requests come in; none of them may fail. */
  async function whileInUse(change: () => void): Promise<void> {
    const sent = send(500, {}, 60);
    await new Promise(resolve => setTimeout(resolve, 1500));
    change();
    expect((await sent).filter(({ status }) => status !== 200)).toEqual([]);
  }

  beforeAll(async () => {
    deploy();
    await eventually(() => send(1), ([{ status }]) => status === 200, 90);
  });

  test.each([10, 50, 100])('gets %d percent of the traffic, and no request fails during the change', async weight => {
    await whileInUse(() => deploy({ image: NEXT_IMAGE, weight, headers: { 'X-Beta': 'yes' } }));
    const share = weight / 100;
    const deviation = Math.sqrt(1000 * share * (1 - share));
    const found = ofCanary(await send(1000));
    expect(found).toBeGreaterThanOrEqual(1000 * share - 5 * deviation);
    expect(found).toBeLessThanOrEqual(1000 * share + 5 * deviation);
  });

  test('gets only the requests with its headers once its weight is 0', async () => {
    await whileInUse(() => {
      deploy({ image: NEXT_IMAGE, weight: 0, headers: { 'X-Beta': 'yes' } });
      // The objects that a pipeline prunes.
      kubectl(['delete', 'ingressroute', 'web', '--namespace', namespace]);
    });
    expect(ofCanary(await send(100))).toBe(0);
    expect(ofCanary(await send(20, { 'X-Beta': 'yes' }))).toBe(20);
  });
});

describeEntry('a canary behind ingress-nginx with an upstream header', () => {
  const namespace = temporaryNamespace('canary-nginx');

  test('gets only the requests with the name of its upstream', async () => {
    const app = new App();
    new Platform(app, 'platform', { domain: `${namespace}.example.com`, ingress: { className: 'nginx', upstreamHeader: 'X-Upstream' } });
    new WebApp(new Chart(app, 'shop', { namespace }), 'web', {
      image: IMAGE,
      command: SERVER,
      health: { startupTimeout: '10s' },
      rollout: { canary: { image: NEXT_IMAGE, weight: 10, headers: { 'X-Beta': 'yes' } } },
    });
    apply(app);
    const reached = async (headers = {}) => (await request(namespace, `http://${ENTRY}/`, {
      count: 20, headers: { Host: `web.${namespace}.example.com`, ...headers }, patient: true,
    })).filter(({ status, body }) => status === 200 && body.startsWith('web-canary-')).length;
    expect(await eventually(() => reached({ 'X-Beta': 'yes' }), count => count === 20)).toBe(20);
    expect(await reached({ 'X-Upstream': `${namespace}-web-canary-proxy-8080` })).toBe(20);
    expect(await reached({ 'X-Upstream': `${namespace}-web-proxy-8080` })).toBeLessThan(10);
  });
});

const describeDirect = ENTRY ? describe : describe.skip;

describeDirect.each<[string, PlatformProps]>([
  ['gateway', GATEWAY],
  ['nginx', { ingress: { className: 'nginx' } }],
])('a canary of an app that is not scaled by HTTP, behind %s', (kind, entry) => {
  const namespace = temporaryNamespace(`direct-${kind}`);

  test('gets the traffic for its weight and the requests with its headers', async () => {
    const app = new App();
    new Platform(app, 'platform', { domain: `${namespace}.example.com`, ...entry });
    new WebApp(new Chart(app, 'shop', { namespace }), 'web', {
      image: IMAGE,
      command: SERVER,
      scaling: { replicas: 1 },
      rollout: { canary: { image: NEXT_IMAGE, weight: 30, headers: { 'X-Beta': 'yes' } } },
    });
    apply(app);
    await eventually(() => pods(namespace, 'web').length, count => count === 2);
    waitUntilReady(namespace, 'web');
    const host = `web.${namespace}.example.com`;
    const reached = async (count: number, headers = {}) => {
      const answers = await request(namespace, `http://${ENTRY}/`, { count, headers: { Host: host, ...headers } });
      return answers.filter(({ status, body }) => status === 200 && body.startsWith('web-canary-')).length;
    };
    // A controller needs a moment to load new objects; until then, all requests reach the app.
    await eventually(() => reached(20, { 'X-Beta': 'yes' }), count => count === 20);
    const share = await reached(1000);
    expect(share).toBeGreaterThan(300 - 5 * 14.5);
    expect(share).toBeLessThan(300 + 5 * 14.5);
  });
});
