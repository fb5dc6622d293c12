import { problems, synth } from '../synth';
import { WebAppProps } from 'cdk8s-webapp';

describe('rolling', () => {
  test.each<[string, WebAppProps['rollout'], object]>([
    ['says nothing', {}, { maxSurge: '25%', maxUnavailable: 0 }],
    ['all at once', { rollingUpdate: { maxSurge: '100%' } }, { maxSurge: '100%', maxUnavailable: 0 }],
    ['without room for more', { rollingUpdate: { maxSurge: '0', maxUnavailable: '1' } }, { maxSurge: 0, maxUnavailable: 1 }],
  ])('%s', (_, rollout, rollingUpdate) => {
    expect(synth({ rollout }).get('Deployment').spec.strategy).toEqual({ type: 'RollingUpdate', rollingUpdate });
  });

  test('is for workers as well', () => {
    const manifests = synth({ rollout: { rollingUpdate: { maxSurge: '2' } }, workers: { mails: { command: ['mails'] } } });
    expect(manifests.get('Deployment', 'web-mails').spec.strategy.rollingUpdate).toEqual({ maxSurge: 2, maxUnavailable: 0 });
  });

  test.each<[string, object, string]>([
    [
      'neither more nor fewer',
      { rollout: { rollingUpdate: { maxSurge: '0' } } },
      'rollout.rollingUpdate allows neither more nor fewer replicas',
    ],
    [
      'one replica only',
      { rollout: { rollingUpdate: {} }, volumes: { data: { path: '/data', size: '1Gi' } } },
      'rollout.rollingUpdate has no effect, because a volume of the app can be mounted by one replica only',
    ],
    [
      'no number',
      { rollout: { rollingUpdate: { maxSurge: 'some' } } },
      'rollout.rollingUpdate.maxSurge is "some"; use a number of replicas or a percentage of them',
    ],
    [
      'more than all',
      { rollout: { rollingUpdate: { maxUnavailable: '101%' } } },
      'rollout.rollingUpdate.maxUnavailable is "101%"; use at most 100%',
    ],
    [
      'a number that is none',
      { rollout: { rollingUpdate: { maxSurge: 1 } } },
      'rollout.rollingUpdate.maxSurge is 1; put it in quotes: \'1\'',
    ],
  ])('mistake: %s', (_, props, text) => {
    expect(problems(props)).toEqual([expect.stringContaining(`WebApp "web": ${text}`)]);
  });
});
