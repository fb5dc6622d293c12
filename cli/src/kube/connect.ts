import { existsSync } from 'node:fs';
import type { RequestOptions } from 'node:https';
import { homedir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { KubernetesApi } from './kubernetes-api';
import { Objects } from './objects';
import { nearest } from '../../../src/internal';
import { Failure } from '../ui/failure';
import type { World } from '../ui/world';

/** Which cluster is meant: as kubectl has it. */
export interface ClusterRequest {
  /** The kubeconfig file; else the files that `KUBECONFIG` names, else `~/.kube/config`, else that of the pod this runs in. */
  readonly kubeconfig?: string;

  /** The context in it; else the current one. */
  readonly context?: string;

  readonly namespace?: string;
}

/** A cluster that can be asked. */
export interface Cluster {
  /** The name of the context. */
  readonly context: string;

  /** The namespace of what names none. */
  readonly namespace: string;

  /** Who asks, as far as the kubeconfig says it. */
  readonly user: string;

  readonly api: KubernetesApi;
  readonly objects: Objects;
}

/** The cluster that is meant. Nothing is sent to it yet. */
export function connect({ kubeconfig, context, namespace }: ClusterRequest, world: World): Cluster {
  const config = read(kubeconfig, world);
  const names = config.getContexts().map(({ name }) => name);
  if (context !== undefined) {
    if (!names.includes(context)) {
      const near = nearest(context, names);
      throw new Failure(`the kubeconfig has no context ${context}; ${near ? `did you mean ${near}?` : `it has ${names.join(', ') || 'none'}`}`);
    }
    config.setCurrentContext(context);
  }
  const cluster = config.getCurrentCluster();
  if (!cluster) throw new Failure(`no cluster is chosen; write --context with one of ${names.join(', ')}, or set one with kubectl config use-context`);
  // The client asks for this where there is no TLS to verify; `kubectl proxy` is such a server.
  if (cluster.server.startsWith('http:')) Object.assign(cluster, { skipTLSVerify: true });

  const api = new KubernetesApi(cluster.server, async () => {
    const options: RequestOptions = {};
    try {
      await config.applyToHTTPSOptions(options);
    } catch (error) {
      throw new Failure(`the credentials of the kubeconfig cannot be used: ${(error as Error).message}`);
    }
    if (typeof options.agent === 'object') Object.assign(options.agent, { keepAlive: true });
    return options;
  });
  const chosen = config.getContextObject(config.currentContext);
  return {
    context: config.currentContext,
    namespace: namespace ?? chosen?.namespace ?? 'default',
    user: config.getCurrentUser()?.name ?? '',
    api,
    objects: new Objects(api),
  };
}

function read(kubeconfig: string | undefined, { cwd, env }: World): KubeConfig {
  const named = kubeconfig !== undefined ? [resolve(cwd, kubeconfig)] : env.KUBECONFIG?.split(delimiter).filter(file => file !== '');
  const files = (named?.length ? named : [join(env.HOME ?? homedir(), '.kube', 'config')]).filter(file => existsSync(file));
  const config = new KubeConfig();
  if (files.length === 0) {
    if (kubeconfig === undefined && env.KUBERNETES_SERVICE_HOST) {
      config.loadFromCluster();
      return config;
    }
    throw new Failure(`there is no kubeconfig${named?.length ? ` at ${named.join(' or ')}` : ''}; get one from whoever runs the cluster, and name it with --kubeconfig or KUBECONFIG`);
  }
  // Of two entries with one name kubectl takes the first.
  config.loadFromOptions({ clusters: [], contexts: [], users: [], currentContext: '' });
  for (const file of files) {
    const one = new KubeConfig();
    try {
      one.loadFromFile(file);
    } catch (error) {
      throw new Failure(`${file} is no kubeconfig: ${(error as Error).message}`);
    }
    for (const list of ['clusters', 'contexts', 'users'] as const) {
      const there = config[list] as { name: string }[];
      there.push(...one[list].filter(({ name }) => !there.some(known => known.name === name)));
    }
    if (!config.currentContext) config.setCurrentContext(one.currentContext);
  }
  return config;
}
