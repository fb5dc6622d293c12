import { readFileSync } from 'node:fs';
import { load } from 'js-yaml';

/** The entry of a cluster in a kubeconfig. */
export interface ClusterEntry {
  readonly name: string;

  /** The program that has written it, if it says so: minikube does. */
  readonly provider?: string;
}

/** What the client for Kubernetes does not read of a kubeconfig. */
interface Extended {
  readonly clusters?: readonly {
    readonly name?: string;
    readonly cluster?: { readonly extensions?: readonly { readonly extension?: { readonly provider?: string } }[] };
  }[];
}

/** @param files the kubeconfigs, of which the first with the entry counts; they are read again only if it matters who has written it */
export function clusterEntry(name: string, files: readonly string[]): ClusterEntry {
  return {
    name,
    get provider() {
      const entries = files.flatMap(file => (load(readFileSync(file, 'utf8')) as Extended | undefined)?.clusters ?? []);
      const extensions = entries.find(entry => entry.name === name)?.cluster?.extensions;
      return extensions?.find(({ extension }) => extension?.provider !== undefined)?.extension?.provider;
    },
  };
}
