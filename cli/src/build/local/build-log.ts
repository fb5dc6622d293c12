import type { Progress } from '../../engine/operation';

/** How many lines are shown while a build runs. */
const SHOWN_LINES = 8;

/** How often they are shown, in milliseconds. */
const INTERVAL = 100;

/** What stands for a secret. */
const MASK = '***';

/** Shorter lines of a secret, such as the last one of a JSON object, are in every log and give nothing away. */
const SHORTEST_LINE = 4;

/** The log of a build on this computer: its last lines are shown while it runs, and all of it where it fails. It has no secrets. */
export class BuildLog {
  private readonly lines: string[] = [];
  private readonly masked: readonly string[];
  private step = '';
  private timer?: NodeJS.Timeout;

  constructor(private readonly progress: Progress, secrets: Iterable<string>) {
    this.masked = [...secrets].flatMap(parts).sort((a, b) => b.length - a.length);
  }

  /** What is being done. */
  public get doing(): string {
    return this.step;
  }

  /** Says what is being done from now on. */
  public begin(doing: string): void {
    this.step = doing;
    this.progress.waiting(doing);
  }

  public readonly add = (line: string): void => {
    this.lines.push(this.withoutSecrets(line));
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.progress.waiting(this.step, this.lines.slice(-SHOWN_LINES));
    }, INTERVAL);
  };

  public withoutSecrets(text: string): string {
    return this.masked.reduce((rest, secret) => rest.replaceAll(secret, MASK), text);
  }

  /** Shows nothing more of it. */
  public end(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  /** Shows all of it. */
  public showAll(): void {
    this.end();
    this.progress.log(this.lines);
  }
}

/** A secret as it may be in a log, whose lines are masked one by one. */
function parts(secret: string): string[] {
  const lines = secret.split(/\r?\n/).map(line => line.trim());
  return lines.length === 1 ? lines.filter(line => line !== '') : lines.filter(line => line.length >= SHORTEST_LINE);
}
