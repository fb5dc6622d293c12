import type { Process } from './props';
import { COMPONENT } from '../../kube/metadata';
import type { ResolvedApp, ResolvedResources } from '../../model/app';
import { NO_PROCESSES } from '../../model/processes';
import { secondsOf } from '../../validation/units';
import { resolveResources } from '../workload/resolve-resources';

/** Components that other objects of an app are, or may come to be. */
export const RESERVED = ['web', 'release', 'canary', 'green', 'preview', 'database', 'proxy', 'files'];

/**
 * A process of an app, as an app of its own that nobody sends requests to: the rooms then write a worker or a job as they write the web process.
 * Its objects are named `<app>-<name>`. Its pods keep the app's name as their label, so that they may go wherever the app's may, and are told from
 * the others by their component.
 */
export function besideWeb(app: ResolvedApp, name: string, own: Process): ResolvedApp {
  const selector = { ...app.selector, [COMPONENT]: name };
  const { process, identity } = app;
  const env = own.env ?? {};
  const { health } = process;
  // Nobody has to be told that it goes, so it is stopped without a delay.
  const terminationGracePeriod = secondsOf(own.terminationGracePeriod) ?? health.terminationGracePeriod - health.preStopDelay;
  return {
    ...app,
    name: `${app.name}-${name}`,
    selector,
    labels: { ...app.labels, ...selector },
    process: {
      ...process,
      command: own.command,
      args: own.args,
      port: undefined,
      http2: false,
      env: { ...process.env, ...env },
      secrets: Object.fromEntries(Object.entries(process.secrets).filter(([variable]) => !Object.hasOwn(env, variable))),
      resources: resourcesBeside(process.resources, own),
      health: { grpc: false, startupTimeout: 0, interval: 0, preStopDelay: 0, terminationGracePeriod },
    },
    identity: { ...identity, existing: identity.existing ?? app.name },
    routing: { service: '', hosts: [], paths: [], headers: {}, internal: true, timeouts: {} },
    rollout: { rollingUpdate: app.rollout.rollingUpdate },
    build: undefined,
    metrics: undefined,
    release: undefined,
    processes: NO_PROCESSES,
  };
}

/** The figures of a size of its own, or else the app's, with single ones in their place; more memory moves its limit along. */
function resourcesBeside(app: ResolvedResources, { size, resources = {} }: Process): ResolvedResources {
  if (size !== undefined) return resolveResources({ size, resources });
  const own = Object.fromEntries(Object.entries(resources).filter(([, value]) => value !== undefined));
  return { ...app, ...resources.memory === undefined ? {} : { memoryLimit: resources.memory }, ...own };
}
