import type { Command } from 'commander';
import type { World } from '../ui/world';

/** A command's options, its help, and what it does. Its file imports little: what its action needs, that imports when it runs. */
export type Define = (command: Command, world: World) => void;

interface Entry {
  /** What it is for, in the list of commands. */
  readonly summary: string;
  readonly load: () => Promise<{ readonly define: Define }>;
}

/** Every command, in the order of the help. Each is a file of its own, which is loaded when it is called. */
export const COMMANDS: { readonly [name: string]: Entry } = {
  init: { summary: 'look at the folder and write a webapp.yaml', load: () => import('./init') },
  synth: { summary: 'print the Kubernetes objects', load: () => import('./synth') },
  check: { summary: 'check the file, and do nothing else', load: () => import('./check') },
  deploy: { summary: 'make the apps run in a cluster, and wait until they do', load: () => import('./deploy') },
  diff: { summary: 'show what a deploy would change', load: () => import('./diff') },
  status: { summary: 'print how an app is', load: () => import('./status') },
  logs: { summary: 'print what an app writes', load: () => import('./logs') },
  open: { summary: 'open an app in the browser', load: () => import('./open') },
  run: { summary: 'run a command once, as the app would', load: () => import('./run') },
  scale: { summary: 'set between how many pods an app is scaled', load: () => import('./scale') },
  doctor: { summary: 'find out what a cluster lacks, or why an app does not answer', load: () => import('./doctor') },
  releases: { summary: 'print the releases of an app', load: () => import('./releases') },
  rollback: { summary: 'go back to an earlier release', load: () => import('./rollback') },
  destroy: { summary: 'remove an app from the cluster', load: () => import('./destroy') },
  schema: { summary: 'print the JSON Schema of webapp.yaml', load: () => import('./schema') },
  eject: { summary: 'turn the file into a cdk8s project in TypeScript', load: () => import('./eject') },
  completion: { summary: 'print what makes a shell complete words', load: () => import('./completion') },
};
