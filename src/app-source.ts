import { checkWebApp } from './check-app';
import type { AppModel } from './model/app';
import type { Place } from './resolve-app';
import type { Problem } from './validation/problem';
import type { WebAppProps } from './web-app-props';

/** Props that methods may amend: all that is written of them is read again when the tree is written. */
export type AmendableProps = Pick<WebAppProps, 'env' | 'files' | 'connections' | 'scaling' | 'workers' | 'cronJobs'>;

/** The props of an app, as methods amend them, and what they mean: the checked model is resolved anew after each amendment. */
export class AppSource {
  private checked?: { readonly app: AppModel; readonly problems: Problem[] };

  constructor(private current: WebAppProps, private readonly place: Place) {}

  public get props(): WebAppProps {
    return this.current;
  }

  public get model(): AppModel {
    return this.check().app;
  }

  public get problems(): Problem[] {
    return this.check().problems;
  }

  /** Takes in what a method adds, as if the props had it. */
  public amend(more: AmendableProps): void {
    this.current = { ...this.current, ...more };
    this.checked = undefined;
  }

  private check() {
    return this.checked ??= checkWebApp(this.current, this.place);
  }
}
