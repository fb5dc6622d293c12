import { ApiObject } from 'cdk8s';
import * as kplus from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { addContainer, AppDeployment } from './app-deployment';
import { createDisruptionBudget } from './disruption';
import { createFiles, hasFiles } from './files';
import { Caller, createNetworkPolicy } from './network';
import { AppService } from './service';
import { createServiceAccount } from './service-account';
import { createClaims } from './volumes';
import { ResolvedApp } from '../../model/app';

/** The objects that run an app. */
export interface Workload {
  readonly serviceAccount: kplus.IServiceAccount;
  readonly service: AppService;
  readonly deployment: AppDeployment;
  readonly container: kplus.Container;
  readonly files?: ApiObject;
}

/**
 * Makes them, in the order in which they are written.
 *
 * @param callers the apps that call this one, which are known when all are made
 */
export function createWorkload(scope: Construct, app: ResolvedApp, callers: () => readonly Caller[]): Workload {
  const serviceAccount = createServiceAccount(scope, app);
  const service = new AppService(scope, 'service', app);
  createClaims(scope, app);
  const files = hasFiles(app) ? createFiles(scope, app) : undefined;
  const deployment = new AppDeployment(scope, 'deployment', app, serviceAccount);
  const container = addContainer(deployment, app);
  createDisruptionBudget(scope, app);
  if (app.networkPolicy) createNetworkPolicy(scope, app, callers);
  return { serviceAccount, service, deployment, container, files };
}

