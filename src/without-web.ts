import type { AppModel } from './model/app';
import type { Problem } from './validation/problem';
import { problem, when } from './validation/rule';
import type { WebAppProps } from './web-app-props';

/** Props that say something of the web process alone, with what to write for the other processes, if they have something like it. */
const OF_WEB: { readonly [prop in keyof WebAppProps]: string | undefined } = {
  command: 'set it in a worker',
  args: 'set it in a worker',
  port: undefined,
  protocol: undefined,
  ports: undefined,
  hosts: undefined,
  paths: undefined,
  exactPaths: undefined,
  replacePrefixMatch: undefined,
  headers: undefined,
  internal: undefined,
  tls: undefined,
  health: 'set health and terminationGracePeriod in each worker',
  scaling: 'set it in each worker',
  coldStart: undefined,
  timeouts: undefined,
  maintenance: undefined,
  staticRoutes: undefined,
  http: undefined,
  access: undefined,
  metrics: undefined,
};

const WHY = 'has no effect, because web is false and the app has no web process';

/** What an app without a web process says of one, and whether it runs anything at all. */
export function withoutWebRules({ workers, cronJobs }: AppModel, props: WebAppProps): Problem[] {
  const { canary, blueGreen, argo } = props.rollout ?? {};
  return [
    ...Object.entries(OF_WEB).filter(([prop]) => props[prop as keyof WebAppProps] !== undefined)
      .map(([prop, elsewhere]) => problem(prop, WHY, elsewhere === undefined ? 'remove it' : `remove it, or ${elsewhere}`)),
    ...when(
      [canary ?? blueGreen ?? argo, 'rollout', 'divides requests between two versions, but web is false and the app gets none',
        'remove it; workers are replaced by a rolling update'],
      [workers.length + cronJobs.length === 0, 'web', 'is false, so the app runs nothing',
        'set workers or cronJobs, or remove it', 'missing'],
    ),
  ];
}
