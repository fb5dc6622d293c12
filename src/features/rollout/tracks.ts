import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { createCanaryRoute } from './canary-route';
import { ResolvedTrack } from './resolved-rollout';
import { createTrack } from './track';
import { Known } from '../../kube/known';
import { ResolvedApp } from '../../model/app';
import { createScaler } from '../scaling/scaler';
import { createTriggerAuthentications } from '../scaling/trigger-authentication';
import type { AppDeployment } from '../workload/app-deployment';
import { Caller } from '../workload/network';

/**
 * The other versions of an app. Methods may add to an app after it was made, and its versions have all that it has: each keeps the value that its
 * objects are written from, which is brought up to date when the app's is.
 */
export class Tracks {
  private readonly known = new Known();

  /**
   * @param deployment the app's own, which code may add to
   * @param callers the apps that call this one, which are known when all are made
   */
  constructor(private readonly scope: Construct, private readonly app: ResolvedApp, deployment: AppDeployment, callers: () => readonly Caller[]) {
    const { canary } = app.rollout;
    for (const [name, track] of this.all()) {
      this.keep(name, track);
      const place = createTrack(scope, name, track, deployment, callers);
      if (canary) createCanaryRoute(place, app, canary);
      createScaler(place, track.app);
    }
  }

  /**
   * Tells the versions what the app is now.
   *
   * @returns what was made for it
   */
  public follow(): ApiObject[] {
    return this.all().flatMap(([name, track]) => {
      this.keep(name, track);
      return createTriggerAuthentications(this.scope.node.findChild(name) as Construct, track.app);
    });
  }

  private all(): (readonly [name: string, track: ResolvedTrack])[] {
    const { canary, blueGreen } = this.app.rollout;
    return [...canary ? [['canary', canary] as const] : [], ...blueGreen ? [['green', blueGreen.green] as const] : []];
  }

  private keep(name: string, { app, releasing }: ResolvedTrack): void {
    this.known.isNew(name, app);
    if (releasing) this.known.isNew(`${name} release`, releasing);
  }
}
