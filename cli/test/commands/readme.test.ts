import { call } from '../call';
import { runControllers } from '../kube/controllers';
import { response } from '../kube/in-memory-api';
import { TestCluster } from '../kube/test-cluster';
import { sessionFolder, STEPS, terminal } from '../readme-session';

describe('the session in the README', () => {
  const cwd = sessionFolder();
  const cluster = new TestCluster();
  runControllers(cluster);
  cluster.api.proxy = () => response(200, '{}', { 'x-keda-http-cold-start': 'false' });

  test.each(STEPS)('prints the recorded output: %s', async (command, recorded) => {
    const { printed, ...user } = terminal(recorded);
    const interactive = command === 'webapp init'; // webapp open would start a browser
    await call(command.split(' ').slice(1), { cwd, cluster, interactive, ...user });
    expect(printed().replace(' of test\n', ' of production\n')).toBe(recorded);
  });
});
