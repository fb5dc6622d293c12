import type { Trouble } from '../diagnose/pods';
import { Failure } from '../ui/failure';

/** The end of a deploy whose app did not come up. */
export class NotUp extends Failure {
  constructor(public readonly trouble: Trouble, what: string) {
    const { message: text, lines = [], hint } = trouble;
    super([
      `${what}: ${text}`,
      ...hint ? [`  ${hint}`] : [],
      ...lines.length > 0 ? ['its last lines are', ...lines.map(line => `  | ${line}`)] : [],
    ].join('\n'));
  }

  /** Why, in a line. */
  public get line(): string {
    return this.trouble.message;
  }
}
