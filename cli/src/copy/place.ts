import { Failure } from '../ui/failure';

/** A file or folder of this computer, or of an app. */
export interface CopyPlace {
  readonly path: string;

  /** Whether it is in the app's container. */
  readonly isRemote: boolean;

  /** The app's name, if it is written. */
  readonly app?: string;
}

/** From where to where something is copied: exactly one of both is in an app. */
export interface Copy {
  readonly from: CopyPlace;
  readonly to: CopyPlace;

  /** The app's name, if it is written. */
  readonly app?: string;
}

/** A place as it is written: `:/tmp/dump.sql` and `web:/tmp/dump.sql` are in an app, and everything else is a path here. */
function placeOf(text: string): CopyPlace {
  // One letter before a colon and a slash is a drive of Windows; apps of one letter can be named with --app.
  const [, app, path] = /^[A-Za-z]:[\\/]/.test(text) ? [] : /^([a-z0-9][a-z0-9-]*)?:(.*)$/s.exec(text) ?? [];
  return path === undefined ? { path: text, isRemote: false } : { path, isRemote: true, app };
}

/** @throws Failure if not exactly one of both is in an app, or a path is empty */
export function copyOf(from: string, to: string): Copy {
  const places = [placeOf(from), placeOf(to)];
  const remote = places.filter(({ isRemote }) => isRemote);
  const hint = 'write one of the paths as :/tmp/file, or as web:/tmp/file with the name of the app';
  if (remote.length === 0) throw new Failure(`both ${from} and ${to} are on this computer; ${hint}`);
  if (remote.length === 2) throw new Failure(`both ${from} and ${to} are in an app; ${hint}, and copy to this computer first`);
  const empty = places.findIndex(({ path }) => path === '');
  if (empty >= 0) throw new Failure(`the path in "${[from, to][empty]}" is empty; ${hint}`);
  return { from: places[0], to: places[1], app: remote[0].app };
}
