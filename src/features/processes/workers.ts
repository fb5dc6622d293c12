import * as kplus from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { ResolvedApp } from '../../model/app';
import { createScaler } from '../scaling/scaler';
import { addContainer, AppDeployment } from '../workload/app-deployment';
import { createDisruptionBudget } from '../workload/disruption';
import { createNetworkPolicy } from '../workload/network';

/** Makes the objects that run and scale a worker. It has neither a Service nor a way in. */
export function createWorker(scope: Construct, worker: ResolvedApp, serviceAccount: kplus.IServiceAccount): Construct {
  const place = new Construct(scope, `worker-${worker.name}`);
  addContainer(new AppDeployment(place, 'deployment', worker, serviceAccount), worker);
  createDisruptionBudget(place, worker);
  if (worker.networkPolicy) createNetworkPolicy(place, worker);
  createScaler(place, worker);
  return place;
}
