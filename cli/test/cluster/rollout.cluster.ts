import { AppFolder, ended } from './in-cluster';
import {
  describeArgoRollouts, describeWithAddon, eventually, GATEWAY, get, kubectl, pods, request, server, temporaryNamespace, untilRouted,
} from '../../../test/cluster/cluster';

const OLD = 'ghcr.io/acme/web:1.4.2';
const NEW = 'ghcr.io/acme/web:1.5.0';

const imageOf = (namespace: string, name: string, kind = 'deployment') => (
  get(namespace, kind, name).spec.template.spec.containers[0].image);
const deployments = (namespace: string) => (
  kubectl(['get', 'deployment', '--namespace', namespace, '--output', 'jsonpath={.items[*].metadata.name}']));
const weights = (namespace: string) => get(namespace, 'httproute', 'web').spec.rules[0].backendRefs.map(({ weight }: any) => weight);

describeWithAddon('webapp deploy --canary', () => {
  const namespace = temporaryNamespace('deploy-canary');
  const app = () => new AppFolder(namespace, {}, GATEWAY);
  const deploy = async (...words: string[]) => app().call('deploy', '--timeout', '60s', ...words);
  const canary = async () => JSON.parse((await app().call('status', '--output', 'json')).out).canary;

  test('requires a release that is serving traffic', async () => {
    expect(await deploy('--image', NEW, '--canary', '10')).toMatchObject({
      code: 1, err: expect.stringContaining(namespace),
    });
  });

  test('sends a percentage of the traffic to a new image once it is ready and has answered', async () => {
    expect(await deploy()).toMatchObject({ code: 0 });
    const { code, err } = await deploy('--image', NEW, '--canary', '10');
    expect(err).toContain('✓ GET / returned 200 (web-canary)');
    expect(err).toContain(`10% of the traffic goes to ${NEW}, the rest to ${OLD}`);
    expect(code).toBe(0);
    expect([imageOf(namespace, 'web'), imageOf(namespace, 'web-canary'), weights(namespace)]).toEqual([OLD, NEW, [90, 10]]);
    expect(await canary()).toEqual({ image: NEW, weight: 10 });
    expect((await app().call('releases')).out).toMatch(/canary at 10\b/);
  });

  test('changes the weight of an existing canary if there is no new image', async () => {
    expect(await deploy('--canary', '50')).toMatchObject({ code: 0 });
    expect([imageOf(namespace, 'web-canary'), weights(namespace)]).toEqual([NEW, [50, 50]]);
  });

  test('removes a canary that fails to start, and restores the previous one', async () => {
    const { code, err } = await deploy('--image', 'ghcr.io/acme/wbe:9', '--canary', '5');
    expect(err).toContain('web-canary failed to start: cannot pull image ghcr.io/acme/wbe:9');
    expect(err).toContain('Release 3 is still serving traffic');
    expect(code).toBe(1);
    expect([imageOf(namespace, 'web'), imageOf(namespace, 'web-canary'), weights(namespace)]).toEqual([OLD, NEW, [50, 50]]);
  });

  test('is undone by a rollback', async () => {
    expect(await app().call('rollback', '1', '--timeout', '60s')).toMatchObject({ code: 0 });
    expect(deployments(namespace)).toBe('web');
    expect(await canary()).toBeUndefined();
  });

  test('is promoted by a deploy without --canary, and no request reaches the previous version again', async () => {
    expect(await deploy('--image', NEW, '--canary', '100')).toMatchObject({ code: 0 });
    const before = pods(namespace, 'web').map(({ metadata }) => metadata.name).filter(name => !name.startsWith('web-canary-'));
    expect(before).not.toEqual([]);
    const headers = { Host: `web.${namespace}.example.com` };
    const strays = async (count: number) => {
      const answers = await request(namespace, `http://${process.env.ENTRY}/`, { count, pause: 40, headers });
      return answers.filter(({ status, body }) => status !== 200 || before.some(name => body.includes(name)));
    };
    // The gateway may take a moment to see the weight.
    if (process.env.ENTRY) await eventually(async () => strays(25), found => found.length === 0);
    const visitors = strays(2000);
    await new Promise(resolve => setTimeout(resolve, 1500));
    expect(await deploy('--image', NEW)).toMatchObject({ code: 0, err: expect.stringContaining('Deployment web-canary') });
    expect([imageOf(namespace, 'web'), deployments(namespace)]).toEqual([NEW, 'web']);
    const found = await visitors;
    if (process.env.ENTRY) expect(found).toEqual([]);
    expect(await deploy('--image', NEW, '--canary', '10')).toMatchObject({ code: 1, err: expect.stringContaining(NEW) });
  });

  test('is an error with an ingress controller that cannot split traffic', async () => {
    const other = new AppFolder(namespace, {}, { ingress: { controller: 'other' } });
    const { code, err } = await other.call('deploy', '--image', 'ghcr.io/acme/web:2', '--canary', '10');
    expect(err).toContain('--canary is 10');
    expect(code).toBe(1);
  });
});

describeWithAddon('a canary that ends while a request wakes it', () => {
  const namespace = temporaryNamespace('deploy-last-request');
  const [node, ...script] = server('process.env.HOSTNAME');
  const props = {
    command: ['sh', '-c', 'sleep 8; exec "$@"', 'sh', node, ...script],
    scaling: { cooldownPeriod: '5s' },
    health: { startupTimeout: '30s' },
  };
  const call = async (...words: string[]) => new AppFolder(namespace, props, GATEWAY).call(...words);
  const replicas = () => get(namespace, 'deployment', 'web-canary').spec.replicas;

  test('still answers it', async () => {
    expect(await call('deploy')).toMatchObject({ code: 0 });
    expect(await call('deploy', '--image', NEW, '--canary', '10')).toMatchObject({ code: 0 });
    await eventually(replicas, count => count === 0, 120);
    const answer = request(namespace, `http://web-canary-proxy.${namespace}:8080/`, { patient: true });
    await eventually(replicas, count => count === 1);
    expect(await call('rollback')).toMatchObject({ code: 0 });
    expect(await answer).toMatchObject([{ status: 200, body: expect.stringContaining('web-canary-') }]);
    expect(deployments(namespace)).toBe('web');
  });
});

describeWithAddon('webapp deploy --canary --every', () => {
  const namespace = temporaryNamespace('deploy-steps');
  /** A server whose canary returns another status. */
  const returning = (status: number) => (
    server('process.env.HOSTNAME', `response.statusCode = process.env.HOSTNAME.startsWith("web-canary-") ? ${status} : 200;`));
  const app = (status: number) => new AppFolder(namespace, { command: returning(status) }, GATEWAY);
  const deploy = async (status: number, ...words: string[]) => app(status).call('deploy', '--timeout', '60s', ...words);
  const headers = { Host: `web.${namespace}.example.com` };
  const visit = async (count: number) => request(namespace, `http://${process.env.ENTRY}/`, { count, pause: 40, patient: true, headers });
  const testThroughEntry = process.env.ENTRY ? test : test.skip;

  testThroughEntry('increases the weight of a healthy version step by step, and then promotes it', async () => {
    expect(await deploy(200)).toMatchObject({ code: 0 });
    await untilRouted(namespace, headers.Host);
    const visitors = visit(4000);
    const { code, err } = await deploy(200, '--image', NEW, '--canary', '20,60', '--every', '6s');
    expect(err).toMatch(/20% of the traffic for 6 s: \d{2,} responses, 0 errors/);
    expect(err).toMatch(/60% of the traffic for 6 s: \d{3,} responses, 0 errors/);
    expect(code).toBe(0);
    expect([imageOf(namespace, 'web'), deployments(namespace)]).toEqual([NEW, 'web']);
    expect((await visitors).filter(({ status }) => status !== 200)).toEqual([]);
  });

  testThroughEntry('rolls back a version that returns errors', async () => {
    expect(await deploy(500, '--image', NEW)).toMatchObject({ code: 0 });
    const visitors = visit(2000);
    const { code, err } = await deploy(500, '--image', 'ghcr.io/acme/web:1.6.0', '--canary', '50,100', '--every', '60s');
    expect(err).toMatch(/web-canary is unhealthy: (\d+) of \1 responses were errors, more than 5%/);
    expect(code).toBe(1);
    expect([imageOf(namespace, 'web'), deployments(namespace)]).toEqual([NEW, 'web']);
    await visitors;
  });

  test('leaves the canary at its current weight on Ctrl-C, and rollback removes it', async () => {
    expect(await deploy(200, '--image', NEW)).toMatchObject({ code: 0 });
    const flags = ['--timeout', '60s', '--image', 'ghcr.io/acme/web:1.7.0', '--canary', '30,60', '--every', '60s'];
    const child = app(200).start('deploy', ...flags);
    const canary = async () => JSON.parse((await app(200).call('status', '--output', 'json')).out).canary;
    await eventually(canary, found => found?.weight === 30);
    child.kill('SIGINT');
    expect(await ended(child)).toBe(1);
    expect([weights(namespace), await canary()]).toEqual([[70, 30], { image: 'ghcr.io/acme/web:1.7.0', weight: 30 }]);
    expect(await app(200).call('rollback', '--timeout', '60s')).toMatchObject({ code: 0 });
    expect(deployments(namespace)).toBe('web');
  });

  test.each([
    { flags: ['--every', '5s'], message: '--every' },
    { flags: ['--canary', '5,10'], message: '--every' },
    { flags: ['--canary', '5', '--max-errors', '1'], message: '--max-errors' },
    { flags: ['--canary', '101'], message: 'from 0 to 100' },
  ])('is a usage error with $flags', async ({ flags, message }) => {
    expect(await deploy(200, ...flags)).toMatchObject({ code: 64, err: expect.stringContaining(message) });
  });
});

describeWithAddon('webapp deploy with rollout.blueGreen', () => {
  const namespace = temporaryNamespace('deploy-colors');
  const app = (active: string, green = NEW) => new AppFolder(namespace, { rollout: { blueGreen: { active, green: { image: green } } } });

  test('checks both colors, and prints the preview URL of the idle one', async () => {
    const { code, err } = await app('blue').call('deploy', '--timeout', '60s');
    expect(err).toContain('✓ GET / returned 200\n');
    expect(err).toContain('✓ GET / returned 200 (web-green)');
    expect(err).toContain(`http://web-preview.${namespace}.example.com`);
    expect(code).toBe(0);
  });

  test('switches the traffic to the other color', async () => {
    const { code, out } = await app('green').call('deploy', '--timeout', '60s', '--output', 'json');
    expect({ code, out }).toMatchObject({ code: 0, out: expect.stringContaining(`"image": "${NEW}"`) });
    expect(get(namespace, 'interceptorroute', 'web').spec.target.service).toBe('web-green');
    expect((await app('green').call('doctor', 'web')).out).not.toContain('✗ pods');
  });

  test('fails if the idle color fails to start, and reverts the switch', async () => {
    const { code, err } = await app('blue', 'ghcr.io/acme/wbe:9').call('deploy', '--timeout', '60s');
    expect(err).toContain('web-green failed to start');
    expect(code).toBe(1);
    expect(get(namespace, 'interceptorroute', 'web').spec.target.service).toBe('web-green');
    expect(imageOf(namespace, 'web-green')).toBe(NEW);
  });
});

describeArgoRollouts()('webapp deploy with Argo Rollouts', () => {
  const namespace = temporaryNamespace('deploy-argo');
  const rollout = { argo: { steps: [{ setWeight: 50 }, { pause: {} }] } };
  const app = () => new AppFolder(namespace, { scaling: { min: 1, max: 3 }, rollout });

  test('waits for the Rollout, and lets Argo Rollouts promote the next version', async () => {
    expect(await app().call('deploy', '--timeout', '60s')).toMatchObject({ code: 0, err: expect.stringContaining('✓ web is ready') });
    const { code, err } = await app().call('deploy', '--image', NEW, '--timeout', '60s');
    expect(err).toContain('✓ web has started its new version');
    expect(code).toBe(0);
    const { out } = await app().call('status', '--output', 'json');
    expect(JSON.parse(out).processes).toEqual([expect.objectContaining({ name: 'web', state: 'paused', image: NEW })]);
  });

  test('fails if a version fails to start, and restores the previous one', async () => {
    const { code, err } = await app().call('deploy', '--image', 'ghcr.io/acme/wbe:9', '--timeout', '60s');
    expect(err).toContain('web failed to start: cannot pull image ghcr.io/acme/wbe:9');
    expect(code).toBe(1);
    expect(imageOf(namespace, 'web', 'rollout')).toBe(NEW);
  });

  test('deploys an app in which run and logs work', async () => {
    const { code, out } = await app().call('run', '--', 'node', '-e', 'console.log(process.env.PORT)');
    expect({ code, out }).toMatchObject({ code: 0, out: expect.stringContaining('8080') });
    expect(await app().call('logs')).toMatchObject({ code: 0 });
    expect(await app().call('destroy', '--yes')).toMatchObject({ code: 0 });
  });
});
