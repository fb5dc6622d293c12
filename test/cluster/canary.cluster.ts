import { App, Chart } from 'cdk8s';
import { apply, Answer, describeWithAddon, eventually, IMAGE, kubectl, NEXT_IMAGE, pods, request, temporaryNamespace } from './cluster';
import { Canary, Platform, PlatformProps, WebApp } from 'cdk8s-webapp';

const { ENTRY } = process.env;

/** Answers with the name of its pod, which begins with that of its Deployment. */
const SERVER = 'require("node:http").createServer((request, response) => response.end(process.env.HOSTNAME)).listen(process.env.PORT)';

const describeEntry = ENTRY ? describeWithAddon : describe.skip;

describeEntry.each<[string, PlatformProps]>([
  ['gateway', { gateway: { name: 'public' } }],
  ['nginx', { ingress: { className: 'nginx' } }],
])('a canary that moves from none of the requests to all, through %s', (kind, entry) => {
  const namespace = temporaryNamespace(`canary-${kind}`);
  const host = `web.${namespace}.example.com`;

  function deploy(image: string, canary?: Canary): App {
    const app = new App();
    new Platform(app, 'platform', { domain: `${namespace}.example.com`, ...entry });
    new WebApp(new Chart(app, 'shop', { namespace }), 'web', {
      image,
      command: ['node', '-e', SERVER],
      scaling: { scaleDownAfter: '5s' },
      health: { startupTimeout: '10s' },
      rollout: canary && { canary },
    });
    apply(app);
    return app;
  }

  /** Sends requests through the entry, 200 a second at most. */
  function send(count: number): Promise<Answer[]> {
    return request(namespace, `http://${ENTRY}/`, { count, headers: { Host: host }, pause: 40 });
  }

  /** Changes the app while requests come in; none of them may fail. */
  async function whileInUse(change: () => void): Promise<void> {
    const sent = send(1000);
    await new Promise(resolve => setTimeout(resolve, 1500));
    change();
    expect((await sent).filter(({ status }) => status !== 200)).toEqual([]);
  }

  /** How many of a thousand requests reach the canary. */
  async function reached(): Promise<number> {
    const answers = await send(1000);
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    return answers.filter(({ body }) => body.startsWith('web-canary-')).length;
  }

  test('both versions wake from zero', async () => {
    deploy(IMAGE, { image: NEXT_IMAGE, weight: 50 });
    await eventually(() => pods(namespace, 'web').length, count => count > 0);
    await eventually(() => pods(namespace, 'web').length, count => count === 0, 120);
    const answers = await send(50);
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    expect(new Set(answers.map(({ body }) => body.startsWith('web-canary-')))).toEqual(new Set([true, false]));
  });

  test.each([0, 10, 50, 100])('a weight of %d is that share, and no request is lost on the way there', async weight => {
    await whileInUse(() => deploy(IMAGE, { image: NEXT_IMAGE, weight }));
    const share = weight / 100;
    const deviation = Math.sqrt(1000 * share * (1 - share));
    const found = await reached();
    expect(found).toBeGreaterThanOrEqual(1000 * share - 5 * deviation);
    expect(found).toBeLessThanOrEqual(1000 * share + 5 * deviation);
  });

  test('the image of the canary becomes the app\'s, and no request is lost', async () => {
    await whileInUse(() => {
      deploy(NEXT_IMAGE);
      // What a pipeline prunes, what leads requests there first.
      for (const object of ['ingress', 'interceptorroute', 'scaledobject', 'deployment', 'poddisruptionbudget', 'networkpolicy', 'service']) {
        kubectl(['delete', object, '--namespace', namespace, '--selector', 'app.kubernetes.io/component=canary', '--ignore-not-found']);
      }
    });
    expect(await reached()).toBe(0);
    expect(new Set(pods(namespace, 'web').filter(({ metadata }) => !metadata.deletionTimestamp).map(({ spec }) => spec.containers[0].image))).toEqual(new Set([NEXT_IMAGE]));
  });
});
