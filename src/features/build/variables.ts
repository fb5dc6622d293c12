/** How the variables of a build keep their values on their way through Shipwright and Tekton into the pod of the build. */

/**
 * A value that Kubernetes leaves as it is: in the variables and arguments of a container, it replaces `$(NAME)`, and `$$` by `$`.
 *
 * @see https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/
 */
export function literal(value: string): string {
  return value.replace(/\$/g, '$$$$');
}

/**
 * Whether Tekton would replace a part of a value, which nothing can prevent, or reject it as the name of a variable that it does not have.
 *
 * @see https://github.com/tektoncd/pipeline/blob/main/docs/variables.md#variables-available-in-a-task
 */
export function hasTektonVariable(value: string): boolean {
  return /\$\((?:inputs\.)?(?:params|context|workspaces|results|steps|credentials|artifacts)[.[]/.test(value);
}

/** Shipwright's own ClusterBuildStrategies for buildpacks. */
export const SHIPWRIGHT_BUILDPACKS = ['buildpacks-v3', 'buildpacks-v3-heroku'];

/**
 * Whether Shipwright's own strategies for buildpacks change a value: their script splits what `env` prints at white space, and drops what
 * follows a second `=`.
 *
 * @see https://github.com/shipwright-io/build/blob/main/samples/v1beta1/buildstrategy/buildpacks-v3/buildstrategy_buildpacks-v3_cr.yaml
 */
export function isCutByBuildpacks(value: string): boolean {
  return /[\s=]/.test(value);
}
