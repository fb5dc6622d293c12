import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:net';
import type { PodTarget } from './target';
import type { Cluster } from '../kube/connect';
import { ApiError, isPortRefused, PortError, UnreachableError } from '../kube/errors';
import { explainError } from '../kube/explain';
import type { Pod } from '../kube/types';
import { holds } from '../kube/types';
import { Failure } from '../ui/failure';

export interface TunnelRequest {
  readonly cluster: Cluster;
  readonly target: PodTarget;

  /** The port of this computer; 0 for one that is free. */
  readonly port: number;

  /** Is told what goes wrong with one of the connections. */
  readonly warn: (text: string) => void;
}

/** A port of this computer that is forwarded to pods. */
export interface Tunnel {
  readonly port: number;

  /** The pod at its other end now. */
  readonly pod: string;

  /** Ends all connections. */
  readonly close: () => void;
}

/** How often a connection is tried with another pod. */
const TRIES = 3;

/**
 * Opens a port of this computer, for its own programs alone. Each connection to it is one to a pod; of several pods, all are to the same
 * one for as long as that is there. A connection to a pod that goes away is lost, and the next one is to another pod.
 *
 * @throws Failure if there is no pod, or the port is in use
 */
export async function openTunnel({ cluster, target, port, warn }: TunnelRequest): Promise<Tunnel> {
  const stop = new AbortController();
  let current = await choose(target, undefined);
  target.portOf(current); // it may have no such port
  const connect = async (stream: Socket): Promise<void> => {
    for (let left = TRIES; ; left--) {
      const pod = await choose(target, current);
      if (pod.metadata.name !== current.metadata.name) warn(`${current.metadata.name} is gone; connected to ${pod.metadata.name}`);
      current = pod;
      let isOpen = false;
      const onOpen = () => void (isOpen = true);
      try {
        return await cluster.api.forward(pod, { port: target.portOf(pod), stream, onOpen, signal: stop.signal });
      } catch (error) {
        // What the program has sent is lost with the connection, so that only one that was never open can be tried again.
        const isTemporary = error instanceof UnreachableError || (error instanceof ApiError && ![401, 403].includes(error.status));
        if (isOpen || !isTemporary || left <= 1) throw error;
        await cluster.clock.sleep(500, stop.signal);
      }
    }
  };
  const server = createServer({ allowHalfOpen: true, noDelay: true }, stream => {
    stream.on('error', () => undefined); // the program has closed it
    connect(stream).catch(error => {
      if (!stop.signal.aborted) warn(messageOf(error, target, current));
      stream.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(new Failure(error.code === 'EADDRINUSE'
      ? `port ${port} of this computer is in use; choose another one, or omit --port`
      : `cannot listen on port ${port} of this computer: ${error.message}`)));
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    get pod() {
      return current.metadata.name;
    },
    close: () => {
      stop.abort();
      server.close();
    },
  };
}

/** The pod to connect to: the one before, if it is still among them and no other one is better. */
async function choose({ pods, namespace, shown }: PodTarget, before: Pod | undefined): Promise<Pod> {
  const [first, ...others] = await pods();
  if (!first) throw new Failure(`${shown} in namespace ${namespace} has no running pod`);
  const isSame = (pod: Pod) => pod.metadata.uid === before?.metadata.uid;
  return holds(first, 'Ready') ? [first, ...others].filter(pod => holds(pod, 'Ready')).find(isSame) ?? first : first;
}

function messageOf(error: unknown, { namespace, portOf }: PodTarget, pod: Pod): string {
  if (error instanceof Failure) return error.message;
  const place = `port ${portOf(pod)} of pod ${pod.metadata.name}`;
  if (error instanceof PortError && isPortRefused(error)) return `nothing listens on ${place}`;
  return `the connection to ${place} failed: ${explainError(error, namespace)}`;
}
