import type { Call } from './call';
import { shell } from './call';
import { COMPLETED } from './found';
import type { ClusterOptions, Helm } from './helm';
import type { Chart, Release } from './part';
import type { PlannedPart } from './plan';
import { KUBECTL_MANAGER } from './plan';
import type { Manifest } from '../render/synthesis';
import { formatted } from '../ui/format';

/** One thing that is done to the cluster. */
export type Action =
  | { readonly kind: 'call'; readonly call: Call }
  | { readonly kind: 'apply'; readonly objects: readonly Manifest[] }
  /** Applies the CRDs of a chart, which Helm does not upgrade. */
  | { readonly kind: 'crds'; readonly call: Call }
  | { readonly kind: 'wait'; readonly namespace: string; readonly deployments: readonly string[] };

/** What is done for a part. */
export interface Step {
  /** What it is for: `KEDA 2.20.2`. */
  readonly title: string;

  /** What is being done, as a phrase: `installing KEDA 2.20.2`. */
  readonly doing: string;

  /** What was done, as a sentence; undefined where only something is waited for. */
  readonly done?: string;
  readonly actions: readonly Action[];
}

/** What is done for a part; undefined if nothing is. One that is up to date may not be ready yet. */
export function stepOf({ part, namespace, decision }: PlannedPart, helm: Helm, options: ClusterOptions): Step | undefined {
  const { title: name, version, source, deployments } = part;
  const title = `${name} ${version}`;
  const wait: Action = { kind: 'wait', namespace, deployments };
  if (decision.action === 'none' && !decision.isNewer) return { title, doing: `checking ${title}`, actions: [wait] };
  if (decision.action !== 'install' && decision.action !== 'upgrade') return undefined;
  const isUpgrade = decision.action === 'upgrade';
  return {
    title,
    doing: `${isUpgrade ? 'upgrading' : 'installing'} ${title}`,
    done: `${isUpgrade ? 'Upgraded' : 'Installed'} ${title}`,
    actions: source.kind === 'chart'
      ? [...chartActions(source, namespace, helm, isUpgrade), wait]
      : releaseActions(source, { namespace, version, wait, options }),
  };
}

function chartActions(chart: Chart, namespace: string, helm: Helm, isUpgrade: boolean): Action[] {
  const crds: Action[] = isUpgrade && chart.keepsCrds ? [{ kind: 'crds', call: helm.crds(chart) }] : [];
  return [...crds, { kind: 'call', call: helm.upgrade(chart, namespace) }];
}

interface ReleaseOptions {
  readonly namespace: string;
  readonly version: string;
  readonly wait: Action;
  readonly options: ClusterOptions;
}

function releaseActions(
  { manifests, objects = [], annotate, then = [] }: Release, { namespace, version, wait, options }: ReleaseOptions,
): Action[] {
  const apply = (url: string) => kubectl(options, [
    'apply', '--server-side', '--force-conflicts', '--field-manager', KUBECTL_MANAGER, '--filename', url,
  ]);
  const note = (...words: string[]) => kubectl(options, ['annotate', '--overwrite', ...words]);
  return [
    ...manifests.map(apply),
    ...objects.length > 0 ? [{ kind: 'apply' as const, objects }] : [],
    ...annotate ? [note('crd', ...annotate.crds, annotate.annotation)] : [],
    wait,
    ...then.map(apply),
    note('namespace', namespace, `${COMPLETED}=${version}`),
  ];
}

function kubectl({ kubeconfig, context }: ClusterOptions, words: readonly string[]): Action {
  const cluster = [
    ...kubeconfig === undefined ? [] : ['--kubeconfig', kubeconfig], ...context === undefined ? [] : ['--context', context],
  ];
  return { kind: 'call', call: { program: 'kubectl', words: [...words, ...cluster] } };
}

/** An action as it is typed in a shell. */
export function commandOf(action: Action, options: ClusterOptions): string {
  const typed = (words: readonly string[], input?: string) => {
    const line = kubectl(options, words);
    return line.kind === 'call' ? shell({ ...line.call, input }) : '';
  };
  switch (action.kind) {
    case 'call': return shell(action.call);
    case 'apply': return typed(['apply', '--server-side', '--filename', '-'], yamlOf(action.objects));
    case 'crds': return `${shell(action.call)} | ${typed(['apply', '--server-side', '--force-conflicts', '--filename', '-'])}`;
    case 'wait': return action.deployments.map(name => (
      typed(['rollout', 'status', `deployment/${name}`, '--namespace', action.namespace, '--timeout', '5m']))).join('\n');
  }
}

/** Objects as a stream of YAML documents. */
export function yamlOf(objects: readonly Manifest[]): string {
  return objects.map(object => formatted(object, 'yaml')).join('---\n');
}
