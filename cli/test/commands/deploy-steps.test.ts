import { DEPLOYMENT } from '../../src/kube/types';
import { WEB_APP } from '../../src/operator/resources';
import { call, Called } from '../call';
import { Folder } from '../folder';
import { runControllers } from '../kube/controllers';
import { response } from '../kube/in-memory-api';
import { APP, runInterceptor, TestCluster } from '../kube/test-cluster';

const PLATFORM = 'domain: example.com\ngateway: { name: public, namespace: shop }\n';
const STEPS = `rollout:
  canary:
    steps:
      - setWeight: 10
      - pause: { duration: 1m }
      - setWeight: 50
      - pause: { duration: 2m }
`;
const web = (image: string, more = STEPS) => `name: web\nnamespace: shop\nimage: ${image}\nscaling: { min: 1 }\n${more}`;

describe('webapp deploy of a file with rollout.canary.steps', () => {
  let cluster: TestCluster;
  let folder: Folder;

  /** The responses of the canary. */
  let answers: { ok: number; errors: number };

  const run = async (line: string): Promise<Called> => call(line.split(' '), { cwd: folder.path, cluster });
  const deploy = async (text: string, flags = '') => {
    folder.write('webapp.yaml', text);
    return run(`deploy ${flags}`.trim());
  };
  const history = async () => (await cluster.releases()).map(({ state, image, canary }) => (
    `${state} ${image}${canary ? ` and ${canary.weight}% ${canary.image}` : ''}`)).reverse();

  beforeEach(async () => {
    cluster = new TestCluster();
    runControllers(cluster);
    answers = { ok: 0, errors: 0 };
    runInterceptor(cluster, () => answers);
    folder = new Folder({ 'webapp.yaml': web('web:1'), 'platform.yaml': PLATFORM });
    expect(await run('deploy')).toMatchObject({ code: 0 });
  });

  test('deploys the first version at once', async () => {
    expect(await history()).toEqual(['deployed web:1']);
  });

  test('gives a new image the traffic step by step', async () => {
    const { code, err } = await deploy(web('web:2'));
    expect(err).toContain('✓ 10% of the traffic for 60 s: 0 responses, 0 errors\n');
    expect(err).toContain('✓ 50% of the traffic for 120 s: 0 responses, 0 errors\n');
    expect(code).toBe(0);
    expect(await history()).toEqual([
      'deployed web:1', 'deployed web:1 and 10% web:2', 'deployed web:1 and 50% web:2', 'deployed web:2 and 50% web:2', 'deployed web:2',
    ]);
  });

  test('does so with the image of --image', async () => {
    expect(await run('deploy --image web:2')).toMatchObject({ code: 0 });
    expect(await history()).toHaveLength(5);
  });

  test('goes back when too many responses are errors, by analysis.successRate', async () => {
    cluster.clock.every(1000, () => (answers.ok + answers.errors) % 10 === 0 ? answers.errors++ : answers.ok++);
    const strict = await deploy(web('web:2', `${STEPS}    analysis: { successRate: 99.9 }\n`));
    expect(strict.err).toMatch(/web-canary is unhealthy: \d+ of \d+ responses were errors, more than 0.1%\nAll traffic goes to web:1 /);
    expect(strict.code).toBe(1);
    expect(await deploy(web('web:2', `${STEPS}    analysis: { successRate: 80 }\n`))).toMatchObject({ code: 0 });
  });

  test('deploys at once what has no new image, and an image that was deployed before', async () => {
    await deploy(web('web:2'));
    await deploy(web('web:2', `${STEPS}env: { A: b }\n`));
    await deploy(web('web:1'));
    expect((await history()).slice(5)).toEqual(['deployed web:2', 'deployed web:1']);
  });

  test('routes requests with the headers to the new version from the first step on', async () => {
    cluster.clock.after(30, () => answers.errors = 20);
    await deploy(web('web:2', `${STEPS}    headers: { X-Beta: 'yes' }\n`));
    const [, release] = (await cluster.releases()).reverse();
    expect(JSON.stringify(release.objects)).toContain('X-Beta');
  });

  test('does one step of --canary by hand, as flags take precedence over the file', async () => {
    await deploy(web('web:2'), '--canary 30');
    expect(await history()).toEqual(['deployed web:1', 'deployed web:1 and 30% web:2']);
  });

  test('takes the steps of --canary and --every in place of those of the file', async () => {
    await deploy(web('web:2'), '--canary 30 --every 10s');
    expect(await history()).toEqual([
      'deployed web:1', 'deployed web:1 and 30% web:2', 'deployed web:2 and 30% web:2', 'deployed web:2',
    ]);
  });

  test('shows the end of the rollout with --dry-run and in webapp diff', async () => {
    folder.write('webapp.yaml', web('web:2'));
    expect((await run('deploy --dry-run')).out).toBe('change Deployment web\n');
    expect((await run('diff')).out).toContain('+           image: web:2\n');
    expect(cluster.api.find(DEPLOYMENT, 'web-canary')).toBeUndefined();
  });

  test('leaves the steps to the operator, where the app has a resource', async () => {
    cluster.api.put({ ...WEB_APP, metadata: APP, spec: { image: 'web:1' }, status: { observedGeneration: -1 } } as never);
    const steps = [{ setWeight: 10 }, { pause: { duration: '1m' } }, { setWeight: 50 }, { pause: { duration: '2m' } }];
    const began = cluster.clock.now();
    const { err } = await deploy(web('web:2'), '--force');
    expect(cluster.api.find(WEB_APP, 'web')!.spec).toMatchObject({ image: 'web:2', rollout: { canary: { steps } } });
    // Three minutes of pauses in addition to --timeout.
    expect(err).toContain('the operator has not looked at web for 480 s');
    expect(cluster.clock.now() - began).toBeGreaterThanOrEqual(480_000);
  });

  test('shows the canary of the operator in webapp status', async () => {
    cluster.api.proxy = () => response(200, '{}'); // no requests in progress
    const attempt = { revision: 'a', started: '2026-01-01T00:00:00Z', canary: { image: 'web:2', weight: 10, step: 0, started: '' } };
    cluster.api.put({ ...WEB_APP, metadata: APP, spec: { image: 'web:2' }, status: { attempt } } as never);
    expect((await run('status')).out).toMatch(/^Canary: +10% of the traffic, web:2$/m);
    expect(JSON.parse((await run('status --output json')).out)).toMatchObject({ canary: { image: 'web:2', weight: 10 }, serving: 1 });
  });
});

describe('rollout.canary.steps', () => {
  const check = async (text: string, command = 'check', platform = PLATFORM) => (
    new Folder({ 'webapp.yaml': text, 'platform.yaml': platform }).call(command));

  test('are valid', async () => {
    expect(await check(web('web:1'))).toMatchObject({ code: 0, err: '✓ web is valid\n' });
  });

  test.each(['synth', 'eject'])('are an error of webapp %s, as YAML alone moves no traffic', async command => {
    const { code, err } = await check(web('web:1'), command);
    expect(err).toContain('webapp.yaml:7:5');
    expect(err).toContain('rollout.canary.steps is for webapp deploy and the operator: YAML alone moves no traffic');
    expect(err).toContain('use rollout.argo');
    expect(code).toBe(1);
  });

  test.each([
    ['image', 'image: web:2', 'rollout.canary.image cannot be combined with steps'],
    ['weight', 'weight: 5', 'rollout.canary.weight cannot be combined with steps'],
  ])('cannot be combined with %s', async (_, line, message) => {
    expect((await check(web('web:1', `${STEPS}    ${line}\n`))).err).toContain(message);
  });

  test.each([
    ['no steps', '{ steps: [] }', 'rollout.canary.steps is empty'],
    ['neither steps nor an image', '{ weight: 5 }', 'rollout.canary.image is missing'],
    ['an analysis alone', '{ image: web:2, analysis: { successRate: 99 } }', 'rollout.canary.analysis has no effect without steps'],
    ['a step that is two', '{ steps: [{ setWeight: 5, pause: { duration: 5s } }] }', 'rollout.canary.steps[0] has both'],
    ['a step that is nothing', '{ steps: [{}] }', 'rollout.canary.steps[0] is empty'],
    ['a pause without an end', '{ steps: [{ setWeight: 5 }, { pause: {} }] }', 'rollout.canary.steps[1].pause.duration is missing'],
    ['a weight that is too large', '{ steps: [{ setWeight: 101 }] }', 'rollout.canary.steps[0].setWeight is 101'],
    ['a success rate of 0', '{ steps: [{ setWeight: 5 }], analysis: { successRate: 0 } }', 'rollout.canary.analysis.successRate is 0'],
    ['a misspelled field', '{ steps: [{ setWeigth: 5 }] }', 'did you mean setWeight'],
    ['steps that are no list', '{ steps: 5 }', 'rollout.canary.steps is 5'],
  ])('are an error with %s, once', async (_, canary, message) => {
    const { code, err } = await check(web('web:1', `rollout: { canary: ${canary} }\n`));
    expect(err.split(message)).toHaveLength(2);
    expect(err.match(/ error: /g)).toHaveLength(1);
    expect(code).toBe(1);
  });

  test('cannot be combined with buildFrom', async () => {
    const buildFrom = 'buildFrom: { git: https://github.com/acme/web, image: ghcr.io/acme/web }\n';
    const { err } = await check(`name: web\nnamespace: shop\n${buildFrom}${STEPS}`);
    expect(err).toContain('buildFrom cannot be combined with rollout.canary.steps, which need the image');
  });

  test('need a platform that can split traffic: the step is named', async () => {
    const { err } = await check(web('web:1'), 'check', 'domain: example.com\ningress: { className: alb }\n');
    expect(err).toContain('rollout.canary.steps[2].setWeight is 50, but the platform\'s ingress controller cannot split traffic by weight');
    expect(err).toContain('webapp.yaml:10:20');
  });

  test('may differ in environments', async () => {
    const text = `${web('web:1')}environments:\n  staging:\n    rollout: null\n`;
    expect(await check(text, 'synth --env staging')).toMatchObject({ code: 0 });
    expect(await check(text, 'synth')).toMatchObject({ code: 1 });
  });
});
