import { call } from '../call';
import { Folder } from '../folder';

const KUBECONFIG = JSON.stringify({
  'apiVersion': 'v1',
  'kind': 'Config',
  'current-context': 'one',
  'clusters': [{ name: 'one', cluster: { server: 'https://127.0.0.1:1' } }],
  'contexts': [{ name: 'one', context: { cluster: 'one', user: 'one', namespace: 'shop' } }],
  'users': [{ name: 'one', user: { token: 'x' } }],
});

/** What `webapp deploy` prints for an app before it sends a request to the cluster. */
async function deploy(app: object, ...words: string[]) {
  const folder = new Folder({
    'webapp.yaml': JSON.stringify({ name: 'web', image: 'ghcr.io/acme/web:1.5.0', ...app }),
    'kubeconfig': KUBECONFIG,
  });
  return call(['deploy', ...words], { cwd: folder.path, env: { HOME: folder.path, KUBECONFIG: `${folder.path}/kubeconfig` } });
}

describe('webapp deploy --canary', () => {
  test.each<[string, object, string]>([
    [
      'rollout.blueGreen',
      { rollout: { blueGreen: { active: 'blue' } } },
      '--canary cannot be combined with rollout.blueGreen, which web has',
    ],
    ['rollout.argo', { rollout: { argo: {} } }, '--canary cannot be combined with rollout.argo, which web has'],
    [
      'buildFrom',
      { image: undefined, buildFrom: { git: 'https://github.com/acme/web', image: 'ghcr.io/acme/web' } },
      '--canary cannot be combined with buildFrom, which web has; build the image first, and pass it with --image',
    ],
  ])('cannot be combined with %s', async (_, app, message) => {
    expect(await deploy(app, '--canary', '10')).toMatchObject({ code: 1, err: expect.stringContaining(message) });
  });

  const CANARY = { rollout: { canary: { image: 'ghcr.io/acme/web:2' } } };

  test('cannot be combined with --every if the file has rollout.canary', async () => {
    expect(await deploy(CANARY, '--canary', '10', '--every', '5s')).toMatchObject({
      code: 1,
      err: expect.stringContaining('--every cannot be combined with rollout.canary, which web has in the file'),
    });
  });

  test('sets the weight of a canary that is in the file', async () => {
    expect(await deploy(CANARY, '--canary', '30')).toMatchObject({
      code: 1,
      err: expect.stringContaining('--canary is 30, but the platform\'s ingress controller cannot split traffic by weight'),
    });
  });

  test('cannot be combined with --every and --dry-run', async () => {
    const { code, err } = await deploy({}, '--canary', '10', '--every', '5s', '--dry-run');
    expect({ code, err }).toMatchObject({ code: 64, err: expect.stringContaining('--dry-run cannot be combined with --every') });
  });
});
