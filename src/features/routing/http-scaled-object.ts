import { ApiObject, Lazy } from 'cdk8s';
import { Construct } from 'constructs';
import { clusterHosts } from './hosts';
import { headerRule, inSeconds, scalingMetric } from './interceptor-route';
import type { HttpScaledObjectSpec } from '../../../imports/http.keda.sh';
import { objectMetadata } from '../../kube/metadata';
import { PORT_NAME } from '../../kube/ports';
import { workloadKind } from '../../kube/workload-kind';
import type { Written } from '../../kube/written';
import { ResolvedApp } from '../../model/app';

/**
 * The same for add-ons before 0.14: an HTTPScaledObject, from which the add-on's operator makes the ScaledObject itself. It knows nothing but
 * HTTP: an app that scales on anything else keeps a ScaledObject of its own, and the operator is told to make none.
 *
 * One list of paths and headers is for all hosts, those inside of the cluster included.
 */
export function createHttpScaledObject(scope: Construct, app: ResolvedApp): ApiObject {
  const object = new ApiObject(scope, 'http-scaled-object', {
    apiVersion: 'http.keda.sh/v1alpha1',
    kind: 'HTTPScaledObject',
    metadata: objectMetadata(app, 'route'),
    spec: Lazy.any({ produce: () => httpScaledObjectSpec(app) }),
  });
  if (!app.scaling.byHttpAlone) leaveScaledObject(object);
  return object;
}

/** Tells the add-on's operator to make no ScaledObject, as the app has its own. */
export function leaveScaledObject(httpScaledObject: ApiObject): void {
  httpScaledObject.metadata.addAnnotation('httpscaledobject.keda.sh/skip-scaledobject-creation', 'true');
}

function httpScaledObjectSpec(app: ResolvedApp): Written<HttpScaledObjectSpec> {
  const { routing: { hosts, paths, headers, timeouts, fallback }, scaling } = app;
  return {
    hosts: [...hosts, ...clusterHosts(app)],
    pathPrefixes: paths.includes('/') ? undefined : paths,
    headers: headerRule(headers),
    scaleTargetRef: { name: app.name, ...workloadKind(app), service: app.routing.service, portName: PORT_NAME },
    scalingMetric: scalingMetric(app),
    // What follows is for the ScaledObject that the operator makes.
    ...(scaling.byHttpAlone ? {
      replicas: { min: scaling.min, max: scaling.max },
      scaledownPeriod: scaling.min === 0 ? scaling.cooldownPeriod : undefined,
      initialCooldownPeriod: scaling.min === 0 ? scaling.initialCooldown : undefined,
    } : {}),
    timeouts: { conditionWait: inSeconds(timeouts.readiness), responseHeader: inSeconds(timeouts.responseHeader) },
    coldStartTimeoutFailoverRef: fallback && { service: fallback.service, port: fallback.port, timeoutSeconds: timeouts.readiness },
  };
}
