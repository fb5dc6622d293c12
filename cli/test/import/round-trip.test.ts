import { imported } from './imported';
import { call } from '../call';
import { Folder } from '../folder';

/** What `webapp import` makes of the YAML that `webapp synth` prints. */
async function afterSynth(props: string): Promise<string> {
  const folder = new Folder({
    'webapp.yaml': `name: web\nnamespace: shop\nimage: ghcr.io/acme/web:1.4.2\nhosts: [shop.example.com]\n${props}`,
  });
  const { out } = await call(['synth'], { cwd: folder.path });
  return (await imported({ 'web.yaml': out })).file;
}

describe('health of the YAML that was synthesized', () => {
  test.each([
    ['an app that can sleep', '', ''],
    ['an app that never sleeps', 'scaling: { min: 1 }\n', ''],
    ['a slow start that a visitor waits for', 'health: { startupTimeout: 5m }\n', 'startupTimeout: 5m'],
    ['a slow start', 'scaling: { min: 1 }\nhealth: { startupTimeout: 5m }\n', 'startupTimeout: 5m'],
    ['an interval', 'health: { path: /up, interval: 20s }\n', 'path: /up, interval: 20s'],
  ])('is taken over again: %s', async (_, props, expected) => {
    const file = await afterSynth(props);
    expect(/^health: \{ (.*) \}$/m.exec(file)?.[1] ?? '').toBe(expected);
  });
});
