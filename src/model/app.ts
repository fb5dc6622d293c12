import type { ResolvedConnections } from './connections';
import type { ResolvedProcesses } from './processes';
import type { ResolvedBuild } from '../features/build/resolve';
import type { ResolvedMetrics } from '../features/monitoring/resolve';
import type { ResolvedRelease } from '../features/processes/resolve-release';
import type { ResolvedRollout } from '../features/rollout/resolved-rollout';
import type { StaticResponse } from '../features/routing/static-response';
import type { ResolvedTrigger } from '../features/scaling/connection-triggers';
import type { Overflow, Patch, SecretKey } from '../index';
import type { ResolvedPlatform } from '../platform/resolve';

/**
 * An app with every decision taken: defaults filled in, the platform asked, units read. The rooms write it down and decide nothing.
 */
export interface ResolvedApp {
  readonly name: string;
  /** Undefined where the chart has none, which only an app that is not scaled by HTTP can do without. */
  readonly namespace?: string;
  readonly labels: Texts;
  readonly annotations: Texts;
  /** The labels that its pods are told by. They depend on the name alone, so that they never change. */
  readonly selector: Texts;
  readonly platform: ResolvedPlatform;
  readonly process: ResolvedProcess;
  readonly release?: ResolvedRelease;
  readonly connections: ResolvedConnections;
  readonly identity: ResolvedIdentity;
  readonly networkPolicy: boolean;
  readonly scaling: ResolvedScaling;
  readonly routing: ResolvedRouting;
  readonly rollout: ResolvedRollout;
  /** Undefined for an app whose image is there. */
  readonly build?: ResolvedBuild;
  /** Undefined for an app that has none. */
  readonly metrics?: ResolvedMetrics;
  readonly patches: readonly Patch[];
  /** What runs beside the web process; nothing where this is such a process itself. */
  readonly processes: ResolvedProcesses;
}

export type Texts = { readonly [name: string]: string };

/** What runs in a pod. */
export interface ResolvedProcess {
  /** Name of the app, whose files a worker has as well. */
  readonly app: string;
  readonly image: string;
  readonly command?: string[];
  readonly args?: string[];
  /** Undefined where nobody asks it anything. */
  readonly port?: number;
  readonly http2: boolean;
  readonly env: Texts;
  readonly secrets: { readonly [name: string]: SecretKey };
  readonly secretEnv: readonly string[];
  readonly files: Texts;
  readonly volumes: readonly ResolvedVolume[];
  readonly resources: ResolvedResources;
  readonly health: ResolvedHealth;
  readonly security: ResolvedSecurity;
}

export interface ResolvedVolume {
  readonly name: string;
  readonly path: string;
  readonly readOnly: boolean;
  readonly source:
  | { readonly kind: 'empty' | 'memory'; readonly size: string }
  | { readonly kind: 'secret'; readonly secret: string }
  | { readonly kind: 'claim'; readonly claim: string; readonly accessMode: string; readonly create?: { readonly size: string; readonly storageClass?: string } };
}

export interface ResolvedResources {
  readonly cpu: string;
  readonly cpuLimit?: string;
  readonly memory: string;
  readonly memoryLimit: string;
  readonly ephemeralStorage: string;
}

/** All times are seconds. */
export interface ResolvedHealth {
  readonly path?: string;
  readonly grpc: boolean;
  readonly port?: number;
  readonly startupTimeout: number;
  readonly interval: number;
  readonly preStopDelay: number;
  readonly terminationGracePeriod: number;
}

export interface ResolvedSecurity {
  readonly runAsUser: number;
  readonly runAsGroup: number;
  readonly readOnlyRoot: boolean;
  readonly capabilities: readonly string[];
  readonly privileged: boolean;
}

export interface ResolvedIdentity {
  readonly existing?: string;
  readonly annotations: Texts;
  readonly token: boolean;
}

export interface ResolvedScaling {
  /** Replicas of an app that does not scale; the rest is then without meaning. */
  readonly replicas?: number;
  /** Whether a volume of the app allows one replica only, which a new version then replaces. */
  readonly alone: boolean;
  readonly min: number;
  readonly max: number;
  /** Undefined where requests go straight to the app. */
  readonly http?: ResolvedHttpScaling;
  /** Whether nothing else is looked at. */
  readonly byHttpAlone: boolean;
  readonly cpu?: number;
  readonly memory?: number;
  readonly schedule: readonly { readonly start: string; readonly end: string; readonly timezone: string; readonly replicas: number }[];
  readonly triggers: readonly ResolvedTrigger[];
  readonly cooldownPeriod: number;
  /** Seconds that a new app is left awake, so that it is seen to start. */
  readonly initialCooldown: number;
  readonly fallback?: number;
}

export interface ResolvedHttpScaling {
  readonly concurrency?: number;
  readonly requestRate?: number;
  readonly window: number;
  /** Name of the add-on's route whose requests are counted. */
  readonly route: string;
}

/** All times are seconds. */
export interface ResolvedRouting {
  /** Name of the Service that requests are led to. */
  readonly service: string;
  /** Public hosts; none for an internal app. */
  readonly hosts: readonly string[];
  readonly paths: readonly string[];
  readonly headers: Texts;
  readonly internal: boolean;
  readonly tls?: { readonly clusterIssuer?: string; readonly secretName?: string; readonly redirect?: boolean };
  readonly timeouts: { readonly request?: number; readonly responseHeader?: number; readonly readiness?: number };
  /** How long the entry must have patience for the first byte; undefined where the entry's own default will do. */
  readonly patience?: number;
  readonly placeholder?: StaticResponse;
  /** Undefined where the app answers. */
  readonly maintenance?: StaticResponse;
  readonly fallback?: { readonly service: string; readonly port: number };
  readonly maxPending?: { readonly requests: number; readonly overflow: `${Overflow}` };
}
