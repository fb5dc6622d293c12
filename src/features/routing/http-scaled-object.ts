import { ApiObject, Lazy } from 'cdk8s';
import type { Construct } from 'constructs';
import { headerRule, pathsOf, scalingMetric } from './interceptor-route';
import type { HttpScaledObjectSpec } from '../../../imports/http.keda.sh';
import { inSeconds, objectMetadata } from '../../kube/metadata';
import { PORT_NAME, workloadKind } from '../../kube/ports';
import type { Written } from '../../kube/written';
import type { Component } from '../../model/component';
import { clusterHosts } from '../../model/names';
import type { Route } from '../../model/route';

/**
 * The same for add-ons before 0.14: an HTTPScaledObject, from which the add-on's operator creates the ScaledObject itself. It knows nothing
 * but HTTP: an app that scales on anything else keeps a ScaledObject of its own, and the operator is told to create none.
 *
 * One list of paths and headers is for all hosts, those inside of the cluster included.
 */
export function createHttpScaledObject(scope: Construct, route: Route, component: () => Component): ApiObject {
  const object = new ApiObject(scope, 'http-scaled-object', {
    apiVersion: 'http.keda.sh/v1alpha1',
    kind: 'HTTPScaledObject',
    metadata: objectMetadata(route, 'route'),
    spec: Lazy.any({ produce: () => httpScaledObjectSpec(route, component()) }),
  });
  if (!component().scaling.byHttpAlone) keepScaledObject(object);
  return object;
}

/** Tells the add-on's operator to create no ScaledObject, as the app has its own. */
export function keepScaledObject(httpScaledObject: ApiObject): void {
  httpScaledObject.metadata.addAnnotation('httpscaledobject.keda.sh/skip-scaledobject-creation', 'true');
}

function httpScaledObjectSpec(route: Route, { name, scaling, strategy }: Component): Written<HttpScaledObjectSpec> {
  const { hosts, headers, timeouts, fallback, backends: [backend] } = route;
  return {
    hosts: [...hosts, ...clusterHosts(route)],
    pathPrefixes: pathsOf(route),
    headers: headerRule(headers),
    scaleTargetRef: { name, ...workloadKind(strategy), service: backend.service, portName: PORT_NAME },
    scalingMetric: scalingMetric(route.interceptor!),
    // What follows is for the ScaledObject that the operator creates.
    ...(scaling.byHttpAlone ? {
      replicas: { min: scaling.lowest, max: scaling.max },
      scaledownPeriod: scaling.lowest === 0 ? scaling.cooldownPeriod : undefined,
      initialCooldownPeriod: scaling.lowest === 0 ? scaling.initialCooldownPeriod : undefined,
    } : {}),
    timeouts: { conditionWait: inSeconds(timeouts.readiness), responseHeader: inSeconds(timeouts.responseHeader) },
    coldStartTimeoutFailoverRef: fallback && { service: fallback.service, port: fallback.port, timeoutSeconds: timeouts.readiness },
  };
}
