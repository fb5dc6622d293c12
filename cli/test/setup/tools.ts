import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A release as the fake helm stores it. */
export interface FakeRelease {
  readonly name: string;
  readonly namespace: string;
  readonly status: string;
  readonly chart: string;
  readonly isOwn: boolean;
  readonly values: object;
}

/** How the fake programs behave, and what they have done. */
export interface State {
  readonly helmVersion: string;
  readonly releases: FakeRelease[];

  /** Releases whose upgrade fails. */
  readonly failing: string[];

  /** A release whose upgrade takes until Helm is asked to end. */
  readonly endless?: string;
  readonly clusters: string[];
  readonly isDockerRunning: boolean;
  readonly calls: string[];
}

const created: string[] = [];
afterAll(() => created.forEach(path => rmSync(path, { recursive: true })));

/** The programs of a computer, as scripts on a PATH of their own. */
export class Tools {
  private readonly folder = mkdtempSync(join(tmpdir(), 'webapp-tools-'));

  constructor(programs = ['helm', 'kubectl'], state: Partial<State> = {}) {
    mkdirSync(join(this.folder, 'bin'));
    for (const program of programs) {
      const path = join(this.folder, 'bin', program);
      writeFileSync(path, SCRIPT);
      chmodSync(path, 0o755);
    }
    const empty: State = { helmVersion: 'v3.19.0', releases: [], failing: [], clusters: [], isDockerRunning: true, calls: [] };
    this.store({ ...empty, ...state });
    created.push(this.folder);
  }

  public get env(): { readonly PATH: string } {
    return { PATH: join(this.folder, 'bin') };
  }

  public get state(): State {
    return JSON.parse(readFileSync(join(this.folder, 'state.json'), 'utf8')) as State;
  }

  public change(state: Partial<State>): void {
    this.store({ ...this.state, ...state });
  }

  /** The calls that changed something. */
  public changes(): string[] {
    const looks = /^(helm (list|version|get)|docker|kubectl version|(kind|k3d) (get|version|cluster list))/;
    return this.state.calls.filter(line => !looks.test(line));
  }

  private store(state: State): void {
    writeFileSync(join(this.folder, 'state.json'), JSON.stringify(state));
  }
}

const SCRIPT = `#!${process.execPath}
const { readFileSync, renameSync, writeFileSync } = require('node:fs');
const { basename, join } = require('node:path');
const path = join(__dirname, '..', 'state.json');
const state = JSON.parse(readFileSync(path, 'utf8'));
// The test may read it at any time.
const store = () => (writeFileSync(path + '.new', JSON.stringify(state)), renameSync(path + '.new', path));
const program = basename(process.argv[1]);
const words = process.argv.slice(2);
const option = name => (words.includes(name) ? words[words.indexOf(name) + 1] : undefined);
const isCalled = (...names) => names.every((name, i) => words[i] === name);
let code = 0;
state.calls.push([program, ...words].join(' '));
if (program === 'docker') code = state.isDockerRunning ? 0 : 1;
if (program === 'kind' && isCalled('get')) console.log(state.clusters.join('\\n'));
if (program === 'k3d' && isCalled('cluster', 'list')) console.log(state.clusters.map(name => name + '   1/1   0/0   true').join('\\n'));
if (program !== 'helm' && words.includes('create')) state.clusters.push('webapp');
if (program === 'helm' && isCalled('version')) console.log(state.helmVersion);
if (program === 'helm' && isCalled('list')) {
  console.log(JSON.stringify(state.releases.filter(({ isOwn }) => isOwn || !words.includes('--selector'))));
}
if (program === 'helm' && isCalled('get')) console.log(JSON.stringify(state.releases.find(({ name }) => name === words[2]).values));
if (program === 'helm' && isCalled('show')) {
  console.log('apiVersion: apiextensions.k8s.io/v1\\nkind: CustomResourceDefinition\\nmetadata: { name: middlewares.traefik.io }');
}
if (program === 'helm' && isCalled('upgrade')) {
  const [, , name, chart] = words;
  if (state.endless === name) {
    setInterval(() => {}, 1000);
    process.on('SIGTERM', () => {
      state.calls.push('helm has ended');
      store();
      process.exit(1);
    });
  } else if (state.failing.includes(name)) {
    console.error('Error: cannot reach the registry');
    code = 1;
  } else {
    const release = {
      name, namespace: option('--namespace'), status: 'deployed', chart: basename(chart) + '-' + option('--version'),
      isOwn: words.includes('installed-by=webapp-setup'),
      values: require(${JSON.stringify(require.resolve('js-yaml'))}).load(readFileSync(0, 'utf8')),
    };
    state.releases = [...state.releases.filter(one => one.name !== name), release];
  }
}
store();
process.exitCode = code;
`;
