import { Yaml } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { Construct } from 'constructs';
import { checkPlatform } from './check';
import type { PlatformProps } from './props';
import type { PlatformModel } from './resolve';
import { misread } from '../validation/misread';
import type { Problem } from '../validation/problem';
import { sentence } from '../validation/problem';

/**
 * What the platform team decides once, for every `WebApp` below the construct that it is created in.
 *
 * Create it before those apps. A nearer Platform takes the place of one further up as a whole.
 *
 * @example
 *
 * const app = new App();
 * new Platform(app, 'platform', {
 *   domain: 'apps.example.com',
 *   ingress: { className: 'nginx' },
 *   tls: { clusterIssuer: 'letsencrypt' },
 * });
 */
export class Platform extends Construct {
  /**
   * The Platform that decides for a construct: the nearest one up the tree, or, where there is none, one with all defaults.
   */
  public static of(construct: IConstruct): Platform {
    for (let scope: IConstruct | undefined = construct; scope; scope = scope.node.scope) {
      const platform = REGISTERED.get(scope);
      if (platform) return platform;
    }
    return DEFAULTS ??= new Platform(new Construct(undefined as any, ''), 'platform');
  }

  /**
   * Remembers that an app was resolved with the Platform at hand, so that one that is created later is noticed.
   *
   * @internal
   */
  public static _for(construct: Construct): PlatformModel {
    let scope: IConstruct | undefined = construct.node.scope;
    for (; scope && !REGISTERED.has(scope); scope = scope.node.scope) ASKED.add(scope);
    return Platform.of(construct)._resolved;
  }

  /** The props as they were given. */
  public readonly props: PlatformProps;

  /** @internal */
  public readonly _resolved: PlatformModel;

  /**
   * What is wrong with the props, as data: for those who show it at the place where it was written.
   *
   * @internal
   */
  public readonly _problems: readonly Problem[];

  constructor(scope: Construct, id: string, props: PlatformProps = {}) {
    super(scope, id);
    this.props = props;
    const { platform, problems } = checkPlatform(props);
    this._resolved = platform;
    this._problems = problems;
    const found = (problems.length > 0 ? problems : misread(props, Yaml.stringify)).map(problem => sentence('Platform', problem));

    if (REGISTERED.has(scope)) found.push('Platform: there is another one in the same place; remove one of them');
    else REGISTERED.set(scope, this);
    if (ASKED.has(scope)) found.push('Platform: is created after apps that it applies to; create it before them');
    this.node.addValidation({ validate: () => found });
  }
}

/** Platforms, by the construct that they are created in. */
const REGISTERED = new WeakMap<IConstruct, Platform>();

/** Constructs in which an app found no Platform. */
const ASKED = new WeakSet<IConstruct>();

let DEFAULTS: Platform | undefined;
