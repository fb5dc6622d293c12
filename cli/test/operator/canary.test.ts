import { TestOperator } from './test-operator';
import { DEPLOYMENT, HTTP_ROUTE, POD } from '../../src/kube/types';
import type { WebAppResource } from '../../src/operator/resources';
import { IMAGE_NOT_FOUND } from '../kube/controllers';
import { APP, runInterceptor } from '../kube/test-cluster';

/** What of a backend says who gets the traffic: the requests of the canary are marked. */
interface Backend {
  readonly weight?: number;
  readonly filters?: readonly object[];
}

type Spec = WebAppResource['spec'];

const MINUTES = 60;

/** Ten percent for four minutes, half of it for four more. */
const STEPS = [{ setWeight: 10 }, { pause: { duration: '4m' } }, { setWeight: 50 }, { pause: { duration: '4m' } }];
const spec = (image: string, more: object = {}): Spec => ({ image, rollout: { canary: { steps: STEPS } }, ...more }) as Spec;

describe('a resource with steps', () => {
  let operator: TestOperator;

  /** The responses of the canary. */
  let answers: { ok: number; errors: number };

  /** One of how many responses is an error; 0 for none. */
  let errorEvery: number;

  /** Which images got which part of the traffic, one after the other. */
  let history: string[];

  beforeEach(async () => {
    operator = new TestOperator({ brokenImages: { 'web:broken': IMAGE_NOT_FOUND } });
    operator.setPlatform({ domain: 'apps.example.com', gateway: { name: 'public', namespace: 'gateways' } });
    [answers, errorEvery, history] = [{ ok: 0, errors: 0 }, 0, []];
    runInterceptor(operator.cluster, () => answers);
    operator.cluster.clock.every(1000, () => {
      const isError = (answers.ok + answers.errors) % errorEvery === 0;
      if (isError) answers.errors++; else answers.ok++;
    });
    operator.apply(spec('web:1'));
    await pass(MINUTES);
    history = [];
  });

  const imageOf = (name: string) => operator.cluster.api.find(DEPLOYMENT, name)?.spec.template.spec!.containers[0].image;

  /** Who gets the traffic, by the route. */
  const traffic = () => {
    const [{ backendRefs = [] }] = operator.cluster.api.find(HTTP_ROUTE, 'web')!.spec.rules;
    const shown = ({ filters, weight = 100 }: Backend) => `${weight}% ${imageOf(filters ? 'web-canary' : 'web')}`;
    return (backendRefs as readonly Backend[]).map(shown).join(', ');
  };

  /** Lets time pass, in which the operator looks at the app whenever it wants to. */
  async function pass(seconds: number, afterEach: () => void = () => {}): Promise<void> {
    const { clock } = operator.cluster;
    for (const end = clock.now() + seconds * 1000; clock.now() < end;) {
      const { requeueAfter = 30_000 } = await operator.reconcile();
      const now = traffic();
      if (history[history.length - 1] !== now) history.push(now);
      afterEach();
      await clock.sleep(Math.min(Math.max(requeueAfter, 100), end - clock.now()));
    }
  }
  const released = () => operator.condition('Released');

  test('gives a new image more and more of the traffic, and in the end all of it', async () => {
    operator.apply(spec('web:2'));
    await pass(1.5 * MINUTES);
    expect(traffic()).toBe('90% web:1, 10% web:2');
    expect(released()).toMatchObject({ status: 'False', reason: 'Progressing', message: 'canary at 10%, 50% in 3 min' });
    expect(operator.resource().status).toMatchObject({ image: 'web:1', release: 1, attempt: { canary: { image: 'web:2', weight: 10 } } });
    await pass(4 * MINUTES);
    expect(released()!.message).toBe('canary at 50%, all traffic in 3 min');
    await pass(4 * MINUTES);
    expect(history).toEqual([
      '100% web:1, 0% web:2', '90% web:1, 10% web:2', '50% web:1, 50% web:2', '50% web:2, 50% web:2', '100% web:2, 0% web:2', '100% web:2',
    ]);
    expect(released()).toMatchObject({ status: 'True', message: 'release 2 is deployed' });
    expect(operator.resource().status).toMatchObject({ image: 'web:2', release: 2 });
    expect(operator.resource().status!.attempt).toBeUndefined();
    expect(imageOf('web-canary')).toBeUndefined();
    expect(await operator.cluster.releases()).toMatchObject([
      { number: 2, image: 'web:2', state: 'deployed', spec: spec('web:2') }, { number: 1, image: 'web:1', state: 'deployed' },
    ]);
  });

  test('keeps each weight for the pause after it, and tells each step in an event', async () => {
    operator.apply(spec('web:2'));
    const began = operator.cluster.clock.now();
    let ended: number | undefined;
    await pass(10 * MINUTES, () => {
      if (traffic() === '100% web:2') ended ??= operator.cluster.clock.now();
    });
    expect(ended! - began).toBeGreaterThanOrEqual(480_000);
    expect(ended! - began).toBeLessThan(515_000);
    expect(operator.events.filter(event => event.includes('Canary'))).toEqual([
      'Normal CanaryStep: 10% of the traffic goes to web:2, the rest to web:1',
      expect.stringMatching(/^Normal CanaryHealthy: 10% of the traffic for 240 s: 2\d\d responses, 0 errors$/),
      'Normal CanaryStep: 50% of the traffic goes to web:2, the rest to web:1',
      expect.stringMatching(/^Normal CanaryHealthy: 50% of the traffic for 240 s: 2\d\d responses, 0 errors$/),
    ]);
  });

  test('goes back at once when too many responses of the new version are errors, and does not try it again', async () => {
    errorEvery = 1;
    operator.apply(spec('web:2'));
    await pass(2 * MINUTES);
    expect(traffic()).toBe('100% web:1');
    expect(imageOf('web-canary')).toBeUndefined();
    expect(released()).toMatchObject({ status: 'False', reason: 'RolloutFailed' });
    expect(released()!.message).toMatch(
      /^web-canary is unhealthy: (\d+) of \1 responses were errors, more than 5%\nAll traffic goes to web:1 again: fix the problem /);
    expect(await operator.cluster.releases()).toMatchObject([{ number: 2, state: 'failed', image: 'web:2' }, { number: 1 }]);
    history = [];
    await pass(10 * MINUTES);
    expect(history).toEqual(['100% web:1']);
  });

  test.each([
    { successRate: 50, ends: '100% web:2' },
    { successRate: 90, ends: '100% web:1' },
  ])('may have as many errors as analysis allows: at least $successRate percent succeed', async ({ successRate, ends }) => {
    errorEvery = 3;
    operator.apply({ image: 'web:2', rollout: { canary: { steps: STEPS, analysis: { successRate } } } });
    await pass(12 * MINUTES);
    expect(traffic()).toBe(ends);
  });

  test('goes back when the new version does not start, which gets no traffic', async () => {
    operator.apply(spec('web:broken'));
    await pass(1 * MINUTES);
    expect(history).toEqual(['100% web:1, 0% web:broken', '100% web:1']);
    expect(released()!.message).toMatch(
      /^web-canary failed to start: cannot pull image web:broken \(not found\)\n.*\nAll traffic goes to web:1 again: fix the problem /);
  });

  test('goes back when pods of the new version fail later', async () => {
    operator.apply(spec('web:2'));
    await pass(1.5 * MINUTES);
    const { metadata, spec: { selector, template } } = operator.cluster.api.find(DEPLOYMENT, 'web-canary')!;
    const [hash] = operator.cluster.api.all({ apiVersion: 'apps/v1', kind: 'ReplicaSet' })
      .filter(set => set.metadata.ownerReferences?.[0].uid === metadata.uid).map(set => set.metadata.labels!['pod-template-hash']);
    const labels = { ...selector.matchLabels, 'pod-template-hash': hash };
    const containerStatuses = [{ name: 'web', ready: false, restartCount: 0, image: '', ...IMAGE_NOT_FOUND }];
    const status = { phase: 'Pending', containerStatuses };
    const pod = { ...POD, metadata: { name: 'sick', namespace: APP.namespace, labels }, spec: template.spec, status };
    operator.cluster.api.put(pod, 'kubelet');
    await pass(1 * MINUTES);
    expect(traffic()).toBe('100% web:1');
    expect(released()!.message).toMatch(/^web-canary is unhealthy: cannot pull image/);
  });

  test('keeps the canary of rollback: manual as it is, and says what is wrong', async () => {
    errorEvery = 1;
    operator.apply(spec('web:2', { rollback: 'manual' }));
    await pass(1.5 * MINUTES);
    expect(traffic()).toBe('90% web:1, 10% web:2');
    expect(released()).toMatchObject({ status: 'False', reason: 'RolloutFailed' });
    expect(released()!.message).toMatch(/^web-canary is unhealthy/);
  });

  test('begins again with the newest image when it changes on the way', async () => {
    operator.apply(spec('web:2'));
    await pass(6 * MINUTES);
    operator.apply(spec('web:3'));
    await pass(1 * MINUTES);
    expect(traffic()).toBe('90% web:1, 10% web:3');
    await pass(12 * MINUTES);
    expect(history).toEqual([
      '100% web:1, 0% web:2', '90% web:1, 10% web:2', '50% web:1, 50% web:2',
      '100% web:1, 0% web:3', '90% web:1, 10% web:3', '50% web:1, 50% web:3', '50% web:3, 50% web:3', '100% web:3, 0% web:3', '100% web:3',
    ]);
  });

  test('gives all traffic back when the spec is that of the current release again', async () => {
    operator.apply(spec('web:2'));
    await pass(6 * MINUTES);
    operator.apply(spec('web:1'));
    await pass(1 * MINUTES);
    expect(traffic()).toBe('100% web:1');
    expect(imageOf('web-canary')).toBeUndefined();
    expect(released()).toMatchObject({ status: 'True', message: 'release 1 is deployed' });
  });

  test('gives all traffic back when the spec is no longer valid', async () => {
    operator.apply(spec('web:2'));
    await pass(1.5 * MINUTES);
    operator.apply(spec('web:2', { port: 99_999 }));
    await pass(1 * MINUTES);
    expect(traffic()).toBe('100% web:1');
    expect(operator.condition('Accepted')).toMatchObject({ status: 'False', reason: 'Invalid' });
    history = [];
    operator.apply(spec('web:2'));
    await pass(30);
    expect(history).toEqual(['100% web:1, 0% web:2', '90% web:1, 10% web:2']);
  });

  test('continues by changed steps: a shorter pause promotes the new version', async () => {
    operator.apply(spec('web:2'));
    await pass(1.5 * MINUTES);
    operator.apply({ image: 'web:2', rollout: { canary: { steps: [{ setWeight: 10 }, { pause: { duration: '1m' } }] } } });
    await pass(2 * MINUTES);
    expect(traffic()).toBe('100% web:2');
  });

  test('goes on where it was, whenever the operator is stopped, and counts only time that was watched', async () => {
    operator.apply(spec('web:2'));
    const began = operator.cluster.clock.now();
    await pass(2 * MINUTES);
    await operator.cluster.clock.sleep(60 * MINUTES * 1000); // no operator runs
    operator.restart();
    await pass(1.5 * MINUTES);
    expect(traffic()).toBe('90% web:1, 10% web:2');
    let [passes, ended] = [0, 0];
    await pass(20 * MINUTES, () => {
      if (++passes % 10 === 0) operator.restart();
      if (traffic() === '100% web:2') ended ||= operator.cluster.clock.now();
    });
    expect(traffic()).toBe('100% web:2');
    expect(ended - began).toBeGreaterThan(68 * MINUTES * 1000);
  });

  test('counts no time in which the API server did not answer', async () => {
    operator.apply(spec('web:2'));
    await pass(2 * MINUTES);
    await operator.cluster.clock.sleep(60 * MINUTES * 1000); // no pass succeeds
    await pass(30);
    expect(traffic()).toBe('90% web:1, 10% web:2');
  });

  test('is not led astray by the clock of another replica', async () => {
    operator.apply(spec('web:2'));
    await pass(2 * MINUTES);
    const status = operator.resource().status!;
    const { canary } = status.attempt!;
    const ahead = (time: string) => new Date(Date.parse(time) + 3600_000).toISOString();
    const skewed = { ...canary, started: ahead(canary!.started), ready: ahead(canary!.ready!) };
    operator.cluster.api.change({ ...operator.resource(), apiVersion: 'cdk8s-webapp.dev/v1alpha1', kind: 'WebApp' } as never, {
      status: { attempt: { ...status.attempt, canary: skewed } },
    });
    operator.restart();
    await pass(1.5 * MINUTES);
    expect(traffic()).toBe('90% web:1, 10% web:2');
    await pass(8 * MINUTES);
    expect(traffic()).toBe('100% web:2');
  });

  test('writes little while it waits: its status about once a minute, and no object', async () => {
    operator.apply(spec('web:2'));
    await pass(30);
    const first = operator.cluster.api.requests.length;
    await pass(3 * MINUTES);
    const writes = operator.writesSince(first);
    expect(writes.filter(request => !request.includes('/webapps/web/status'))).toEqual([]);
    expect(writes.length).toBeLessThanOrEqual(4);
  });

  test('deploys what is not a new image at once', async () => {
    operator.apply(spec('web:1', { env: { A: 'b' } }));
    await pass(1 * MINUTES);
    expect(history).toEqual(['100% web:1']);
    expect(released()).toMatchObject({ status: 'True', message: 'release 2 is deployed' });
  });

  test('goes back to an image that was deployed before at once', async () => {
    operator.apply(spec('web:2'));
    await pass(12 * MINUTES);
    history = [];
    operator.apply(spec('web:1'));
    await pass(1 * MINUTES);
    expect(history).toEqual(['100% web:1']);
    operator.apply(spec('web:2'));
    await pass(1 * MINUTES);
    expect(traffic()).toBe('90% web:1, 10% web:2');
  });

  test('takes a tag that moved for a new version, if the spec changes', async () => {
    operator.digests = new Map([['web:1', `sha256:${'b'.repeat(64)}`]]);
    operator.apply(spec('web:1', { env: { A: 'b' } }));
    await pass(1 * MINUTES);
    expect(traffic()).toBe(`100% web:1@sha256:${'b'.repeat(64)}`);
    operator.digests = new Map([['web:1', `sha256:${'c'.repeat(64)}`]]);
    operator.apply(spec('web:1', { env: { A: 'c' } }));
    await pass(1 * MINUTES);
    expect(traffic()).toBe(`90% web:1@sha256:${'b'.repeat(64)}, 10% web:1@sha256:${'c'.repeat(64)}`);
  });

  test('does not wake a version that sleeps, and stays as it is', async () => {
    operator.apply(spec('web:2'));
    await pass(1 * MINUTES);
    for (const name of ['web', 'web-canary']) {
      operator.cluster.api.change({ ...DEPLOYMENT, metadata: { ...APP, name } }, { spec: { replicas: 0 } });
    }
    const first = operator.cluster.api.requests.length;
    await pass(6 * MINUTES);
    expect(traffic()).toBe('50% web:1, 50% web:2');
    expect(operator.cluster.api.requests.slice(first).filter(request => request.includes('interceptor-proxy:'))).toEqual([]);
  });

  test('waits until the old pods have terminated before the canary goes', async () => {
    operator.apply({ image: 'web:2', rollout: { canary: { steps: [{ setWeight: 10 }] } } });
    const labels = operator.cluster.api.find(DEPLOYMENT, 'web')!.spec.selector.matchLabels;
    const old = { ...POD, metadata: { name: 'old', namespace: APP.namespace, labels, deletionTimestamp: '2026-01-01T00:00:00Z' } };
    operator.cluster.api.put(old);
    await pass(20);
    expect(traffic()).toBe('90% web:2, 10% web:2');
    expect(released()!.message).toBe('web:2 takes over: waiting for the old pods of web to terminate');
    operator.cluster.api.delete(old);
    await pass(20);
    expect(traffic()).toBe('100% web:2');
  });

  test('whose canary was moved by hand takes over the same way', async () => {
    operator.apply({ image: 'web:1', rollout: { canary: { image: 'web:2', weight: 50 } } });
    await pass(1 * MINUTES);
    operator.apply({ image: 'web:2' });
    await pass(1 * MINUTES);
    expect(history).toEqual(['100% web:1', '50% web:1, 50% web:2', '50% web:2, 50% web:2', '100% web:2, 0% web:2', '100% web:2']);
  });
});

describe('steps that cannot work', () => {
  test('are refused in the words of steps', async () => {
    const operator = new TestOperator();
    operator.setPlatform({ domain: 'apps.example.com', ingress: { className: 'alb' } });
    operator.apply(spec('web:1'));
    await operator.settle();
    expect(operator.condition('Accepted')!.message).toMatch(
      /^rollout.canary.steps\[2\].setWeight is 50, but the platform's ingress controller cannot split traffic by weight/);
  });

  test('are refused where the API server has not refused them', async () => {
    const operator = new TestOperator();
    operator.setPlatform({ domain: 'apps.example.com', gateway: { name: 'public', namespace: 'gateways' } });
    operator.apply({ image: 'web:1', rollout: { canary: { steps: [{ setWeight: 101 }, { pause: {} }] } } } as unknown as Spec);
    await operator.settle();
    expect(operator.condition('Accepted')!.message.split('\n')).toEqual([
      expect.stringMatching(/^rollout.canary.steps\[0\].setWeight is 101/),
      expect.stringMatching(/^rollout.canary.steps\[1\].pause.duration is missing/),
    ]);
  });
});
