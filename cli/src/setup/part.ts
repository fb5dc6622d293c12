import type { Manifest } from '../render/synthesis';

/** What `webapp setup` can install. */
export type PartName =
  | 'keda' | 'http-add-on' | 'traefik' | 'envoy-gateway' | 'cert-manager' | 'postgres' | 'monitoring' | 'tekton' | 'shipwright';

/** A part of a cluster that is ready for apps. */
export interface Part {
  readonly name: PartName;

  /** Its name in messages. */
  readonly title: string;

  /** What apps need it for, as a phrase. */
  readonly why: string;

  /** The version that is installed, of the program. */
  readonly version: string;

  /** The oldest version that apps work with; undefined where every version that is still in use does. */
  readonly minimum?: string;

  readonly namespace: string;

  /** How it is found in a cluster: the names of its Deployment, or what its label `app` or `app.kubernetes.io/name` says. */
  readonly found: { readonly names: readonly string[]; readonly labels?: readonly string[] };

  /** The Deployments that are ready once it works. */
  readonly deployments: readonly string[];

  readonly source: Chart | Release;
}

/** A Helm chart. */
export interface Chart {
  readonly kind: 'chart';

  /** The name of Helm's release. */
  readonly release: string;

  /** The name of the chart. */
  readonly name: string;

  /** `oci://…` with the name of the chart at its end, or the URL of a repository. */
  readonly repository: string;

  readonly version: string;

  /** What differs from the chart's own values. */
  readonly values: Values;

  /** Whether its CRDs are in the folder `crds`, which Helm installs but never upgrades. */
  readonly keepsCrds?: boolean;
}

/** Manifests that a project publishes with each release. */
export interface Release {
  readonly kind: 'release';

  /** The URLs of the manifests. */
  readonly manifests: readonly string[];

  /** Objects that the manifests need, and do not have. */
  readonly objects?: readonly Manifest[];

  /** The annotation of CRDs by which cert-manager adds the certificate of the webhook that converts them. */
  readonly annotate?: { readonly crds: readonly string[]; readonly annotation: string };

  /** Manifests that need the part to be ready. */
  readonly then?: readonly string[];
}

/** Values of a chart. */
export interface Values {
  readonly [name: string]: string | number | boolean | Values | readonly (Values | string)[];
}
