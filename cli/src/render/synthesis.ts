import { App, Chart } from 'cdk8s';
import { inOrder } from './order';
import { serializeFast } from './serialize';
import type { GeneratedLengths, Problem, SecretStoreModel } from '../../../src/internal';
import { secretStoreFor } from '../../../src/internal';
import type { PlatformProps, WebAppProps } from 'cdk8s-webapp';
import { Platform, WebApp } from 'cdk8s-webapp';

/** An app to synthesize, and its namespace. */
export interface AppInput {
  readonly name: string;
  readonly namespace?: string;
  readonly props: WebAppProps;
}

/** A Kubernetes object as it is applied. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly [field: string]: unknown };
  readonly [field: string]: unknown;
}

/** A synthesized app. */
export interface SynthesizedApp {
  readonly name: string;
  readonly namespace?: string;

  /** The objects, in the order in which they must be applied. */
  readonly objects: readonly Manifest[];

  /**
   * Those of the objects that the app shares with others in its namespace: the ReferenceGrant of a Gateway's routes. Apps of other files
   * may need them too, so they outlive the app. The first app of a namespace has them.
   */
  readonly shared: readonly Manifest[];

  /** The public URL; undefined for an internal app. */
  readonly url?: string;

  /** The URL of the version that is not active yet, if there is one. */
  readonly previewUrl?: string;

  /** The canary, and the percentage of the traffic that it gets, if there is one. */
  readonly canary?: { readonly image: string; readonly weight: number };

  /** The URL for other pods of the cluster; a request to it wakes the app. Undefined for an app without a web process. */
  readonly internalUrl?: string;

  /** The store of External Secrets that has its secrets too, with its key there; undefined if the platform has none. */
  readonly secretStore?: SecretStoreModel;

  /** The apps that it connects to, of this file or not. */
  readonly connectsTo: readonly { readonly name: string; readonly namespace?: string }[];

  /** The lengths of the values that are generated for it, by variable. No object has them. */
  readonly generated: GeneratedLengths;

  /** What is allowed, but may be a mistake. */
  readonly warnings: readonly string[];
}

/** The objects of apps, or the problems of the apps and their platform. */
export interface Synthesis {
  readonly apps: readonly SynthesizedApp[];

  /** The problems of each app, in the order of the inputs. */
  readonly problems: readonly (readonly Problem[])[];
  readonly platformProblems: readonly Problem[];
}

/**
 * Synthesizes apps with the library.
 *
 * The bytes are those of a cdk8s program with these apps, if each app comes before those that it wakes. It does not use cdk8s' own
 * `synth`, which visits the whole tree once for every chart: this visits each app once.
 */
export function synthesize(inputs: readonly AppInput[], platformProps?: PlatformProps): Synthesis {
  serializeFast();
  const root = new App();
  const platform = platformProps && new Platform(root, 'platform', platformProps);
  const charts = new Map<string | undefined, Chart>();
  const webApps = inputs.map(({ name, namespace, props }) => {
    const chart = charts.get(namespace) ?? new Chart(root, namespace ?? 'no namespace', { namespace });
    charts.set(namespace, chart);
    return new WebApp(chart, unused(chart, name), { name, ...props });
  });

  const problems = webApps.map(webApp => webApp._problems());
  const platformProblems = platform?._problems ?? [];
  const isValid = platformProblems.length === 0 && problems.every(({ length }) => length === 0);
  return {
    problems,
    platformProblems,
    apps: !isValid ? [] : neededFirst(webApps.map((webApp, i) => {
      const { needs, ...objects } = objectsOf(webApp);
      const app: SynthesizedApp = {
        name: inputs[i].name,
        namespace: inputs[i].namespace,
        ...objects,
        url: webApp.url,
        previewUrl: webApp.previewUrl,
        canary: canaryOf(inputs[i].props),
        internalUrl: webApp._runsWeb ? webApp.internalUrl : undefined,
        secretStore: storeOf(platform, inputs[i]),
        connectsTo: webApp._connectsTo,
        generated: webApp._generated,
        warnings: webApp.node.metadata.filter(({ type }) => type === 'warning').map(({ data }) => data),
      };
      return { webApp, app, needs };
    })),
  };
}

/** An app, and others that have objects which its objects depend on: the routes of apps that wake it. */
interface DependentApp {
  readonly webApp: WebApp;
  readonly app: SynthesizedApp;
  readonly needs: ReadonlySet<WebApp>;
}

/** The apps, those before others that these need; in a circle, some app has to be first. */
function neededFirst(apps: readonly DependentApp[]): SynthesizedApp[] {
  const known = new Map(apps.map(one => [one.webApp, one]));
  const ordered: SynthesizedApp[] = [];
  const seen = new Set<WebApp>();
  const visit = ({ webApp, app, needs }: DependentApp): void => {
    if (seen.has(webApp)) return;
    seen.add(webApp);
    for (const needed of needs) visit(known.get(needed)!);
    ordered.push(app);
  };
  apps.forEach(visit);
  return ordered;
}

function canaryOf({ rollout }: WebAppProps): SynthesizedApp['canary'] {
  return rollout?.canary && { image: rollout.canary.image, weight: rollout.canary.weight ?? 0 };
}

function storeOf(platform: Platform | undefined, { name, namespace }: AppInput): SynthesizedApp['secretStore'] {
  const store = platform?._resolved.secretStore;
  return store && namespace !== undefined ? secretStoreFor(store, { name, namespace }) : undefined;
}

function objectsOf(webApp: WebApp): Pick<SynthesizedApp, 'objects' | 'shared'> & Pick<DependentApp, 'needs'> {
  const own = new Set(webApp.node.findAll());
  // What is wrong with the app itself is known; the rest of its validation is for the YAML of cdk8s.
  const invalid = [...own].filter(construct => construct !== webApp).flatMap(construct => construct.node.validate());
  if (invalid.length > 0) throw new Error(invalid.join('\n')); // from cdk8s-plus; the library's own checks should have found it first
  const needs = new Set<WebApp>();
  const all = inOrder(webApp).flatMap(object => {
    const other = own.has(object) ? undefined : object.node.scopes.find((scope): scope is WebApp => scope instanceof WebApp);
    if (other) needs.add(other);
    return other ? [] : [{ manifest: object.toJson(), shared: !own.has(object) }];
  });
  return {
    objects: all.map(({ manifest }) => manifest),
    shared: all.filter(({ shared }) => shared).map(({ manifest }) => manifest),
    needs,
  };
}

/** A unique id for an app: the library reports two apps of one name, where cdk8s would only throw. */
function unused(chart: Chart, name: string): string {
  let id = name;
  for (let i = 2; chart.node.tryFindChild(id); i++) id = `${name} (${i})`;
  return id;
}
