import { ConfigDocument } from '../../src/config/document';
import { SourceFile } from '../../src/config/source';

const propsOf = async (text: string, environment?: string) => {
  const { sources: [source] } = await new SourceFile('webapp.yaml', text).read();
  return ConfigDocument.read(source, 'WebApp').in(environment).props;
};

describe('a number or a truth value where a string belongs', () => {
  test.each(['1.20', '022', '0o22', '0x1F', '1e3', '12345678901234567890', '+1', '-0', '.5', 'true', 'False', 'TRUE', '.inf', '.NaN'])('%s is as it is written', async written => {
    expect(await propsOf(`env: { A: ${written} }\nlabels: { example.com/a: ${written} }\nargs: [${written}]\n`)).toEqual({
      env: { A: written }, labels: { 'example.com/a': written }, args: [written],
    });
  });

  test.each<[where: string, text: string, props: object]>([
    ['a prop of a map of structs', 'workers: { a: { command: [1.20], env: { B: 1.20 } } }\n', { workers: { a: { command: ['1.20'], env: { B: '1.20' } } } }],
    ['a resource', 'apiVersion: cdk8s-webapp.dev/v1alpha1\nkind: WebApp\nspec: { env: { A: 1.20 } }\n', { env: { A: '1.20' } }],
    ['an environment', 'env: { A: a, B: true }\nenvironments: { e: { env: { A: 1.20, B: null } } }\n', { env: { A: '1.20' } }],
    ['what an anchor names', 'port: &p 8080\nenv: &e { P: *p }\nfiles: *e\n', { port: 8080, env: { P: '8080' }, files: { P: '8080' } }],
    ['what is merged', 'env:\n  <<: { A: 1.20 }\n  B: x\n', { env: { A: '1.20', B: 'x' } }],
    ['a name and a namespace', 'name: 1.20\n', { name: '1.20' }],
    ['a key', 'env: { 022: a, true: b }\n', { env: { '022': 'a', 'true': 'b' } }],
    ['a platform', 'apiVersion: cdk8s-webapp.dev/v1alpha1\nkind: Platform\nspec: { kubernetesVersion: 1.30 }\n', { kubernetesVersion: '1.30' }],
  ])('in %s', async (_, text, props) => {
    expect(await propsOf(text, 'e')).toEqual(props);
  });

  test('is a number or a truth value elsewhere', async () => {
    const text = 'port: 0x50\ninternal: true\nscaling: { min: 1 }\nhosts: 5\npatches: [{ patch: { a: [1.20, true] } }]\n';
    expect(await propsOf(text)).toEqual({
      port: 80, internal: true, scaling: { min: 1 }, hosts: 5, patches: [{ patch: { a: [1.2, true] } }],
    });
  });

  test('null stays null, and quotes stay a string', async () => {
    expect(await propsOf('env: { A: , B: ~, C: "true" }\nport: "80"\n')).toEqual({ env: { A: null, B: null, C: 'true' }, port: '80' });
  });
});
