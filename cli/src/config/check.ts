import { load, read, Request } from './load';
import { inOrder, Mistake } from './mistake';
import { report } from './report';
import { synthesizeLoaded } from './synthesize';
import { EXIT, Failure } from '../ui/failure';
import { Format, formatted } from '../ui/format';
import { paint } from '../ui/paint';
import type { World } from '../ui/world';

/**
 * Checks a file in every environment that it has, unless the request names one, and says what is wrong.
 *
 * @throws Failure if there is anything
 */
export async function checkFile(request: Request, format: Format | undefined, world: World): Promise<void> {
  const files = await read(request, world);
  const first = await load(files, request);
  const named = [...first.apps, ...first.platform ? [first.platform] : []].flatMap(({ environments }) => environments);
  const environments = request.env === undefined ? [undefined, ...new Set(named)] : [request.env];
  const mistakes: Mistake[] = [];
  let warnings: string[] = [];
  for (const env of environments) {
    const found = await synthesizeLoaded(await load(files, { ...request, env }), request);
    mistakes.push(...found.mistakes);
    warnings = [...warnings, ...found.apps.flatMap(app => app.warnings.map(warning => `${app.name}: ${warning}`))];
  }

  if (format) {
    world.out(formatted(inOrder(mistakes).map(({ place, ...said }) => ({ ...place, ...said })), format));
    if (mistakes.length > 0) throw new Failure('', EXIT.failed);
    return;
  }
  const { yellow, green } = paint(world.color.err);
  for (const warning of new Set(warnings)) world.err(`${yellow('warning')}: ${warning}\n`);
  if (mistakes.length > 0) throw new Failure(report(mistakes, first.textOf, paint(world.color.err)));
  const what = first.apps.length === 1 ? 'the app is' : `all ${first.apps.length} apps are`;
  world.err(`${green('✓')} ${what} well${environments.length > 1 ? `, in ${environments.length - 1} environments too` : ''}\n`);
}
