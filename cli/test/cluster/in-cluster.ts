import { ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { IMAGE, SHORT_LIVED } from '../../../test/cluster/cluster';
import type { World } from '../../src/ui/world';
import { call, Called } from '../call';
import { Folder } from '../folder';

/** The fields of `webapp.yaml` that matter to a test. By default, an app scales to zero quickly, so that tests wake it too. */
export type Props = { readonly [prop: string]: unknown };

/** A folder with an app, in which the command runs against the cluster in KUBECONFIG. */
export class AppFolder {
  private readonly folder: Folder;

  constructor(private readonly namespace: string, props: Props = {}, platform: Props = {}) {
    this.folder = new Folder({ 'webapp.yaml': '', 'platform.yaml': JSON.stringify({ domain: `${namespace}.example.com`, ...platform }) });
    this.write(props);
  }

  public get path(): string {
    return this.folder.path;
  }

  public write(props: Props): void {
    this.folder.write('webapp.yaml', JSON.stringify({
      name: 'web',
      namespace: this.namespace,
      image: IMAGE,
      scaling: { cooldownPeriod: '5s' },
      health: SHORT_LIVED,
      ...props,
    }));
  }

  public async call(...words: string[]): Promise<Called> {
    return this.callIn({}, ...words);
  }

  /** The same in a world that differs from that of this process. */
  public async callIn(world: Partial<World>, ...words: string[]): Promise<Called> {
    return call(words, { cwd: this.folder.path, env: process.env, ...world });
  }

  /** Starts the command in its own process, as it is published. */
  public start(...words: string[]): ChildProcess {
    return spawn(process.execPath, [join(__dirname, '../../lib/main.mjs'), ...words], { cwd: this.folder.path, stdio: 'ignore' });
  }
}

/** Waits for a process to exit. */
export async function ended(child: ChildProcess): Promise<number | null> {
  return child.exitCode ?? new Promise(resolve => child.on('exit', resolve));
}
