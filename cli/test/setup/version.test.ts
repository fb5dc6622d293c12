import { compareVersions, imageVersion } from '../../src/setup/version';

describe('a version', () => {
  test.each([
    ['2.20.2', '2.20.2', 0],
    ['v1.21.1', '1.21.1', 0],
    ['1.9', '1.10.0', -1],
    ['2', '1.99', 1],
    ['0.16.0-rc1', '0.16', 0],
  ])('is compared number by number: %s with %s', (a, b, sign) => {
    expect(Math.sign(compareVersions(a, b))).toBe(sign);
    expect(Math.sign(compareVersions(b, a))).toBe(-sign + 0);
  });

  test.each([
    ['ghcr.io/kedacore/keda:2.20.2', '2.20.2'],
    ['localhost:5000/traefik:v3.7.11@sha256:0123', '3.7.11'],
    ['quay.io/jetstack/cert-manager-controller:v1.21.0-beta.0', '1.21.0'],
    ['ghcr.io/kedacore/keda:main', undefined],
    ['localhost:5000/keda', undefined],
    ['ghcr.io/kedacore/keda@sha256:2.5', undefined],
  ])('is in the tag of an image: %s', (image, version) => {
    expect(imageVersion(image)).toBe(version);
  });
});
