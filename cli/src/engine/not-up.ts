import type { Trouble } from '../diagnose/pods';
import { Failure } from '../ui/failure';

/** The end of a deploy whose app did not come up. */
export class NotUp extends Failure {
  constructor(public readonly trouble: Trouble, what: string) {
    const { text, lines = [], instead } = trouble;
    super([
      `${what}: ${text}`,
      ...instead ? [`  ${instead}`] : [],
      ...lines.length > 0 ? ['its last lines are', ...lines.map(line => `  | ${line}`)] : [],
    ].join('\n'));
  }

  /** Why, in a line. */
  public get line(): string {
    return this.trouble.text;
  }
}
