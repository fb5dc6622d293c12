import { join } from 'node:path';
import { secretFlags } from './build-secrets';
import type { Builder, BuildTask, ImageStore, LocalBuild } from './builder';
import { building, dockerfileFlags, pushing } from './builder';
import { digestAmong, digestIn } from './digest';
import type { Programs } from './programs';
import { parseJson, ProgramError } from './programs';
import { inTemporaryFolder } from './temporary-folder';
import { tarOf } from '../tar';

/**
 * Docker with its daemon; to push an image, buildx with a BuildKit that runs elsewhere is enough.
 *
 * @param digestOf the digest of an image in its registry, undefined if there is none or it cannot be asked
 * @throws ProgramError with the reason why docker cannot do that
 */
export async function findDocker(
  task: BuildTask, programs: Programs, digestOf: (image: string) => Promise<string | undefined>,
): Promise<Builder> {
  const buildx = await currentBuildx(programs);
  try {
    await findDockerStore(programs);
  } catch (error) {
    if (task.cluster || !buildx?.isElsewhere) throw error;
  }
  const { platforms, request: { secrets } } = task;
  if (!buildx) {
    if (platforms.length > 1) throw new ProgramError('it builds for several platforms only with buildx: https://docs.docker.com/go/buildx/');
    if (Object.keys(secrets).length > 0) throw new ProgramError('it has build secrets only with buildx: https://docs.docker.com/go/buildx/');
    return new ClassicDocker(programs);
  }
  // https://docs.docker.com/build/builders/drivers/docker/: without the containerd image store, the daemon itself can build neither.
  const writesIndexes = buildx.driver !== 'docker' || await hasContainerdStore(programs);
  if (platforms.length > 1 && !writesIndexes) {
    throw new ProgramError('its daemon builds for one platform; run docker buildx create --use for a builder that builds for several');
  }
  return new Buildx(programs, writesIndexes, digestOf);
}

/**
 * Docker's daemon.
 *
 * @throws ProgramError if there is none, or it is podman's: that is used under its own name
 */
export async function findDockerStore(programs: Programs): Promise<ImageStore> {
  // The docker of podman has no such field, and fails.
  const components = await programs.ask('docker', 'version', '--format', '{{json .Server.Components}}');
  if (parseJson<readonly { readonly Name: string }[]>(components).some(({ Name: name }) => name.startsWith('Podman'))) {
    throw new ProgramError('its daemon is podman');
  }
  return new DockerStore(programs);
}

/** The builder that buildx uses. */
interface CurrentBuildx {
  /** https://docs.docker.com/build/builders/drivers/ */
  readonly driver: string;

  /** Whether it is a BuildKit outside of the daemon, which runs. */
  readonly isElsewhere: boolean;
}

/** A line of `docker buildx ls --format json`. */
interface ListedBuilder {
  readonly Name: string;
  readonly Current: boolean;
  readonly Driver: string;
  readonly Nodes: readonly { readonly Status?: string }[];
}

/** @returns undefined without buildx */
async function currentBuildx(programs: Programs): Promise<CurrentBuildx | undefined> {
  if (!await programs.succeeds('docker', 'buildx', 'version')) return undefined;
  try {
    const lines = (await programs.ask('docker', 'buildx', 'ls', '--format', 'json')).split('\n').filter(line => line !== '');
    const chosen = programs.variable('BUILDX_BUILDER'); // which is not listed as the current one
    const current = lines.map(line => parseJson<ListedBuilder>(line))
      .find(({ Name: name, Current: isCurrent }) => chosen ? name === chosen : isCurrent);
    const driver = current?.Driver || 'docker';
    return { driver, isElsewhere: driver !== 'docker' && current!.Nodes.some(({ Status: status }) => status === 'running') };
  } catch (error) {
    if (error instanceof ProgramError) return { driver: 'docker', isElsewhere: false }; // before 0.13, it does not list them in JSON
    throw error;
  }
}

/** https://docs.docker.com/engine/storage/containerd/ */
async function hasContainerdStore(programs: Programs): Promise<boolean> {
  return (await programs.ask('docker', 'info', '--format', '{{json .DriverStatus}}')).includes('io.containerd.snapshotter.v1');
}

class DockerStore implements ImageStore {
  public readonly name = 'docker';

  constructor(protected readonly programs: Programs) {}

  public async hasStored(image: string): Promise<boolean> {
    return this.programs.succeeds('docker', 'image', 'inspect', image);
  }

  public async save(image: string, file: string): Promise<void> {
    await this.programs.ask('docker', 'image', 'save', '--output', file, image);
  }
}

/** What BuildKit makes SBOMs with: https://docs.docker.com/build/metadata/attestations/sbom/#use-a-different-generator */
const SBOM_GENERATOR = 'docker.io/docker/buildkit-syft-scanner:stable-1';

/** BuildKit, by way of buildx. It takes the source as an archive: https://docs.docker.com/reference/cli/docker/buildx/build/ */
class Buildx extends DockerStore implements Builder {
  /** @param writesIndexes whether it can push more than one manifest, which images for several platforms and attestations are */
  constructor(
    programs: Programs, private readonly writesIndexes: boolean, private readonly digestOf: (image: string) => Promise<string | undefined>,
  ) {
    super(programs);
  }

  public async publish(build: LocalBuild): Promise<string> {
    return inTemporaryFolder(async folder => {
      const file = join(folder, 'metadata.json');
      await this.build(build, ['--push', '--metadata-file', file, ...await this.attestations()]);
      return digestIn(file, /"containerimage\.digest": *"[^"]*"/);
    });
  }

  public async store(build: LocalBuild): Promise<void> {
    // Clusters cannot load an image with attestations: https://github.com/kubernetes-sigs/kind/issues/4236
    await this.build(build, ['--load'], { BUILDX_NO_DEFAULT_ATTESTATIONS: '1' });
  }

  private async build(build: LocalBuild, flags: readonly string[], env = {}): Promise<void> {
    const { request: { source, dockerfile = 'Dockerfile' }, image, secrets, log } = build;
    const secret = secretFlags(secrets);
    log.begin(building(build, this));
    await this.programs.run({
      program: 'docker',
      args: [
        'buildx', 'build', '--progress', 'plain', '--file', dockerfile, '--tag', image,
        ...dockerfileFlags(build), ...secret.args, ...flags, '-',
      ],
      env: { ...secret.env, ...env },
      input: tarOf(source.root, source.entries),
    }, log.add);
  }

  /**
   * Provenance without build arguments, which may be confidential, and an SBOM if its generator can be had: a build must not fail where
   * Docker Hub cannot be reached. The variable that switches off those of buildx itself switches off these.
   *
   * @see https://docs.docker.com/build/metadata/attestations/
   * @see https://docs.docker.com/build/building/variables/#buildx_no_default_attestations
   */
  private async attestations(): Promise<string[]> {
    if (!this.writesIndexes || /^(1|t|true)$/i.test(this.programs.variable('BUILDX_NO_DEFAULT_ATTESTATIONS') ?? '')) return [];
    const sbom = await this.digestOf(SBOM_GENERATOR) === undefined ? [] : ['--attest', 'type=sbom'];
    return ['--attest', 'type=provenance,mode=min', ...sbom];
  }
}

/**
 * The older builder of the daemon, for docker without buildx. It takes the source as an archive.
 *
 * @see https://docs.docker.com/reference/cli/docker/build-legacy/
 */
class ClassicDocker extends DockerStore implements Builder {
  public async publish(build: LocalBuild): Promise<string> {
    const { request: { repository }, image, log } = build;
    await this.store(build);
    log.begin(pushing(build, this));
    await this.programs.run({ program: 'docker', args: ['push', image] }, log.add);
    return digestAmong(await this.programs.ask('docker', 'image', 'inspect', '--format', '{{json .RepoDigests}}', image), repository);
  }

  public async store(build: LocalBuild): Promise<void> {
    const { request: { source, dockerfile = 'Dockerfile' }, image, log } = build;
    log.begin(building(build, this));
    await this.programs.run({
      program: 'docker',
      args: ['build', '--file', dockerfile, '--tag', image, ...dockerfileFlags(build), '-'],
      env: { DOCKER_BUILDKIT: '0' },
      input: tarOf(source.root, source.entries),
    }, log.add);
  }
}
