import type { OperatorContext } from './context';
import type { WebAppResource, WebAppStatus } from './resources';
import { keyOf, nameOf, WEB_APP } from './resources';
import type { SettingsPointer } from './settings-pointer';
import { annotationOf, pointerOf, SETTINGS_ANNOTATION } from './settings-pointer';
import { currentSettings, listReleases } from '../engine/release-store';
import type { Settings } from '../engine/settings';
import { findSettings } from '../engine/settings';
import { OPERATOR_MANAGER } from '../kube/objects';
import type { AppName } from '../kube/types';
import { Failure } from '../ui/failure';

/** The settings of an app, and who made them what they are. */
export interface AppSettings {
  readonly settings: Settings;
  readonly pointer: SettingsPointer;

  /** Why the annotation cannot be obeyed. */
  readonly problem?: string;
}

const NONE: AppSettings = { settings: {}, pointer: {} };

/** What was found of an app, and which version of its resource that was. */
interface Known {
  /** The annotation; undefined where there was none, and there was nothing to take over. */
  readonly text: string | undefined;
  readonly version: string;
  readonly found: AppSettings;

  /** Whether the app seemed to have no release, and none was looked for. */
  readonly isUnseen?: boolean;
}

/**
 * Finds the settings of apps. An annotation is text that anyone may write who may write the resource, so what it names must be in the
 * namespace of the resource, and have the labels of the app's settings.
 */
export class SettingsOfApps {
  /** By app: the objects are immutable, so they are read once. */
  private readonly known = new Map<string, Known>();

  /** The apps that had no release when their settings were asked for. */
  private readonly unreleased = new Set<string>();

  constructor(private readonly context: OperatorContext) {}

  /** @param status what was last observed of the app */
  public async of(resource: WebAppResource, { release }: WebAppStatus = resource.status ?? {}): Promise<AppSettings> {
    const app = nameOf(resource);
    const { resourceVersion: version, annotations } = resource.metadata;
    const text = annotations?.[SETTINGS_ANNOTATION];
    const known = this.known.get(keyOf(app));
    const isLate = known?.isUnseen && release === undefined && this.context.releases.has(app) !== false;
    // The watch may not have shown yet what `takeOver` has written.
    if (known && !isLate && (known.text === text || BigInt(version) < BigInt(known.version))) return known.found;
    if (text === undefined) return release === undefined ? this.takeOver(app, version) : NONE;
    const pointer = pointerOf(resource);
    if (!pointer) return problem(`the annotation ${SETTINGS_ANNOTATION} is not valid; run webapp rollback, which writes it`);
    try {
      const found = { settings: await findSettings(this.context.cluster, app, pointer), pointer };
      this.known.set(keyOf(app), { text, version, found });
      return found;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      return problem(`${error.message}; run webapp rollback`);
    }
  }

  /** Whether an app had no release, so that earlier ones need not be looked for. It is told once, as the first one is stored then. */
  public isUnreleased(app: AppName): boolean {
    return this.unreleased.delete(keyOf(app));
  }

  /**
   * Looks for the releases of an app that seemed to have none, but has.
   *
   * @throws Error where it gets other settings by that: what was deployed is not what it should be
   */
  public async lookAgain(resource: WebAppResource): Promise<void> {
    const app = nameOf(resource);
    this.known.delete(keyOf(app));
    const found = await this.takeOver(app, resource.metadata.resourceVersion, false);
    if (found !== NONE) throw new Error('the app has got variables while it was deployed');
  }

  public forget(app: AppName): void {
    this.known.delete(keyOf(app));
    this.unreleased.delete(keyOf(app));
  }

  /** An app that the command has deployed before, or that has variables for its first deploy, keeps them. */
  private async takeOver(app: AppName, version: string, isUnseen = this.context.releases.has(app) === false): Promise<AppSettings> {
    const { cluster } = this.context;
    const releases = isUnseen ? [] : await listReleases(cluster, app);
    if (releases.length === 0) this.unreleased.add(keyOf(app));
    const settings = currentSettings(releases);
    if (settings.config === undefined && settings.secrets === undefined) {
      // Once there is a resource, commands change its annotation.
      this.known.set(keyOf(app), { text: undefined, version, found: NONE, isUnseen });
      return NONE;
    }
    const reference = { ...WEB_APP, ...app };
    const live = await cluster.objects.get(reference);
    if (!live) return NONE;
    if (live.metadata.annotations?.[SETTINGS_ANNOTATION] !== undefined) return this.of(live);
    const annotations = { [SETTINGS_ANNOTATION]: annotationOf(settings, { action: 'deploy', by: OPERATOR_MANAGER }) };
    const change = { metadata: { resourceVersion: live.metadata.resourceVersion, annotations } };
    return this.of(await cluster.objects.merge(reference, change, OPERATOR_MANAGER));
  }
}

function problem(text: string): AppSettings {
  return { ...NONE, problem: text };
}
