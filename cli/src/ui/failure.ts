/** What the command's exit code says to a script. They are documented in docs/command.md, and never change their meaning. */
export const EXIT = {
  /** All is well. */
  done: 0,

  /** Something is wrong: with the file, the cluster, or the app. */
  failed: 1,

  /** `webapp diff` found that a deploy would change something. */
  differs: 2,

  /** The command line is wrong: nothing was done. The number is that of BSD's sysexits. */
  usage: 64,
} as const;

/** An end that was foreseen: its message is all that the person needs, and no stack is shown. */
export class Failure extends Error {
  constructor(message: string, public readonly exitCode: number = EXIT.failed) {
    super(message);
  }
}
