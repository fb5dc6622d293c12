import { AppFolder } from './in-cluster';
import { eventually, get, kubectl, pods, server, temporaryNamespace } from '../../../test/cluster/cluster';

describe('webapp deploy of an app with restartOnConfigChange', () => {
  const namespace = temporaryNamespace('config');
  const set = (value: string) => kubectl(['apply', '--filename', '-'], JSON.stringify({
    apiVersion: 'v1', kind: 'Secret', metadata: { name: 'greeting', namespace }, stringData: { text: value },
  }));
  const app = new AppFolder(namespace, {
    scaling: { replicas: 1 },
    size: 'xs',
    command: server('process.env.TEXT'),
    secretEnv: { TEXT: { secret: 'greeting', key: 'text' } },
    restartOnConfigChange: true,
  });
  const generation = () => get(namespace, 'deployment', 'web').metadata.generation;
  const text = () => {
    const [{ metadata: { name } }] = pods(namespace, 'web').filter(({ metadata }) => !metadata.deletionTimestamp);
    return kubectl(['exec', name, '--namespace', namespace, '--', 'printenv', 'TEXT']).trim();
  };

  test('replaces its pods after a Secret has changed, and only then', async () => {
    set('hello');
    expect(await app.call('deploy')).toMatchObject({ code: 0 });
    const before = generation();
    expect(await app.call('diff')).toMatchObject({ code: 0 });
    expect(await app.call('deploy')).toMatchObject({ code: 0 });
    expect([generation(), text()]).toEqual([before, 'hello']);

    set('hi');
    const { code, out } = await app.call('diff');
    expect({ code, out }).toMatchObject({ code: 2, out: expect.stringContaining('checksum/config') });
    expect(out).not.toContain('hi\n');
    expect(await app.call('deploy')).toMatchObject({ code: 0 });
    await eventually(text, found => found === 'hi');
  });
});
