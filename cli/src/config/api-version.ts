/** The `apiVersion` of documents that are written as Kubernetes resources. */
export const API_VERSION = 'cdk8s-webapp.dev/v1alpha1';

export const KINDS = ['WebApp', 'Platform'] as const;
export type Kind = typeof KINDS[number];
