import type { FakePrograms } from './fake-programs';
import { buildLocally, LocalBuildOptions } from '../../../src/build/local/build-locally';
import type { BuildRequest, BuiltImage } from '../../../src/build/request';
import type { Source } from '../../../src/build/source';
import { TestCluster } from '../../kube/test-cluster';

export const HASH = 'f9e21cb9cd';
export const REPOSITORY = 'registry.example.com/acme/web';
export const DIGEST = `sha256:${'3f1d'.repeat(16)}`;

export function requestOf(source: Source, other: Partial<BuildRequest> = {}): BuildRequest {
  return {
    app: { name: 'web', namespace: 'shop' },
    source,
    strategy: 'dockerfile',
    dockerfile: 'Dockerfile',
    env: {},
    secrets: {},
    platforms: [],
    repository: REPOSITORY,
    hash: HASH,
    ...other,
  };
}

/** A build with fake programs. */
export class TestBuild {
  private readonly cluster = new TestCluster();

  constructor(
    private readonly programs: FakePrograms,
    private readonly source: Source | Promise<Source>,
    private readonly options: Partial<LocalBuildOptions> = {},
  ) {}

  public async run(other: Partial<BuildRequest> = {}): Promise<BuiltImage> {
    const { progress, signal } = this.cluster.operation();
    return buildLocally(requestOf(await this.source, other), {
      progress,
      signal,
      clock: this.cluster.clock,
      env: this.programs.env,
      readSecret: async () => undefined,
      digestOf: async () => undefined,
      hasOnNodes: async () => false,
      ...this.options,
    });
  }

  /** What was printed; a line of a log begins with `|`. */
  public get output(): string[] {
    return this.cluster.output;
  }
}
