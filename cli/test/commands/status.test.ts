import { WEB_APP } from '../../src/operator/resources';
import type { Called } from '../call';
import { call } from '../call';
import { Folder } from '../folder';
import { APP } from '../kube/test-cluster';
import { TestOperator } from '../operator/test-operator';

const ALWAYS_ON = { image: 'web:1', internal: true, scaling: { replicas: 2 } };
const folder = new Folder({});

let operator: TestOperator;
beforeEach(() => {
  operator = new TestOperator();
});

const status = async (...words: string[]): Promise<Called> => (
  call(['status', 'web', ...words], { cwd: folder.path, cluster: operator.cluster }));

describe('webapp status of an app that the operator deploys', () => {
  test('says nothing of the operator while the app is healthy', async () => {
    operator.apply(ALWAYS_ON);
    await operator.settle();
    const { code, out } = await status();
    expect({ code, out }).toEqual({ code: 0, out: expect.stringMatching(/^Latest: +release 1, /m) });
    expect(out).not.toMatch(/Operator|WebApp/);
    expect(JSON.parse((await status('--output', 'json')).out).resource.conditions).toContainEqual(
      expect.objectContaining({ type: 'Accepted', status: 'True' }));
  });

  test('says why its spec is refused, also before the first release', async () => {
    operator.apply({ ...ALWAYS_ON, port: 99999 });
    await operator.settle();
    const { code, out } = await status();
    expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining('! WebApp web is not accepted: port is 99999') });
  });

  test('says that a changed spec is refused while the release before it serves traffic', async () => {
    operator.apply(ALWAYS_ON);
    await operator.settle();
    operator.apply({ ...ALWAYS_ON, port: 99999 });
    await operator.settle();
    expect((await status()).out).toMatch(/^Serving: +release 1$[^]*^! WebApp web is not accepted: port is 99999/m);
  });

  test('says what the operator is doing', async () => {
    operator.apply(ALWAYS_ON);
    await operator.reconcile();
    expect((await status()).out).toMatch(/^Operator: +\S/m);
  });

  test('says that no operator has looked at it', async () => {
    operator.apply(ALWAYS_ON);
    const { out } = await status();
    expect(out).toMatch(/^Operator: +has not looked at it yet; check that it runs: kubectl get pods --namespace webapp-system$/m);
  });

  test('is that of an app that is not deployed where there is no resource either', async () => {
    operator.cluster.api.uninstall(WEB_APP);
    expect(await status()).toMatchObject({ code: 1, err: `${APP.name} is not deployed in namespace shop; run webapp deploy first\n` });
  });
});
