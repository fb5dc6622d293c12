import { Command, Option } from 'commander';
import type { Request } from '../config/load';

export interface FileOptions {
  readonly file: string;
  readonly platform?: string;
  readonly env?: string;
  readonly image?: string[];
  readonly namespace?: string;
}

/** Adds the options of every command that reads a file. */
export function addFileOptions(command: Command): void {
  command
    .option('-f, --file <file>', 'the file with the apps', 'webapp.yaml')
    .option('--platform <file>', "the platform's file (default: platform.yaml beside the apps' file, or in a folder above)")
    .option('-e, --env <name>', 'the environment: what the file has in environments under that name is laid over the rest')
    .addOption(new Option('--image <image>', 'the image; APP=IMAGE where there are several apps, once for each')
      .argParser((image: string, before: string[]) => [...before, image]).default([], 'that of the file'))
    .option('-n, --namespace <namespace>', 'the namespace of apps that name none');
}

/**
 * Adds the options by which the file says which app is meant, and where it is.
 *
 * @param flags those of the file; the one of a letter may be needed for something else
 */
export function addAppOptions(command: Command, flags = '-f, --file <file>'): void {
  command
    .option(flags, 'the file with the app, which need not be there where the app is named', 'webapp.yaml')
    .option('-e, --env <name>', 'the environment, where it says another namespace')
    .option('-n, --namespace <namespace>', 'the namespace, where the file names none');
}

/** What those options ask for. */
export function requestOf({ file, platform, env, image = [], namespace }: FileOptions): Request {
  return { file, platform, env, images: image, namespace };
}
