/**
 * What an HTTPRoute has at most, by the schema of its CRD.
 *
 * @see https://gateway-api.sigs.k8s.io/reference/spec/#httproutespec
 */
export const HTTP_ROUTE_BOUNDS = {
  hosts: 16,
  rules: 16,
  /** Of one rule. All rules together have at most 128 matches, which are two rules with all paths. */
  matches: 64,
  /** Of one match, and of those that a filter sets. */
  headers: 16,
} as const;
