import { ApiObject, Lazy } from 'cdk8s';
import * as kplus from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { annotated, objectMetadata, orNone, orNothing } from '../../kube/metadata';
import { appProtocol, PORT_NAME, servicePort, traefikScheme } from '../../kube/ports';
import type { PortModel } from '../../model/component';
import type { Named } from '../../model/named';
import type { Strings } from '../../model/strings';

/** What a Service selects, and how its pods answer. */
export interface ServiceTarget {
  readonly selector: Strings;
  readonly port: number;
  readonly http2: boolean;
  readonly https: boolean;
  readonly isPublic: boolean;
  /** Further ports. */
  readonly ports: readonly PortModel[];
}

/** The Service of a web process: a cdk8s-plus Service, so that code can use it, with what cdk8s-plus cannot write. */
export class AppService extends kplus.Service {
  protected readonly apiObject: ApiObject;

  constructor(scope: Construct, id: string, named: Named, target: ServiceTarget) {
    const { selector, port, isPublic, ports } = target;
    const metadata = objectMetadata(named);
    super(scope, id, { metadata, ports: [{ name: PORT_NAME, port: servicePort(target.https), targetPort: port }] });
    for (const [label, value] of Object.entries(selector)) this.selectLabel(label, value);

    const written = ApiObject.of(this);
    this.node.tryRemoveChild(written.node.id);
    this.apiObject = new ApiObject(this, written.node.id, {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: annotated(metadata, traefikScheme(named, target, isPublic)),
      spec: Lazy.any({ produce: () => serviceSpec(written.toJson().spec, appProtocol(target), ports) }),
    });
  }
}

/** What cdk8s-plus writes. */
interface WrittenSpec {
  readonly ports: readonly object[];
  readonly type: string;
  readonly externalIPs: readonly string[];
  readonly selector: Strings;
}

function serviceSpec(
  { ports: [port, ...others], type, externalIPs, selector, ...spec }: WrittenSpec,
  protocol: string | undefined,
  ports: readonly PortModel[],
): object {
  return {
    ...spec,
    type: type === 'ClusterIP' ? undefined : type,
    externalIPs: orNone(externalIPs),
    selector: orNothing(selector),
    ports: [
      { ...port, targetPort: PORT_NAME, appProtocol: protocol },
      ...ports.map(({ name, port: number }) => ({ name, port: number, targetPort: name })),
      ...others,
    ],
  };
}
