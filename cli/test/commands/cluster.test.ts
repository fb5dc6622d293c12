import { call } from '../call';
import { Folder } from '../folder';

const kubeconfig = (name: string, server: string) => JSON.stringify({
  'apiVersion': 'v1',
  'kind': 'Config',
  'current-context': name,
  'clusters': [{ name, cluster: { server } }],
  'contexts': [{ name, context: { cluster: name, user: name } }],
  'users': [{ name, user: { token: 'secret-token' } }],
});

describe('the kubeconfig', () => {
  const folder = new Folder({
    'webapp.yaml': 'name: web\nimage: ghcr.io/acme/web:1\nhosts: [web.example.com]\n',
    'one': kubeconfig('one', 'https://127.0.0.1:1'),
    'two': kubeconfig('two', 'https://127.0.0.1:1'),
    'broken': '- a list',
  });
  const releases = async (env: { [name: string]: string }, ...words: string[]) => (
    call(['releases', ...words], { cwd: folder.path, env: { HOME: folder.path, ...env } }));
  const both = { KUBECONFIG: `${folder.path}/one:${folder.path}/two` };

  test('is required', async () => {
    expect(await releases({})).toMatchObject(
      { code: 1, err: expect.stringMatching(/^no kubeconfig found[^]*run webapp setup --local\n$/) });
    expect(await releases({}, '--kubeconfig', 'nowhere')).toMatchObject({ code: 1, err: expect.stringContaining('/nowhere;') });
  });

  test('has the contexts of all files in KUBECONFIG', async () => {
    expect(await releases(both, '--context', 'tow')).toMatchObject(
      { code: 1, err: 'the kubeconfig has no context tow; did you mean two?\n' });
  });

  test('of a cluster that cannot be reached gives an error without credentials', async () => {
    const { code, err } = await releases(both, '--context', 'two');
    expect(err).toContain('cannot reach the cluster: 127.0.0.1:1: connect ECONNREFUSED');
    expect(code).toBe(1);
    expect(err).not.toContain('secret-token');
  });
});

test.each([
  [['deploy', '--timeout', 'soon'], 'Write a duration such as 90s or 5m.'],
  [['rollback', 'last'], 'webapp releases prints them'],
  [['scale'], 'pass --min, --max or both'],
  [['scale', '--min', 'two'], 'Write a number of pods.'],
  [['deploy', '--every', '5m'], '--every requires --canary'],
  [['deploy', '--canary', '10,50'], 'several percentages of --canary require --every'],
  [['deploy', '--canary', '101'], 'Write a number from 0 to 100.'],
  [['deploy', '--max-errors', '3'], '--max-errors requires --every'],
])('%j is a usage error', async (words, message) => {
  expect(await call(words)).toMatchObject({ code: 64, err: expect.stringContaining(message) });
});
