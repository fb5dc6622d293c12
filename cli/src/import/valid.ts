import type { AppDraft, Draft } from './draft';
import { pathOf } from './draft';
import { textOf } from './write';
import { Config } from '../config/config';
import type { Diagnostic } from '../config/diagnostic';
import { stepsOf } from '../config/path';
import { withPlaceholders } from '../config/unbuilt';
import { Failure } from '../ui/failure';
import type { World } from '../ui/world';

/** Each round removes a value, so a file that has more wrong than this is not worth keeping. */
const MOST_ROUNDS = 300;

/**
 * Makes a draft valid: what `webapp check` rejects is removed, and is in the report as what has no counterpart, with what the check says.
 *
 * @param file the path that it will have, whose platform.yaml applies
 * @returns its text
 * @throws Failure if it cannot be made valid
 */
export async function makeValid(draft: Draft, file: string, world: World): Promise<string> {
  let text = textOf(draft);
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const config = withPlaceholders(await Config.load({ file, text, images: [] }, world));
    const { diagnostics } = await config.check();
    if (diagnostics.length === 0) return text;
    const problem = diagnostics.find(one => one.location?.file === config.fileName);
    if (!problem?.location) return config.failOn(diagnostics) as never;
    const app = draft.apps[documentAt(text, problem.location.line)];
    if (!app || !repair(app, problem)) throw new Failure(`the result would not be valid: ${phrase(problem)}`);
    text = textOf(draft);
  }
  throw new Failure('the result would not be valid: too much of the source has no counterpart');
}

/** The number of the document that a line is in. */
function documentAt(text: string, line: number): number {
  return text.split('\n').slice(0, line - 1).filter(one => one === '---').length;
}

/** @returns whether anything was changed */
function repair(app: AppDraft, problem: Diagnostic): boolean {
  const steps = stepsOf(problem.path).map(String);
  if (steps[0] === 'hosts' && app.props.internal === undefined) {
    const placeholder = [`${app.name}.example.com`];
    const isTried = JSON.stringify(app.props.hosts) === JSON.stringify(placeholder);
    remove(app, ['hosts'], problem);
    if (isTried) app.set(['internal'], true, 'It is reachable only inside the cluster, as no valid host name was found.');
    else app.set(['hosts'], placeholder, 'Write your host name.');
    return true;
  }
  const list = steps.findIndex((_, i) => Array.isArray(app.get(steps.slice(0, i + 1))));
  if (list !== -1 && removeItem(app, steps.slice(0, list + 1), Number(steps[list + 1]), problem)) return true;
  let end = list === -1 ? steps.length : list + 1;
  while (end > 0 && !app.has(steps.slice(0, end))) end--;
  if (end === 0) return false;
  remove(app, steps.slice(0, end), problem);
  return true;
}

/** Removes one item of a list, where it is known what each of them comes from; otherwise the list goes as a whole. */
function removeItem(app: AppDraft, steps: readonly string[], index: number, problem: Diagnostic): boolean {
  const items = app.get(steps) as readonly unknown[];
  const origins = app.origins.filter(origin => pathOf(origin.steps) === pathOf(steps));
  if (!(index in items) || items.length === 1 || origins.length !== items.length) return false;
  const reason = phrase({ ...problem, hint: '' });
  origins[index].at.none(reason, problem.hint || 'change it in the source, and import it again');
  app.origins.splice(app.origins.indexOf(origins[index]), 1);
  app.set(steps, items.filter((_, i) => i !== index));
  return true;
}

function remove(app: AppDraft, steps: readonly string[], problem: Diagnostic): void {
  const isWithin = (inner: readonly string[], outer: readonly string[]) => outer.every((step, i) => inner[i] === step);
  const hint = problem.hint || 'change it in the source, and import it again';
  const reason = phrase({ ...problem, hint: '' });
  const lost = app.origins.filter(origin => isWithin(origin.steps, steps));
  for (const { at } of lost) at.none(reason, hint);
  const around = lost.length === 0 ? app.origins.find(origin => isWithin(steps, origin.steps)) : undefined;
  if (around) app.draft.tell(`${app.name}: ${steps.join('.')} was not written: ${reason}; ${hint}`);
  app.set(steps, undefined);
}

function phrase({ path, message, hint }: Diagnostic): string {
  return `${path} ${message}${hint ? `; ${hint}` : ''}`;
}
