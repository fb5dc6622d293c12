import type { ResolvedTrigger } from './connection-triggers';
import { triggerAuthenticationName } from './trigger-authentication';
import type { ScaledObjectSpecTriggers } from '../../../imports/keda.sh';
import { containerName } from '../../kube/metadata';
import type { Written } from '../../kube/written';
import { ResolvedApp } from '../../model/app';

type KedaTrigger = Written<ScaledObjectSpecTriggers>;

/** All that an app scales on. HTTP comes first, as it is what the app is there for. */
export function kedaTriggers(app: ResolvedApp): KedaTrigger[] {
  const { cpu, memory, schedule, triggers } = app.scaling;
  return [
    ...httpTriggers(app),
    ...utilization(app, 'cpu', cpu),
    ...utilization(app, 'memory', memory),
    ...schedule.map(({ start, end, timezone, replicas }) => ({ type: 'cron', metadata: { timezone, start, end, desiredReplicas: String(replicas) } })),
    ...triggers.map(trigger => customTrigger(app, trigger)),
  ];
}

/**
 * The requests for the app, and those for a version of it that is not promoted yet: Argo Rollouts gives both as many replicas.
 *
 * @see https://keda.sh/http-add-on/
 */
function httpTriggers({ scaling, rollout: { argo }, platform: { httpAddon } }: ResolvedApp): KedaTrigger[] {
  const reference = httpAddon.api === 'v1alpha1' ? 'httpScaledObject' : 'interceptorRoute';
  return [scaling.http, argo?.preview?.scaling.http].flatMap(http => http
    ? [{ type: 'external-push', metadata: { scalerAddress: httpAddon.scalerAddress, [reference]: http.route } }] : []);
}

/**
 * The use of the app's own container: a sidecar's would blur it, and one without requests would be refused by KEDA's admission. Metrics of
 * single containers are on by default since Kubernetes 1.27.
 *
 * @see https://keda.sh/docs/latest/scalers/cpu/
 */
function utilization(app: ResolvedApp, type: 'cpu' | 'memory', percent: number | undefined): KedaTrigger[] {
  if (percent === undefined) return [];
  const container: { containerName?: string } = app.platform.kubernetesMinor >= 27 ? { containerName: containerName(app) } : {};
  return [{ type, metricType: 'Utilization', metadata: { value: String(percent), ...container } }];
}

function customTrigger(app: ResolvedApp, trigger: ResolvedTrigger): KedaTrigger {
  const { existing, existingInCluster } = trigger.authentication ?? {};
  return {
    type: trigger.type,
    name: trigger.name,
    metadata: { ...trigger.metadata },
    authenticationRef: !trigger.authentication ? undefined
      : existingInCluster !== undefined ? { kind: 'ClusterTriggerAuthentication', name: existingInCluster }
        : { name: existing ?? triggerAuthenticationName(app, trigger) },
  };
}
