import type { FileDocument } from './document';
import { isFields } from './merge';
import { withExplanation } from '../engine/operation';
import { AppName, currentRelease, listReleases, Release } from '../engine/release-store';
import type { Cluster } from '../kube/connect';
import { Failure } from '../ui/failure';

/**
 * Makes the new version of an app a canary of the one that serves: the image that the file or the command line names gets a share of the requests,
 * and the rest stays with the image of the last release. Where that image is the same, the canary of the last release gets another share.
 *
 * @param document the app in its file
 * @param weight the share, in percent
 * @throws Failure where there is nothing that it could be the canary of, or no new version
 */
export async function asCanary(document: FileDocument, app: AppName, cluster: Cluster, weight: number): Promise<void> {
  const { name, namespace } = app;
  const { rollout, image, buildFrom } = document.props;
  const said = isFields(rollout) ? rollout : {};
  for (const form of ['blueGreen', 'argo']) if (said[form] !== undefined) throw new Failure(`${name} has rollout.${form}; --canary is for apps that have none`);
  if (said.canary !== undefined) return document.lay({ rollout: { ...said, canary: { ...said.canary as object, weight } } });
  if (buildFrom !== undefined) throw new Failure(`${name} is built by the cluster (buildFrom); --canary needs an image that is there: give it with --image`);

  const good = currentRelease(await withExplanation(listReleases(cluster, app), namespace));
  if (!good) throw new Failure(`nothing of ${name} serves in namespace ${namespace} as yet, beside which a canary could be; deploy it without --canary first`);
  const serving = servingImage(good, name);
  const next = image !== undefined && image !== serving ? image : good.canary?.image;
  if (next === undefined) throw new Failure(`${name} runs ${serving} already; give the new image with --image, or write it into the file`);
  document.lay({ image: serving, rollout: { ...said, canary: { image: next, weight } } });
}

/** The image of the web process as it serves. */
function servingImage({ image, number }: Release, name: string): string {
  if (image !== undefined) return image;
  throw new Failure(`release ${number} of ${name} does not say its image; deploy it once more without --canary`);
}
