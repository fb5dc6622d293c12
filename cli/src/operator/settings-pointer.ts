/**
 * The annotation of a WebApp that says which settings it has: what `webapp config` and `webapp secrets` have set. The command creates the
 * objects, and then writes the annotation, by which the operator knows that there are others. They are no part of the spec, so that Git or
 * a portal may own that.
 */
import type { WebAppResource } from './resources';
import type { Fields } from '../config/merge';
import { isFields } from '../config/merge';
import type { Settings } from '../engine/settings';

export const SETTINGS_ANNOTATION = 'cdk8s-webapp.dev/settings';

/** What the annotation says, as JSON. */
export interface SettingsPointer {
  /** The name of the ConfigMap, if there are variables of `webapp config`. */
  readonly config?: string;

  /** The name of the Secret, if there are variables of `webapp secrets`. */
  readonly secrets?: string;

  /** What was done to get these settings, and who did it: the release says the same. */
  readonly action?: string;
  readonly by?: string;
}

/** What the annotation of a resource says; undefined where there is none, or where it is not valid. */
export function pointerOf({ metadata: { annotations } }: Pick<WebAppResource, 'metadata'>): SettingsPointer | undefined {
  const text = annotations?.[SETTINGS_ANNOTATION];
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return isFields(value) && Object.values(value).every(one => typeof one === 'string') ? stringsOf(value) : undefined;
}

function stringsOf({ config, secrets, action, by }: Fields): SettingsPointer {
  return { config, secrets, action, by } as SettingsPointer;
}

export function annotationOf({ config, secrets }: Settings, { action, by }: Pick<SettingsPointer, 'action' | 'by'>): string {
  return JSON.stringify({ config: config?.name, secrets: secrets?.name, action, by });
}

/** The names of the objects, as the status of a resource has them. */
export function namesOf({ config, secrets }: SettingsPointer = {}): string {
  return [config, secrets].filter(name => name !== undefined).join(', ');
}
