import type { Release } from './release-props';
import { seconds } from '../checks/units';
import type { ResolvedProcess } from '../resolve/resolved-app';
import { SIZES } from '../workload/sizes';

export interface ResolvedRelease {
  readonly process: ResolvedProcess;
  readonly timeout: number;
  readonly retries: number;
}

/** Turns what a developer says of the release command into what runs: the web process's surroundings with another command. */
export function resolveRelease(release: Release | undefined, web: ResolvedProcess): ResolvedRelease | undefined {
  if (release === undefined) return undefined;
  const size = release.size && SIZES[release.size];
  return {
    process: {
      ...web,
      command: release.command,
      args: release.args,
      port: undefined,
      env: { ...web.env, ...release.env },
      secrets: Object.fromEntries(Object.entries(web.secrets).filter(([variable]) => !Object.hasOwn(release.env ?? {}, variable))),
      resources: size ? { ...web.resources, ...size, cpuLimit: undefined, memoryLimit: size.memory } : web.resources,
      volumes: web.volumes.filter(({ source }) => source.kind !== 'claim'),
    },
    timeout: seconds(release.timeout ?? '10m')!,
    retries: release.retries ?? 2,
  };
}
