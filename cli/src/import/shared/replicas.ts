import type { AppDraft, Steps } from '../draft';
import type { Reader } from '../reader';

/** A fixed number of instances: a web process scales from there with its requests, and a worker has as many. */
export function setReplicas(at: Reader, app: AppDraft, process: Steps): void {
  const { number } = at;
  if (number === undefined) return;
  if (process.length > 0) {
    if (number === 1) at.taken('a worker has one replica');
    else app.take(at, [...process, 'scaling', 'replicas'], number);
  } else if (number > 1) {
    app.change(at, ['scaling', 'min'], number, `it scales with its requests, from ${number} to at least 10 replicas`);
  } else {
    at.changed(app.shown(['scaling']), 'it scales with its requests, from 0 to 10 replicas');
  }
}
