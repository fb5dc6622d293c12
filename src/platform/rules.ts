import type { PlatformProps } from './props';
import type { PlatformModel } from './resolve';
import type { Problem } from '../validation/problem';
import { when } from '../validation/rule';
import { tolerationProblems } from '../validation/tolerations';
import { userProblems } from '../validation/users';

/** What of a platform's props fits together. */
export function platformRules({ entry, tls }: PlatformModel, props: Partial<PlatformProps>): Problem[] {
  const certificate = tls?.clusterIssuer !== undefined || tls?.secretName !== undefined;
  const problems = when(
    [props.ingress !== undefined && props.gateway !== undefined, 'gateway', 'cannot be combined with ingress', 'remove one of them'],
    [tls?.clusterIssuer !== undefined && tls.secretName !== undefined, 'tls',
      'has both a clusterIssuer and a secretName',
      'remove one of them'],
  ).concat(tolerationProblems(props.scheduling), userProblems(props.appDefaults ?? {}, 'appDefaults.security.runAsImageUser'));
  if (entry.kind === 'gateway') {
    return [...problems, ...when(
      [certificate, 'tls',
        'has a certificate, but TLS terminates at the Gateway',
        'set tls: {}, and configure the certificate in the Gateway'],
      [tls?.redirect === true && entry.httpSectionName === undefined, 'tls.redirect',
        'is true, but there is no listener for plain HTTP',
        'set gateway.httpSectionName'],
      [entry.httpSectionName !== undefined && entry.sectionName === undefined, 'gateway.httpSectionName',
        'has no effect without sectionName: the apps would answer on the plain HTTP listener too',
        'set gateway.sectionName to the HTTPS listener'],
      [entry.httpSectionName !== undefined && entry.httpSectionName === entry.sectionName, 'gateway.httpSectionName',
        'is the same listener as sectionName',
        'set it to the plain HTTP listener'],
      [entry.httpSectionName !== undefined && tls === undefined, 'gateway.httpSectionName', 'has no effect without tls', 'set tls: {}'],
    )];
  }
  return [...problems, ...when(
    [entry.controller === 'alb' && !entry.besideInterceptor, 'ingress.interceptorBackend',
      'is external-name, which AWS load balancers do not support',
      'remove it', 'unsupported'],
    [entry.controller === 'alb' && certificate, 'tls',
      'has a certificate, but AWS load balancers use certificates of ACM',
      'set tls: {}', 'unsupported'],
    [tls?.redirect !== undefined && entry.controller === 'other', 'tls.redirect',
      'is not supported by this controller',
      'remove it, and configure redirects in the controller itself; with ingress-nginx or Traefik, set ingress.controller'],
    [tls?.redirect === false && entry.controller === 'traefik', 'tls.redirect',
      'is false, but only Traefik\'s own configuration can redirect then, which no app can change',
      'remove it'],
  )];
}
