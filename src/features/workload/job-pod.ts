import { boundedContainer, podSpec } from './pod-spec';
import { orNone } from '../../kube/metadata';
import { ResolvedApp } from '../../model/app';

/**
 * The pod of something that runs to its end: the app's image with another command, and what the app's own pods have besides. It has no
 * port and no probes, and is not spread, as nobody waits for it. A pod that failed stays, for its logs.
 *
 * @param app the app, with the process that is to run
 * @param name of the container
 */
export function jobPod(app: ResolvedApp, name: string) {
  const { topologySpreadConstraints, volumes, ...pod } = podSpec(app);
  const { image, command, args, health } = app.process;
  return {
    ...pod,
    restartPolicy: 'Never',
    serviceAccountName: app.identity.existing ?? app.name,
    terminationGracePeriodSeconds: health.terminationGracePeriod,
    containers: [boundedContainer(app, { name, image, command, args })],
    volumes: orNone(volumes),
  };
}
