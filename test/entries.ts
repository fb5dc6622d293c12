import { GatewayController, IngressController, PlatformProps } from 'cdk8s-webapp';

/** Platforms of every kind. */
export const ENTRIES = {
  'nginx': { ingress: { className: 'nginx' } },
  'traefik': { ingress: { className: 'traefik' } },
  'haproxy': { ingress: { className: 'haproxy', controller: IngressController.HAPROXY } },
  'alb': { ingress: { className: 'alb' } },
  'gateway': { gateway: { name: 'public' } },
  'envoy-gateway': { gateway: { name: 'public', controller: GatewayController.ENVOY_GATEWAY } },
  'traefik-gateway': { gateway: { name: 'public', controller: GatewayController.TRAEFIK } },
  'other': { ingress: {} },
} satisfies { [kind: string]: PlatformProps };

export type Entry = keyof typeof ENTRIES;
