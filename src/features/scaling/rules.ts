import { connectionTriggerRules } from './connection-trigger-rules';
import type { Scaling } from './props';
import type { Component } from '../../model/component';
import { isWeb } from '../../model/component';
import type { ConnectionsModel } from '../../model/connections';
import type { TriggerModel } from '../../model/scaling';
import type { Problem } from '../../validation/problem';
import type { Rule } from '../../validation/rule';
import { count, problem, when } from '../../validation/rule';

/** Whether the scaling of the active version fits together. */
export const scalingRules: Rule = ({ active, connections }, { scaling }) => scalingProblems(active, scaling, connections);

/** What of the scaling of a component does not fit together, and what KEDA's admission would refuse. */
export function scalingProblems(component: Component, props: Scaling = {}, connections: ConnectionsModel): Problem[] {
  const { scaling, platform } = component;
  if (scaling.replicas !== undefined) {
    const others = Object.entries(props).filter(([name, value]) => value !== undefined && name !== 'replicas').map(([name]) => name);
    return when(
      [others.length > 0, 'scaling.replicas', `cannot be combined with ${others.join(', ')}, which have no effect on a fixed number of replicas`, 'remove replicas or the others'],
      [scaling.singleReplica && scaling.replicas > 1, 'scaling.replicas', `is ${scaling.replicas}, but a volume of the app can be mounted by one replica only`, 'use 1, or give the volume the accessMode read-write-many'],
    );
  }
  const asked = isWeb(component);
  const wakes = scaling.http !== undefined || scaling.schedule.length > 0 || scaling.triggers.length > 0;
  if (!asked && !wakes && count(scaling.cpu, scaling.memory) === 0) {
    return [problem('scaling', 'has nothing to scale on', 'set replicas, or cpu, memory, schedule or triggers', 'missing')];
  }
  const oneMetric = platform.httpAddon.api === 'v1alpha1' && scaling.http?.concurrency !== undefined && scaling.http.requestRate !== undefined;
  return [
    ...when(
      [scaling.max < scaling.min, 'scaling.max', `is ${scaling.max} but scaling.min is ${scaling.min}`, `use ${Math.max(scaling.min, 1)} or more`, 'range'],
      [scaling.singleReplica && scaling.max > 1, 'scaling.max', `is ${scaling.max}, but a volume of the app can be mounted by one replica only`, 'use 1, or give the volume the accessMode read-write-many'],
      [scaling.min === 0 && !wakes, 'scaling.min', 'is 0, but cpu and memory cannot wake a sleeping app', `use 1 or more, or add ${asked ? 'concurrency' : 'a trigger or schedule'}`],
      [props.window !== undefined && scaling.http?.requestRate === undefined, 'scaling.window', 'has no effect without requestRate', 'set requestRate, or remove it'],
      [oneMetric, 'scaling.requestRate', 'cannot be combined with concurrency, because the add-on\'s API v1alpha1 supports only one of them', 'remove one of them', 'unsupported'],
      [scaling.fallback !== undefined && !wakes, 'scaling.fallback', 'is not supported by KEDA for cpu and memory alone', 'remove it'],
      [(scaling.fallback ?? 0) > scaling.max, 'scaling.fallback', `is ${scaling.fallback} but scaling.max is ${scaling.max}`, `use ${scaling.max} or less`, 'range'],
      [scaling.fallback !== undefined && scaling.byHttpAlone && platform.httpAddon.api === 'v1alpha1', 'scaling.fallback', 'is not supported by the add-on\'s API v1alpha1', 'remove it, or set the platform\'s httpAddon.api to v1beta1', 'unsupported'],
    ),
    ...scaling.schedule.flatMap(({ start, end, replicas }, i) => when(
      [start.trim() === end.trim(), `scaling.schedule[${i}].end`, 'is the same as start', 'use a later time'],
      [replicas > scaling.max, `scaling.schedule[${i}].replicas`, `is ${replicas} but scaling.max is ${scaling.max}`, `use ${scaling.max} or less, or a larger max`, 'range'],
    )),
    ...triggerProblems(scaling.triggers),
    ...connectionTriggerRules(scaling.triggers, connections),
  ];
}

function triggerProblems(triggers: readonly TriggerModel[]): Problem[] {
  const names = triggers.map(trigger => trigger.name ?? trigger.type);
  return triggers.flatMap((trigger, i) => {
    const path = `scaling.triggers[${i}]`;
    const { secrets, podIdentity, existing, existingInCluster } = trigger.authentication ?? {};
    const made = count(secrets, podIdentity) > 0;
    const problems: Problem[] = [];
    if (names.indexOf(names[i]) < i) problems.push(problem(`${path}.name`, `is "${names[i]}", like another trigger`, 'give each a name of its own', 'duplicate'));
    if (trigger.authentication && count(existing, existingInCluster) + (made ? 1 : 0) !== 1) {
      problems.push(problem(`${path}.authentication`, made || existing ? 'has more than one way to authenticate' : 'is empty', 'set secrets and podIdentity, or existing, or existingInCluster', 'missing'));
    }
    if (secrets && Object.keys(secrets).length === 0) problems.push(problem(`${path}.authentication.secrets`, 'is empty', 'add at least one parameter, or remove it', 'range'));
    return problems;
  });
}
