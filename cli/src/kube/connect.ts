import { existsSync } from 'node:fs';
import type { RequestOptions } from 'node:https';
import { homedir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import type { KubernetesApi } from './api';
import type { Clock } from './clock';
import { SYSTEM_CLOCK } from './clock';
import type { ClusterEntry } from './cluster-entry';
import { clusterEntry } from './cluster-entry';
import { HttpKubernetesApi } from './http-api';
import { Objects } from './objects';
import { nearest } from '../../../src/internal';
import { Failure } from '../ui/failure';

/** Which cluster to use, with the options of kubectl. */
export interface ClusterRequest {
  /**
   * The kubeconfig file; by default the files in `KUBECONFIG`, then `~/.kube/config`, then the ServiceAccount of the pod that this runs
   * in.
   */
  readonly kubeconfig?: string;

  /** The context in it; by default the current one. */
  readonly context?: string;

  readonly namespace?: string;
}

/** Where to look for a kubeconfig. */
interface Environment {
  /** The folder that paths are relative to. */
  readonly cwd: string;

  readonly env: { readonly [name: string]: string | undefined };
}

/** A cluster, and the time by which things in it are waited for. */
export interface Cluster {
  /** The name of the context. */
  readonly context: string;

  /** The namespace of apps that do not name one. */
  readonly namespace: string;

  /** The user's name in the kubeconfig, which may be empty. */
  readonly user: string;

  readonly entry: ClusterEntry;

  readonly api: KubernetesApi;
  readonly objects: Objects;
  readonly clock: Clock;
}

/** Reads the kubeconfig. No request is sent to the cluster yet. */
export function connect({ kubeconfig, context, namespace }: ClusterRequest, environment: Environment): Cluster {
  const { config, files } = read(kubeconfig, environment);
  const names = config.getContexts().map(({ name }) => name);
  if (context !== undefined) {
    if (!names.includes(context)) {
      const near = nearest(context, names);
      const hint = near ? `did you mean ${near}?` : `its contexts are ${names.join(', ') || 'none'}`;
      throw new Failure(`the kubeconfig has no context ${context}; ${hint}`);
    }
    config.setCurrentContext(context);
  }
  const cluster = config.getCurrentCluster();
  if (!cluster) {
    const known = names.join(', ');
    throw new Failure(`the kubeconfig has no current context; set --context to one of ${known}, or run kubectl config use-context`);
  }
  // The client requires this where there is no TLS to verify, as with `kubectl proxy`.
  if (cluster.server.startsWith('http:')) Object.assign(cluster, { skipTLSVerify: true });

  const api = new HttpKubernetesApi(cluster.server, async () => {
    const options: RequestOptions = {};
    try {
      await config.applyToHTTPSOptions(options);
    } catch (error) {
      throw new Failure(`cannot use the credentials of the kubeconfig: ${(error as Error).message}`);
    }
    if (typeof options.agent === 'object') Object.assign(options.agent, { keepAlive: true });
    return options;
  }, SYSTEM_CLOCK);
  const chosen = config.getContextObject(config.currentContext);
  return {
    context: config.currentContext,
    namespace: namespace ?? chosen?.namespace ?? 'default',
    user: config.getCurrentUser()?.name ?? '',
    entry: clusterEntry(cluster.name, files),
    api,
    objects: new Objects(api),
    clock: SYSTEM_CLOCK,
  };
}

function read(kubeconfig: string | undefined, { cwd, env }: Environment): { config: KubeConfig; files: readonly string[] } {
  const named = kubeconfig !== undefined ? [resolve(cwd, kubeconfig)] : env.KUBECONFIG?.split(delimiter).filter(file => file !== '');
  const files = (named?.length ? named : [join(env.HOME ?? homedir(), '.kube', 'config')]).filter(file => existsSync(file));
  const config = new KubeConfig();
  if (files.length === 0) {
    if (kubeconfig === undefined && env.KUBERNETES_SERVICE_HOST) {
      config.loadFromCluster();
      return { config, files };
    }
    const where = named?.length ? ` at ${named.join(' or ')}` : '';
    throw new Failure([
      `no kubeconfig found${where}; get one from your cluster administrator, and pass it with --kubeconfig or KUBECONFIG`,
      '  to create a cluster on this computer, run webapp setup --local',
    ].join('\n'));
  }
  // Of two entries with the same name, kubectl uses the first.
  config.loadFromOptions({ clusters: [], contexts: [], users: [], currentContext: '' });
  for (const file of files) {
    const one = new KubeConfig();
    try {
      one.loadFromFile(file);
    } catch (error) {
      throw new Failure(`${file} is not a valid kubeconfig: ${(error as Error).message}`);
    }
    for (const list of ['clusters', 'contexts', 'users'] as const) {
      const there = config[list] as { name: string }[];
      there.push(...one[list].filter(({ name }) => !there.some(known => known.name === name)));
    }
    if (!config.currentContext) config.setCurrentContext(one.currentContext);
  }
  return { config, files };
}
