import { App, Chart } from 'cdk8s';
import { inOrder } from './order';
import { serializeFast } from './serialize';
import type { Problem } from '../../../src/internal';
import { Platform, PlatformProps, WebApp, WebAppProps } from 'cdk8s-webapp';

/** What the library is asked for: an app, and where it is to run. */
export interface AppInput {
  readonly name: string;
  readonly namespace?: string;
  readonly props: WebAppProps;
}

/** A Kubernetes object as it is written. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly [field: string]: unknown };
  readonly [field: string]: unknown;
}

/** What became of an app. */
export interface SynthesizedApp {
  readonly name: string;
  readonly namespace?: string;

  /** The objects, in the order in which they must be made. */
  readonly objects: readonly Manifest[];

  /**
   * Those of the objects that are not the app's alone, but its namespace's: the ReferenceGrant of a Gateway's routes. Other apps may need
   * them, also apps of other files, so they outlive the app. Of the apps of a namespace the first has them.
   */
  readonly shared: readonly Manifest[];

  /** Where a browser finds it; none for an internal app. */
  readonly url?: string;

  /** Where a browser finds the version that is not active yet; none where there is none. */
  readonly previewUrl?: string;

  /** The version beside it, and the percent of the requests that it gets; none where there is one version. */
  readonly canary?: { readonly image: string; readonly weight: number };

  /** Where other pods of the cluster find it; a request there wakes it. */
  readonly internalUrl: string;

  /** What is allowed, and yet may not be what was meant. */
  readonly warnings: readonly string[];
}

/** All that became of apps and their platform: objects, or, where there is any, what is wrong. */
export interface Synthesis {
  readonly apps: readonly SynthesizedApp[];

  /** What is wrong with each app, in the order of the inputs. */
  readonly problems: readonly (readonly Problem[])[];
  readonly platformProblems: readonly Problem[];
}

/**
 * Has the library write the objects of apps.
 *
 * The same bytes come out as of a cdk8s program with these apps. cdk8s' own `synth` is not asked, as it goes over the whole tree once for
 * every chart: here each app is gone over once.
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
  const sound = platformProblems.length === 0 && problems.every(({ length }) => length === 0);
  return {
    problems,
    platformProblems,
    apps: !sound ? [] : webApps.map((webApp, i) => ({
      name: inputs[i].name,
      namespace: inputs[i].namespace,
      ...objectsOf(webApp),
      url: webApp.url,
      previewUrl: webApp.previewUrl,
      canary: canaryOf(inputs[i].props),
      internalUrl: webApp.internalUrl,
      warnings: webApp.node.metadata.filter(({ type }) => type === 'warning').map(({ data }) => data),
    })),
  };
}

function canaryOf({ rollout }: WebAppProps): SynthesizedApp['canary'] {
  return rollout?.canary && { image: rollout.canary.image, weight: rollout.canary.weight ?? 0 };
}

function objectsOf(webApp: WebApp): Pick<SynthesizedApp, 'objects' | 'shared'> {
  const own = new Set(webApp.node.findAll());
  const invalid = [...own].flatMap(construct => construct.node.validate());
  if (invalid.length > 0) throw new Error(invalid.join('\n')); // of cdk8s-plus, which the library's checks should have forestalled
  const all = inOrder(webApp).map(object => ({ manifest: object.toJson(), shared: !own.has(object) }));
  return { objects: all.map(({ manifest }) => manifest), shared: all.filter(({ shared }) => shared).map(({ manifest }) => manifest) };
}

/** An id for an app of this name: of two with one name the library says what is wrong, where cdk8s would only throw. */
function unused(chart: Chart, name: string): string {
  let id = name;
  for (let i = 2; chart.node.tryFindChild(id); i++) id = `${name} (${i})`;
  return id;
}
