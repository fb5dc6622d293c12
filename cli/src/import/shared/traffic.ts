/** Traffic that is split between the versions of an app: the one with most of it is the app, another one its canary. */
import type { AppDraft } from '../draft';
import type { Reader } from '../reader';

/** How a platform writes a split. */
export interface TrafficFormat {
  /** The key of the percentage. */
  readonly weight: 'percent' | 'weight';

  /** The key of the name that a version has a URL by. */
  readonly tag: 'tag' | 'label';

  /** The image of a version; undefined where the source does not have it. */
  readonly imageOf?: (version: Reader) => string | undefined;
}

const NO_URLS = 'versions have no URLs of their own';
const ITS_URL = 'a canary with weight 0 has one: webapp deploy --image … --canary 0';

export function setTraffic(at: Reader | undefined, app: AppDraft, { weight, tag, imageOf = () => undefined }: TrafficFormat): void {
  const weightOf = (one: Reader) => one.field(weight)?.number ?? 0;
  const items = at?.items ?? [];
  for (const one of items) one.field(tag)?.none(NO_URLS, ITS_URL);
  const [main, second, ...others] = items.filter(one => weightOf(one) > 0).sort((a, b) => weightOf(b) - weightOf(a));
  for (const one of items) if (weightOf(one) === 0) one.none(NO_URLS, ITS_URL);
  if (!main) return;
  const [image, canary] = [main, second].map(one => one && imageOf(one));
  const isCanary = others.length === 0 && image !== undefined && canary !== undefined && image !== canary;
  const shown = (one: Reader) => one.field('revisionName')?.text ?? 'the latest revision';
  const what = !second || isCanary ? `the app, which is ${shown(main)}` : 'the app, until the other version is its canary';
  for (const [, field] of main.fields) if (!field.outcome) field.taken(second ? what : 'the app gets all requests');
  if (second && isCanary) {
    app.set(['image'], image);
    app.set(['rollout', 'canary'], { image: canary, weight: weightOf(second) }, `It was ${shown(second)}.`);
    for (const [, field] of second.fields) {
      if (field.outcome) continue;
      app.cameFrom(field, ['rollout', 'canary']);
      field.taken(app.shown(['rollout', 'canary']));
    }
    return;
  }
  for (const one of [second, ...others]) {
    if (!one) continue;
    one.none(`a part of the traffic goes to another image: that of ${shown(one)}`,
      `webapp deploy --image IMAGE --canary ${weightOf(one)}`);
  }
  if (!second) return;
  app.draft.tell(`${app.name}: deploy the version with ${weightOf(main)}% of the traffic first, then the other one with --canary`);
}
