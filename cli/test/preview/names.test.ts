import fc from 'fast-check';
import { previewApp, previewName } from '../../src/preview/names';

const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const branch = fc.string({ minLength: 1, maxLength: 150 }).filter(text => /[a-z0-9]/i.test(text));

describe('the name of a preview', () => {
  test.each([
    ['pr-12', 'pr-12'],
    ['feature/New_Cart', 'feature-new-cart'],
    ['--Über 9000!', 'ber-9000'],
    ['renovate/npm-@types/node-22.x', 'renovate-npm-types-node-22-x'],
  ])('for %s is %s', (given, name) => {
    expect(previewName(given)).toBe(name);
  });

  test('is a valid value of a label, and the same for itself', () => {
    fc.assert(fc.property(branch, given => {
      const name = previewName(given);
      expect(name).toMatch(LABEL);
      expect(name.length).toBeLessThanOrEqual(63);
      expect(previewName(name)).toBe(name);
    }));
  });
});

describe('the name of its app', () => {
  const app = fc.stringMatching(/^[a-z][a-z0-9]{0,40}$/);

  test('is a valid name of an app that begins with that of the app', () => {
    fc.assert(fc.property(app, branch, (of, given) => {
      const name = previewApp(of, previewName(given));
      expect(name).toMatch(LABEL);
      expect(name.startsWith(`${of}-`)).toBe(true);
      expect(name.length).toBeLessThanOrEqual(54);
    }));
  });

  test('is another one for another long name that begins in the same way', () => {
    const [one, other] = ['a', 'b'].map(end => previewApp('web', previewName(`feature/${'x'.repeat(60)}${end}`)));
    expect(one).not.toBe(other);
    expect(one.length).toBe(40);
  });
});
