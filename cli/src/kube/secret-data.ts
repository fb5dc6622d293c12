/** The values of a Secret, which its `data` has in Base64: https://kubernetes.io/docs/concepts/configuration/secret/ */

export function encoded(values: { readonly [key: string]: string }): { [key: string]: string } {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString('base64')]));
}

export function decoded(data: { readonly [key: string]: string } = {}): { [key: string]: string } {
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]));
}
