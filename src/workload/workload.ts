import { ApiObject } from 'cdk8s';
import * as kplus from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { AppDeployment } from './app-deployment';
import { createDisruptionBudget } from './disruption';
import { createFiles, hasFiles } from './files';
import { Caller, createNetworkPolicy } from './network';
import { AppService } from './service';
import { createServiceAccount } from './service-account';
import { createClaims } from './volumes';
import { CONTAINER } from '../objects/metadata';
import { PORT_NAME } from '../objects/ports';
import { ResolvedApp } from '../resolve/resolved-app';

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
  const container = createContainer(deployment, app);
  createDisruptionBudget(scope, app);
  if (app.networkPolicy) createNetworkPolicy(scope, app, callers);
  return { serviceAccount, service, deployment, container, files };
}

/** The app's container with what cdk8s-plus can say of it; the rest is in `pod-spec.ts`. */
function createContainer(deployment: AppDeployment, { process, metrics }: ResolvedApp): kplus.Container {
  return deployment.addContainer({
    name: CONTAINER,
    image: process.image,
    command: process.command,
    args: process.args,
    ports: [
      { name: PORT_NAME, number: process.port },
      ...metrics && metrics.port !== process.port ? [{ name: metrics.portName, number: metrics.port }] : [],
    ],
    resources: {},
    envVariables: {
      PORT: kplus.EnvValue.fromValue(String(process.port)),
      ...mapped(process.secrets, ({ secret, key }) => kplus.EnvValue.fromSecretValue({ secret: secretNamed(secret), key })),
      ...mapped(process.env, value => kplus.EnvValue.fromValue(value)),
    },
    envFrom: process.secretEnv.map(secret => new kplus.EnvFrom(undefined, undefined, secretNamed(secret))),
  });
}

/** A Secret by its name alone, which is all that a container needs; as a construct of its own it would cost each app more. */
function secretNamed(name: string): kplus.ISecret {
  return { name } as kplus.ISecret;
}

function mapped<T>(map: { readonly [name: string]: T }, value: (item: T) => kplus.EnvValue): { [name: string]: kplus.EnvValue } {
  return Object.fromEntries(Object.entries(map).map(([name, item]) => [name, value(item)]));
}
