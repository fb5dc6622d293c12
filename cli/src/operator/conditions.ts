import type { ConditionType, ResourceCondition, WebAppStatus } from './resources';
import { timestamp } from '../kube/clock';

/** What is known of one aspect of an app. */
export interface Fact {
  readonly status: 'True' | 'False' | 'Unknown';

  /** A word for programs: https://github.com/kubernetes/community/blob/master/contributors/devel/sig-architecture/api-conventions.md */
  readonly reason: string;

  /** A sentence for people, which says what to do. */
  readonly message: string;
}

/**
 * Reasons of `Routable` that are about DNS as the cluster sees it. Users may see it in another way: names of a company are often known
 * inside of it only, and a record may be created last. So they keep nothing from being ready.
 */
const OF_DNS: readonly string[] = ['DnsMissing', 'DnsPending', 'DnsUnknown'];

/** Whether it is as it should be, as far as the cluster can tell. */
export function isMet({ status, reason }: Pick<Fact, 'status' | 'reason'>): boolean {
  return status === 'True' || OF_DNS.includes(reason);
}

/** What `Accepted` says of an app without warnings. */
export const VALID = 'the spec is valid';

export type Facts = { readonly [type in ConditionType]?: Fact };

/** The order in which conditions are written. */
const TYPES: readonly ConditionType[] = ['Ready', 'Accepted', 'Built', 'Released', 'Available', 'Routable', 'SecretsPushed', 'Asleep'];

/** How long a message may be: https://github.com/kubernetes/apimachinery/blob/master/pkg/apis/meta/v1/types.go */
const LONGEST = 32_768;

/**
 * Conditions with the time since when they are so.
 *
 * @param facts one that is undefined is over
 * @param before the status until now; facts that are not mentioned stay as they are
 * @param now the time, in milliseconds since 1970
 */
export function conditionsOf(facts: Facts, before: WebAppStatus, generation: number, now: number): ResourceCondition[] {
  const known = before.conditions ?? [];
  const withReady = { ...facts, Ready: readiness(facts, known) };
  return TYPES.flatMap((type): ResourceCondition[] => {
    const last = known.find(condition => condition.type === type);
    const fact = withReady[type];
    if (!fact) return last && !Object.hasOwn(facts, type) ? [last] : [];
    const { status, reason, message } = fact;
    const lastTransitionTime = last?.status === status ? last.lastTransitionTime : timestamp(now);
    const short = message.length > LONGEST ? `${message.slice(0, LONGEST - 1)}…` : message;
    return [{ type, status, reason, message: short, lastTransitionTime, observedGeneration: generation }];
  });
}

/** The conditions that must be met, the first of which is the reason of one that is not ready. */
const NEEDED: readonly ConditionType[] = ['Accepted', 'Built', 'Released', 'Available', 'Routable'];

function readiness(facts: Facts, known: readonly ResourceCondition[]): Fact {
  const all = NEEDED.map(type => facts[type] ?? known.find(condition => condition.type === type)).filter(fact => fact && !isMet(fact));
  const unmet = all.find(fact => fact?.status === 'False') ?? all.find(fact => fact?.status === 'Unknown');
  if (unmet) return { status: unmet.status, reason: unmet.reason, message: unmet.message };
  const { Asleep: asleep } = facts;
  if (asleep?.status === 'True') return { status: 'True', reason: asleep.reason, message: asleep.message };
  return { status: 'True', reason: 'Ready', message: 'the app is ready' };
}
