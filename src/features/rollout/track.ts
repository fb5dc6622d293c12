import { ApiObject, Lazy } from 'cdk8s';
import { Construct } from 'constructs';
import { ResolvedTrack } from './resolved-rollout';
import { objectMetadata } from '../../kube/metadata';
import { createMonitor } from '../monitoring/pod-monitor';
import { createReleaseJob } from '../processes/release';
import type { AppDeployment } from '../workload/app-deployment';
import { createDisruptionBudget } from '../workload/disruption';
import { Caller, createNetworkPolicy } from '../workload/network';
import { AppService } from '../workload/service';

/**
 * Makes what runs another version of an app: a Deployment and what goes with one. What the app has apart from that (who it is to the cluster, its
 * files, its claims) is for all versions.
 *
 * @param deployment the app's own: what code adds to it, the other version has too
 */
export function createTrack(
  scope: Construct, name: string, { app, releasing }: ResolvedTrack, deployment: AppDeployment, callers: () => readonly Caller[],
): Construct {
  const place = new Construct(scope, name);
  new AppService(place, 'service', app);
  const other = new ApiObject(place, 'deployment', {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: objectMetadata(app),
    spec: Lazy.any({ produce: () => deployment.specOf(app) }),
  });
  if (releasing) other.node.addDependency(createReleaseJob(place, releasing));
  createDisruptionBudget(place, app);
  if (app.networkPolicy) createNetworkPolicy(place, app, callers);
  createMonitor(place, app);
  return place;
}
