import type { AppPlan } from './app-plan';
import type { Config } from './config';
import type { ConfigDocument } from './document';
import type { Fields } from './merge';
import { fieldsOf } from './merge';
import type { AppFolder } from '../build/folder';
import { isPlaceholder, placeholderOf } from '../registry/reference';
import { Failure } from '../ui/failure';
import type { Builds } from 'cdk8s-webapp';

/**
 * The same files with a placeholder for the image of each app whose folder is to be built, so that everything else is checked before.
 *
 * @param names which apps; none means all
 * @param always whether apps with an image are built as well
 */
export function withPlaceholders(config: Config, names: readonly string[] = [], always = false): Config {
  const chosen = config.apps.filter(({ name }) => names.length === 0 || names.includes(String(name)));
  for (const { name, imageFlag, props } of always ? chosen : []) {
    const other = imageFlag === undefined ? props.buildFrom === undefined ? undefined : 'buildFrom' : '--image';
    if (other) throw new Failure(`--build cannot be combined with ${other} of ${String(name)}; remove one of them`);
  }
  const built = config.apps.filter(app => lacksImage(app) || (always && chosen.includes(app)));
  return config.withImages(Object.fromEntries(built.map(({ name }) => [String(name), placeholderOf(String(name))])));
}

/** Whether the folder of one of the apps is to be built. */
export function hasPlaceholders({ apps }: Config, names: readonly string[]): boolean {
  return apps.some(({ name, imageFlag = '' }) => (names.length === 0 || names.includes(String(name))) && isPlaceholder(imageFlag));
}

function lacksImage({ props }: ConfigDocument): boolean {
  return props.image === undefined && props.buildFrom === undefined;
}

/** What the files say of the build of an app's folder. */
export function folderOf(config: Config, app: string): AppFolder {
  const { folderBuild, props } = config.apps.find(({ name }) => name === app)!;
  const builds = (config.platform?.props.builds ?? {}) as Builds;
  return { fields: folderBuild, files: config.paths, builds, hidesTmp: hidesTmp(props) };
}

/** A root that is read-only, as it is by default, comes with a writable `/tmp`. */
function hidesTmp({ security, volumes }: Fields): boolean {
  return fieldsOf(security).readOnlyRoot !== false || Object.values(fieldsOf(volumes)).some(volume => fieldsOf(volume).path === '/tmp');
}

/** Whether an app runs an image that is to be built: its processes may all have images of their own. */
export function isUnbuilt({ app, synthesized: { objects } }: AppPlan): boolean {
  return JSON.stringify(objects).includes(JSON.stringify(placeholderOf(app.name)));
}
