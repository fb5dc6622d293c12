import { connect } from '../../src/kube/connect';
import { Folder } from '../folder';

const MINIKUBE = [{ name: 'cluster_info', extension: { provider: 'minikube.sigs.k8s.io', version: 'v1.37.0' } }];

const kubeconfig = (context: string, cluster: string, extensions?: object[]) => JSON.stringify({
  'current-context': context,
  'clusters': [{ name: cluster, cluster: { server: 'https://127.0.0.1:1', extensions } }],
  'contexts': [{ name: context, context: { cluster, user: 'me' } }],
  'users': [{ name: 'me', user: {} }],
});

test('a cluster has the name of its entry in the kubeconfig, whatever the context is called', () => {
  const { path } = new Folder({ config: kubeconfig('dev', 'kind-shop') });
  const { context, entry } = connect({ kubeconfig: 'config' }, { cwd: path, env: {} });
  expect([context, entry]).toEqual(['dev', { name: 'kind-shop', provider: undefined }]);
});

test('of the files in KUBECONFIG, the first with the cluster says which program has written it', () => {
  const { path } = new Folder({
    other: kubeconfig('other', 'other'), first: kubeconfig('shop', 'shop', MINIKUBE), second: kubeconfig('shop', 'shop'),
  });
  const env = { KUBECONFIG: ['other', 'first', 'second'].map(name => `${path}/${name}`).join(':') };
  expect(connect({ context: 'shop' }, { cwd: path, env }).entry).toEqual({ name: 'shop', provider: 'minikube.sigs.k8s.io' });
});
