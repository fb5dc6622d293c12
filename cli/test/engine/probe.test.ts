import { probeOf, sendProbe } from '../../src/engine/probe';
import { response } from '../kube/in-memory-api';
import { deployment, service, TestCluster } from '../kube/test-cluster';

describe('a probe of an app\'s own Service', () => {
  const probe = (appProtocol?: string) => {
    const ports = [{ name: 'http', port: appProtocol ? 443 : 80, appProtocol }];
    return probeOf([{ ...service(), spec: { type: 'ClusterIP', ports } }, deployment('web:1')], 'web')!;
  };
  const asked = async (appProtocol?: string) => {
    const cluster = new TestCluster();
    cluster.api.proxy = () => response(200, 'hello');
    await sendProbe(cluster, probe(appProtocol), new AbortController().signal);
    return cluster.api.requests.filter(request => request.includes('/proxy'));
  };

  test.each<[string, string | undefined, string]>([
    ['HTTP', undefined, 'web:80'],
    ['HTTPS, which the API server speaks if it is told so', 'https', 'https:web:443'],
  ])('is one of %s', async (_, appProtocol, name) => {
    expect(await asked(appProtocol)).toEqual([`GET /api/v1/namespaces/shop/services/${name}/proxy/`]);
  });
});
