/** Cron jobs of platforms that send a request at the time; here a program sends it, which wakes the app. */
import type { AppDraft } from '../draft';
import { appName } from '../draft';
import type { Reader } from '../reader';

/** Not the app's image, which may have no such program. */
const CURL = 'docker.io/curlimages/curl:8.16.0';

export interface HttpCron {
  readonly name: string;

  /** Where the path of the request is written. */
  readonly path: Reader;

  /** The five fields, and where they are written. */
  readonly schedule: string;
  readonly at: Reader;

  /** What the program is told besides: `['-X', 'POST']`. */
  readonly options?: readonly string[];
}

/** @returns where the job is */
export function setHttpCron(app: AppDraft, { name, path, schedule, at, options = [] }: HttpCron): string[] {
  const base = appName(name).slice(0, 30).replace(/-+$/, '');
  let own = base;
  for (let i = 2; app.has(['cronJobs', own]); i++) own = `${base}-${i}`;
  const steps = ['cronJobs', own];
  app.take(at, [...steps, 'schedule'], schedule);
  app.set([...steps, 'image'], CURL);
  const namespace = app.draft.namespace ?? app.draft.apps[0].name;
  const host = app.has(['scaling', 'replicas']) ? `${app.name}.${namespace}` : `${app.name}-proxy.${namespace}:8080`;
  const request = ['-fsS', ...options, `http://${host}${path.text}`];
  app.change(path, [...steps, 'args'], request, 'a program sends the request, which wakes the app');
  return steps;
}
