import { kubectl } from '../../../test/cluster/cluster';
import { connect } from '../../src/kube/connect';
import { ApiError } from '../../src/kube/errors';
import type { Manifest } from '../../src/render/synthesis';
import { buildpacksStrategy } from '../../src/setup/buildpacks';
import { gatewayObjects, issuerObjects } from '../../src/setup/objects';
import { partsOf } from '../../src/setup/parts';
import { call } from '../call';
import { Folder } from '../folder';
import { Tools } from '../setup/tools';

const cluster = connect({}, { cwd: process.cwd(), env: process.env });
const [shipwright] = partsOf({ with: ['builds'] }).filter(({ name }) => name === 'shipwright');
const OBJECTS = [
  ...gatewayObjects({ local: 'kind', tls: { issuer: 'self-signed', domain: 'apps.example.com' } }),
  ...issuerObjects({ name: 'letsencrypt', email: 'ops@example.com', ingressClass: 'traefik', namespace: 'default' }),
  ...issuerObjects({ name: 'self-signed', namespace: 'default' }),
  buildpacksStrategy(),
  ...shipwright.source.kind === 'release' ? shipwright.source.objects! : [],
];

/** Whether the API server accepts an object. */
async function accepts(object: Manifest): Promise<boolean> {
  try {
    await cluster.objects.apply(object, { dryRun: true, force: true });
    return true;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return false; // a dry run does not create its namespace
    throw error;
  }
}

describe('webapp setup', () => {
  test('finds what the cluster has, and leaves what others installed as it is', async () => {
    const env = { ...process.env, ...new Tools(['helm']).env };
    const words = ['setup', '--dry-run', '--entry', 'traefik', '--domain', 'apps.example.com'];
    const { out } = await call(words, { cwd: new Folder({}).path, env });
    for (const [title, name] of [['KEDA', 'keda-operator'], ['Traefik', 'traefik'], ['cert-manager', 'cert-manager']]) {
      const live = kubectl(['get', 'deployments', '--all-namespaces', '--field-selector', `metadata.name=${name}`, '--output', 'name']);
      const line = live === '' ? '[\\d.]+\nhelm upgrade' : '(\\S+ )?in namespace \\S+ was installed by others';
      expect(out).toMatch(new RegExp(`^# ${title} ${line}`, 'm'));
    }
  });

  test('creates objects that the API server accepts', async () => {
    const accepted: string[] = [];
    for (const object of OBJECTS) {
      if (await cluster.objects.knows(object) && await accepts(object)) accepted.push(`${object.kind} ${object.metadata.name}`);
    }
    expect(accepted).toEqual(expect.arrayContaining(
      ['Namespace gateways', 'GatewayClass eg', 'ClusterIssuer letsencrypt', 'ClusterIssuer self-signed']));
  });
});
