import { merge } from '../../src/kube/patch';
import { problems, synth } from '../synth';

/** An object with this key of its own; as JSON, since a literal `__proto__` sets the prototype. */
const withKey = (key: string, value: unknown) => JSON.parse(`{ ${JSON.stringify(key)}: ${JSON.stringify(value)} }`);

describe.each(['constructor', 'toString', 'valueOf', 'hasOwnProperty', '__proto__'])('%s, which every object inherits,', name => {
  test('is not a known property', () => {
    expect(problems(withKey(name, 1))).toEqual([expect.stringMatching(`^WebApp "web": ${name} is not a known property`)]);
  });

  test('is a list without keys in a patch', () => {
    expect((merge(withKey(name, [1]), withKey(name, [2])) as any)[name]).toEqual([2]);
  });

  test('is not a connection type', () => {
    expect(problems({ connections: { a: { type: name } } })).toEqual([
      expect.stringMatching(`^WebApp "web": connections.a.type is "${name}", which is not a known connection type`),
    ]);
  });
});

test('an annotation may have the name of a method that objects inherit', () => {
  expect(synth({ annotations: { toString: 'a' } }).get('Deployment').metadata.annotations).toMatchObject({ toString: 'a' });
});

test('a label or an annotation with the key constructor, which cdk8s cannot write, is an error', () => {
  const hint = 'is a key that cdk8s cannot write; add a prefix, such as example.com/constructor';
  expect(problems({ labels: { constructor: 'a' }, annotations: { constructor: 'a' } } as object)).toEqual([
    `WebApp "web": labels.constructor ${hint}`,
    `WebApp "web": annotations.constructor ${hint}`,
  ]);
});
