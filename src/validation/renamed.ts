/**
 * Props that had another name before version 0.1, by struct: what to use today. An old name is an error that says the new one.
 */
export const RENAMED: { readonly [struct: string]: { readonly [oldName: string]: string } } = {
  PlatformProps: { wait: 'syncWaves', buildStrategies: 'builds.strategies' },
  GatewayEntry: { section: 'sectionName', redirectSection: 'httpSectionName' },
  IngressEntry: { wiring: 'interceptorBackend' },
  WebAppProps: { secrets: 'secretEnv', release: 'releaseCommand' },
  Health: {
    stopDelay: 'preStopDelay',
    stopTimeout: 'terminationGracePeriod, which is the whole time to stop: the old value plus preStopDelay',
  },
  Worker: { stopTimeout: 'terminationGracePeriod' },
  AppCronJob: { stopTimeout: 'terminationGracePeriod' },
  Scaling: { scaleDownAfter: 'cooldownPeriod', fixed: 'replicas' },
  WorkerScaling: { scaleDownAfter: 'cooldownPeriod', fixed: 'replicas' },
  AppServiceAccount: { existing: 'name', token: 'automountToken' },
  Security: { user: 'runAsUser', group: 'runAsGroup' },
  Rollout: { rolling: 'rollingUpdate' },
  Connection: { direct: 'bypassInterceptor' },
  ArgoAnalysis: { of: 'source' },
};

/** Values that belong into another prop: what to write, by struct, prop and value. */
export const ELSEWHERE: { readonly [struct: string]: { readonly [prop: string]: { readonly [value: string]: string } } } = {
  Security: { runAsUser: { image: 'set runAsImageUser: true' } },
};

/** Props whose name now means something else: what to use for a list, which was the old type. */
export const RENAMED_LISTS: { readonly [struct: string]: { readonly [prop: string]: string } } = {
  WebAppProps: { secretEnv: 'envFromSecrets' },
};
