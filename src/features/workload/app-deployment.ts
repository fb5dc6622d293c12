import { ApiObject, ApiObjectMetadataDefinition, Lazy } from 'cdk8s';
import * as kplus from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { deploymentSpec } from './pod-spec';
import { containerName, objectMetadata, orNothing, podMetadata } from '../../kube/metadata';
import { PORT_NAME } from '../../kube/ports';
import { workloadKind } from '../../kube/workload-kind';
import { ResolvedApp } from '../../model/app';
import { scrapeAnnotations } from '../monitoring/pod-monitor';

/**
 * The Deployment of an app: a cdk8s-plus Deployment, so that code can add to it, that is written by our own rules.
 *
 * They differ from those of cdk8s-plus in two ways. Pods are told by the labels of the app and not by a hash of the construct's
 * path, which would change as the code around it moves. And fields that are newer than Kubernetes 1.27, which cdk8s-plus-27
 * would leave out without a word, are written.
 *
 * Where Argo Rollouts is to replace its pods, a Rollout is written, which has all that a Deployment has but for the strategy.
 */
export class AppDeployment extends kplus.Deployment {
  protected readonly apiObject: ApiObject;
  private readonly written: ApiObject;
  private pods?: ApiObjectMetadataDefinition;

  constructor(scope: Construct, id: string, private readonly app: ResolvedApp, serviceAccount: kplus.IServiceAccount) {
    super(scope, id, { metadata: objectMetadata(app), select: false, serviceAccount });
    this.select(kplus.LabelSelector.of({ labels: { ...app.selector } }));

    this.written = ApiObject.of(this);
    this.node.tryRemoveChild(this.written.node.id);
    this.apiObject = new ApiObject(this, this.written.node.id, {
      ...workloadKind(app),
      metadata: objectMetadata(app, 'workload'),
      spec: Lazy.any({ produce: () => deploymentSpec(app, this.written.toJson().spec) }),
    });
  }

  /** The spec of the Deployment of another version of the app: all that code said of this one holds for it too. */
  public specOf(version: ResolvedApp): object {
    const { template, ...written } = this.written.toJson().spec;
    const [main, ...others] = template.spec.containers;
    const { metadata } = template;
    return deploymentSpec(version, {
      ...written,
      selector: { matchLabels: version.selector },
      template: {
        metadata: { ...metadata, labels: { ...metadata.labels, ...version.selector } },
        spec: { ...template.spec, containers: [{ ...main, image: version.process.image }, ...others] },
      },
    });
  }

  public get podMetadata(): ApiObjectMetadataDefinition {
    return this.pods ??= new ApiObjectMetadataDefinition({
      ...podMetadata(this.app),
      annotations: orNothing({ ...scrapeAnnotations(this.app), ...this.app.annotations }),
      apiObject: this.apiObject,
    });
  }

  /** Services and network policies that code makes from this Deployment select the pods as ours do. */
  public toPodSelectorConfig(): kplus.PodSelectorConfig {
    return {
      labelSelector: kplus.LabelSelector.of({ labels: { ...this.app.selector } }),
      namespaces: this.app.namespace ? { names: [this.app.namespace] } : undefined,
    };
  }
}

/** The container that runs the app or its worker, with what code may see of it; the rest is in `pod-spec.ts`. */
export function addContainer(deployment: AppDeployment, app: ResolvedApp): kplus.Container {
  const { process: { image, command, args, port }, metrics } = app;
  return deployment.addContainer({
    name: containerName(app),
    image,
    command,
    args,
    ports: port === undefined ? undefined : [
      { name: PORT_NAME, number: port },
      ...metrics && metrics.port !== port ? [{ name: metrics.portName, number: metrics.port }] : [],
    ],
    resources: {},
  });
}
