import { Failure } from '../ui/failure';

/** Why an app cannot be deployed for now; its current release keeps serving traffic. It is tried again. */
export type BlockReason = 'Conflict' | 'ImageNotFound' | 'NotInstalled' | 'ReferenceNotFound' | 'Rejected';

/** What keeps an app from being deployed, and stops nothing else. */
export class Blocked extends Failure {
  constructor(public readonly reason: BlockReason, message: string) {
    super(message);
  }
}
