/** Deploys the preview of one app, by the command or, where that is installed, by the operator. */
import type { PreviewedApp, PreviewPlan } from './plan';
import { deployedSince } from './taken';
import type { BuiltFolder } from '../build/build-folder';
import type { AppPlan } from '../config/app-plan';
import { draftOf, specOf } from '../config/app-plan';
import type { Config } from '../config/config';
import { deploy } from '../engine/deploy';
import type { DeployOperation } from '../engine/operation';
import { withExplanation } from '../engine/operation';
import type { Release } from '../engine/release-store';
import { previewLabels } from '../engine/release-store';
import { throwAway } from '../engine/throw-away';
import { timestamp } from '../kube/clock';
import { deployResource, findResource } from '../operator/client';
import { RENEWED } from '../operator/expiry';
import { Failure } from '../ui/failure';

/** A preview that is to be deployed, with images that exist. */
export interface PreviewDeploy {
  readonly previewed: PreviewedApp;

  /** How commands call it. */
  readonly name: string;

  /** How long it lives, in seconds. */
  readonly ttl: number;

  /** The build in the cluster that its image is from. */
  readonly builds?: BuiltFolder['builds'];
}

/** What the command deploys itself: the objects of the preview, whose data goes with it. */
export async function deployPreview(operation: DeployOperation, plan: AppPlan, options: PreviewDeploy): Promise<Release> {
  const { previewed: { of: { name: of } }, name, ttl, builds } = options;
  const { cluster, app } = operation;
  const since = await withExplanation(deployedSince(cluster, app, of), app.namespace);
  if (await withExplanation(findResource(cluster, app), app.namespace)) {
    throw new Failure(`${app.name} has a WebApp resource, which the operator deploys; remove --no-resource`);
  }
  const draft = draftOf({ ...plan, builds });
  return deploy(operation, { ...draft, objects: throwAway(draft.objects), preview: { name, of, ttl, since } });
}

/** What the operator deploys: a resource with a `ttl`. */
export async function deployPreviewResource(
  operation: DeployOperation, config: Config, { overrides }: PreviewPlan, options: PreviewDeploy,
): Promise<Release> {
  const { previewed: { of }, name, ttl } = options;
  const { cluster, app } = operation;
  await withExplanation(deployedSince(cluster, app, of.name), app.namespace);
  const { deletionPolicy: _, ...spec } = specOf(config, of, overrides);
  const metadata = {
    labels: previewLabels({ name, of: of.name }),
    annotations: { [RENEWED]: timestamp(cluster.clock.now()) },
  };
  return deployResource(operation, { ...spec, ttl: durationOf(ttl) }, metadata);
}

/** As a resource has it. */
function durationOf(seconds: number): string {
  return seconds % 3600 === 0 ? `${seconds / 3600}h` : seconds % 60 === 0 ? `${seconds / 60}m` : `${seconds}s`;
}
