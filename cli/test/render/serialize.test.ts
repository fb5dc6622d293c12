import { ApiObject, ApiObjectMetadataDefinition, App, Chart, JsonPatch, Lazy } from 'cdk8s';
import fc from 'fast-check';
import { serializeFast } from '../../src/render/serialize';

/** Like IntOrString and Quantity, classes of cdk8s-plus. */
class Union {
  constructor(public readonly value: string | number) {}
}

describe('objects are serialized to the same JSON as by cdk8s', () => {
  const slow = [ApiObject.prototype.toJson, ApiObjectMetadataDefinition.prototype.toJson] as const;
  serializeFast();
  const fast = [ApiObject.prototype.toJson, ApiObjectMetadataDefinition.prototype.toJson] as const;
  afterAll(() => use(slow));

  function use([object, metadata]: typeof slow): void {
    ApiObject.prototype.toJson = object;
    ApiObjectMetadataDefinition.prototype.toJson = metadata;
  }

  function both(make: (chart: Chart) => ApiObject): unknown[] {
    return [slow, fast].map(methods => {
      use(methods);
      const object = make(new Chart(new App(), 'chart', { namespace: 'shop', labels: { b: '1', a: '2' } }));
      return JSON.stringify(object.toJson(), (_, value) => value === undefined ? 'undefined' : value);
    });
  }

  const keys = fc.constantFrom('z', 'b', 'a', '1', 'value');
  const { tree } = fc.letrec(tie => ({
    tree: fc.oneof({ maxDepth: 4 }, fc.string(), fc.integer(), fc.boolean(), fc.constant(null), fc.constant(undefined),
      fc.integer().map(n => new Union(n)), fc.string().map(text => new Union(text)),
      tie('tree').map(value => Lazy.any({ produce: () => value })), tie('tree').map(value => ({ resolve: () => value })),
      fc.array(tie('tree'), { maxLength: 3 }), fc.dictionary(keys, tie('tree'), { maxKeys: 4, noNullPrototype: true })),
  }));
  const anyAnnotations = fc.dictionary(fc.constantFrom('x', 'y'), fc.string(), { noNullPrototype: true });

  test('whatever they contain', () => {
    fc.assert(fc.property(tree, tree, anyAnnotations, (spec, data, annotations) => {
      const metadata = { name: 'name', annotations, other: data as any };
      const [expected, found] = both(chart => (
        new ApiObject(chart, 'object', { kind: 'Kind', apiVersion: 'group/v1', metadata, spec, data })));
      expect(found).toBe(expected);
    }), { numRuns: 1000, seed: 1 });
  });

  test('even with patches', () => {
    const [expected, found] = both(chart => {
      const object = new ApiObject(chart, 'object', { kind: 'Kind', apiVersion: 'v1', spec: { a: 1, b: [1, 2] }, data: {} });
      object.addJsonPatch(
        JsonPatch.add('/spec/c', { z: null, y: [] }),
        JsonPatch.remove('/spec/a'),
        JsonPatch.replace('/kind', 'Other'),
        JsonPatch.add('/metadata/x', 1));
      return object;
    });
    expect(found).toBe(expected);
  });
});
