import type { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { createScaledObject } from './scaled-object';
import { createTriggerAuthentications } from './trigger-authentication';
import type { Component } from '../../model/component';

/** The objects that let KEDA scale a component. Code may add triggers until the tree is written. */
export class Scaler {
  /**
   * What KEDA scales the component by; undefined if the number of its replicas is fixed, and while the operator of an older add-on creates
   * it from the HTTPScaledObject.
   */
  public scaledObject?: ApiObject;

  private readonly scope: Construct;

  constructor(scope: Construct, private readonly component: () => Component) {
    // Triggers may come later, and with them objects that are to be written here.
    this.scope = scalesByOperator(component()) ? new Construct(scope, 'scaling') : scope;
    this.update();
  }

  /** Creates what the component needs by now and is not there yet. */
  public update(): void {
    const component = this.component();
    if (component.scaling.replicas !== undefined) return;
    const created = createTriggerAuthentications(this.scope, component);
    if (scalesByOperator(component)) return;
    // What KEDA signs in with must exist before.
    if (this.scaledObject && created.length > 0) this.scaledObject.node.addDependency(...created);
    this.scaledObject ??= createScaledObject(this.scope, this.component);
  }
}

/** Whether the operator of an older add-on creates the ScaledObject. */
function scalesByOperator({ scaling, platform }: Component): boolean {
  return scaling.byHttpAlone && platform.httpAddon.api === 'v1alpha1';
}
