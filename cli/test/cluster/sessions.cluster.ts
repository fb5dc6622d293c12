import { randomBytes } from 'node:crypto';
import { describeBuilds, IMAGE, kubectl, temporaryNamespace } from '../../../test/cluster/cluster';
import { comparable, replay, sessionFolder, SESSIONS } from '../sessions';

const REGISTRY = 'registry.example.com/acme';

/** The sessions were recorded with the default image and registry, so a cluster with others skips them. */
const describeSessions = process.env.TEST_IMAGE || process.env.TEST_REGISTRY ? describe.skip : describeBuilds();

describeSessions.each(SESSIONS)('the session in %s prints the recorded output', (_, steps) => {
  const namespace = `test-session-${randomBytes(3).toString('hex')}`;
  const builds = temporaryNamespace('builds');
  const context = kubectl(['config', 'current-context']).trim();
  const domain = `${namespace}.example.com`;
  const platform = { domain, builds: { registry: REGISTRY, namespace: builds, strategies: { dockerfile: 'buildkit' } } };
  const cwd = sessionFolder(IMAGE, platform);
  beforeAll(() => void kubectl(['label', 'namespace', builds, 'pod-security.kubernetes.io/enforce=privileged', '--overwrite']));
  afterAll(() => void kubectl(['delete', 'namespace', namespace, '--wait=false']));

  test.each(steps)('%s', async (command, recorded) => {
    const interactive = command === 'webapp init';
    const words = interactive ? ['--namespace', namespace] : [];
    const printed = await replay([command, recorded], cwd, { env: process.env, interactive }, words);
    const shown = printed.replaceAll(domain, 'apps.example.com').replaceAll(namespace, 'web');
    expect(comparable(shown, context)).toBe(comparable(recorded));
  });
});
