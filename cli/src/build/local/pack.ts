import { join } from 'node:path';
import type { Builder, BuildTask, ImageStore, LocalBuild } from './builder';
import { building } from './builder';
import { digestIn } from './digest';
import { findDockerStore } from './docker';
import { findPodman } from './podman';
import type { Programs, Variables } from './programs';
import { parseJson, ProgramError } from './programs';
import { inTemporaryFolder, withCopy } from './temporary-folder';

/**
 * The builder that Shipwright's strategy `buildpacks-v3` has too, so that an app is the same wherever it is built. Pack trusts it.
 *
 * @see https://github.com/shipwright-io/build/blob/main/samples/v1beta1/buildstrategy/buildpacks-v3/buildstrategy_buildpacks-v3_cr.yaml
 * @see https://github.com/buildpacks/pack/blob/main/internal/builder/trusted_builder.go
 */
const BUILDER = 'paketobuildpacks/builder-jammy-full';

/** @throws ProgramError with the reason why it cannot build here */
export async function findPack(task: BuildTask, programs: Programs): Promise<Builder> {
  const { platforms, request: { secrets } } = task;
  if (Object.keys(secrets).length > 0) throw new ProgramError('buildpacks have no build secrets; write a Dockerfile that mounts them');
  if (platforms.length > 1) throw new ProgramError('buildpacks build for one platform; write a Dockerfile');
  await programs.ask('pack', 'version');
  return new Pack(programs, await findEngine(task, programs));
}

/** What runs the containers of buildpacks, and stores the images. */
interface Engine {
  readonly store: ImageStore;
  readonly env: Variables;
}

async function findEngine(task: BuildTask, programs: Programs): Promise<Engine> {
  let why: string;
  try {
    return { store: await findDockerStore(programs), env: {} };
  } catch (error) {
    if (!(error instanceof ProgramError)) throw error;
    why = error.message;
  }
  if (task.cluster && !task.cluster.load) throw new ProgramError(`it needs docker: ${why}`);
  try {
    const store = await findPodman(task, programs);
    return { store, env: { DOCKER_HOST: await podmanSocket(programs) } };
  } catch (error) {
    if (!(error instanceof ProgramError)) throw error;
    throw new ProgramError(`it needs docker or podman: docker: ${why}; podman: ${error.message}`);
  }
}

/** https://buildpacks.io/docs/app-developer-guide/building-on-podman/ */
async function podmanSocket(programs: Programs): Promise<string> {
  const socket = await programs.ask('podman', 'info', '--format', '{{json .Host.RemoteSocket}}');
  const { exists = false, path = '' } = parseJson<{ readonly exists?: boolean; readonly path?: string }>(socket);
  if (!exists) throw new ProgramError('its API is not running; run systemctl --user start podman.socket');
  return path.includes('://') ? path : `unix://${path}`;
}

/**
 * Cloud Native Buildpacks, which detect the language and put SBOMs into the image. They get the source as a folder.
 *
 * @see https://buildpacks.io/docs/for-platform-operators/how-to/integrate-ci/pack/cli/pack_build/
 * @see https://buildpacks.io/docs/for-app-developers/how-to/build-outputs/download-sbom
 */
class Pack implements Builder {
  public readonly name = 'pack';

  constructor(private readonly programs: Programs, private readonly engine: Engine) {}

  public async publish(build: LocalBuild): Promise<string> {
    return inTemporaryFolder(async folder => {
      await this.build(build, ['--publish', '--report-output-dir', folder]);
      return digestIn(join(folder, 'report.toml'), /^digest *= *"[^"]*"/m);
    });
  }

  public async store(build: LocalBuild): Promise<void> {
    await this.build(build, []);
  }

  private async build(build: LocalBuild, flags: readonly string[]): Promise<void> {
    const { request: { app, source, env, rebuild }, image, platforms, log } = build;
    log.begin(building(build, this));
    await withCopy(source, this.programs.signal, async folder => {
      await this.programs.run({
        program: 'pack',
        args: [
          'build', image, '--builder', BUILDER, '--path', folder, '--no-color', ...cacheFlags(`${app.namespace}-${app.name}`),
          ...Object.entries(env).flatMap(([name, value]) => ['--env', `${name}=${value}`]),
          ...platforms.flatMap(platform => ['--platform', platform]),
          ...rebuild ? ['--pull-policy', 'always', '--clear-cache'] : [],
          ...this.engine.env.DOCKER_HOST === undefined ? [] : ['--docker-host', 'inherit'],
          ...flags,
        ],
        env: this.engine.env,
      }, log.add);
    });
  }

  public async hasStored(image: string): Promise<boolean> {
    return this.engine.store.hasStored(image);
  }

  public async save(image: string, file: string): Promise<void> {
    await this.engine.store.save(image, file);
  }
}

/**
 * Volumes with the results of earlier builds. By default they are named after the image with its tag, which is another one for each source.
 *
 * @see https://github.com/buildpacks/pack/blob/main/pkg/cache/volume_cache.go
 */
function cacheFlags(app: string): string[] {
  return ['build', 'launch'].flatMap(type => ['--cache', `type=${type};format=volume;name=webapp-${app}.${type}`]);
}
