import { call } from '../call';
import { Folder } from '../file/folder';

const KUBECONFIG = JSON.stringify({
  'apiVersion': 'v1',
  'kind': 'Config',
  'current-context': 'one',
  'clusters': [{ name: 'one', cluster: { server: 'https://127.0.0.1:1' } }],
  'contexts': [{ name: 'one', context: { cluster: 'one', user: 'one', namespace: 'shop' } }],
  'users': [{ name: 'one', user: { token: 'x' } }],
});

/** What `webapp deploy` says of an app before it asks the cluster. */
async function deploy(app: object, ...words: string[]) {
  const folder = new Folder({ 'webapp.yaml': JSON.stringify({ name: 'web', image: 'ghcr.io/acme/web:1.5.0', ...app }), 'kubeconfig': KUBECONFIG });
  return call(['deploy', ...words], { cwd: folder.path, env: { HOME: folder.path, KUBECONFIG: `${folder.path}/kubeconfig` } });
}

describe('deploy --canary, of an app that', () => {
  test.each<[string, object, string[], string]>([
    ['has colors', { rollout: { blueGreen: { active: 'blue' } } }, [], 'web has rollout.blueGreen; --canary is for apps that have none'],
    ['is for Argo Rollouts', { rollout: { argo: {} } }, [], 'web has rollout.argo; --canary is for apps that have none'],
    ['the cluster builds', { image: undefined, buildFrom: { git: 'https://github.com/acme/web', image: 'ghcr.io/acme/web' } }, [], 'web is built by the cluster (buildFrom); --canary needs an image that is there'],
    ['has a canary of its own, step by step', { rollout: { canary: { image: 'ghcr.io/acme/web:2' } } }, ['--every', '5s'], 'web has rollout.canary in the file; --every is for apps that have none'],
  ])('%s, is an error', async (_, app, more, text) => {
    expect(await deploy(app, '--canary', '10', ...more)).toMatchObject({ code: 1, err: expect.stringContaining(text) });
  });

  test('has a canary of its own, gives that another share', async () => {
    const { code, err } = await deploy({ rollout: { canary: { image: 'ghcr.io/acme/web:2' } } }, '--canary', '30');
    expect({ code, err }).toMatchObject({ code: 1, err: expect.stringContaining('--canary is 30, but the platform\'s entry cannot give a share') });
  });

  test('is tried step by step, cannot be', async () => {
    expect(await deploy({}, '--canary', '10', '--every', '5s', '--dry-run')).toMatchObject({ code: 1, err: expect.stringContaining('--dry-run shows one step; leave --every away') });
  });
});
