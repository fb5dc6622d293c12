import { App, Chart } from 'cdk8s';

/** A way to create the objects of a minimal public app. */
export interface Contender {
  /**
   * Does what is not measured.
   *
   * @param names the apps that will be created
   * @returns the function that creates the objects of one app
   */
  prepare(app: App, names: string[]): (chart: Chart, name: string) => void;
}

export const DOMAIN = 'apps.example.com';
export const NAMESPACE = 'shop';
export const IMAGE = 'ghcr.io/acme/web:1.4.2';

/** The name of the one app whose objects the raw replay repeats. No other string of its objects contains it. */
export const TEMPLATE = 'app-template';

/** The name of an app, as long as that of the template. */
export function nameOf(i: number): string {
  return `app-${String(i).padStart(8, '0')}`;
}
