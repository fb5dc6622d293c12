import { Recent } from '../../src/operator/recent';

describe('what was worked out', () => {
  test('is worked out once, also where it is nothing', () => {
    const recent = new Recent<number | undefined>(10);
    const workOut = jest.fn(() => undefined);
    for (const key of ['a', 'a', 'a']) recent.get(key, workOut);
    expect(workOut).toHaveBeenCalledTimes(1);
  });

  test.each([
    ['as long as the keys are not too long together', ['aaaa', 'bbbb', 'aaaa'], 2],
    ['until it was wanted longest ago, and there is more', ['aaaa', 'bbbb', 'cccc', 'aaaa'], 4],
    ['while it is wanted again and again', ['aaaa', 'bbbb', 'aaaa', 'cccc', 'aaaa'], 3],
    ['but not with a key that is too long itself', ['aaaaaaaaaaa', 'aaaaaaaaaaa'], 2],
    ['and what made way for one is counted no more', ['aaaa', 'bbbbbbbbbbb', 'cccc', 'dddd', 'cccc'], 4],
  ])('is kept %s', (_, keys, times) => {
    const recent = new Recent<string>(10);
    const workOut = jest.fn((key: string) => key.toUpperCase());
    expect(keys.map(key => recent.get(key, () => workOut(key)))).toEqual(keys.map(key => key.toUpperCase()));
    expect(workOut).toHaveBeenCalledTimes(times);
  });
});
