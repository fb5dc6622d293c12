import { problems, synth } from '../synth';
import { WebAppProps } from 'cdk8s-webapp';

describe('a rolling update', () => {
  test.each<[string, WebAppProps['rollout'], object]>([
    ['never has fewer replicas by default', {}, { maxSurge: '25%', maxUnavailable: 0 }],
    ['can replace all replicas at once', { rollingUpdate: { maxSurge: '100%' } }, { maxSurge: '100%', maxUnavailable: 0 }],
    ['can run without extra replicas', { rollingUpdate: { maxSurge: '0', maxUnavailable: '1' } }, { maxSurge: 0, maxUnavailable: 1 }],
  ])('%s', (_, rollout, rollingUpdate) => {
    expect(synth({ rollout }).get('Deployment').spec.strategy).toEqual({ type: 'RollingUpdate', rollingUpdate });
  });

  test('applies to workers as well', () => {
    const manifests = synth({ rollout: { rollingUpdate: { maxSurge: '2' } }, workers: { mails: { command: ['mails'] } } });
    expect(manifests.get('Deployment', 'web-mails').spec.strategy.rollingUpdate).toEqual({ maxSurge: 2, maxUnavailable: 0 });
  });

  test.each<[string, object, string]>([
    [
      'neither more nor fewer replicas',
      { rollout: { rollingUpdate: { maxSurge: '0' } } },
      'rollout.rollingUpdate allows neither more nor fewer replicas',
    ],
    [
      'a volume that only one replica can mount',
      { rollout: { rollingUpdate: {} }, volumes: { data: { path: '/data', size: '1Gi' } } },
      'rollout.rollingUpdate has no effect, because a volume of the app can be mounted by one replica only',
    ],
    [
      'a surge that is not a number',
      { rollout: { rollingUpdate: { maxSurge: 'some' } } },
      'rollout.rollingUpdate.maxSurge is "some"; use a number of replicas or a percentage of them',
    ],
    [
      'more than 100%',
      { rollout: { rollingUpdate: { maxUnavailable: '101%' } } },
      'rollout.rollingUpdate.maxUnavailable is "101%"; use at most 100%',
    ],
    [
      'a number instead of a string',
      { rollout: { rollingUpdate: { maxSurge: 1 } } },
      'rollout.rollingUpdate.maxSurge is 1; put it in quotes: \'1\'',
    ],
  ])('is an error with %s', (_, props, text) => {
    expect(problems(props)).toEqual([expect.stringContaining(`WebApp "web": ${text}`)]);
  });
});
