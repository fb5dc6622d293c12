import { App, Chart } from 'cdk8s';
import {
  Answer, apply, describeArgoRollouts, eventually, get, IMAGE, pods, request, server, temporaryNamespace, untilRouted, wake,
} from './cluster';
import { ArgoRollout, ArgoStrategy, Platform, WebApp, WebAppProps } from 'cdk8s-webapp';

const { ENTRY } = process.env;

const describeWithArgo = ENTRY ? describeArgoRollouts() : describe.skip;

/** Responds with its version. */
const SERVER = server('process.env.VERSION');

/** Closes each connection, because the interceptor reuses open ones: so each request is balanced separately. */
const CLOSING_SERVER = server('process.env.VERSION', 'response.setHeader("Connection", "close");');

/** Responds like Prometheus: with 0 under `/bad`, with no result under `/asleep`, otherwise with 100. */
const PROMETHEUS = server('JSON.stringify({ status: "success", data: { resultType: "vector", result } })', `
  const { url } = request;
  const result = url.startsWith("/asleep") ? [] : [{ metric: {}, value: [Date.now() / 1000, url.startsWith("/bad") ? "0" : "100"] }];
  response.setHeader("Content-Type", "application/json");
`);

/** An app in its own namespace that Argo Rollouts updates from version to version. */
class Rollout {
  constructor(private readonly namespace: string, private readonly argo: ArgoRollout, private readonly props: Partial<WebAppProps> = {}) {}

  public deploy(version: string, prometheus?: string): void {
    const app = new App();
    const address = `http://prometheus.${this.namespace}${prometheus ?? ''}`;
    new Platform(app, 'platform', {
      domain: `${this.namespace}.example.com`,
      ingress: { className: 'nginx' },
      monitoring: { prometheus: address },
    });
    const chart = new Chart(app, 'shop', { namespace: this.namespace });
    const common = { image: IMAGE, health: { startupTimeout: '10s' } };
    const env = { VERSION: version };
    new WebApp(chart, 'web', {
      ...common,
      command: SERVER,
      scaling: { cooldownPeriod: '5s' },
      env,
      rollout: { argo: this.argo },
      ...this.props,
    });
    if (prometheus !== undefined) {
      new WebApp(chart, 'prometheus', {
        ...common,
        command: PROMETHEUS,
        internal: true,
        scaling: { replicas: 1 },
        security: { networkPolicy: false },
      });
    }
    apply(app);
  }

  /** Sends requests through the ingress controller, at most 200 per second. */
  public send(count: number, app = 'web'): Promise<Answer[]> {
    return request(this.namespace, `http://${ENTRY}/`, {
      count,
      headers: { Host: `${app}.${this.namespace}.example.com` },
      pause: 40,
      patient: true,
    });
  }

  /** The version that responds to the first request for a sleeping app. */
  public async wake(app = 'web'): Promise<string> {
    return (await wake(this.namespace, `http://${ENTRY}/`, { headers: { Host: `${app}.${this.namespace}.example.com` } })).body;
  }

  /** The versions that respond to a few requests. */
  public async versions(app = 'web'): Promise<string[]> {
    return [...new Set((await this.send(16, app)).map(({ body }) => body))];
  }

  public get status(): any {
    return get(this.namespace, 'rollout', 'web').status ?? {};
  }

  /** Whether only the new version is left. */
  public get over(): boolean {
    const { phase, currentPodHash, stableRS } = this.status;
    return phase === 'Healthy' && currentPodHash === stableRS;
  }

  public async sleep(): Promise<void> {
    await eventually(() => pods(this.namespace, 'web').length, count => count === 0, 180);
  }

  /** Waits for the first version, and until requests arrive at it. */
  public async start(version: string, prometheus?: string): Promise<void> {
    this.deploy(version, prometheus);
    await eventually(() => pods(this.namespace, 'web').length, count => count > 0);
    await eventually(() => this.status.phase, phase => phase === 'Healthy');
    await untilRouted(this.namespace, `web.${this.namespace}.example.com`);
  }
}

const failed = (answers: Answer[]) => answers.filter(({ status }) => status !== 200);

describeWithArgo('a canary of Argo Rollouts', () => {
  const namespace = temporaryNamespace('argo-canary');
  const web = new Rollout(namespace, { steps: [{ setWeight: 50 }, { pause: { duration: '15s' } }] }, { command: CLOSING_SERVER });

  test('sleeps and is woken by a request', async () => {
    await web.start('one');
    await web.sleep();
    expect(await web.wake()).toBe('one');
  });

  test('rolls out a new version in steps without a failed request', async () => {
    const sent = web.send(6000);
    await eventually(() => web.versions(), versions => versions.join() === 'one');
    web.deploy('two');
    await eventually(() => web.status, ({ phase, currentStepIndex }) => phase === 'Paused' && currentStepIndex === 1);
    const between = await web.send(400);
    // Each version has one replica; the bounds are five standard deviations.
    const share = between.filter(({ body }) => body === 'two').length;
    expect(share).toBeGreaterThan(150);
    expect(share).toBeLessThan(250);
    await eventually(() => web.over, over => over);
    await eventually(() => web.versions(), versions => versions.join() === 'two');
    expect(failed([...await sent, ...between])).toEqual([]);
  });

  test('rolls out in steps even while the app sleeps', async () => {
    await web.sleep();
    web.deploy('three');
    await eventually(() => web.status.phase, phase => phase === 'Paused');
    await eventually(() => web.over, over => over);
    expect(pods(namespace, 'web')).toEqual([]);
    expect(await web.wake()).toBe('three');
  });
});

describeWithArgo('a blue-green rollout of Argo Rollouts', () => {
  const namespace = temporaryNamespace('argo-blue-green');
  const web = new Rollout(namespace, { strategy: ArgoStrategy.BLUE_GREEN, autoPromotion: '15s' });

  test('serves the preview URL before its promotion and all hosts after it, without a failed request', async () => {
    await web.start('one');
    const sent = web.send(8000);
    await eventually(() => web.versions(), versions => versions.join() === 'one');
    web.deploy('two');
    await eventually(() => web.status.phase, phase => phase === 'Paused');
    // Applying the same version again does not promote it.
    web.deploy('two');
    expect(await web.versions('web-preview')).toEqual(['two']);
    expect(await web.versions()).toEqual(['one']);
    await eventually(() => web.over, over => over);
    // Open connections go to the previous version until it is removed.
    await eventually(() => web.versions(), versions => versions.join() === 'two');
    expect(failed(await sent)).toEqual([]);
  });

  test('sleeps and is also woken by a request for the preview URL', async () => {
    await web.sleep();
    expect(await web.wake('web-preview')).toBe('two');
  });
});

describeWithArgo('the analysis of a canary', () => {
  const namespace = temporaryNamespace('argo-analysis');
  const analysis = { successRate: 99, interval: '2s', failureLimit: 0 };
  const web = new Rollout(namespace, { steps: [{ setWeight: 50 }, { pause: { duration: '10s' } }], analysis }, { scaling: { min: 1 } });

  test('aborts the canary if it fails, and the previous version is still serving traffic', async () => {
    await web.start('one', '/good');
    const sent = web.send(2000);
    web.deploy('two', '/bad');
    await eventually(() => web.status.abort, abort => abort === true);
    expect(failed(await sent)).toEqual([]);
    await eventually(() => web.versions(), versions => versions.join() === 'one');
  });

  test.each(['good', 'asleep'])('promotes the canary if it succeeds: %s', async value => {
    web.deploy(value, `/${value}`);
    await eventually(() => web.status.phase, phase => phase === 'Paused');
    await eventually(() => web.over, over => over);
    await eventually(() => web.versions(), versions => versions.join() === value);
  });
});
