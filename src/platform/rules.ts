import type { PlatformProps } from './props';
import type { PlatformModel } from './resolve';
import type { Problem } from '../validation/problem';
import { when } from '../validation/rule';

/** What of a platform's props fits together. */
export function platformRules({ entry, tls }: PlatformModel, said: Partial<PlatformProps>): Problem[] {
  const certificate = tls?.clusterIssuer !== undefined || tls?.secretName !== undefined;
  const problems = when(
    [said.ingress !== undefined && said.gateway !== undefined, 'gateway', 'is set beside ingress', 'leave away either of the two'],
    [tls?.clusterIssuer !== undefined && tls.secretName !== undefined, 'tls', 'has both a clusterIssuer and a secretName', 'leave one away'],
  ).concat(tolerationProblems(said));
  if (entry.kind === 'gateway') {
    return [...problems, ...when(
      [certificate, 'tls', 'names a certificate, but TLS ends at the Gateway, whose listener has it', 'write tls: {}, and name the certificate in the Gateway'],
      [tls?.redirect === true && entry.httpSectionName === undefined, 'tls.redirect', 'is true, but no listener for plain HTTP is named', 'write gateway.httpSectionName'],
      [entry.httpSectionName !== undefined && entry.sectionName === undefined, 'gateway.httpSectionName', 'is set without section, so that the apps would answer there as well', 'write gateway.sectionName, the HTTPS listener'],
      [entry.httpSectionName !== undefined && entry.httpSectionName === entry.sectionName, 'gateway.httpSectionName', 'is the same listener as section', 'name the plain HTTP listener'],
      [entry.httpSectionName !== undefined && tls === undefined, 'gateway.httpSectionName', 'is set, but the platform has no tls', 'write tls: {}'],
    )];
  }
  return [...problems, ...when(
    [entry.controller === 'alb' && !entry.besideInterceptor, 'ingress.interceptorBackend', 'is external-name, which AWS\'s load balancer refuses', 'leave it away', 'unsupported'],
    [entry.controller === 'alb' && certificate, 'tls', 'names a certificate, but AWS\'s load balancer takes those of ACM', 'write tls: {}', 'unsupported'],
    [tls?.redirect !== undefined && ['traefik', 'other'].includes(entry.controller), 'tls.redirect', `is set, but an Ingress cannot ask ${entry.controller === 'traefik' ? 'Traefik' : 'this controller'} for it`,
      'leave it away, and set redirects up at the controller itself; with ingress-nginx, write ingress.controller: nginx'],
  )];
}

/** @see https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/ */
function tolerationProblems({ scheduling }: Partial<PlatformProps>): Problem[] {
  return (scheduling?.tolerations ?? []).flatMap(({ key, operator, value }, i) => when(
    [key === undefined && (operator === 'Equal' || value !== undefined), `scheduling.tolerations[${i}].key`, 'is missing, but a value is compared', 'write the key of the taint too', 'missing'],
    [key !== undefined && operator === 'Exists' && value !== undefined, `scheduling.tolerations[${i}].value`, 'is set, but Exists compares none', 'leave away either of the two'],
  ));
}
