import { compareReleases } from '../../src/engine/release-diff';
import { configMap, deployment, job, service } from '../kube/test-cluster';

const names = (...changes: ReturnType<typeof compareReleases>) => changes.map(({ change, kind, name }) => `${change} ${kind} ${name}`);
const [before, after] = [{ objects: [service(), deployment('web:1')] }, { objects: [service(), deployment('web:2')] }];

describe('the differences of two releases', () => {
  test('are none where their objects are the same', () => {
    expect(compareReleases(before, before)).toEqual([]);
  });

  test('are the objects that one of them has, or that differ', () => {
    expect(names(...compareReleases(before, { objects: [deployment('web:2'), configMap('web-extra')] }))).toEqual(
      ['change Deployment web', 'create ConfigMap web-extra', 'remove Service web']);
  });

  test('have both versions of an object', () => {
    const [change] = compareReleases(before, after);
    expect(change).toMatchObject({ before: deployment('web:1'), after: deployment('web:2') });
  });

  test('of objects that are named by their content are changes of one object, and not another one', () => {
    const files = (hash: string, text: string) => configMap(`web-files-${hash}`, { text });
    const runs = (hash: string, command: string) => job(command, `web-release-${hash}`);
    const [a, b] = ['0123456789', 'abcdef0123'];
    expect(names(...compareReleases({ objects: [files(a, 'x'), runs(a, 'x')] }, { objects: [files(b, 'y'), runs(b, 'y')] }))).toEqual(
      [`change ConfigMap web-files-${b}`, `change Job web-release-${b}`]);
  });
});
