import type { Taken } from '../config/config';
import type { Fields } from '../config/merge';
import { fieldsOf } from '../config/merge';
import type { Release } from '../engine/release-store';
import type { AppName, PodTemplate } from '../kube/types';
import { CRON_JOB, JOB, ofKind } from '../kube/types';
import { workloadsIn } from '../kube/workload';
import { parseReference } from '../registry/reference';

/** The images of a release: of the app itself, of its processes by their names, and of the containers beside them. */
interface Images {
  readonly app: string;
  readonly workers: ReadonlyMap<string, string>;
  readonly cronJobs: ReadonlyMap<string, string>;
  readonly releaseCommand?: string;
  readonly containers: ReadonlyMap<string, string>;
}

/**
 * The images of a release, in the place of those that an app has in the file for another environment. What the environments differ in
 * otherwise stays: a process or a container that the release does not have, and a container whose image is from another repository.
 *
 * @param app the app of the release
 * @param props those of the other environment
 */
export function takenFrom(release: Release & { readonly image: string }, app: AppName, props: Fields): Taken {
  const images = imagesOf(release, app);
  const { workers, cronJobs, releaseCommand, sidecars, initContainers } = props;
  const program = (known: ReadonlyMap<string, string>) => (name: string) => known.get(name);
  const beside = (name: string, own: string) => {
    const image = images.containers.get(name);
    return image !== undefined && isSameRepository(image, own) ? image : undefined;
  };
  const ofCommand = fieldsOf(releaseCommand);
  return {
    image: images.app,
    props: {
      buildFrom: undefined, // its image exists
      ...workers === undefined ? {} : { workers: withImages(workers, program(images.workers)) },
      ...cronJobs === undefined ? {} : { cronJobs: withImages(cronJobs, program(images.cronJobs)) },
      ...ofCommand.image === undefined ? {} : { releaseCommand: { ...ofCommand, image: images.releaseCommand ?? ofCommand.image } },
      ...sidecars === undefined ? {} : { sidecars: withImages(sidecars, beside) },
      ...initContainers === undefined ? {} : { initContainers: withImages(initContainers, beside) },
    },
  };
}

/** All images that are taken. */
export function imagesIn({ image, props }: Taken): string[] {
  const { workers, cronJobs, releaseCommand, sidecars, initContainers } = props;
  const parts = [...[workers, cronJobs, sidecars, initContainers].flatMap(part => Object.values(fieldsOf(part))), releaseCommand];
  const others = parts.map(part => fieldsOf(part).image).filter(one => typeof one === 'string');
  return [...new Set([image, ...others])];
}

/** Processes or containers of the file; those that have no image of their own run that of the app. */
function withImages(written: unknown, imageOf: (name: string, own: string) => string | undefined): Fields {
  return Object.fromEntries(Object.entries(fieldsOf(written)).map(([name, value]) => {
    const { image, ...rest } = fieldsOf(value);
    return [name, typeof image === 'string' ? { ...rest, image: imageOf(name, image) ?? image } : value];
  }));
}

function imagesOf({ image, objects }: Release & { readonly image: string }, { name: app }: AppName): Images {
  const named = (objectName: string) => objectName.startsWith(`${app}-`) ? objectName.slice(app.length + 1) : objectName;
  const workloads = workloadsIn(objects).map(({ metadata, spec }) => ({ name: metadata.name, pod: spec.template }));
  const cronJobs = ofKind(objects, CRON_JOB).map(({ metadata, spec }) => ({ name: metadata.name, pod: spec.jobTemplate.spec!.template }));
  const jobs = ofKind(objects, JOB).map(({ metadata, spec }) => ({ name: metadata.name, pod: spec.template }));
  const programs = (pods: readonly Pod[]) => new Map(pods.map(({ name, pod }) => [named(name), pod.spec!.containers[0].image!]));
  const pods = [...workloads, ...cronJobs, ...jobs].map(({ pod }) => pod.spec!);
  const besides = pods.flatMap(({ initContainers = [], containers }) => [...initContainers, ...containers.slice(1)]);
  return {
    app: image,
    workers: programs(workloads),
    cronJobs: programs(cronJobs),
    releaseCommand: jobs.at(0)?.pod.spec?.containers[0].image,
    containers: new Map(besides.map(container => [container.name, container.image!])),
  };
}

interface Pod {
  readonly name: string;
  readonly pod: PodTemplate;
}

function isSameRepository(a: string, b: string): boolean {
  const [one, other] = [parseReference(a), parseReference(b)];
  return one !== undefined && one.registry === other?.registry && one.repository === other.repository;
}
