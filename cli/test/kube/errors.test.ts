import { errorResponse } from './in-memory-api';
import { ApiError, deniedRequest, fieldConflicts, missingNamespace, parseStatus, UnreachableError } from '../../src/kube/errors';
import { explainError } from '../../src/kube/explain';

const error = (code: number, reason: string, message: string) => new ApiError(code, errorResponse(code, reason, message).text);
const denied = error(403, 'Forbidden', 'deployments.apps "web" is forbidden: '
  + 'User "dev" cannot patch resource "deployments/scale" in API group "apps" in the namespace "shop"');

describe('an error of the API', () => {
  test('has the fields of its Status', () => {
    expect(error(409, 'AlreadyExists', 'it exists')).toMatchObject({ status: 409, reason: 'AlreadyExists', message: 'it exists' });
  });

  test('of a proxy in front of the API server has only its text', () => {
    expect(new ApiError(502, '<html>Bad Gateway</html>')).toMatchObject({ status: 502, reason: '', message: '<html>Bad Gateway</html>' });
    expect(new ApiError(503, '')).toMatchObject({ message: 'HTTP status 503' });
  });

  test('is different from a response of an app', () => {
    expect(parseStatus('{"kind":"Status","apiVersion":"v1","code":403}')).toMatchObject({ code: 403 });
    expect(parseStatus('the text "kind":"Status" and "apiVersion":"v1"')).toBeUndefined();
    expect(parseStatus('{"kind":"Order"}')).toBeUndefined();
    expect(parseStatus('null')).toBeUndefined();
  });

  test('has the missing permission', () => {
    expect(deniedRequest(denied)).toEqual({ verb: 'patch', group: 'apps', resource: 'deployments/scale', namespace: 'shop' });
    expect(deniedRequest(error(403, 'Forbidden', 'exceeded quota: small'))).toBeUndefined();
  });

  test('has the missing namespace, from its details', () => {
    const details = { kind: 'namespaces', name: 'shop' };
    const status = { kind: 'Status', apiVersion: 'v1', reason: 'NotFound', message: 'any words', details };
    expect(missingNamespace(new ApiError(404, JSON.stringify(status)))).toBe('shop');
    expect(missingNamespace(error(404, 'NotFound', 'namespaces "shop" not found'))).toBeUndefined();
  });

  test('has the conflicting fields and their managers', () => {
    const causes = [{ reason: 'FieldManagerConflict', message: 'conflict with "kubectl" using apps/v1', field: '.spec.replicas' }];
    const status = { kind: 'Status', apiVersion: 'v1', reason: 'Conflict', details: { causes } };
    expect(fieldConflicts(new ApiError(409, JSON.stringify(status)))).toEqual([{ field: 'spec.replicas', manager: 'kubectl' }]);
    expect(fieldConflicts(error(409, 'Conflict', 'the object has been modified'))).toEqual([]);
  });
});

describe('the message for the user says', () => {
  test.each<[string, Error, string]>([
    [
      'that the cluster cannot be reached',
      new UnreachableError('10.0.0.1: connect ECONNREFUSED'),
      'cannot reach the cluster: 10.0.0.1: connect ECONNREFUSED',
    ],
    [
      'which permission is missing',
      denied,
      'you are not allowed to patch deployments.apps/scale in namespace shop; ask your cluster administrator for a role that allows it',
    ],
    [
      'that the credentials are wrong',
      error(401, 'Unauthorized', 'Unauthorized'),
      'the cluster does not accept your credentials: those of the kubeconfig are wrong or have expired',
    ],
    [
      'the same to an anonymous user',
      error(403, 'Forbidden', 'forbidden: User "system:anonymous" cannot list resource "pods"'),
      'the cluster does not accept your credentials: those of the kubeconfig are wrong or have expired',
    ],
    [
      'which quota is exceeded',
      error(403, 'Forbidden', 'services "web" is forbidden: exceeded quota: small, requested: services=1'),
      'the quota of namespace shop would be exceeded: small, requested: services=1',
    ],
    [
      'which webhook rejects the request',
      error(403, 'Forbidden', 'admission webhook "policy.example.com" denied the request: no'),
      'rejected by policy.example.com: no',
    ],
    ['the message of the API in all other cases', error(500, 'InternalError', 'etcd is gone'), 'etcd is gone'],
  ])('%s', (_, given, text) => {
    expect(explainError(given, 'shop')).toBe(text);
  });
});
