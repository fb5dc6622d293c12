/**
 * The settings of an app: what `webapp config` and `webapp secrets` set, and no file says. They are one ConfigMap and one Secret, which
 * are immutable: a change creates another pair, to which the pods of the next release refer. So a rollback has the old values, and
 * Kubernetes replaces the pods. Their names are random, as a hash of a short value would tell it.
 */
import { randomBytes } from 'node:crypto';
import { HASH_LENGTH } from '../../../src/internal';
import type { Cluster } from '../kube/connect';
import type { Reference } from '../kube/objects';
import { decoded, encoded } from '../kube/secret-data';
import type { AppName, ConfigMap, CronJob, Job, PodTemplate, PushSecret, Secret } from '../kube/types';
import { CONFIG_MAP, CRON_JOB, isKind, JOB, PUSH_SECRET, SECRET } from '../kube/types';
import type { Workload } from '../kube/workload';
import { isWorkload, MANAGED_BY } from '../kube/workload';
import type { Manifest } from '../render/synthesis';
import { Failure } from '../ui/failure';

/** The type of the Secrets, by which they are told from those of others. */
export const SETTINGS_TYPE = 'cdk8s-webapp.dev/settings';

/** The label of both, with what they hold. */
export const SETTINGS = 'cdk8s-webapp.dev/settings';

/** Where variables are: those of `webapp config` in a ConfigMap, those of `webapp secrets` in a Secret. */
export type Store = 'config' | 'secrets';

const KINDS = { config: CONFIG_MAP, secrets: SECRET } as const;
const STORES = ['config', 'secrets'] as const;

/** One of the two objects. */
export interface SettingsPart {
  readonly name: string;

  /** The names of its variables. */
  readonly keys: readonly string[];
}

/** The two objects that a release uses; a store without variables has none. */
export type Settings = { readonly [store in Store]?: SettingsPart };

export type Variables = { readonly [name: string]: string };

/** The variables of an app. */
export type Values = { readonly [store in Store]: Variables };

/** Settings that do not exist yet, and the objects that they are. */
export interface NewSettings {
  readonly settings: Settings;
  readonly objects: readonly Manifest[];
}

/**
 * Settings with some variables. A store whose variables have not changed stays the object that it is.
 *
 * @param before the settings until now, and their variables
 * @param owner what the objects are deleted with
 */
export function createSettings(
  app: AppName, values: Values, before: { readonly settings: Settings; readonly values: Values }, owner?: object,
): NewSettings {
  const suffix = randomBytes(HASH_LENGTH / 2).toString('hex');
  const settings: { [store in Store]?: SettingsPart } = {};
  const objects: Manifest[] = [];
  for (const store of STORES) {
    const keys = Object.keys(values[store]).sort();
    const same = before.settings[store];
    if (keys.length === 0) continue;
    if (same && isSame(values[store], before.values[store])) {
      settings[store] = same;
      continue;
    }
    const name = `${app.name}-${store}-${suffix}`;
    settings[store] = { name, keys };
    objects.push(objectOf(app, { name, store, values: values[store] }, owner));
  }
  return { settings, objects };
}

interface Content {
  readonly name: string;
  readonly store: Store;
  readonly values: Variables;
}

function objectOf({ name: app, namespace }: AppName, { name, store, values }: Content, owner?: object): Manifest {
  const { apiVersion, kind } = KINDS[store];
  const sorted = Object.fromEntries(Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1)));
  const labels = { 'app.kubernetes.io/name': app, 'app.kubernetes.io/managed-by': MANAGED_BY, [SETTINGS]: store };
  return {
    apiVersion,
    kind,
    metadata: { name, namespace, labels, ...owner ? { ownerReferences: [owner] } : {} },
    ...store === 'secrets' ? { type: SETTINGS_TYPE } : {},
    immutable: true,
    data: store === 'config' ? sorted : encoded(sorted),
  } as unknown as Manifest;
}

export function isSame(a: Variables, b: Variables): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every(name => Object.hasOwn(b, name) && a[name] === b[name]);
}

/** The objects that settings are. */
export function settingsReferences(settings: Settings = {}, namespace: string): Reference[] {
  return STORES.flatMap(store => {
    const part = settings[store];
    return part ? [{ apiVersion: KINDS[store].apiVersion, kind: KINDS[store].kind, namespace, name: part.name }] : [];
  });
}

/**
 * The objects of settings, as they are in the cluster.
 *
 * @throws Failure where one does not exist, or is not one of the app
 */
export async function readSettingsObjects(
  { objects }: Cluster, { name: app, namespace }: AppName, settings: { readonly [store in Store]?: Pick<SettingsPart, 'name'> } = {},
): Promise<{ readonly [store in Store]?: ConfigMap | Secret }> {
  const found = await Promise.all(STORES.map(async store => {
    const name = settings[store]?.name;
    if (name === undefined) return [];
    const kind = KINDS[store];
    const object = await objects.get<ConfigMap | Secret>({ ...kind, namespace, name });
    const what = `${kind.kind} ${name}`;
    if (!object) throw new Failure(`${what}, which has variables of ${app}, does not exist in namespace ${namespace}`);
    const { labels } = object.metadata;
    if (labels?.['app.kubernetes.io/name'] !== app || labels[SETTINGS] !== store) {
      throw new Failure(`${what} has no variables of ${app}: its labels are not those of webapp ${store}`);
    }
    return [[store, object] as const];
  }));
  return Object.fromEntries(found.flat());
}

/**
 * The settings whose objects have some names.
 *
 * @throws Failure where one does not exist, or is not one of the app
 */
export async function findSettings(
  cluster: Cluster, app: AppName, { config, secrets }: { readonly [store in Store]?: string },
): Promise<Settings> {
  const names = {
    ...config === undefined ? {} : { config: { name: config } },
    ...secrets === undefined ? {} : { secrets: { name: secrets } },
  };
  const found = Object.entries(await readSettingsObjects(cluster, app, names));
  return Object.fromEntries(found.map(([store, { metadata: { name }, data = {} }]) => [store, { name, keys: Object.keys(data).sort() }]));
}

/** The variables of settings. */
export async function readSettings(cluster: Cluster, app: AppName, settings?: Settings): Promise<Values> {
  const { config, secrets } = await readSettingsObjects(cluster, app, settings);
  return { config: config?.data ?? {}, secrets: decoded(secrets?.data) };
}

/** Objects whose processes have the variables of settings. What the file sets by the same name takes precedence. */
export function withSettings(objects: readonly Manifest[], settings: Settings = {}): Manifest[] {
  const { config, secrets } = settings;
  const sources = [
    ...config ? [{ configMapRef: { name: config.name } }] : [],
    ...secrets ? [{ secretRef: { name: secrets.name } }] : [],
  ];
  return sources.length === 0 ? [...objects] : mapSources(objects, before => [...before, ...sources]);
}

/** Objects as they were before they had settings. */
export function withoutSettings(objects: readonly Manifest[], settings: Settings = {}): Manifest[] {
  const { config, secrets } = settings;
  if (!config && !secrets) return [...objects];
  const isSettings = ({ configMapRef, secretRef }: Source) => (
    (config !== undefined && configMapRef?.name === config.name) || (secrets !== undefined && secretRef?.name === secrets.name));
  return mapSources(objects.filter(object => !isOfSettings(object)), before => before.filter(source => !isSettings(source)));
}

/** Whether an object is there for settings alone: the PushSecret of secrets. */
function isOfSettings(object: Manifest): boolean {
  return isKind(object, PUSH_SECRET) && (object as unknown as PushSecret).metadata.labels?.[SETTINGS] !== undefined;
}

type Source = NonNullable<NonNullable<PodTemplate['spec']>['containers'][number]['envFrom']>[number];
type Container = NonNullable<PodTemplate['spec']>['containers'][number];

function mapSources(objects: readonly Manifest[], change: (before: readonly Source[]) => Source[]): Manifest[] {
  const ofContainer = ({ envFrom = [], ...container }: Container): Container => {
    const changed = change(envFrom);
    return changed.length > 0 ? { ...container, envFrom: changed } : container;
  };
  const ofTemplate = ({ spec, ...template }: PodTemplate): PodTemplate => {
    const [main, ...others] = spec!.containers;
    return { ...template, spec: { ...spec!, containers: [ofContainer(main), ...others] } };
  };
  return objects.map(object => {
    if (isKind(object, CRON_JOB)) {
      const { spec: { jobTemplate: { spec: job, ...jobTemplate }, ...spec } } = object as unknown as CronJob;
      const changed = { ...job, template: ofTemplate(job!.template) };
      return { ...object, spec: { ...spec, jobTemplate: { ...jobTemplate, spec: changed } } } as unknown as Manifest;
    }
    if (!hasTemplate(object)) return object;
    const { spec } = object as unknown as Workload | Job;
    return { ...object, spec: { ...spec, template: ofTemplate(spec.template) } } as unknown as Manifest;
  });
}

function hasTemplate(object: Manifest): boolean {
  return isWorkload(object) || isKind(object, JOB);
}

/** A process of an app, and the variables that the file, or the library, sets in it. */
export interface Process {
  /** The name of the object that starts it. */
  readonly name: string;

  /** Its container. */
  readonly container: Container;
}

/** The processes that get settings. */
export function processesIn(objects: readonly Manifest[]): Process[] {
  return objects.flatMap(object => {
    const { name } = object.metadata;
    if (isKind(object, CRON_JOB)) {
      return [{ name, container: (object as unknown as CronJob).spec.jobTemplate.spec!.template.spec!.containers[0] }];
    }
    return hasTemplate(object) ? [{ name, container: (object as unknown as Workload | Job).spec.template.spec!.containers[0] }] : [];
  });
}

/** The names of the processes in which the file sets a variable. */
export function setByFile(objects: readonly Manifest[], variable: string): string[] {
  return processesIn(objects).filter(({ container: { env = [] } }) => env.some(one => one.name === variable)).map(({ name }) => name);
}
