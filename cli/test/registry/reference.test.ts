import { isLoopback, isSameVersion, parseReference, shownBeside, shownImage } from '../../src/registry/reference';

const A = `sha256:${'a'.repeat(64)}`;
const B = `sha256:${'b'.repeat(64)}`;

describe('a reference to an image', () => {
  test.each([
    ['nginx', { registry: 'docker.io', repository: 'library/nginx' }],
    ['nginx:1.29', { registry: 'docker.io', repository: 'library/nginx', tag: '1.29' }],
    ['acme/web', { registry: 'docker.io', repository: 'acme/web' }],
    ['docker.io/nginx', { registry: 'docker.io', repository: 'library/nginx' }],
    ['index.docker.io/acme/web:1', { registry: 'docker.io', repository: 'acme/web', tag: '1' }],
    ['ghcr.io/acme/web:1.4.2', { registry: 'ghcr.io', repository: 'acme/web', tag: '1.4.2' }],
    ['ghcr.io/web', { registry: 'ghcr.io', repository: 'web' }],
    ['registry:5000/web', { registry: 'registry:5000', repository: 'web' }],
    ['localhost/web:dev', { registry: 'localhost', repository: 'web', tag: 'dev' }],
    ['localhost:5000/acme/web', { registry: 'localhost:5000', repository: 'acme/web' }],
    ['[::1]:5000/web', { registry: '[::1]:5000', repository: 'web' }],
    ['Registry/web', { registry: 'Registry', repository: 'web' }],
    [`web@${A}`, { registry: 'docker.io', repository: 'library/web', digest: A }],
    [`ghcr.io/acme/web:1@${A}`, { registry: 'ghcr.io', repository: 'acme/web', tag: '1', digest: A }],
  ])('%s is read as docker reads it', (written, expected) => {
    expect(JSON.parse(JSON.stringify(parseReference(written)))).toEqual(expected);
  });

  test.each(['', 'Web', 'ghcr.io/Acme/web', 'web:', 'web@sha256:1', 'a//b', 'web:1:2', 'ghcr.io/acme/web:-1', 'https://ghcr.io/web', '-a.io/web'])(
    '"%s" is not valid', written => {
      expect(parseReference(written)).toBeUndefined();
    });

  test('is shown with the first digits of its digest', () => {
    expect(shownImage(`ghcr.io/acme/web:1@${A}`)).toBe('ghcr.io/acme/web:1 (sha256:aaaaaaaaaaaa)');
    expect(shownImage('ghcr.io/acme/web:1')).toBe('ghcr.io/acme/web:1');
  });

  test('is shown beside another one with what they differ in', () => {
    expect(shownBeside(`web:1@${A}`, `web:2@${B}`)).toBe('web:2');
    expect(shownBeside(`web:1@${A}`, `web:1@${B}`)).toBe('web:1 (sha256:bbbbbbbbbbbb)');
  });

  test.each([
    ['web:1', 'docker.io/library/web:1', true],
    ['web', 'web:latest', true],
    ['web:1', 'web:2', false],
    ['web:1', 'acme/web:1', false],
    ['web:1', `web:1@${A}`, true],
    ['web', `web@${A}`, true],
    [`web:1@${A}`, `web:1@${B}`, false],
    [`web:1@${A}`, `web:latest@${A}`, true],
    [`web:2@${A}`, 'web:1', false],
  ])('%s and %s: the same version: %p', (a, b, same) => {
    expect(isSameVersion(a, b)).toBe(same);
    expect(isSameVersion(b, a)).toBe(same);
  });
});

test.each([
  ['localhost', true],
  ['localhost:5000', true],
  ['registry.localhost:5000', true],
  ['127.0.0.1:5000', true],
  ['[::1]:5000', true],
  ['localhost.example.com', false],
  ['127.0.0.1.example.com', false],
  ['10.0.0.1:5000', false],
])('the registry %s is on this computer: %p', (registry, expected) => {
  expect(isLoopback(registry)).toBe(expected);
});
