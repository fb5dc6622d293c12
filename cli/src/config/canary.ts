import type { ConfigDocument } from './document';
import { withCanary } from './gradual-canary';
import type { Fields } from './merge';
import { fieldsOf } from './merge';
import type { Canary, Release } from '../engine/release-store';
import type { AppName } from '../kube/types';
import { isSameVersion, shownImage } from '../registry/reference';
import { Failure } from '../ui/failure';

/** What the props of a canary depend on besides the file. */
export interface CanaryQuestions {
  /** Returns the release that serves traffic. */
  readonly current: () => Promise<Release | undefined>;

  /** Returns the image of --image with the digest that its tag has now; undefined without --image. */
  readonly pinned: () => Promise<string | undefined>;
}

/**
 * The props that make the new version of an app a canary of the current one: the image in the file or of --image gets a part of the
 * traffic, and the rest goes to the image of the current release. Where the two images are the same, the traffic of the current canary
 * changes.
 *
 * @param weight the part of the traffic, in percent
 * @param current what is known of the app elsewhere; it is not asked where the props alone are wrong
 * @throws Failure where there is no current release, or no new version
 */
export async function canaryProps(
  { name, namespace }: AppName, document: ConfigDocument, weight: number, { current, pinned }: CanaryQuestions,
): Promise<Fields> {
  const { rollout, image, buildFrom } = document.props;
  const written = fieldsOf(rollout);
  for (const strategy of ['blueGreen', 'argo']) {
    if (written[strategy] !== undefined) throw new Failure(`--canary cannot be combined with rollout.${strategy}, which ${name} has`);
  }
  if (written.canary !== undefined) return { rollout: { ...written, canary: { ...written.canary as object, weight } } };
  if (buildFrom !== undefined) {
    throw new Failure(`--canary cannot be combined with buildFrom, which ${name} has; build the image first, and pass it with --image`);
  }

  const release = await current();
  if (!release) throw new Failure(`${name} is not deployed in namespace ${namespace}; deploy it without --canary first`);
  if (release.image === undefined) {
    throw new Failure(`release ${release.number} of ${name} does not record its image; deploy it once more without --canary`);
  }
  const isCurrent = (one: unknown) => one === undefined || isSameVersion(String(one), release.image!);
  const wanted = isCurrent(image) ? await pinned() ?? image : image;
  const next = isCurrent(wanted) ? release.canary?.image : wanted;
  if (next === undefined) {
    throw new Failure(`${name} already runs ${shownImage(release.image)}; pass the new image with --image, or change it in the file`);
  }
  return propsWithCanary(document, release.image, { image: String(next), weight });
}

/** The props that deploy an image, and a canary beside it. */
export function propsWithCanary({ written }: ConfigDocument, image: string, canary: Canary): Fields {
  const { rollout } = withCanary(written, image, canary);
  return { image, rollout };
}
