/** Services of Knative and Cloud Run, whose YAML is the same but for the annotations. */
import { basename } from 'node:path';
import type { AppDraft } from '../draft';
import { folderName } from '../draft';
import type { Conversion, Format } from '../format';
import type { Reader } from '../reader';
import { readDocuments } from '../shared/documents';
import { readMetadata } from '../shared/metadata';
import { convertPod } from '../shared/pod';
import { setTraffic } from '../shared/traffic';
import { duration, secondsIn } from '../shared/units';
import type { SourceFile } from '../source/node';
import { valueOf } from '../source/node';
import type { Rule, Table } from '../table';
import { convert, holds, none } from '../table';

export const knative: Format = {
  name: 'knative',
  title: 'Knative or Cloud Run',
  documentation: 'https://cloud.google.com/run/docs/reference/yaml/v1',
  get tables() {
    return [ANNOTATIONS, REVISION];
  },
  recognizes: ({ text }) => /^[\s{-]*"?apiVersion"?:\s*['"]?(serving\.knative\.dev|run\.googleapis\.com)\//m.test(text),
  convert: convertKnative,
};

interface Target {
  readonly app: AppDraft;
  readonly metric?: string;
}

const NETWORK = 'it is about the network of Google Cloud';

const bound = (prop: 'min' | 'max'): Rule<Target> => (at, { app }) => {
  const number = at.number ?? 0;
  if (number > 0) app.take(at, ['scaling', prop], number);
  else at.taken(prop === 'min' ? 'the app scales to zero' : 'replicas have a bound: scaling.max is 10, unless you write another');
};

/**
 * Annotations of the Service and of its template.
 *
 * @see https://knative.dev/docs/serving/autoscaling/
 * @see https://cloud.google.com/run/docs/reference/yaml/v1
 */
const ANNOTATIONS: Table<Target> = {
  'autoscaling.knative.dev/min-scale': bound('min'),
  'autoscaling.knative.dev/minScale': bound('min'),
  'autoscaling.knative.dev/max-scale': bound('max'),
  'autoscaling.knative.dev/maxScale': bound('max'),
  'run.googleapis.com/minScale': bound('min'),
  'run.googleapis.com/maxScale': bound('max'),
  'run.googleapis.com/manualInstanceCount': (at, { app }) => app.take(at, ['scaling', 'replicas'], at.number),
  'run.googleapis.com/scalingMode': holds('scaling says it'),
  'autoscaling.knative.dev/metric': holds('what the target counts'),
  'autoscaling.knative.dev/class': holds('KEDA scales apps'),
  'autoscaling.knative.dev/target': (at, { app, metric }) => {
    const props: { readonly [metric: string]: string | undefined } = { rps: 'requestRate', cpu: 'cpu', memory: 'memory' };
    app.take(at, ['scaling', props[metric ?? ''] ?? 'concurrency'], at.number);
  },
  'autoscaling.knative.dev/target-utilization-percentage': none('targets are reached in full', 'write a lower target'),
  'autoscaling.knative.dev/targetUtilizationPercentage': none('targets are reached in full', 'write a lower target'),
  'autoscaling.knative.dev/window': none('requests in flight are not averaged', 'with scaling.requestRate, write window'),
  'autoscaling.knative.dev/scale-to-zero-pod-retention-period': setCooldown,
  'autoscaling.knative.dev/scale-down-delay': setCooldown,
  'autoscaling.knative.dev/initial-scale': holds('a new version is ready before it gets requests'),
  'autoscaling.knative.dev/initialScale': holds('a new version is ready before it gets requests'),
  'autoscaling.knative.dev/activation-scale': none('a request wakes one replica', 'write scaling: { min: … }'),
  'run.googleapis.com/ingress': (at, { app }) => at.text === 'internal'
    ? app.change(at, ['internal'], true, 'it is reachable only from inside the cluster')
    : at.taken('the app is reachable through the ingress of the cluster'),
  'run.googleapis.com/ingress-status': holds('the cluster writes it'),
  'run.googleapis.com/launch-stage': holds('it is a stage of Google Cloud'),
  'run.googleapis.com/description': holds('it is a comment'),
  'run.googleapis.com/cpu-throttling': holds('CPU is not throttled'),
  'run.googleapis.com/startup-cpu-boost': holds('there is no CPU limit'),
  'run.googleapis.com/execution-environment': holds('the cluster runs the containers'),
  'run.googleapis.com/sessionAffinity': none('requests of a client go to any replica', 'keep sessions in a database'),
  'run.googleapis.com/cloudsql-instances': none('there is no proxy beside the app',
    'write sidecars: { sql: { image: gcr.io/cloud-sql-connectors/… } }'),
  'run.googleapis.com/vpc-access-connector': none(NETWORK, 'ask your platform team'),
  'run.googleapis.com/vpc-access-egress': none(NETWORK, 'ask your platform team'),
  'run.googleapis.com/network-interfaces': none(NETWORK, 'ask your platform team'),
  'run.googleapis.com/encryption-key': none('images are in your registry', 'ask your platform team'),
  'run.googleapis.com/binary-authorization': none('policies are those of the cluster', 'ask your platform team'),
  'run.googleapis.com/binary-authorization-breakglass': none('policies are those of the cluster', 'ask your platform team'),
  'run.googleapis.com/custom-audiences': none('the ingress decides who may come in', 'write access: { signIn: … }'),
  'run.googleapis.com/invoker-iam-disabled': holds('everyone may send requests, unless access says otherwise'),
  'run.googleapis.com/iap-enabled': none('the ingress decides who may come in', 'write access: { signIn: … }'),
  'run.googleapis.com/container-dependencies': none('sidecars start before the app, in their order', 'order sidecars so, with port'),
  'run.googleapis.com/secrets': none('Secret Manager is not read', 'create Secrets, or use External Secrets'),
  'run.googleapis.com/health-check-disabled': holds('a new version has to be ready'),
  'run.googleapis.com/default-url-disabled': holds('an app answers at its hosts alone'),
  'run.googleapis.com/scaling-cpu-target': none('an app that scales by CPU cannot be woken', 'write scaling: { cpu: … }'),
  'run.googleapis.com/scaling-concurrency-target': none('targets are reached in full', 'write scaling: { concurrency: … }'),
  'run.googleapis.com/client-name': holds('the tool that deploys writes it'),
  'run.googleapis.com/client-version': holds('the tool that deploys writes it'),
  'run.googleapis.com/operation-id': holds('the tool that deploys writes it'),
  'run.googleapis.com/urls': holds('the cluster writes it'),
  'run.googleapis.com/build-*': holds('the tool that builds writes it'),
  'serving.knative.dev/rollout-duration': none('a new version gets all requests when it is ready', 'write rollout: { canary: … }'),
  'serving.knative.dev/rolloutDuration': none('a new version gets all requests when it is ready', 'write rollout: { canary: … }'),
  'networking.knative.dev/*': none('the platform configures its ingress', 'write hosts and tls'),
  'run.googleapis.com/*': none('it is a setting of Cloud Run that this command does not know',
    'see what it does, and write it in webapp.yaml'),
  'autoscaling.knative.dev/*': none('it is a setting of Knative that this command does not know',
    'see what it does, and write it in scaling'),
  'client.knative.dev/*': holds('the tool that deploys writes it'),
  'serving.knative.dev/*': holds('the tool that deploys writes it'),
};

/** https://knative.dev/docs/serving/reference/serving-api/#serving.knative.dev/v1.RevisionSpec */
const REVISION: Table<Target> = {
  containerConcurrency: (at, { app }) => {
    if (!at.number) {
      at.taken('concurrency has no limit');
    } else if (app.has(['scaling', 'concurrency'])) {
      at.none('concurrency is what an app scales on, and never a limit',
        'limit it in the program');
    } else {
      app.change(at, ['scaling', 'concurrency'], at.number, 'it is what the app scales on, and not a limit');
    }
  },
  timeoutSeconds: (at, { app }) => app.take(at, ['timeouts', 'request'], duration(at.number ?? 300)),
  responseStartTimeoutSeconds: (at, { app }) => app.take(at, ['timeouts', 'responseHeader'], duration(at.number ?? 300)),
  idleTimeoutSeconds: none('a response that has started may continue to stream', 'see timeouts'),
};

function convertKnative(files: readonly SourceFile[], conversion: Conversion): void {
  const roots = files.flatMap(file => readDocuments(file, conversion, knative).map(root => ({ file, root })));
  const kindOf = ({ root }: typeof roots[number]) => root.field('kind')?.text;
  const nameOf = (root: Reader) => root.at('metadata', 'name')?.text ?? '';
  conversion.draft.hasSeveral ||= roots.filter(one => kindOf(one) === 'Service').length > 1;
  const revisions = new Map(roots.filter(one => kindOf(one) === 'Revision').map(({ root }) => [nameOf(root), root]));
  for (const one of roots) {
    const { file, root } = one;
    const kind = kindOf(one);
    if (kind === 'Service') convertService(root, file, conversion, revisions);
    else if (kind === 'DomainMapping') root.none('a host is one of an app', `write hosts: [${nameOf(root) || '…'}]`);
    else if (kind !== 'Revision') root.none(`a ${kind ?? 'document'} is not a Service`, 'write what runs at times as cronJobs');
  }
  for (const root of revisions.values()) if (!root.field('spec')?.outcome) root.none('it gets no traffic', 'remove it');
}

function convertService(
  root: Reader, file: SourceFile, { draft }: Conversion, revisions: ReadonlyMap<string, Reader>,
): void {
  const template = root.at('spec', 'template');
  const spec = template?.field('spec');
  const app = draft.app(root.at('metadata', 'name')?.text ?? folderName(file));
  const namespace = root.at('metadata', 'namespace')?.text;
  // On Cloud Run it is the number of a project.
  if (namespace !== undefined && !/^\d+$/.test(namespace)) draft.namespace ??= namespace;
  const annotations = [root.at('metadata', 'annotations'), template?.at('metadata', 'annotations')].filter(one => one !== undefined);
  const cloudRun = /run\.googleapis\.com/.test(file.text) || /^\d+$/.test(namespace ?? '') || basename(file.name).includes('cloudrun');
  const visibility = root.at('metadata', 'labels')?.field('networking.knative.dev/visibility');
  if (visibility?.text === 'cluster-local') app.take(visibility, ['internal'], true);
  root.at('metadata', 'labels')?.field('cloud.googleapis.com/location')?.none('a cluster is in one region', 'deploy to a cluster there');
  for (const one of annotations) {
    convert(one, { app, metric: one.field('autoscaling.knative.dev/metric')?.text }, ANNOTATIONS);
  }
  readMetadata(root, app, true);
  if (template) readMetadata(template, app, true);
  if (spec) {
    convert(spec, { app }, REVISION);
    const containers = spec.field('containers')?.items ?? [];
    // The container that has a port gets the requests.
    const main = containers.find(one => one.field('ports')) ?? containers[0];
    convertPod({
      app,
      spec,
      cloudRun,
      process: [],
      patch: { kind: 'Deployment', name: app.name, way: ['spec', 'template', 'spec'] },
      main: main?.field('name')?.text ?? 'main',
      keys: { configMaps: new Map(), secrets: new Map() },
      accessModes: new Map(),
    });
  }
  const image = app.get(['image']) as string | undefined;
  const imageOf = (version: Reader) => {
    const revision = revisions.get(version.field('revisionName')?.text ?? '');
    if (revision) return revision.at('spec', 'containers')?.items[0]?.field('image')?.text;
    return version.field('revisionName') ? undefined : image;
  };
  const traffic = root.at('spec', 'traffic');
  setTraffic(traffic, app, { weight: 'percent', tag: 'tag', imageOf });
  for (const one of traffic?.items ?? []) {
    const revision = revisions.get(one.field('revisionName')?.text ?? '');
    if (revision && spec && one.field('percent')?.number) compareRevision(revision, spec, app);
  }
}

function setCooldown(at: Reader, { app }: Target): void {
  const seconds = secondsIn(at.text ?? '');
  if (seconds !== undefined) app.take(at, ['scaling', 'cooldownPeriod'], duration(seconds));
}

/** What a version has beside its image: a canary has all settings of the app. */
function compareRevision(revision: Reader, template: Reader, app: AppDraft): void {
  readMetadata(revision, app, false);
  const spec = revision.field('spec');
  const compare = (one: Reader, other: Reader | undefined) => {
    const isSame = other !== undefined && JSON.stringify(valueOf(one.node)) === JSON.stringify(valueOf(other.node));
    if (isSame) one.taken('it is the same in the Service');
    else one.none('a canary differs from its app by the image alone', 'deploy this difference before or after the new image');
  };
  for (const [name, one] of spec?.fields ?? []) {
    if (name !== 'containers') compare(one, template.field(name));
  }
  spec?.field('containers')?.items.forEach((container, i) => {
    for (const [name, one] of container.fields) {
      if (name === 'image' && i === 0) one.taken(app.shown(one.text === app.props.image ? ['image'] : ['rollout', 'canary']));
      else compare(one, template.field('containers')?.items[i]?.field(name));
    }
  });
}
