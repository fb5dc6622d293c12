import type { AdmissionRequest, Validate, Verdict } from '../../../src/operator/webhook/review';
import { review } from '../../../src/operator/webhook/review';
import { webApp } from '../tenancy/resources';

const AUTHOR = { username: 'alice', groups: ['shop'] };

function request(more: Partial<AdmissionRequest> = {}): AdmissionRequest {
  return { uid: '1', operation: 'CREATE', userInfo: AUTHOR, object: webApp('web'), oldObject: null, ...more };
}

const verdict = (problems: Verdict['problems'], warnings: string[] = []): Validate => () => ({ problems, warnings });

const MAX = {
  code: 'range' as const, path: 'scaling.max', message: 'is 50 but the platform allows at most 20', hint: 'set it to 20 or less',
};
const NAME = { code: 'unknown' as const, path: 'scalling', message: 'is not a known property', hint: 'did you mean scaling?' };

describe('the webhook', () => {
  test('allows what has no problems', async () => {
    expect(await review(request(), verdict([]))).toEqual({ uid: '1', allowed: true });
  });

  test('refuses the rest with all problems at once, in the words of the checks, one per line', async () => {
    expect(await review(request(), verdict([MAX, NAME]))).toEqual({
      uid: '1',
      allowed: false,
      status: {
        code: 422,
        reason: 'Invalid',
        message: 'scaling.max is 50 but the platform allows at most 20; set it to 20 or less\n'
          + 'scalling is not a known property; did you mean scaling?',
      },
    });
  });

  test('warns, whether it allows or refuses', async () => {
    expect(await review(request(), verdict([], ['image "web" uses a mutable tag']))).toEqual({
      uid: '1', allowed: true, warnings: ['image "web" uses a mutable tag'],
    });
    expect((await review(request(), verdict([MAX], ['a']))).warnings).toEqual(['a']);
  });

  test('tells the check who the author is', async () => {
    const asked: unknown[] = [];
    await review(request(), (resource, author) => {
      asked.push(resource.metadata.name, author);
      return { problems: [], warnings: [] };
    });
    expect(asked).toEqual(['web', AUTHOR]);
  });

  test('shortens warnings as the API server would, to 256 characters each, in one line', async () => {
    const { warnings = [] } = await review(request(), verdict([], [`a\n  b ${'ä'.repeat(400)}`, 'ö'.repeat(256)]));
    expect(warnings[0]).toBe(`a b ${'ä'.repeat(251)}…`);
    expect(warnings.map(text => [...text].length)).toEqual([256, 256]);
  });

  test('returns no more warnings than the API server passes on, 4096 characters', async () => {
    const { warnings = [] } = await review(request(), verdict([], Array.from({ length: 40 }, () => 'x'.repeat(200))));
    expect(warnings).toHaveLength(20);
  });

  test.each<[string, Partial<AdmissionRequest>]>([
    ['an update of the status', { operation: 'UPDATE', subResource: 'status' }],
    ['a change of the scale', { operation: 'UPDATE', subResource: 'scale' }],
    ['an update of metadata alone', { operation: 'UPDATE', oldObject: webApp('web') }],
    ['a resource that is being deleted', {
      operation: 'UPDATE',
      object: { ...webApp('web'), metadata: { ...webApp('web').metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } },
      oldObject: webApp('web', { port: 1 }),
    }],
    ['a deletion', { operation: 'DELETE', object: null, oldObject: webApp('web') }],
  ])('allows %s without a check', async (_, more) => {
    const validate = () => {
      throw new Error('asked');
    };
    expect(await review(request(more), validate)).toEqual({ uid: '1', allowed: true });
  });

  test('checks a change of the spec', async () => {
    const changed = request({ operation: 'UPDATE', oldObject: webApp('web', { port: 9000 }) });
    expect((await review(changed, verdict([MAX]))).allowed).toBe(false);
  });

  test('allows what it cannot check, and says so', async () => {
    const validate: Validate = async () => Promise.reject(new Error('no platform yet'));
    expect(await review(request(), validate)).toEqual({
      uid: '1', allowed: true, warnings: ['not checked, because the check failed: no platform yet'],
    });
  });
});
