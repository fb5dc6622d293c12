import type { Call } from './call';
import { run } from './call';
import type { Chart } from './part';
import { compareVersions } from './version';
import { Failure } from '../ui/failure';
import { formatted } from '../ui/format';
import type { World } from '../ui/world';

/** The label of the releases that `webapp setup` installed: https://helm.sh/docs/helm/helm_upgrade/ */
const OWN_LABEL = 'installed-by=webapp-setup';

/** The oldest Helm that has `--reset-then-reuse-values`; `--labels` came with 3.13. */
const OLDEST_HELM = '3.14';

/** What `helm list` says of a release. */
interface ListedRelease {
  readonly name: string;
  readonly namespace: string;
  readonly status: string;

  /** The chart's name and version: `keda-2.20.2`. */
  readonly chart: string;
}

/** A release of Helm in the cluster. */
export interface HelmRelease extends ListedRelease {
  /** Whether `webapp setup` installed it. */
  readonly isOwn: boolean;
}

/** The cluster, as the options of kubectl name it. */
export interface ClusterOptions {
  readonly kubeconfig?: string;
  readonly context?: string;
}

/** Helm, as a program on the PATH. */
export class Helm {
  constructor(private readonly options: ClusterOptions, private readonly world: World, private readonly signal: AbortSignal) {}

  /** @throws Failure if Helm is missing, or too old */
  public async check(): Promise<void> {
    const printed = await this.run(['version', '--template', '{{.Version}}']);
    const version = /v?(\d+\.\d+[\d.]*)/.exec(printed)?.[1];
    if (version !== undefined && compareVersions(version, OLDEST_HELM) >= 0) return;
    throw new Failure(`helm is ${printed.trim()}; webapp setup needs ${OLDEST_HELM} or newer: https://helm.sh/docs/intro/install/`);
  }

  /** All releases, in whichever state. */
  public async releases(): Promise<HelmRelease[]> {
    const list = async (...words: string[]) => JSON.parse(await this.run([
      'list', '--all-namespaces', '--deployed', '--failed', '--pending', '--max', '0', '--output', 'json', ...words, ...this.cluster,
    ])) as ListedRelease[];
    const all = await list();
    const own = await list('--selector', OWN_LABEL);
    return all.map(release => ({
      ...release, isOwn: own.some(({ name, namespace }) => name === release.name && namespace === release.namespace),
    }));
  }

  /** Whether a release has all the values of a chart; it may have others. */
  public async hasValues({ release, values }: Chart, namespace: string): Promise<boolean> {
    const printed = await this.run(['get', 'values', release, '--namespace', namespace, '--output', 'json', ...this.cluster]);
    return contains(JSON.parse(printed) as unknown, values);
  }

  /**
   * Installs a chart, or upgrades its release. Values that the user has added to the release are kept.
   *
   * It does not wait: Helm would wait for the address of a LoadBalancer too, which some clusters never assign.
   */
  public upgrade({ release, name, repository, version, values }: Chart, namespace: string): Call {
    return {
      program: 'helm',
      words: [
        'upgrade', '--install', release, ...isOci(repository) ? [repository] : [name, '--repo', repository], '--version', version,
        '--namespace', namespace, '--create-namespace', '--reset-then-reuse-values', '--labels', OWN_LABEL, '--values', '-',
        ...this.cluster,
      ],
      input: formatted(values, 'yaml'),
    };
  }

  /** Prints the CRDs of a chart. */
  public crds({ name, repository, version }: Chart): Call {
    const words = ['show', 'crds', ...isOci(repository) ? [repository] : [name, '--repo', repository], '--version', version];
    return { program: 'helm', words };
  }

  private get cluster(): string[] {
    const { kubeconfig, context } = this.options;
    return [...kubeconfig === undefined ? [] : ['--kubeconfig', kubeconfig], ...context === undefined ? [] : ['--kube-context', context]];
  }

  private async run(words: readonly string[]): Promise<string> {
    return run({ program: 'helm', words }, this.world, this.signal);
  }
}

/** The version of a release's chart, if it is a release of that chart. */
export function chartVersion({ chart }: HelmRelease, { name }: Chart): string | undefined {
  const version = chart.startsWith(`${name}-`) ? chart.slice(name.length + 1) : '';
  return /^v?\d/.test(version) ? version : undefined;
}

function isOci(repository: string): boolean {
  return repository.startsWith('oci://');
}

/** Whether a value has all the fields of another one. */
function contains(value: unknown, wanted: unknown): boolean {
  if (typeof wanted !== 'object' || wanted === null) return value === wanted;
  if (Array.isArray(wanted)) {
    return Array.isArray(value) && value.length === wanted.length && wanted.every((one, i) => contains(value[i], one));
  }
  const fields = (value ?? {}) as { readonly [name: string]: unknown };
  return Object.entries(wanted).every(([name, one]) => contains(fields[name], one));
}
