/** The components of a file with several services, and which of them become processes of one app. */
import type { AppDraft, Draft, Steps } from '../draft';
import { appName } from '../draft';
import type { Reader } from '../reader';

/** A service of a platform's file. */
export interface Component {
  readonly name: string;
  readonly at: Reader;
  readonly kind: 'web' | 'internal' | 'worker' | 'cron' | 'release';

  /** What is built or run: components with the same key have the same image. */
  readonly key: string;
}

/** A component, and what it is here. */
export interface Placed extends Component {
  readonly app: AppDraft;

  /** Where it is in the app: empty for the app itself. */
  readonly process: Steps;
}

/**
 * Makes an app of each component that gets requests. One that gets none is a process of the only app with the same image, or else of an app
 * of its own.
 */
export function placeComponents(components: readonly Component[], draft: Draft): Placed[] {
  const isServer = ({ kind }: Component) => kind === 'web' || kind === 'internal';
  const servers = components.filter(isServer);
  const homeOf = (one: Component) => {
    const same = servers.filter(({ key }) => key === one.key);
    return same.length === 1 ? same[0] : undefined;
  };
  draft.hasSeveral ||= components.filter(one => isServer(one) || !homeOf(one)).length > 1;
  const apps = new Map(servers.map(server => [server, draft.app(server.name)]));
  const placed = components.map((one): Placed => {
    if (isServer(one)) return { ...one, app: apps.get(one)!, process: [] };
    const home = homeOf(one);
    if (home) return { ...one, app: apps.get(home)!, process: processOf(one, one.name) };
    const app = draft.app(one.name);
    app.set(['web'], false);
    // A release command alone needs an app of its own too.
    return { ...one, app, process: processOf(one.kind === 'release' ? { ...one, kind: 'cron' } : one, 'main') };
  });
  return placed.sort((a, b) => a.process.length - b.process.length);
}

function processOf({ kind }: Component, name: string): Steps {
  if (kind === 'release') return ['releaseCommand'];
  return [kind === 'cron' ? 'cronJobs' : 'workers', appName(name)];
}
