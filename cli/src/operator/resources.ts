/** The resources that the operator turns into apps, as they are in a cluster: `kubectl apply -f webapp.yaml` creates them. */
import { API_VERSION } from '../config/api-version';
import { withoutGradualCanary } from '../config/gradual-canary';
import type { Fields } from '../config/merge';
import type { OperatorFields } from '../config/operator-fields';
import { OPERATOR_FIELDS } from '../config/operator-fields';
import type { ResponseCounts } from '../engine/canary-health';
import type { Digests } from '../engine/pin';
import type { AppName, Condition, Kind, KubernetesObject } from '../kube/types';
import type { Canary, GradualCanary, PlatformProps, Rollout, WebAppProps } from 'cdk8s-webapp';

/** What a condition of a WebApp says. `Asleep` is healthy whether it is true or not; the others are healthy when they are true. */
export type ConditionType = 'Ready' | 'Accepted' | 'Built' | 'Released' | 'Available' | 'Routable' | 'SecretsPushed' | 'Asleep';

/** https://github.com/kubernetes/community/blob/master/contributors/devel/sig-architecture/api-conventions.md#typical-status-properties */
export interface ResourceCondition extends Condition {
  readonly type: ConditionType;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
  readonly lastTransitionTime: string;
  readonly observedGeneration: number;
}

/** How far the canary of a release is. */
export interface CanaryProgress {
  /** The image that gets a part of the traffic. */
  readonly image: string;

  /** The percentage of the traffic that it gets. */
  readonly weight: number;

  /** Which step is being done, from 0. The one after the last is the takeover: the app's own pods get the image. */
  readonly step: number;

  /** Whether it has taken over, and only waits for the last requests before it is removed. */
  readonly draining?: boolean;

  /** When the step began. */
  readonly started: string;

  /** When its pods were ready. */
  readonly ready?: string;

  /** How long it has been watched since then, in seconds, which no clock of another replica has to tell. */
  readonly watched?: number;

  /** What the interceptor had counted of its responses before; undefined where that cannot be seen. */
  readonly before?: ResponseCounts;
}

/** A release that is being deployed. */
export interface Attempt {
  readonly revision: string;

  /** When it began. */
  readonly started: string;

  readonly digests?: { readonly [image: string]: string };

  /** What it claims for itself: see `WebAppStatus.claims`. */
  readonly claims?: readonly string[];

  /** How far its canary is, where its image gets the traffic step by step. */
  readonly canary?: CanaryProgress;
}

export interface WebAppStatus {
  /** The generation of the spec that this status is about. */
  readonly observedGeneration?: number;

  /** The names of the objects with variables of `webapp config` and `webapp secrets` that this status is about. */
  readonly observedSettings?: string;

  readonly url?: string;

  /** The image that serves traffic, with its digest where that is known. */
  readonly image?: string;

  /** The number of the current release. */
  readonly release?: number;

  /** How many pods of the web process there are. */
  readonly replicas?: number;

  /** The label selector of these pods, for the scale subresource. */
  readonly selector?: string;

  /** How many of these pods are ready, and how many are wanted, for people: `1/1`, or `asleep`. */
  readonly ready?: string;

  /** What the current release was made of: a hash of its objects as they were synthesized. */
  readonly revision?: string;

  /** The digests that the tags of its images had when it was made, by image: they stay the same as long as the release. */
  readonly digests?: { readonly [image: string]: string };

  /**
   * A hash of the objects of the current release, by which the operator sees that its Secret was not changed: authors may write Secrets of
   * their namespace, and must not get it to apply objects of theirs.
   */
  readonly checksum?: string;

  /** What no other app can have as long as this release serves traffic: hosts with their paths and headers, and volumes. */
  readonly claims?: readonly string[];

  /** What is being deployed, if anything is. */
  readonly attempt?: Attempt;

  /** The revision that failed last, until another one is deployed. */
  readonly failedRevision?: string;

  /** When the operator deletes the app, which has a `ttl`. */
  readonly expires?: string;

  /** What the annotation that renews the `ttl` was when that time was set. */
  readonly renewal?: string;

  readonly conditions?: readonly ResourceCondition[];
}

/** The props of an app, whose canary may move by itself. */
export type WebAppSpecProps = Omit<WebAppProps, 'rollout'> & {
  readonly rollout?: Omit<Rollout, 'canary'> & { readonly canary?: Canary | GradualCanary };
};

/** An app of the cluster. */
export interface WebAppResource extends KubernetesObject {
  readonly spec: WebAppSpecProps & OperatorFields;
  readonly status?: WebAppStatus;
}

/** How the cluster does things, for the apps of some namespaces: the one named `default`, or one that a namespace's label names. */
export interface PlatformResource extends KubernetesObject {
  readonly spec: PlatformProps;
}

export const WEB_APP: Kind<WebAppResource> = { apiVersion: API_VERSION, kind: 'WebApp' };
export const PLATFORM: Kind<PlatformResource> = { apiVersion: API_VERSION, kind: 'Platform' };

/** The platform of namespaces that do not name one. */
export const DEFAULT_PLATFORM = 'default';

/** The label of a namespace that names its platform. */
export const PLATFORM_LABEL = 'cdk8s-webapp.dev/platform';

export function nameOf({ metadata: { name, namespace } }: WebAppResource): AppName {
  return { name, namespace: namespace! };
}

export function digestsOf({ digests = {} }: { readonly digests?: { readonly [image: string]: string } }): Digests {
  return new Map(Object.entries(digests));
}

export function keyOf({ name, namespace }: AppName): string {
  return `${namespace}/${name}`;
}

/** The props of a resource as they are written: its spec, without what is for the operator. */
export function writtenPropsOf({ spec }: Pick<WebAppResource, 'spec'>): Fields {
  const props: { [prop: string]: unknown } = { ...spec };
  for (const field of OPERATOR_FIELDS) delete props[field];
  return props;
}

/** The props of a resource as the library takes them: what they say once a new version has all traffic. */
export function propsOf(resource: Pick<WebAppResource, 'spec'>): WebAppProps {
  return withoutGradualCanary(writtenPropsOf(resource)) as unknown as WebAppProps;
}
