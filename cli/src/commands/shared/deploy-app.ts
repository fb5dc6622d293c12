/** Deploys an app as the file says: by the operator where that has its resource, and step by step where the file has steps. */
import type { Planning } from './planning';
import { planPinned } from './planning';
import type { AppPlan } from '../../config/app-plan';
import { draftOf, specOf } from '../../config/app-plan';
import { propsWithCanary } from '../../config/canary';
import type { Config, Overrides } from '../../config/config';
import type { ConfigDocument } from '../../config/document';
import type { Fields } from '../../config/merge';
import { isNewVersion } from '../../engine/canary-health';
import type { GradualRollout } from '../../engine/gradual';
import { deployGradually } from '../../engine/gradual';
import type { Draft } from '../../engine/lock';
import type { DeployOperation } from '../../engine/operation';
import { withExplanation } from '../../engine/operation';
import type { Release } from '../../engine/release-store';
import { isDeployed, listReleases } from '../../engine/release-store';
import type { PlanWithCanary } from '../../engine/take-over';
import { deployWithTakeOver } from '../../engine/take-over';
import type { AppName } from '../../kube/types';
import { deployResource } from '../../operator/client';
import type { WebAppResource } from '../../operator/resources';
import { Failure } from '../../ui/failure';

/** A plan, and the app's resource if the operator deploys it. */
export interface PlannedApp extends AppPlan {
  readonly resource?: WebAppResource;
}

export interface DeployAppRequest {
  readonly planning: Planning;

  /** The plan, with images that exist. */
  readonly plan: PlannedApp;

  /** What takes precedence over the file. */
  readonly overrides?: Overrides;

  /** Whether the steps of the file are taken; if not, the image gets all traffic at once, or what the overrides say. */
  readonly inSteps: boolean;

  /** What was done, for the releases. */
  readonly action?: string;
}

export async function deployApp(
  operation: DeployOperation, { planning, plan, overrides, inSteps, action }: DeployAppRequest,
): Promise<Release> {
  const { app, resource } = plan;
  if (resource) {
    if (planning.config.platform) operation.progress.warn('the Platform of the cluster applies, and not the one of your files');
    return deployResource(operation, specOf(planning.config, app, overrides), { action });
  }
  const named = (draft: Draft): Draft => action === undefined || draft.canary ? draft : { ...draft, action };
  const rollout = inSteps ? await rolloutOfFile(planning, plan) : undefined;
  if (rollout) return deployGradually(operation, { ...rollout, planFinal: async () => named(await rollout.planFinal()) });
  return deployWithTakeOver(operation, named(draftOf(plan)), planWithCanary(planning, app));
}

/** The rollout that the file has steps for; undefined where all traffic goes to the image at once. */
async function rolloutOfFile(planning: Planning, plan: AppPlan): Promise<GradualRollout | undefined> {
  const { app } = plan;
  const [document] = documentsOf(planning.config, [app.name]);
  const { image } = draftOf(plan);
  if (!document.canaryPlan || image === undefined) return undefined;
  const releases = (await withExplanation(listReleases(planning.cluster, app), app.namespace)).map(({ release }) => release);
  if (!isNewVersion(image, releases)) return undefined;
  const current = releases.find(isDeployed)!.image!;
  const propsAt = async (weight: number) => propsWithCanary(document, current, { image, weight });
  return gradualRollout(planning, app, { ...document.canaryPlan, image, propsAt });
}

/** @param rollout what is deployed step by step; `propsAt` returns the props of a step, in which it is the canary */
export function gradualRollout(
  planning: Planning, app: AppName,
  { image, propsAt, ...steps }: Pick<GradualRollout, 'steps' | 'maxErrors'> & {
    readonly image: string;
    readonly propsAt: (weight: number) => Promise<Fields>;
  },
): GradualRollout {
  const planOf = async (props: Fields) => draftOf((await planPinned(planning, [app.name], { [app.name]: props }))[0]);
  return {
    ...steps,
    planCanary: async weight => planOf(await propsAt(weight)),
    planFinal: async () => planOf({ image }),
    planWithCanary: planWithCanary(planning, app),
  };
}

/** The documents of the apps to deploy; no names means all. */
export function documentsOf({ apps }: Config, names: readonly string[]): readonly ConfigDocument[] {
  return apps.filter(({ name }) => names.length === 0 || names.includes(String(name)));
}

/** Plans a release with an image and the canary as it is, for an app that has a canary. */
function planWithCanary(planning: Planning, { name }: AppName): PlanWithCanary {
  return async (image, canary) => {
    const document = planning.config.apps.find(app => app.name === name)!;
    const [plan] = await planPinned(planning, [name], { [name]: propsWithCanary(document, image, canary) });
    return draftOf(plan);
  };
}

/** Fields of a resource that only the operator obeys must not be lost. */
export function rejectOperatorFields(config: Config, app: AppName, resource: WebAppResource | undefined): void {
  const [field] = documentsOf(config, [app.name]).flatMap(document => document.operatorFields);
  if (field === undefined || resource) return;
  throw new Failure(`${field} is for the operator, and ${app.name} has no WebApp resource in namespace ${app.namespace}
  create it with kubectl apply${field === 'ttl' ? ', or with webapp preview up' : ''}, or remove ${field} from the file`);
}
