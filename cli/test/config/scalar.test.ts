import { ConfigDocument } from '../../src/config/document';
import { SourceFile } from '../../src/config/source';

const propsOf = async (text: string, environment?: string) => {
  const { sources: [source] } = await new SourceFile('webapp.yaml', text).read();
  return ConfigDocument.read(source, 'WebApp').in(environment).props;
};

const SCALARS = [
  '1.20', '022', '0o22', '0x1F', '1e3', '12345678901234567890', '+1', '-0', '.5', 'true', 'False', 'TRUE', '.inf', '.NaN',
];

describe('a number or boolean in place of a string', () => {
  test.each(SCALARS)('is read as it is written: %s', async written => {
    expect(await propsOf(`env: { A: ${written} }\nlabels: { example.com/a: ${written} }\nargs: [${written}]\n`)).toEqual({
      env: { A: written }, labels: { 'example.com/a': written }, args: [written],
    });
  });

  test.each([
    {
      place: 'a prop of a map of structs',
      text: 'workers: { a: { command: [1.20], env: { B: 1.20 } } }\n',
      props: { workers: { a: { command: ['1.20'], env: { B: '1.20' } } } },
    },
    {
      place: 'a Kubernetes resource',
      text: 'apiVersion: cdk8s-webapp.dev/v1alpha1\nkind: WebApp\nspec: { env: { A: 1.20 } }\n',
      props: { env: { A: '1.20' } },
    },
    {
      place: 'an environment',
      text: 'env: { A: a, B: true }\nenvironments: { e: { env: { A: 1.20, B: null } } }\n',
      props: { env: { A: '1.20' } },
    },
    {
      place: 'the value of an anchor',
      text: 'port: &p 8080\nenv: &e { P: *p }\nfiles: *e\n',
      props: { port: 8080, env: { P: '8080' }, files: { P: '8080' } },
    },
    { place: 'a merged map', text: 'env:\n  <<: { A: 1.20 }\n  B: x\n', props: { env: { A: '1.20', B: 'x' } } },
    { place: 'a name', text: 'name: 1.20\n', props: { name: '1.20' } },
    { place: 'a key', text: 'env: { 022: a, true: b }\n', props: { env: { '022': 'a', 'true': 'b' } } },
    {
      place: 'a platform',
      text: 'apiVersion: cdk8s-webapp.dev/v1alpha1\nkind: Platform\nspec: { kubernetesVersion: 1.30 }\n',
      props: { kubernetesVersion: '1.30' },
    },
  ])('is read as it is written in $place', async ({ text, props }) => {
    expect(await propsOf(text, 'e')).toEqual(props);
  });
});

describe('a scalar', () => {
  test('is a number or boolean where the prop is not a string', async () => {
    const text = 'port: 0x50\ninternal: true\nscaling: { min: 1 }\nhosts: 5\npatches: [{ patch: { a: [1.20, true] } }]\n';
    expect(await propsOf(text)).toEqual({
      port: 80, internal: true, scaling: { min: 1 }, hosts: 5, patches: [{ patch: { a: [1.2, true] } }],
    });
  });

  test('stays null if it is null, and a string if it is in quotes', async () => {
    expect(await propsOf('env: { A: , B: ~, C: "true" }\nport: "80"\n')).toEqual({ env: { A: null, B: null, C: 'true' }, port: '80' });
  });
});
