import { App, Chart } from 'cdk8s';

/** A way to make the objects of a minimal public app. */
export interface Contender {
  /**
   * What comes before the clock runs.
   *
   * @param names the apps that will be made
   * @returns the function that makes the objects of one app
   */
  prepare(app: App, names: string[]): (chart: Chart, name: string) => void;
}

export const DOMAIN = 'apps.example.com';
export const NAMESPACE = 'shop';
export const IMAGE = 'ghcr.io/acme/web:1.4.2';

/** Name of the one app whose objects the raw replay repeats. No other text of its objects has it in it. */
export const TEMPLATE = 'app-template';

/** Names as long as that of the template. */
export function nameOf(i: number): string {
  return `app-${String(i).padStart(8, '0')}`;
}
