/** Processes that other platforms start from one line of shell. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { literalWords, shellCommand, splitWords } from './commands';
import type { AppDraft, Steps } from '../draft';
import { appName } from '../draft';
import type { Reader } from '../reader';
import { commandOfImage } from '../source/dockerfile';

/** How the image of an app comes to be, which decides how a line of shell is run in it. */
export type Builder = 'dockerfile' | 'buildpacks';

/**
 * A line of shell as a command. An image that buildpacks have built finds its programs only by their launcher, which runs a line of shell.
 *
 * @see https://buildpacks.io/docs/for-app-developers/how-to/build-outputs/specify-launch-process/
 */
export function commandFor(line: string, builder: Builder): string[] {
  const text = line.trim();
  if (builder === 'dockerfile') return shellCommand(text);
  // Kubernetes replaces the port itself, whether the launcher starts a shell or not.
  return ['launcher', literalWords([text])[0].replace(/\$(PORT\b|\{PORT\})/g, '$(PORT)')];
}

/** The same for a line that its platform splits into words, without a shell, and gives to the ENTRYPOINT of the image. */
export function argsFor(line: string, builder: Builder): { readonly field: 'args' | 'command'; readonly words: string[] } {
  if (builder === 'buildpacks') return { field: 'command', words: commandFor(line, builder) };
  return { field: 'args', words: literalWords(splitWords(line)) };
}

/** Whether a process starts others by the clock, and must not run twice. */
export function isScheduler(name: string, line: string): boolean {
  return /^(beat|clock|scheduler|cron)$/.test(name) || /(^|[-_])(beat|scheduler|clock)$/.test(name) || /(^|\s)beat(\s|$)/.test(line);
}

/** Whether a process is for people at a terminal, or runs only when they start it: Rails apps on Heroku have such processes. */
export function isInteractive(name: string): boolean {
  return /^(console|rake|shell|repl|irb|dbconsole|bash)$/.test(name);
}

/**
 * Adds a worker.
 *
 * @param field whether the words replace the ENTRYPOINT of the image, or its CMD
 * @returns where it is
 */
export function setWorker(
  app: AppDraft, name: string, at: Reader, words: readonly string[], field: 'command' | 'args' = 'command',
): Steps {
  const steps = ['workers', appName(name)];
  app.take(at, [...steps, field], words);
  if (isScheduler(name, words.join(' '))) app.set([...steps, 'singleton'], true, 'A scheduler must never run twice.');
  return steps;
}

/** What the image runs that the Dockerfile of a folder builds; undefined where it does not say it. */
export function commandOfFolder(folder: string, dockerfile = 'Dockerfile', target?: string): string[] | undefined {
  const path = join(folder, dockerfile);
  const command = existsSync(path) ? commandOfImage(readFileSync(path, 'utf8'), target) : undefined;
  return command && literalWords(command);
}

/** How an image is built. */
export interface ImageBuild {
  readonly context?: string;
  readonly dockerfile?: string;
  readonly target?: string;
}

/**
 * Sets the command of a process that runs what its image says: beside the web process, it needs one of its own.
 *
 * @param folder the folder that the context is in
 */
export function setCommandOfImage(app: AppDraft, process: Steps, folder: string, { context = '.', dockerfile, target }: ImageBuild): void {
  const command = commandOfFolder(join(folder, context), dockerfile, target);
  if (command) {
    app.set([...process, 'command'], command, 'From the Dockerfile.');
    return;
  }
  // What the image runs is known to it alone, so it runs as the app itself.
  const name = appName(process.at(-1)!);
  app.set(process, undefined);
  if (app.props.web !== false) {
    app.draft.tell(`${app.name}: write the process ${name}, with the command of its image: workers: { ${name}: { command: … } }`);
    return;
  }
  app.set(['web'], undefined);
  app.set(['internal'], true, 'It gets no requests. With its command it can be a worker: web: false, workers: { main: { command: … } }.');
  app.draft.tell(`${app.name}: write web: false and workers: { main: { command: … } }, with the command of its image`);
}
