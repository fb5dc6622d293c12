/** The exit codes of the command. They are documented in docs/command.md, and never change their meaning. */
export const EXIT = {
  /** Success. */
  ok: 0,

  /** Something is wrong: with the file, the cluster, or the app. */
  failed: 1,

  /** `webapp diff` found that a deploy would change something. */
  differs: 2,

  /** The command line is wrong, and nothing was done. The number is EX_USAGE of BSD's sysexits. */
  usage: 64,
} as const;

/** An expected error: its message is all that the user needs, and no stack trace is printed. */
export class Failure extends Error {
  constructor(message: string, public readonly exitCode: number = EXIT.failed) {
    super(message);
  }
}
