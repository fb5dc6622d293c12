/**
 * Compares versions such as `v1.21.1` and `1.22`; a missing number is 0.
 *
 * @returns a negative number if the first is older, 0 if they are the same
 */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map(version => version.replace(/^v/, '').split(/[-+]/)[0].split('.').map(Number));
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The version in the tag of an image, without `v`; undefined for a tag such as `latest`. */
export function imageVersion(image: string): string | undefined {
  return /:v?(\d+\.\d+(?:\.\d+)?)[^/:]*$/.exec(image.split('@')[0])?.[1];
}

/** `0.15` of `0.15.0`. */
export function minorVersion(version: string): string {
  return version.replace(/^v/, '').split('.').slice(0, 2).join('.');
}
