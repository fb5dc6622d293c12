import { AppFolder, ended } from './in-cluster';
import { describeOfArgo, describeWithAddon, eventually, GATEWAY, get, kubectl, pods, request, server, temporaryNamespace } from '../../../test/cluster/cluster';

const NEW = 'ghcr.io/acme/web:1.5.0';

const imageOf = (namespace: string, name: string, kind = 'deployment') => get(namespace, kind, name).spec.template.spec.containers[0].image;
const deployments = (namespace: string) => kubectl(['get', 'deployment', '--namespace', namespace, '--output', 'jsonpath={.items[*].metadata.name}']);
const weights = (namespace: string) => get(namespace, 'httproute', 'web').spec.rules[0].backendRefs.map(({ weight }: any) => weight);

describeWithAddon('webapp deploy --canary', () => {
  const namespace = temporaryNamespace('deploy-canary');
  const app = () => new AppFolder(namespace, {}, GATEWAY);
  const deploy = async (...words: string[]) => app().call('deploy', '--timeout', '60s', ...words);
  const canary = async () => JSON.parse((await app().call('status', '--output', 'json')).out).canary;

  test('needs something that serves', async () => {
    expect(await deploy('--image', NEW, '--canary', '10')).toMatchObject({
      code: 1, err: expect.stringContaining(namespace),
    });
  });

  test('gives a new image a share of the requests, after it has come up and answered; the rest stays with the image that serves', async () => {
    expect(await deploy()).toMatchObject({ code: 0 });
    const { code, err } = await deploy('--image', NEW, '--canary', '10');
    expect(err).toContain('✓ GET / returned 200 (web-canary)');
    expect(err).toContain(`10% of the traffic goes to ${NEW}, the rest to ghcr.io/acme/web:1.4.2`);
    expect(code).toBe(0);
    expect([imageOf(namespace, 'web'), imageOf(namespace, 'web-canary'), weights(namespace)]).toEqual(['ghcr.io/acme/web:1.4.2', NEW, [90, 10]]);
    expect(await canary()).toEqual({ image: NEW, weight: 10 });
    expect((await app().call('releases')).out).toMatch(/canary at 10\b/);
  });

  test('without an image gives the canary that is there another share', async () => {
    expect(await deploy('--canary', '50')).toMatchObject({ code: 0 });
    expect([imageOf(namespace, 'web-canary'), weights(namespace)]).toEqual([NEW, [50, 50]]);
  });

  test('a canary that does not come up goes, and what was there stays', async () => {
    const { code, err } = await deploy('--image', 'ghcr.io/acme/wbe:9', '--canary', '5');
    expect(err).toContain('web-canary failed to start: cannot pull image ghcr.io/acme/wbe:9');
    expect(err).toContain('Release 3 is still serving traffic');
    expect(code).toBe(1);
    expect([imageOf(namespace, 'web'), imageOf(namespace, 'web-canary'), weights(namespace)]).toEqual(['ghcr.io/acme/web:1.4.2', NEW, [50, 50]]);
  });

  test('rollback takes it back', async () => {
    expect(await app().call('rollback', '1', '--timeout', '60s')).toMatchObject({ code: 0 });
    expect(deployments(namespace)).toBe('web');
    expect(await canary()).toBeUndefined();
  });

  test('a deploy without --canary gives it all requests, and the canary goes; nobody meets the version before again', async () => {
    expect(await deploy('--image', NEW, '--canary', '100')).toMatchObject({ code: 0 });
    const before = pods(namespace, 'web').map(({ metadata }) => metadata.name).filter(name => !name.startsWith('web-canary-'));
    expect(before).not.toEqual([]);
    const visitors = request(namespace, `http://${process.env.ENTRY}/`, { count: 2000, pause: 40, headers: { Host: `web.${namespace}.example.com` } });
    await new Promise(resolve => setTimeout(resolve, 1500));
    expect(await deploy('--image', NEW)).toMatchObject({ code: 0, err: expect.stringContaining('Deployment web-canary') });
    expect([imageOf(namespace, 'web'), deployments(namespace)]).toEqual([NEW, 'web']);
    const stray = (await visitors).filter(({ status, body }) => status !== 200 || before.some(name => body.includes(name)));
    if (process.env.ENTRY) expect(stray).toEqual([]);
    expect(await deploy('--image', NEW, '--canary', '10')).toMatchObject({ code: 1, err: expect.stringContaining(NEW) });
  });

  test('says where the entry cannot split', async () => {
    const { code, err } = await new AppFolder(namespace, {}, { ingress: { className: 'traefik' } }).call('deploy', '--image', 'ghcr.io/acme/web:2', '--canary', '10');
    expect(err).toContain('--canary is 10');
    expect(code).toBe(1);
  });
});

describeWithAddon('webapp deploy --canary --every', () => {
  const namespace = temporaryNamespace('deploy-steps');
  /** A server whose canary answers with a status of its own. */
  const answering = (status: number) => server('process.env.HOSTNAME', `response.statusCode = process.env.HOSTNAME.startsWith("web-canary-") ? ${status} : 200;`);
  const app = (status: number) => new AppFolder(namespace, { command: answering(status) }, GATEWAY);
  const deploy = async (status: number, ...words: string[]) => app(status).call('deploy', '--timeout', '60s', ...words);
  const headers = { Host: `web.${namespace}.example.com` };
  const visit = async (count: number) => request(namespace, `http://${process.env.ENTRY}/`, { count, pause: 40, patient: true, headers });
  const testThroughEntry = process.env.ENTRY ? test : test.skip;

  testThroughEntry('takes a version that is well through its shares, and then gives it all', async () => {
    expect(await deploy(200)).toMatchObject({ code: 0 });
    const visitors = visit(4000);
    const { code, err } = await deploy(200, '--image', NEW, '--canary', '20,60', '--every', '6s');
    expect(err).toMatch(/20% of the traffic for 6 s: \d{2,} responses, 0 errors/);
    expect(err).toMatch(/60% of the traffic for 6 s: \d{3,} responses, 0 errors/);
    expect(code).toBe(0);
    expect([imageOf(namespace, 'web'), deployments(namespace)]).toEqual([NEW, 'web']);
    expect((await visitors).filter(({ status }) => status !== 200)).toEqual([]);
  });

  testThroughEntry('takes back one that answers with errors', async () => {
    expect(await deploy(500, '--image', NEW)).toMatchObject({ code: 0 });
    const visitors = visit(2000);
    const { code, err } = await deploy(500, '--image', 'ghcr.io/acme/web:1.6.0', '--canary', '50,100', '--every', '60s');
    expect(err).toMatch(/web-canary is unhealthy: (\d+) of \1 responses were errors, more than 5%/);
    expect(code).toBe(1);
    expect([imageOf(namespace, 'web'), deployments(namespace)]).toEqual([NEW, 'web']);
    await visitors;
  });

  test('Ctrl-C leaves the canary with its share, and rollback takes it back', async () => {
    expect(await deploy(200, '--image', NEW)).toMatchObject({ code: 0 });
    const child = app(200).start('deploy', '--timeout', '60s', '--image', 'ghcr.io/acme/web:1.7.0', '--canary', '30,60', '--every', '60s');
    const canary = async () => JSON.parse((await app(200).call('status', '--output', 'json')).out).canary;
    await eventually(canary, found => found?.weight === 30);
    child.kill('SIGINT');
    expect(await ended(child)).toBe(1);
    expect([weights(namespace), await canary()]).toEqual([[70, 30], { image: 'ghcr.io/acme/web:1.7.0', weight: 30 }]);
    expect(await app(200).call('rollback', '--timeout', '60s')).toMatchObject({ code: 0 });
    expect(deployments(namespace)).toBe('web');
  });

  test('what does not go together is said', async () => {
    expect(await deploy(200, '--every', '5s')).toMatchObject({ code: 64, err: expect.stringContaining('--every') });
    expect(await deploy(200, '--canary', '5,10')).toMatchObject({ code: 64, err: expect.stringContaining('--every') });
    expect(await deploy(200, '--canary', '5', '--max-errors', '1')).toMatchObject({ code: 64, err: expect.stringContaining('--max-errors') });
    expect(await deploy(200, '--canary', '101')).toMatchObject({ code: 64, err: expect.stringContaining('from 0 to 100') });
  });
});

describeWithAddon('webapp deploy with two colors', () => {
  const namespace = temporaryNamespace('deploy-colors');
  const app = (active: string, green = NEW) => new AppFolder(namespace, { rollout: { blueGreen: { active, green: { image: green } } } });

  test('looks at both, and says where the idle one is', async () => {
    const { code, err } = await app('blue').call('deploy', '--timeout', '60s');
    expect(err).toContain('✓ GET / returned 200\n');
    expect(err).toContain('✓ GET / returned 200 (web-green)');
    expect(err).toContain(`http://web-preview.${namespace}.example.com`);
    expect(code).toBe(0);
  });

  test('switches', async () => {
    expect(await app('green').call('deploy', '--timeout', '60s', '--output', 'json')).toMatchObject({ code: 0, out: expect.stringContaining(`"image": "${NEW}"`) });
    expect(get(namespace, 'interceptorroute', 'web').spec.target.service).toBe('web-green');
    expect((await app('green').call('doctor', 'web')).out).not.toContain('✗ pods');
  });

  test('an idle color that does not come up is an error, and the switch is taken back', async () => {
    const { code, err } = await app('blue', 'ghcr.io/acme/wbe:9').call('deploy', '--timeout', '60s');
    expect(err).toContain('web-green failed to start');
    expect(code).toBe(1);
    expect(get(namespace, 'interceptorroute', 'web').spec.target.service).toBe('web-green');
    expect(imageOf(namespace, 'web-green')).toBe(NEW);
  });
});

describeOfArgo()('webapp deploy with Argo Rollouts', () => {
  const namespace = temporaryNamespace('deploy-argo');
  const app = () => new AppFolder(namespace, { scaling: { min: 1, max: 3 }, rollout: { argo: { steps: [{ setWeight: 50 }, { pause: {} }] } } });

  test('waits for the Rollout, and lets Argo move the next version', async () => {
    expect(await app().call('deploy', '--timeout', '60s')).toMatchObject({ code: 0, err: expect.stringContaining('✓ web is ready') });
    const { code, err } = await app().call('deploy', '--image', NEW, '--timeout', '60s');
    expect(err).toContain('✓ web has started its new version');
    expect(code).toBe(0);
    const { out } = await app().call('status', '--output', 'json');
    expect(JSON.parse(out).processes).toEqual([expect.objectContaining({ name: 'web', state: 'paused', image: NEW })]);
  });

  test('a version that does not start is an error, and the one before stays', async () => {
    const { code, err } = await app().call('deploy', '--image', 'ghcr.io/acme/wbe:9', '--timeout', '60s');
    expect(err).toContain('web failed to start: cannot pull image ghcr.io/acme/wbe:9');
    expect(code).toBe(1);
    expect(imageOf(namespace, 'web', 'rollout')).toBe(NEW);
  });

  test('a command runs as the app does, and its logs are there', async () => {
    expect(await app().call('run', '--', 'node', '-e', 'console.log(process.env.PORT)')).toMatchObject({ code: 0, out: expect.stringContaining('8080') });
    expect(await app().call('logs')).toMatchObject({ code: 0 });
    expect(await app().call('destroy', '--yes')).toMatchObject({ code: 0 });
  });
});
