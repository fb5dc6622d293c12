import type { Call } from './call';
import { run, works } from './call';
import { NODE_PORTS } from './parts';
import { Failure } from '../ui/failure';
import { formatted } from '../ui/format';
import type { World } from '../ui/world';

/** The programs that run a cluster on this computer, in containers of docker. */
export const LOCAL_TOOLS = ['kind', 'k3d'] as const;

export type LocalTool = typeof LOCAL_TOOLS[number];

/** The name of the cluster. */
const NAME = 'webapp';

/** The domain of a local cluster: on many computers, all names below `localhost` are this computer, and need no name server. */
const LOCALHOST = 'apps.localhost';

/** A cluster on this computer. */
export class LocalCluster {
  /**
   * Finds the program for it.
   *
   * @param wanted the one that the command line names; by default, the first that is there
   * @throws Failure if there is none, or docker does not run
   */
  public static async find(wanted: LocalTool | undefined, world: World, signal: AbortSignal): Promise<LocalCluster> {
    const version = (program: LocalTool): Call => ({ program, words: ['version'] });
    for (const tool of wanted === undefined ? LOCAL_TOOLS : [wanted]) {
      if (!await works(version(tool), world, signal)) continue;
      if (await works({ program: 'docker', words: ['info'] }, world, signal)) return new LocalCluster(tool, world, signal);
      throw new Failure(`${tool} needs docker, which is not installed or not running\n  https://docs.docker.com/engine/install/`);
    }
    const names = wanted ?? LOCAL_TOOLS.join(' nor ');
    throw new Failure([
      wanted === undefined ? `neither ${names} is on the PATH` : `${names} is not on the PATH`,
      '  install kind: https://kind.sigs.k8s.io/docs/user/quick-start/#installation',
      '  or k3d: https://k3d.io/stable/#installation',
    ].join('\n'));
  }

  private constructor(public readonly tool: LocalTool, private readonly world: World, private readonly signal: AbortSignal) {}

  /** The name of its context in the kubeconfig. */
  public get context(): string {
    return `${this.tool}-${NAME}`;
  }

  /** Its name in messages. */
  public get title(): string {
    return `${this.tool} cluster ${NAME}`;
  }

  public async exists(): Promise<boolean> {
    const call: Call = this.tool === 'kind'
      ? { program: 'kind', words: ['get', 'clusters'] }
      : { program: 'k3d', words: ['cluster', 'list', '--no-headers'] };
    const printed = await run(call, this.world, this.signal);
    return printed.split('\n').some(line => line.split(/\s+/)[0] === NAME);
  }

  /**
   * Creates it. The ports 80 and 443 of this computer are those of its entry.
   *
   * @see https://kind.sigs.k8s.io/docs/user/configuration/#extra-port-mappings
   * @see https://k3d.io/stable/usage/exposing_services/
   */
  public creation(): Call {
    if (this.tool === 'k3d') {
      const ports = [80, 443].flatMap(port => ['--port', `${port}:${port}@loadbalancer`]);
      return { program: 'k3d', words: ['cluster', 'create', NAME, ...ports, '--k3s-arg', '--disable=traefik@server:*', '--wait'] };
    }
    const mapped = [[80, NODE_PORTS.http], [443, NODE_PORTS.https]].map(([hostPort, containerPort]) => ({ containerPort, hostPort }));
    const config = {
      kind: 'Cluster', apiVersion: 'kind.x-k8s.io/v1alpha4', nodes: [{ role: 'control-plane', extraPortMappings: mapped }],
    };
    const words = ['create', 'cluster', '--name', NAME, '--config', '-', '--wait', '5m'];
    return { program: 'kind', words, input: formatted(config, 'yaml') };
  }

  /** A domain whose names are this computer. */
  public async domain(): Promise<string> {
    try {
      const addresses = await this.world.lookUp(`web.${LOCALHOST}`);
      if (addresses.length > 0 && addresses.every(address => address === '::1' || address.startsWith('127.'))) return LOCALHOST;
    } catch {
      // This computer has to ask a name server.
    }
    return '127.0.0.1.sslip.io';
  }
}
