import { parseChallenges } from '../../src/registry/challenge';

describe('the challenges of a WWW-Authenticate header', () => {
  test.each([
    [
      'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:acme/web:pull,push"',
      [{
        scheme: 'bearer',
        parameters: { realm: 'https://auth.docker.io/token', service: 'registry.docker.io', scope: 'repository:acme/web:pull,push' },
      }],
    ],
    ['Basic realm="a \\"quoted\\" name"', [{ scheme: 'basic', parameters: { realm: 'a "quoted" name' } }]],
    [
      'Basic realm="one", Bearer Realm = https://auth.example.com/token , service=registry',
      [
        { scheme: 'basic', parameters: { realm: 'one' } },
        { scheme: 'bearer', parameters: { realm: 'https://auth.example.com/token', service: 'registry' } },
      ],
    ],
    ['Negotiate', [{ scheme: 'negotiate', parameters: {} }]],
    ['', []],
  ])('%s', (header, expected) => {
    expect(parseChallenges(header)).toEqual(expected);
  });
});
