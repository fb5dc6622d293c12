import { errorResponse } from './in-memory-api';
import {
  ApiError, deniedRequest, fieldConflicts, isAnswerForAnyImage, missingNamespace, parseStatus, startError, UnreachableError,
} from '../../src/kube/errors';
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

describe('the message of a container runtime', () => {
  const missing = 'exec: "psql": executable file not found in $PATH';
  test.each([
    ['of exec', `OCI runtime exec failed: exec failed: unable to start container process: ${missing}`, missing],
    ['of a new container', `runc create failed: unable to start container process: error during container init: ${missing}`, missing],
    ['about something else', 'container not found ("main")', undefined],
  ])('%s has the reason why a program was not started at its end', (_, message, reason) => {
    expect(startError(message)).toBe(reason);
  });
});

describe('an object with another image gets', () => {
  const withCauses = (code: number, reason: string, message: string, ...causes: object[]) => (
    new ApiError(code, JSON.stringify({ kind: 'Status', apiVersion: 'v1', reason, message, details: { causes } })));
  const invalid = (...fields: string[]) => (
    withCauses(422, 'Invalid', 'it is invalid', ...fields.map(field => ({ reason: 'FieldValueInvalid', message: 'is wrong', field }))));
  const conflict = (...fields: string[]) => (
    withCauses(409, 'Conflict', 'Apply failed', ...fields.map(field => ({ reason: 'FieldManagerConflict', message: '', field }))));
  const policy = 'ValidatingAdmissionPolicy \'images\' with binding \'all\' denied request: the image has no digest';

  test.each<[string, ApiError]>([
    ['a missing permission', denied],
    ['credentials that are not accepted', error(401, 'Unauthorized', 'Unauthorized')],
    ['an exceeded quota', error(403, 'Forbidden', 'deployments.apps "web" is forbidden: exceeded quota: few, requested: 1')],
    ['an immutable field', invalid('spec.selector')],
    ['fields of other managers', conflict('.spec.template.spec.containers[name="web"].image', '.spec.replicas')],
    ['a field that the schema does not have', error(500, '', 'failed to create typed patch object (a/b): .spec.a: field not declared')],
    ['a field that the kind does not have', error(400, 'BadRequest', 'strict decoding error: unknown field "spec.a"')],
  ])('the same answer: %s', (_, answer) => {
    expect(isAnswerForAnyImage(answer)).toBe(true);
  });

  test.each<[string, ApiError]>([
    ['a webhook', error(403, 'Forbidden', 'admission webhook "images.example.com" denied the request: the image has no signature')],
    ['a webhook with causes', withCauses(422, 'Invalid', 'admission webhook "a" denied the request: no', { field: 'spec.replicas' })],
    ['a webhook that fails', error(500, 'InternalError', 'failed calling webhook "images.example.com": context deadline exceeded')],
    ['a policy', withCauses(422, 'Invalid', `deployments.apps "web" is forbidden: ${policy}`, { message: policy })],
    ['the field of the image', invalid('spec.template.spec.containers[0].image')],
    ['another manager of the image', conflict('.spec.template.spec.containers[name="web"].image')],
    ['something unknown', error(400, 'BadRequest', 'no')],
  ])('perhaps another answer of %s', (_, answer) => {
    expect(isAnswerForAnyImage(answer)).toBe(false);
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
