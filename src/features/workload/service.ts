import { ApiObject, Lazy } from 'cdk8s';
import * as kplus from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { objectMetadata, orNothing } from '../../kube/metadata';
import { appProtocol, PORT_NAME, SERVICE_PORT, traefikScheme } from '../../kube/ports';
import { ResolvedApp, Texts } from '../../model/app';

/**
 * The Service of an app: a cdk8s-plus Service, so that code can use it, written with what cdk8s-plus cannot say.
 *
 * Of a blue-green rollout it selects nothing by itself: Argo Rollouts writes into its selector which version is active. As Kubernetes takes a selector
 * for one value, who applied another one would take that away, and so promote a version that is not meant to be.
 *
 * @see https://argo-rollouts.readthedocs.io/en/stable/features/bluegreen/#overview
 */
export class AppService extends kplus.Service {
  protected readonly apiObject: ApiObject;

  constructor(scope: Construct, id: string, app: ResolvedApp, selector: Texts = app.rollout.argo?.preview ? {} : app.selector) {
    super(scope, id, { metadata: objectMetadata(app), ports: [{ name: PORT_NAME, port: SERVICE_PORT, targetPort: app.process.port }] });
    for (const [label, value] of Object.entries(selector)) this.selectLabel(label, value);

    const written = ApiObject.of(this);
    this.node.tryRemoveChild(written.node.id);
    const metadata = objectMetadata(app);
    this.apiObject = new ApiObject(this, written.node.id, {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { ...metadata, annotations: orNothing({ ...metadata.annotations, ...traefikScheme(app) }) },
      spec: Lazy.any({ produce: () => serviceSpec(app, written.toJson().spec) }),
    });
  }
}

function serviceSpec(app: ResolvedApp, { ports: [port, ...others], type, externalIPs, selector, ...spec }: any): object {
  return {
    ...spec,
    type: type === 'ClusterIP' ? undefined : type,
    externalIPs: externalIPs.length > 0 ? externalIPs : undefined,
    selector: orNothing(selector),
    ports: [{ ...port, targetPort: PORT_NAME, appProtocol: appProtocol(app) }, ...others],
  };
}
