import { ApiObject, ApiObjectMetadataDefinition, Lazy } from 'cdk8s';
import * as kplus from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import type { WrittenDeployment } from './deployment-spec';
import { deploymentSpec } from './deployment-spec';
import { annotated, objectMetadata, orNothing, podMetadata } from '../../kube/metadata';
import { PORT_NAME, workloadKind } from '../../kube/ports';
import type { Component } from '../../model/component';
import { isWeb } from '../../model/component';

/**
 * The Deployment of a component: a cdk8s-plus Deployment, so that code can add to it, that is written by our own rules.
 *
 * They differ from those of cdk8s-plus in two ways. Pods are selected by the labels of the app and not by a hash of the construct's
 * path, which would change as the code around it moves. And fields that are newer than Kubernetes 1.27, which cdk8s-plus-27
 * would drop silently, are written.
 *
 * If Argo Rollouts is to replace its pods, a Rollout is written, which has all that a Deployment has but for the strategy.
 */
export class AppDeployment extends kplus.Deployment {
  /** The container of the component, with what code may see of it; the rest is in `deployment-spec.ts`. */
  public readonly container: kplus.Container;

  protected readonly apiObject: ApiObject;
  private readonly written: ApiObject;
  private pods?: ApiObjectMetadataDefinition;

  /**
   * @param component as it is when the tree is written
   * @param strategyOf writes how its pods are replaced
   */
  constructor(
    scope: Construct, id: string,
    private readonly component: () => Component,
    serviceAccount: kplus.IServiceAccount,
    private readonly strategyOf: (component: Component) => object,
  ) {
    super(scope, id, { metadata: objectMetadata(component()), select: false, serviceAccount });
    const first = component();
    this.select(kplus.LabelSelector.of({ labels: { ...first.selector } }));

    this.written = ApiObject.of(this);
    this.node.tryRemoveChild(this.written.node.id);
    this.apiObject = new ApiObject(this, this.written.node.id, {
      metadata: workloadMetadata(first),
      spec: Lazy.any({ produce: () => this.specOf(component()) }),
      ...workloadKind(first.strategy),
    });
    const { containerName: name, image, command, args } = first.pod;
    this.container = this.addContainer({ name, image, command, args, ports: portsOf(first), resources: {} });
  }

  /** The spec of the Deployment of another version of the component: it has all that code adds to this one. */
  public specOfVersion(version: Component): object {
    const { template, ...written }: WrittenDeployment = this.written.toJson().spec;
    const [main, ...others] = template.spec.containers;
    const { metadata } = template;
    return deploymentSpec(version, this.strategyOf(version), {
      ...written,
      selector: { matchLabels: version.selector },
      template: {
        metadata: { ...metadata, labels: { ...metadata.labels, ...version.selector } },
        spec: { ...template.spec, containers: [{ ...main, image: version.pod.image }, ...others] },
      },
    });
  }

  public get podMetadata(): ApiObjectMetadataDefinition {
    const component = this.component();
    return this.pods ??= new ApiObjectMetadataDefinition({
      ...podMetadata(component),
      annotations: orNothing({ ...component.pod.annotations, ...component.annotations }),
      apiObject: this.apiObject,
    });
  }

  /** Services and network policies that code makes from this Deployment select the pods as ours do. */
  public toPodSelectorConfig(): kplus.PodSelectorConfig {
    const { selector, namespace } = this.component();
    return {
      labelSelector: kplus.LabelSelector.of({ labels: { ...selector } }),
      namespaces: namespace ? { names: [namespace] } : undefined,
    };
  }

  private specOf(component: Component): object {
    return deploymentSpec(component, this.strategyOf(component), this.written.toJson().spec);
  }
}

function workloadMetadata(component: Component) {
  return annotated(objectMetadata(component, 'workload'), component.workloadAnnotations);
}

function portsOf(component: Component): kplus.ContainerPort[] | undefined {
  if (!isWeb(component)) return undefined;
  const { server: { port, ports }, metrics } = component;
  const all = [
    { name: PORT_NAME, number: port },
    ...ports.map(other => ({ name: other.name, number: other.port })),
    ...metrics && metrics.port !== port ? [{ name: metrics.portName, number: metrics.port }] : [],
  ];
  // cdk8s-plus throws at two of one number or name, which our checks report with all other problems.
  return all.filter(({ name, number }, i) => all.findIndex(other => other.name === name || other.number === number) === i);
}

/** The Deployment of a version beside the one that the app itself is. */
export function createVersionDeployment(scope: Construct, version: () => Component, deployment: AppDeployment): ApiObject {
  return new ApiObject(scope, 'deployment', {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: workloadMetadata(version()),
    spec: Lazy.any({ produce: () => deployment.specOfVersion(version()) }),
  });
}
