import { besideWeb } from './beside-web';
import type { ReleaseCommand } from './release-props';
import type { ResolvedApp } from '../../model/app';
import { seconds } from '../../validation/units';

export interface ResolvedRelease {
  readonly process: ResolvedApp;
  readonly timeout: number;
  readonly retries: number;
}

/** Turns what a developer says of the release command into what runs: a process beside the web process, that mounts no claim. */
export function resolveRelease(app: ResolvedApp, release: ReleaseCommand | undefined): ResolvedRelease | undefined {
  if (release === undefined) return undefined;
  const { ephemeralStorage } = app.process.resources;
  const beside = besideWeb(app, 'release', { ...release, resources: { ephemeralStorage } });
  return {
    process: { ...beside, process: { ...beside.process, volumes: beside.process.volumes.filter(({ source }) => source.kind !== 'claim') } },
    timeout: seconds(release.timeout ?? '10m')!,
    retries: release.retries ?? 2,
  };
}
