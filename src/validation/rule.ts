import type { WebAppProps } from '../web-app-props';
import type { Problem, ProblemCode } from './problem';
import type { AppModel } from '../model/app';

/**
 * A check of values against each other.
 *
 * @param app the app with every decision made
 * @param props what the app's own props say: a default of the platform's that does not suit an app is not a mistake of its developer
 */
export type Rule = (app: AppModel, props: WebAppProps) => Problem[];

/**
 * A rule that finds nothing in an app that has none of these props, neither of its own nor by default of its platform. It is not asked
 * then, so that such an app does not pay for it.
 */
export function about(of: readonly (keyof WebAppProps)[], rule: Rule): Rule {
  return (app, props) => {
    const defaults: WebAppProps = app.platform.appDefaults;
    return of.some(prop => props[prop] !== undefined || defaults[prop] !== undefined) ? rule(app, props) : [];
  };
}

export function problem(path: string, message: string, hint: string, code: ProblemCode = 'conflict'): Problem {
  return { code, path, message, hint };
}

/** The problems of a list of conditions, each with the problem that it means. */
export function when(...rows: [condition: unknown, path: string, message: string, hint: string, code?: ProblemCode][]): Problem[] {
  return rows.filter(([condition]) => condition).map(([, path, message, hint, code]) => problem(path, message, hint, code));
}

/** How many of several values are there. */
export function count(...values: unknown[]): number {
  return values.filter(value => value !== undefined).length;
}
