import type { ApiObject } from 'cdk8s';
import type * as kplus from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { createPodMonitor } from './features/monitoring/pod-monitor';
import { strategySpec } from './features/rollout/strategy';
import { AppDeployment, createVersionDeployment } from './features/workload/deployment';
import { createDisruptionBudget } from './features/workload/disruption-budget';
import { ingressRules } from './features/workload/ingress-rules';
import { AppService } from './features/workload/service';
import { createNetworkPolicy } from './kube/network-policy';
import type { Component, WebComponent } from './model/component';
import { isWeb } from './model/component';
import type { Caller } from './model/connections';

/** What a component shares with the rest of its app. */
export interface ComponentContext {
  /** Runs its pods, for a component whose Deployment code can add to. */
  readonly serviceAccount: kplus.IServiceAccount;

  /** The apps that call this one, which are known when all are created. */
  readonly callers?: () => readonly Caller[];

  /** The Deployment of the app, for another version of it, which has all that code adds there. */
  readonly versionOf?: AppDeployment;

  /** Creates what the Deployment needs. */
  readonly beforeDeployment?: () => void;
}

/** The objects of a component that others use. */
export interface ComponentObjects {
  /** Undefined for a worker. */
  readonly service?: AppService;

  /** The Deployment that code can add to; undefined for another version. */
  readonly deployment?: AppDeployment;

  /** What is written of the Deployment. */
  readonly workload: Construct;
}

/**
 * Creates the objects that run a component: a web process, another version of one, or a worker.
 *
 * @param component as it is when the tree is written: methods may amend the app until then
 */
export function createComponent(scope: Construct, component: () => Component, context: ComponentContext): ComponentObjects {
  const first = component();
  const service = isWeb(first) ? createService(scope, first) : undefined;
  context.beforeDeployment?.();
  const { versionOf, serviceAccount } = context;
  const deployment = versionOf ? undefined : new AppDeployment(scope, 'deployment', component, serviceAccount, strategySpec);
  const workload: Construct | ApiObject = deployment ?? createVersionDeployment(scope, component, versionOf!);
  createDisruptionBudget(scope, first);
  if (first.networkPolicy) createNetworkPolicy(scope, first, isWeb(first) ? () => rulesOf(component(), context) : undefined);
  if (isWeb(first)) createPodMonitor(scope, first);
  return { service, deployment, workload };
}

function rulesOf(component: Component, { callers = () => [] }: ComponentContext): object[] {
  return isWeb(component) ? ingressRules(component, callers()) : [];
}

/**
 * Before a blue-green Rollout the Service selects nothing by itself: Argo Rollouts writes into its selector which version is active. As
 * Kubernetes takes a selector for one value, applying another one would promote a version that is not meant to be.
 *
 * @see https://argo-rollouts.readthedocs.io/en/stable/features/bluegreen/#overview
 */
function createService(scope: Construct, component: WebComponent): AppService {
  const { strategy, server: { port, http2, https, ports }, isPublic } = component;
  const selector = strategy.type === 'argo' && strategy.argo.preview ? {} : component.selector;
  return new AppService(scope, 'service', component, { selector, port, http2, https, ports, isPublic });
}
