import { hasOnNodes } from '../../../src/build/local/node-images';
import { NODE } from '../../../src/kube/types';
import { TestCluster } from '../../kube/test-cluster';

const IMAGE = 'localhost/web:1';

/** A cluster whose nodes have these images. */
function cluster(nodes: readonly (readonly string[])[]): TestCluster {
  const result = new TestCluster();
  for (const [i, names] of nodes.entries()) {
    result.api.put({ ...NODE, metadata: { name: `node-${i}` }, status: { images: names.map(name => ({ names: [name] })) } });
  }
  return result;
}

test.each([
  [[[IMAGE, 'other']], true],
  [[[IMAGE], [IMAGE]], true],
  [[[IMAGE], ['other']], false],
  [[[]], false],
  [[], false],
])('a cluster has an image if all of its nodes have it: %j', async (nodes, expected) => {
  expect(await hasOnNodes(cluster(nodes), IMAGE)).toBe(expected);
});

test('who may not list nodes does not know', async () => {
  const forbidden = cluster([[IMAGE]]);
  forbidden.api.denials.push({ resource: 'nodes' });
  expect(await hasOnNodes(forbidden, IMAGE)).toBe(false);
});
