import { PREFIXES } from './modifiers';
import { triggerAuthenticationName } from './trigger-authentication';
import type { ScaledObjectSpecTriggers } from '../../../imports/keda.sh';
import type { Written } from '../../kube/written';
import type { Component } from '../../model/component';
import type { CountedRoute, ScalingModel, TriggerModel } from '../../model/scaling';

type KedaTrigger = Written<ScaledObjectSpecTriggers>;

/** All that a component scales on. HTTP comes first, as it is what most apps are there for. */
export function kedaTriggers(component: Component): KedaTrigger[] {
  const { cpu, memory, schedule, limits, triggers } = component.scaling;
  const named = (prefix: keyof typeof PREFIXES) => (trigger: KedaTrigger, i: number): KedaTrigger =>
    limits.length === 0 ? trigger : { ...trigger, name: `${PREFIXES[prefix]}${i + 1}` };
  return [
    ...httpTriggers(component).map(named('http')),
    ...utilization(component, 'cpu', cpu),
    ...utilization(component, 'memory', memory),
    ...schedule.map(cronTrigger).map(named('schedule')),
    ...triggers.map(trigger => customTrigger(component, trigger)).map(named('triggers')),
    ...limits.map(times => cronTrigger({ ...times, replicas: 1 })).map(named('limits')),
  ];
}

function cronTrigger({ start, end, timezone, replicas }: ScalingModel['schedule'][number]): KedaTrigger {
  return { type: 'cron', metadata: { timezone, start, end, desiredReplicas: String(replicas) } };
}

/**
 * The requests for an app, and those that wake it with another one. The add-on looks for each route in the namespace of the ScaledObject.
 *
 * @see https://github.com/kedacore/http-add-on/blob/main/scaler/handlers.go
 */
function httpTriggers({ scaling: { http, wokenBy }, platform: { httpAddon } }: Component): KedaTrigger[] {
  const own = (http?.routes ?? []).map(route => ({ route, httpAddon }));
  return [...own, ...wokenBy].map(httpTrigger);
}

/** Counts the requests for a route. */
export function httpTrigger({ route, httpAddon: { api, scalerAddress } }: Omit<CountedRoute, 'http'>): KedaTrigger {
  const reference = api === 'v1alpha1' ? 'httpScaledObject' : 'interceptorRoute';
  return { type: 'external-push', metadata: { scalerAddress, [reference]: route } };
}

/**
 * The use of the component's own container: a sidecar's would blur it, and one without requests would be refused by KEDA's admission.
 * Metrics of single containers are on by default since Kubernetes 1.27.
 *
 * @see https://keda.sh/docs/latest/scalers/cpu/
 */
function utilization({ pod, platform }: Component, type: 'cpu' | 'memory', percent: number | undefined): KedaTrigger[] {
  if (percent === undefined) return [];
  const container: { containerName?: string } = platform.kubernetesMinor >= 27 ? { containerName: pod.containerName } : {};
  return [{ type, metricType: 'Utilization', metadata: { value: String(percent), ...container } }];
}

function customTrigger(component: Component, trigger: TriggerModel): KedaTrigger {
  const { existing, existingInCluster } = trigger.authentication ?? {};
  return {
    type: trigger.type,
    name: trigger.name,
    metadata: { ...trigger.metadata },
    authenticationRef: !trigger.authentication ? undefined
      : existingInCluster !== undefined ? { kind: 'ClusterTriggerAuthentication', name: existingInCluster }
        : { name: existing ?? triggerAuthenticationName(component, trigger) },
  };
}
