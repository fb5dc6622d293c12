import { ApiObject } from 'cdk8s';
import type { Construct, IConstruct } from 'constructs';

/**
 * The objects of a construct and those outside that it depends on, in cdk8s' order: dependencies come first. cdk8s itself
 * sorts a whole chart at a time.
 */
export function inOrder(scope: Construct): ApiObject[] {
  const constructs = scope.node.findAll();
  const needs = new Map(constructs.map(construct => [construct, new Set(construct.node.dependencies)]));
  // A dependency on a construct is one on the objects in it.
  for (const construct of constructs) {
    for (const needed of construct.node.dependencies) {
      for (const target of objectsIn(needed)) {
        for (const object of objectsIn(construct)) if (object !== target) needs.get(object)!.add(target);
      }
    }
  }

  const needed = new Set([...needs.values()].flatMap(set => [...set]));
  const ordered = new Set<IConstruct>();
  const visit = (construct: IConstruct): void => {
    for (const before of needs.get(construct) ?? []) visit(before);
    ordered.add(construct);
  };
  constructs.filter(construct => !needed.has(construct)).forEach(visit);
  return [...ordered].filter(isObject);
}

function objectsIn(construct: IConstruct): ApiObject[] {
  return construct.node.findAll().filter(isObject);
}

function isObject(construct: IConstruct): construct is ApiObject {
  return ApiObject.isApiObject(construct);
}
