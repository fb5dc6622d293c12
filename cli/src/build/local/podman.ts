import { join } from 'node:path';
import { secretFlags } from './build-secrets';
import type { Builder, BuildTask, LocalBuild } from './builder';
import { building, dockerfileFlags, pushing } from './builder';
import { digestIn } from './digest';
import type { Programs } from './programs';
import { inTemporaryFolder, withCopy } from './temporary-folder';

/** @throws ProgramError with the reason why it cannot build here */
export async function findPodman(_: BuildTask, programs: Programs): Promise<Builder> {
  await programs.ask('podman', 'info');
  return new Buildah('podman', programs);
}

/** @throws ProgramError with the reason why it cannot build here */
export async function findBuildah(_: BuildTask, programs: Programs): Promise<Builder> {
  await programs.ask('buildah', 'info');
  return new Buildah('buildah', programs);
}

/**
 * Buildah, or podman, which has it inside: they share their store and these commands. They get the source as a folder, as they would read
 * an archive into memory: https://github.com/containers/buildah/blob/main/define/types.go
 *
 * @see https://docs.podman.io/en/latest/markdown/podman-build.1.html
 * @see https://github.com/containers/buildah/blob/main/docs/buildah-build.1.md
 */
class Buildah implements Builder {
  constructor(public readonly name: 'podman' | 'buildah', private readonly programs: Programs) {}

  public async publish(build: LocalBuild): Promise<string> {
    const { image, platforms, log } = build;
    const isIndex = platforms.length > 1;
    if (isIndex) await this.programs.succeeds(this.name, 'manifest', 'rm', image); // the build would add its images to it
    await this.build(build, isIndex ? '--manifest' : '--tag');
    return inTemporaryFolder(async folder => {
      const file = join(folder, 'digest');
      const push = isIndex
        ? ['manifest', 'push', '--all', '--digestfile', file, image, `docker://${image}`]
        : ['push', '--digestfile', file, image];
      log.begin(pushing(build, this));
      await this.programs.run({ program: this.name, args: push }, log.add);
      return digestIn(file);
    });
  }

  public async store(build: LocalBuild): Promise<void> {
    await this.build(build, '--tag');
  }

  private async build(build: LocalBuild, tagFlag: string): Promise<void> {
    const { request: { source, dockerfile = 'Dockerfile' }, image, secrets, log } = build;
    const secret = secretFlags(secrets);
    const flags = [...dockerfileFlags(build, '--pull=always'), ...secret.args];
    log.begin(building(build, this));
    await withCopy(source, this.programs.signal, async folder => {
      await this.programs.run({
        program: this.name,
        args: ['build', '--layers', '--file', join(folder, dockerfile), tagFlag, image, ...flags, folder],
        env: secret.env,
      }, log.add);
    });
  }

  public async hasStored(image: string): Promise<boolean> {
    return this.programs.succeeds(this.name, 'inspect', '--type', 'image', image);
  }

  public async save(image: string, file: string): Promise<void> {
    await this.programs.ask(this.name, 'push', image, `docker-archive:${file}:${image}`);
  }
}
