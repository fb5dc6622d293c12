import { OperatorInstallation } from './operator-installation';
import { OperatorProcess } from './operator-process';
import {
  describeWithAddon, eventually, GATEWAY, IMAGE, NEXT_IMAGE, request, server, SHORT_LIVED, temporaryNamespace, untilRouted,
} from '../../../test/cluster/cluster';
import { connect } from '../../src/kube/connect';
import type { Event } from '../../src/kube/types';
import { DEPLOYMENT, EVENT } from '../../src/kube/types';
import type { WebAppResource } from '../../src/operator/resources';
import { WEB_APP } from '../../src/operator/resources';


describeWithAddon('a resource with rollout.canary.steps', () => {
  const namespace = temporaryNamespace('operator-canary');
  const { objects } = connect({}, { cwd: '.', env: process.env });
  const installation = new OperatorInstallation({ namespace, platform: GATEWAY });
  const testThroughEntry = process.env.ENTRY ? test : test.skip;
  let operator: OperatorProcess;

  beforeAll(async () => {
    await installation.install();
    operator = await OperatorProcess.start(namespace);
  });
  afterAll(async () => installation.remove(operator));

  /** Applies the app with a server whose canary returns another status. */
  async function apply(image: string, status: number): Promise<void> {
    const isCanary = 'process.env.HOSTNAME.startsWith("web-canary-")';
    const command = server('process.env.HOSTNAME', `response.statusCode = ${isCanary} ? ${status} : 200;`);
    const steps = [{ setWeight: 20 }, { pause: { duration: '6s' } }, { setWeight: 60 }, { pause: { duration: '6s' } }];
    const spec = { image, command, size: 'xs', health: SHORT_LIVED, scaling: { min: 1, max: 2 }, rollout: { canary: { steps } } };
    await installation.apply(spec);
  }
  const resource = async () => (await objects.get({ ...WEB_APP, name: 'web', namespace }))!;
  const released = ({ metadata: { generation }, status }: WebAppResource) => {
    const found = status?.conditions?.find(({ type }) => type === 'Released');
    return status?.observedGeneration === generation && found?.reason !== 'Progressing' ? found : undefined;
  };
  const settled = async () => eventually(resource, one => released(one) !== undefined, 180);
  const imagesOf = async () => (await objects.list(DEPLOYMENT, { namespace })).map(({ metadata, spec }) => (
    `${metadata.name} ${spec.template.spec!.containers[0].image}`));
  const visit = async (count: number) => request(namespace, `http://${process.env.ENTRY}/`, {
    count, pause: 40, patient: true, headers: { Host: `web.${namespace}.example.com` },
  });
  const events = async () => (await objects.list<Event>(EVENT, { namespace })).map(({ reason, message }) => `${reason}: ${message}`);

  testThroughEntry('gives a new image the traffic step by step, and in the end all of it, without losing a request', async () => {
    await apply(IMAGE, 200);
    await settled();
    await untilRouted(namespace, `web.${namespace}.example.com`);
    const visitors = visit(4000);
    await apply(NEXT_IMAGE, 200);
    await eventually(resource, ({ status }) => status?.attempt?.canary?.weight === 60, 120);
    expect((await resource()).status).toMatchObject({ image: IMAGE, release: 1 });
    expect(released(await settled())).toMatchObject({ status: 'True', message: 'release 2 is deployed' });
    expect(await imagesOf()).toEqual([`web ${NEXT_IMAGE}`]);
    expect((await visitors).filter(({ status }) => status !== 200)).toEqual([]);
    expect(await events()).toEqual(expect.arrayContaining([
      `CanaryStep: 20% of the traffic goes to ${NEXT_IMAGE}, the rest to ${IMAGE}`,
      expect.stringMatching(/^CanaryHealthy: 20% of the traffic for 6 s: \d+ responses, 0 errors$/),
      expect.stringMatching(/^CanaryHealthy: 60% of the traffic for 6 s: \d{2,} responses, 0 errors$/),
    ]));
  });

  testThroughEntry('goes back when the new image returns errors', async () => {
    const third = 'ghcr.io/acme/web:1.6.0';
    const visitors = visit(3000);
    await apply(third, 500);
    const found = released(await settled());
    expect(found).toMatchObject({ status: 'False', reason: 'RolloutFailed' });
    expect(found!.message).toMatch(/^web-canary is unhealthy: (\d+) of \1 responses were errors, more than 5%\nAll traffic goes to /);
    await eventually(imagesOf, images => images.length === 1);
    expect(await imagesOf()).toEqual([`web ${NEXT_IMAGE}`]);
    expect((await resource()).status).toMatchObject({ image: NEXT_IMAGE, release: 2 });
    await visitors;
  });

  test('goes back when the new image does not start, which gets no traffic', async () => {
    await apply('ghcr.io/acme/missing:1', 200);
    const found = released(await settled());
    expect(found).toMatchObject({ status: 'False', reason: 'RolloutFailed' });
    expect(found!.message).toMatch(/^web-canary failed to start: .*acme\/missing:1/);
    await eventually(imagesOf, images => images.length === 1);
  });
});
