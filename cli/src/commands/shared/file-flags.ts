import type { Command } from 'commander';
import { Option } from 'commander';
import type { ConfigOptions } from '../../config/config';

/** The flags of commands that read the file. */
export interface FileFlags {
  readonly file: string;
  readonly platform?: string;
  readonly env?: string;
  readonly image?: string[];
  readonly namespace?: string;
}

/** Adds the flags of every command that reads a file. */
export function addFileFlags(command: Command): void {
  addPathFlags(command);
  command
    .option('-e, --env <name>', 'the environment, whose values in the file take precedence')
    .addOption(new Option('--image <image>', 'the image to use; APP=IMAGE if there are several apps, once for each')
      .argParser((image: string, before: string[]) => [...before, image]).default([], "the file's"));
  addNamespaceFlag(command);
}

/** Likewise of a command whose environments and images are no flags. */
export function addFilesFlags(command: Command): void {
  addPathFlags(command);
  addNamespaceFlag(command);
}

function addPathFlags(command: Command): void {
  command
    .option('-f, --file <file>', "the apps' file", 'webapp.yaml')
    .option('--platform <file>', "the platform's file (default: platform.yaml in the folder of the apps' file, or above it)");
}

function addNamespaceFlag(command: Command): void {
  command.option('-n, --namespace <namespace>', 'the namespace of apps that do not name one');
}

/**
 * Adds the flags by which a command finds an app in the cluster.
 *
 * @param flags those of the file; the short one may be needed for something else
 */
export function addAppFlags(command: Command, flags = '-f, --file <file>'): void {
  command
    .option(flags, 'the file with the app; not needed if you name the app', 'webapp.yaml')
    .option('-e, --env <name>', 'the environment, if it has its own namespace')
    .option('-n, --namespace <namespace>', 'the namespace, if the file does not name one');
}

export function configOptions({ file, platform, env, image = [], namespace }: FileFlags): ConfigOptions {
  return { file, platform, env, images: image, namespace };
}
