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
      [others.length > 0, 'scaling.replicas', `is set beside ${others.join(', ')}, which then do nothing`, 'leave away either replicas or the others'],
      [scaling.singleReplica && scaling.replicas > 1, 'scaling.replicas', `is ${scaling.replicas}, but a volume of the app can be mounted by one replica only`, 'write 1, or give the volume the accessMode read-write-many'],
    );
  }
  const asked = isWeb(component);
  const wakes = scaling.http !== undefined || scaling.schedule.length > 0 || scaling.triggers.length > 0;
  if (!asked && !wakes && count(scaling.cpu, scaling.memory) === 0) {
    return [problem('scaling', 'names nothing to scale on', 'write replicas, or cpu, memory, schedule or triggers', 'missing')];
  }
  const oneMetric = platform.httpAddon.api === 'v1alpha1' && scaling.http?.concurrency !== undefined && scaling.http.requestRate !== undefined;
  return [
    ...when(
      [scaling.max < scaling.min, 'scaling.max', `is ${scaling.max}, less than min, which is ${scaling.min}`, `write ${Math.max(scaling.min, 1)} or more`, 'range'],
      [scaling.singleReplica && scaling.max > 1, 'scaling.max', `is ${scaling.max}, but a volume of the app can be mounted by one replica only`, 'write 1, or give the volume the accessMode read-write-many'],
      [scaling.min === 0 && !wakes, 'scaling.min', 'is 0, but cpu and memory cannot wake an app that sleeps', `write 1 or more, or add ${asked ? 'concurrency: 100' : 'a trigger or a schedule'}`],
      [props.window !== undefined && scaling.http?.requestRate === undefined, 'scaling.window', 'is set without requestRate, which it belongs to', 'add requestRate, or leave it away'],
      [oneMetric, 'scaling.requestRate', 'is set beside concurrency, but the add-on\'s API v1alpha1 knows one of them', 'leave one away', 'unsupported'],
      [scaling.fallback !== undefined && !wakes, 'scaling.fallback', 'is set, but KEDA has none for cpu and memory alone', 'leave it away'],
      [(scaling.fallback ?? 0) > scaling.max, 'scaling.fallback', `is ${scaling.fallback}, more than max, which is ${scaling.max}`, `write ${scaling.max} or less`, 'range'],
      [scaling.fallback !== undefined && scaling.byHttpAlone && platform.httpAddon.api === 'v1alpha1', 'scaling.fallback', 'is set, but the add-on\'s API v1alpha1 has none', 'leave it away, or set the platform\'s httpAddon.api to v1beta1', 'unsupported'],
    ),
    ...scaling.schedule.flatMap(({ start, end, replicas }, i) => when(
      [start.trim() === end.trim(), `scaling.schedule[${i}].end`, 'is the same as start', 'write a later time'],
      [replicas > scaling.max, `scaling.schedule[${i}].replicas`, `is ${replicas}, more than max, which is ${scaling.max}`, `write ${scaling.max} or less, or a larger max`, 'range'],
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
    if (names.indexOf(names[i]) < i) problems.push(problem(`${path}.name`, `is "${names[i]}", like that of another trigger`, 'give each a name of its own', 'duplicate'));
    if (trigger.authentication && count(existing, existingInCluster) + (made ? 1 : 0) !== 1) {
      problems.push(problem(`${path}.authentication`, made || existing ? 'says more than one way to sign in' : 'says nothing', 'write secrets and podIdentity, or existing, or existingInCluster', 'missing'));
    }
    if (secrets && Object.keys(secrets).length === 0) problems.push(problem(`${path}.authentication.secrets`, 'is empty', 'name at least one parameter, or leave it away', 'range'));
    return problems;
  });
}
