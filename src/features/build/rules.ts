import { builtImage, UNKNOWN_REPOSITORY } from './resolve';
import { hasTektonVariable, SHIPWRIGHT_BUILDPACKS } from './variables';
import { HASH_LENGTH } from '../../kube/content-hash';
import type { AppModel } from '../../model/app';
import { processesOf } from '../../model/app';
import type { PodSet } from '../../model/component';
import { UNKNOWN_IMAGE } from '../../model/component';
import { entry, quoted } from '../../validation/problem';
import type { Rule } from '../../validation/rule';
import { when } from '../../validation/rule';

/** The name of a BuildRun is a label of its pods. */
const LONGEST_NAME = 63 - '-'.length - HASH_LENGTH;

type Row = Parameters<typeof when>[number];

/** Where the image comes from. */
export const buildRules: Rule = (app, { image, buildFrom: build }) => when(
  [image === undefined && build === undefined && podsOf(app).some(({ pod }) => pod.image === UNKNOWN_IMAGE), 'image',
    'is missing',
    'set image to a reference such as ghcr.io/acme/web:1.4.2, or set buildFrom', 'missing'],
  [image !== undefined && build !== undefined, 'buildFrom', 'cannot be combined with image', 'remove one of them'],
  [app.build?.repository === UNKNOWN_REPOSITORY, 'buildFrom.image',
    'is missing',
    'set it to a repository such as ghcr.io/acme/web, or set builds.registry of the Platform', 'missing'],
  [build?.dockerfile !== undefined && build.strategy !== 'dockerfile', 'buildFrom.dockerfile',
    'has no effect with buildpacks',
    'set strategy: dockerfile, or remove it'],
  ...Object.entries(build?.env ?? {}).filter(([, value]) => hasTektonVariable(value)).map(([name, value]): Row => [
    true, entry('buildFrom.env', name), `is ${quoted(value)}, of which Tekton replaces $(…)`, 'write the value without it',
  ]),
  [isHidden(app), 'buildFrom',
    `is built by Shipwright's own ${app.build?.strategy}, which puts the program below /tmp of the image, where the app mounts a volume`,
    'set builds.strategies.buildpacks of the Platform to webapp-buildpacks, which webapp setup --with builds installs, or set '
      + 'security.readOnlyRoot to false'],
  [build !== undefined && app.hasRelease && app.platform.helmHooks, 'releaseCommand',
    'is a hook, which Helm runs before it starts the build of buildFrom',
    'set image to one that your pipeline builds, or remove helmHooks from the Platform'],
  [build !== undefined && app.name.length > LONGEST_NAME, 'name',
    `has ${app.name.length} characters, but an app with buildFrom also needs it in longer names`,
    `use at most ${LONGEST_NAME}`, 'range'],
);

/**
 * Whether a volume hides what the build puts into the image.
 *
 * @see https://github.com/shipwright-io/build/blob/main/samples/v1beta1/buildstrategy/buildpacks-v3/buildstrategy_buildpacks-v3_cr.yaml
 */
function isHidden(app: AppModel): boolean {
  const { build } = app;
  if (!build || !SHIPWRIGHT_BUILDPACKS.includes(build.strategy)) return false;
  return podsOf(app).some(({ pod: { image, security, volumes } }) => (
    image === builtImage(build) && (security.readOnlyRoot || volumes.some(({ path }) => path === '/tmp'))));
}

/** All that runs. */
function podsOf(app: AppModel): PodSet[] {
  const { runsWeb, web, versions } = app;
  return [...runsWeb ? [web, ...versions.map(({ component }) => component)] : [], ...processesOf(app).map(({ pods }) => pods)];
}
