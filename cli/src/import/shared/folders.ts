/** Folders: what is built, and where programs start. */
import type { AppDraft, Steps } from '../draft';
import type { Reader } from '../reader';

const clean = (path: string) => path.replace(/^\.\/+/, '').replace(/\/+$/, '') || '.';

/** Sets the folder that is built. */
export function setContext(at: Reader, app: AppDraft): void {
  const folder = clean(at.text ?? '.');
  if (/^(https?|git|ssh):|^git@|\.git(#|$)/.test(folder)) at.none('it is a repository', 'write buildFrom: { git: …, revision: … }');
  else if (folder === '.') at.taken('the folder is built');
  else app.take(at, ['build', 'context'], folder);
}

/**
 * Sets the Dockerfile of an app, which starts at the folder that is built.
 *
 * @param context that folder, where the source has paths of the project
 */
export function setDockerfile(at: Reader, app: AppDraft, context = '.'): void {
  const path = insideOf(clean(at.text ?? 'Dockerfile'), context);
  if (path === 'Dockerfile') at.taken('the folder is built');
  else app.take(at, ['build', 'dockerfile'], path);
}

function insideOf(path: string, context: string): string {
  const folder = `${clean(context)}/`;
  return path.startsWith(folder) ? path.slice(folder.length) : path;
}

/** Sets the folder that a program starts in, which a shell changes to: the image alone has one. */
export function setWorkingFolder(at: Reader, app: AppDraft, process: Steps): void {
  const steps = [...process, 'command'];
  const args = [...process, 'args'];
  const words = [...(app.get(steps) as string[] | undefined) ?? [], ...(app.get(args) as string[] | undefined) ?? []];
  // Without the ENTRYPOINT of the image it is not known what would run.
  if (!app.has(steps)) {
    return at.none('a process starts in the WORKDIR of its image', "set it there, or write command: [sh, -c, 'cd … && exec …']");
  }
  app.set(args, undefined);
  const folder = at.text ?? '/';
  const command = ['sh', '-c', `cd ${folder} && exec "$@"`, 'sh', ...words];
  return app.change(at, steps, command, 'there is no working directory but that of the image');
}
