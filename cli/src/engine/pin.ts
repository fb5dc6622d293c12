import { contentHash, HASH_LENGTH } from '../../../src/internal';
import { localCluster } from '../build/local/local-cluster';
import type { Cluster } from '../kube/connect';
import { ApiError } from '../kube/errors';
import type { BuildRun, PodTemplate, Secret } from '../kube/types';
import { BUILD_RUN, isKind, JOB, ofKind, SECRET } from '../kube/types';
import type { DockerConfig } from '../registry/docker-config';
import { parseDockerConfig } from '../registry/docker-config';
import { isLoopback, isPlaceholder, parseReference } from '../registry/reference';
import type { Answer, PullSecrets, Registries } from '../registry/registries';
import type { Manifest, SynthesizedApp } from '../render/synthesis';
import { Failure } from '../ui/failure';

/** An app whose images can be pinned. */
type Pinnable = Pick<SynthesizedApp, 'name' | 'objects' | 'canary'>;

export interface PinOptions {
  readonly cluster: Cluster;
  readonly registries: Registries;

  /** Receives why images are not pinned, once for each registry. */
  readonly warn: (text: string) => void;

  /** Pins the images of local clusters too, where an image that was loaded into a node may not be the one of the registry. */
  readonly always?: boolean;
}

/**
 * Replaces tags by the digests that they refer to now, so that a release runs the same images as long as it exists.
 *
 * A registry is asked once for an image: what is deployed in several steps has the same digest in all of them.
 */
export class Pins {
  private readonly answers = new Map<string, Promise<Answer>>();
  private readonly warned = new Set<string>();

  constructor(private readonly options: PinOptions) {}

  /**
   * Apps with `image:tag@digest` in place of `image:tag` in all of their pods. Where a registry cannot be asked, the tag stays as it is.
   *
   * @param unbuilt images that do not exist yet
   * @throws Failure where a registry does not have an image
   */
  public async pin<T extends Pinnable>(apps: readonly T[], unbuilt: readonly string[] = []): Promise<T[]> {
    const digests = await this.find(apps, unbuilt);
    return apps.map((app, i) => withDigests(app, digests[i]));
  }

  /**
   * The digests of the images of each app, as far as their registries can be asked.
   *
   * @throws Failure where a registry does not have an image
   */
  public async find(apps: readonly Pinnable[], unbuilt: readonly string[] = []): Promise<Digests[]> {
    const all = await Promise.all(apps.map(async app => this.ask(app, unbuilt)));
    const missing = all.flatMap((found, i) => found.flatMap(one => missingImage(one, apps[i].name)));
    if (missing.length > 0) {
      const hint = '  push it, or check its name and tag; --no-pin does not ask the registry';
      throw new Failure([...new Set(missing), hint, 'nothing was changed'].join('\n'));
    }
    for (const one of all.flat()) this.warn(one);
    return all.map(found => new Map(found.flatMap(({ image, answer }) => answer.state === 'found' ? [[image, answer.digest]] : [])));
  }

  private async ask({ objects }: Pinnable, unbuilt: readonly string[]): Promise<Asked[]> {
    const wanted = new Map<string, Wanted>();
    for (const object of objects) for (const one of wantedOf(object)) wanted.set(keyOf(one), one);
    const others = [...unbuilt, ...ofKind(objects, BUILD_RUN).map(({ spec }: BuildRun) => spec.build.spec?.output.image)];
    const exists = ({ image }: Wanted) => !isPlaceholder(image) && !others.includes(image);
    return Promise.all([...wanted].filter(([, one]) => exists(one)).map(async ([key, one]): Promise<Asked> => {
      const answer = this.answers.get(key) ?? this.findOne(one);
      this.answers.set(key, answer);
      return { image: one.image, answer: await answer };
    }));
  }

  private async findOne({ image, namespace, pullSecrets }: Wanted): Promise<Answer> {
    const { cluster, registries, always } = this.options;
    const reference = parseReference(image);
    // `localhost/web` is how podman names images that are in no registry.
    if (!reference || reference.digest !== undefined || reference.registry === 'localhost') return { state: 'unasked' };
    if (localCluster(cluster.entry) && !isLoopback(reference.registry) && !always) return { state: 'unasked' };
    return registries.find(reference, async () => readPullSecrets(cluster, namespace, pullSecrets));
  }

  private warn({ image, answer }: Asked): void {
    const registry = parseReference(image)?.registry;
    if (answer.state !== 'unknown' || registry === undefined || this.warned.has(registry)) return;
    this.warned.add(registry);
    this.options.warn(`images from ${registry} are not pinned to a digest: ${answer.why}`);
  }
}

/** An image of an app, and what its registry says. */
interface Asked {
  readonly image: string;
  readonly answer: Answer;
}

function missingImage({ image, answer }: Asked, app: string): string[] {
  if (answer.state !== 'missing') return [];
  const { registry, repository, tag = 'latest' } = parseReference(image)!;
  const what = answer.part === 'repository' ? `no repository ${repository}` : `no tag ${tag} of ${repository}`;
  return [`image ${image} of ${app} does not exist: ${registry} has ${what}`];
}

/** An image, and how pods pull it. */
interface Wanted {
  readonly image: string;
  readonly namespace?: string;
  readonly pullSecrets: readonly string[];
}

function keyOf({ image, namespace = '', pullSecrets }: Wanted): string {
  return [image, namespace, ...pullSecrets].join(' ');
}

type Container = NonNullable<PodTemplate['spec']>['containers'][number];

/** The places of a pod template: that of Deployments, Rollouts and Jobs, and that of CronJobs. */
interface PodOwner {
  readonly spec?: { readonly template?: PodTemplate; readonly jobTemplate?: { readonly spec: { readonly template: PodTemplate } } };
}

function wantedOf(object: Manifest): Wanted[] {
  const { template, jobTemplate } = (object as PodOwner).spec ?? {};
  const pod = (template ?? jobTemplate?.spec.template)?.spec;
  const pullSecrets = pod?.imagePullSecrets?.map(({ name = '' }) => name) ?? [];
  const containers = [...pod?.initContainers ?? [], ...pod?.containers ?? []];
  return containers.filter(isPulled).map(({ image = '' }) => ({ image, namespace: object.metadata.namespace, pullSecrets }));
}

/** An image that is never pulled has to be on the node already, and has no digest there if it was loaded. */
function isPulled({ imagePullPolicy }: Container): boolean {
  return imagePullPolicy !== 'Never';
}

/** Digests by image. */
export type Digests = ReadonlyMap<string, string>;

/** An app with digests in all of its pods. */
export function withDigests<T extends Pinnable>(app: T, digests: Digests): T {
  if (digests.size === 0) return app;
  const { objects, canary } = app;
  const pinnedCanary = canary && { ...canary, image: pinned(canary.image, digests) };
  return { ...app, objects: objects.map(object => pinnedObject(object, digests)), canary: pinnedCanary };
}

function pinned(image: string, digests: Digests): string {
  const digest = digests.get(image);
  return digest === undefined ? image : `${image}@${digest}`;
}

function pinnedObject(object: Manifest, digests: Digests): Manifest {
  const { spec } = object as PodOwner;
  if (spec?.jobTemplate) {
    const { jobTemplate } = spec;
    const template = pinnedTemplate(jobTemplate.spec.template, digests);
    return { ...object, spec: { ...spec, jobTemplate: { ...jobTemplate, spec: { ...jobTemplate.spec, template } } } };
  }
  if (!spec?.template?.spec?.containers) return object;
  const template = pinnedTemplate(spec.template, digests);
  const result = { ...object, spec: { ...spec, template } };
  return isKind(object, JOB) ? named(result, imagesIn(spec.template), imagesIn(template)) : result;
}

function pinnedTemplate({ spec, ...template }: PodTemplate, digests: Digests): PodTemplate {
  const pin = (container: Container) => (
    isPulled(container) && container.image !== undefined ? { ...container, image: pinned(container.image, digests) } : container);
  const initContainers = spec?.initContainers && { initContainers: spec.initContainers.map(pin) };
  return { ...template, spec: spec && { ...spec, ...initContainers, containers: spec.containers.map(pin) } };
}

function imagesIn({ spec }: PodTemplate): string[] {
  return [...spec?.initContainers ?? [], ...spec?.containers ?? []].map(({ image = '' }) => image);
}

/**
 * A Job whose name has a hash of its content, which now has digests: the release command of the same tag with another digest is another
 * Job, which runs, and with the same digest it is the same Job, which has run.
 */
function named(job: Manifest, before: readonly string[], images: readonly string[]): Manifest {
  const { name } = job.metadata;
  if (!NAMED_BY_CONTENT.test(name) || images.every((image, i) => image === before[i])) return job;
  const hash = contentHash(JSON.stringify([name, images]));
  return { ...job, metadata: { ...job.metadata, name: `${name.slice(0, -HASH_LENGTH)}${hash}` } };
}

const NAMED_BY_CONTENT = new RegExp(`-[0-9a-f]{${HASH_LENGTH}}$`);

/** The credentials of Secrets for pulling images, of both types that there are. */
async function readPullSecrets({ objects }: Cluster, namespace: string | undefined, names: readonly string[]): Promise<PullSecrets> {
  const configs: DockerConfig[] = [];
  const unreadable: string[] = [];
  for (const name of names) {
    try {
      const secret = await objects.get<Secret>({ ...SECRET, namespace, name });
      const config = secret && configOf(secret);
      if (config) configs.push(config);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      unreadable.push(name);
    }
  }
  return { configs, unreadable };
}

/** @see https://kubernetes.io/docs/concepts/configuration/secret/#docker-config-secrets */
function configOf({ data = {} }: Secret): DockerConfig | undefined {
  const decode = (value: string) => parseDockerConfig(Buffer.from(value, 'base64').toString('utf8'));
  const { '.dockerconfigjson': config, '.dockercfg': auths } = data as { readonly [key: string]: string | undefined };
  if (config !== undefined) return decode(config);
  return auths === undefined ? undefined : { auths: decode(auths) as DockerConfig['auths'] };
}
