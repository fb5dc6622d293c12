import { AppFolder } from './in-cluster';
import { describeLogs, eventually, kubectl, LOGS, pods, server, temporaryNamespace, waitUntilReady } from '../../../test/cluster/cluster';

const LINES = Array.from({ length: 40 }, (_, i) => `line ${String(i).padStart(2, '0')}`);

describeLogs()('the log that the platform keeps', () => {
  const namespace = temporaryNamespace('history');
  // Many lines in one millisecond, and one of JSON.
  const print = `process.stdout.write(${JSON.stringify(`${LINES.join('\n')}\n`)}); console.log(JSON.stringify({ user: "ann" }));`;
  const [node, flag, program] = server('"hello"');
  const command = [node, flag, `${print}\n${program}`];
  const app = new AppFolder(namespace, { internal: true, scaling: { replicas: 1 }, command }, { monitoring: { logs: LOGS } });
  const logs = async (...flags: string[]) => {
    const { out } = await app.call('logs', '--since', '15m', ...flags);
    return out.trim().split('\n').map(line => /^(\S+) (.*)$/.exec(line)?.slice(1) ?? [line]);
  };
  const nameOfPod = () => pods(namespace, 'web').filter(({ metadata }) => !metadata.deletionTimestamp)[0].metadata.name;
  let gone: string;

  beforeAll(async () => {
    expect(await app.call('deploy', '--timeout', '120s')).toMatchObject({ code: 0 });
    gone = nameOfPod();
    await eventually(async () => logs(), lines => lines.filter(([pod]) => pod === gone).length > LINES.length, 120);
    kubectl(['delete', 'pod', gone, '--namespace', namespace]);
    waitUntilReady(namespace, 'web');
  });

  test('has the lines of a pod that is gone, in the order in which they were written', async () => {
    const lines = (await logs()).filter(([pod]) => pod === gone).map(([, text]) => text);
    expect(lines.filter(text => text.startsWith('line '))).toEqual(LINES);
    expect(lines.at(-1)).toContain('ann');
  });

  test('has those of the pod after it too', async () => {
    const next = nameOfPod();
    await eventually(async () => (await logs()).filter(([pod]) => pod === next).length, count => count > LINES.length, 120);
  });

  test('is searched, and the latest lines that match are printed', async () => {
    const found = (await logs('--grep', 'LINE 1|nothing', '--tail', '4')).map(([, text]) => text);
    expect(found).toEqual(LINES.slice(16, 20));
  });
});
