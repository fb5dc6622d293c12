import { join } from 'node:path';
import { secretFlags } from './build-secrets';
import type { Builder, BuildTask, LocalBuild } from './builder';
import { building, dockerfileFlags } from './builder';
import { digestIn } from './digest';
import type { Programs } from './programs';
import { inTemporaryFolder, withCopy } from './temporary-folder';

/** @throws ProgramError with the reason why it cannot build here */
export async function findNerdctl({ cluster }: BuildTask, programs: Programs): Promise<Builder> {
  await programs.ask('nerdctl', 'info');
  return new Nerdctl(programs, cluster && !cluster.load ? KUBERNETES : []);
}

/** Where containerd has the images of Kubernetes: https://github.com/containerd/nerdctl#basic-usage */
const KUBERNETES = ['--namespace', 'k8s.io'];

/**
 * Nerdctl with containerd and BuildKit. It gets the source as a folder, as it takes no archive.
 *
 * @see https://github.com/containerd/nerdctl/blob/main/docs/command-reference.md#whale-nerdctl-build
 */
class Nerdctl implements Builder {
  public readonly name = 'nerdctl';

  /** @param flags for each command */
  constructor(private readonly programs: Programs, private readonly flags: readonly string[]) {}

  /** BuildKit itself pushes: `nerdctl push` does not say which digest the image has. */
  public async publish(build: LocalBuild): Promise<string> {
    return inTemporaryFolder(async folder => {
      const file = join(folder, 'digest');
      await this.build(build, ['--output', 'type=image,push=true', '--iidfile', file]);
      return digestIn(file);
    });
  }

  public async store(build: LocalBuild): Promise<void> {
    await this.build(build, []);
  }

  private async build(build: LocalBuild, flags: readonly string[]): Promise<void> {
    const { request: { source, dockerfile = 'Dockerfile' }, image, secrets, log } = build;
    const secret = secretFlags(secrets);
    log.begin(building(build, this));
    await withCopy(source, this.programs.signal, async folder => {
      await this.programs.run({
        program: 'nerdctl',
        args: [
          ...this.flags, 'build', '--progress', 'plain', '--file', join(folder, dockerfile), '--tag', image, ...dockerfileFlags(build),
          ...secret.args, ...flags, folder,
        ],
        env: secret.env,
      }, log.add);
    });
  }

  public async hasStored(image: string): Promise<boolean> {
    return this.programs.succeeds('nerdctl', ...this.flags, 'image', 'inspect', image);
  }

  public async save(image: string, file: string): Promise<void> {
    await this.programs.ask('nerdctl', ...this.flags, 'save', '--output', file, image);
  }
}
