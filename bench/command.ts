/**
 * Compares the time of the `webapp` command with its alternatives: Node.js with cdk8s-plus-27, and Helm with a chart that prints the
 * same objects. HELM is the path of the Helm binary; the default is the one in the PATH. Without it, Helm is skipped; `go install
 * helm.sh/helm/v4/cmd/helm@latest` builds it.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median, table } from './table';

const ROOT = join(__dirname, '..');
const WEBAPP = join(ROOT, 'cli/lib/main.mjs');
const HELM = process.env.HELM ?? 'helm';

type Times = <T>(rounds: number, run: () => T) => T[];

export function command(times: Times): void {
  const folder = mkdtempSync(join(tmpdir(), 'webapp-bench-'));
  try {
    oneApp(folder, times);
    manyApps(folder, 1000, times);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function oneApp(folder: string, times: Times): void {
  write(folder, 1);
  const taken = times(15, () => ({
    node: wall(ROOT, process.execPath, '-e', ''),
    plus: wall(ROOT, process.execPath, '-e', "require('cdk8s-plus-27')"),
    help: wall(folder, process.execPath, WEBAPP, '--help'),
    synth: wall(folder, process.execPath, WEBAPP, 'synth'),
  }));
  const row = (name: string, key: keyof typeof taken[number]) =>
    [name, median(taken.map(round => round[key])).toFixed(0), median(taken.map(round => round[key] / round.plus)).toFixed(2)];
  table(['one app', 'ms', 'ratio'], [
    row('node', 'node'),
    row('node, cdk8s-plus-27', 'plus'),
    row('webapp --help', 'help'),
    row('webapp synth', 'synth'),
  ]);
}

function manyApps(folder: string, apps: number, times: Times): void {
  const yaml = write(folder, 1);
  const chart = join(folder, 'chart');
  mkdirSync(join(chart, 'templates'), { recursive: true });
  writeFileSync(join(chart, 'Chart.yaml'), 'apiVersion: v2\nname: apps\nversion: 1.0.0\n');
  writeFileSync(join(chart, 'values.yaml'), `apps:\n${names(apps).map(name => `  - name: ${name}\n`).join('')}`);
  const template = yaml.replace(/\bweb0\b/g, '{{ .name }}');
  writeFileSync(join(chart, 'templates/apps.yaml'), `{{- range .Values.apps }}\n---\n${template}{{- end }}\n`);
  write(folder, apps);
  const helm = spawnSync(HELM, ['version']).error === undefined;
  if (!helm) console.log('Skipped helm, which is not installed; see bench/command.ts');

  const taken = times(7, () => ({
    synth: wall(folder, process.execPath, WEBAPP, 'synth'),
    helm: helm ? wall(folder, HELM, 'template', 'apps', chart) : NaN,
  }));
  const ratio = median(taken.map(round => round.synth / round.helm));
  table([`${apps} apps`, 'ms', 'ratio'], [
    ['webapp synth', median(taken.map(({ synth }) => synth)).toFixed(0), ''],
    ...helm ? [['helm template', median(taken.map(round => round.helm)).toFixed(0), ratio.toFixed(2)]] : [],
  ]);
}

/** Writes a file of apps, and returns their YAML. */
function write(folder: string, apps: number): string {
  writeFileSync(join(folder, 'platform.yaml'), 'domain: apps.example.com\n');
  writeFileSync(join(folder, 'webapp.yaml'), names(apps).map(app).join('---\n'));
  return execFileSync(process.execPath, [WEBAPP, 'synth'], { cwd: folder, encoding: 'utf8', maxBuffer: 2 ** 30 });
}

function app(name: string): string {
  return `name: ${name}\nnamespace: shop\nimage: ghcr.io/acme/web:1.4.2\nhosts: [${name}.example.com]\n`;
}

function names(apps: number): string[] {
  return Array.from({ length: apps }, (_, i) => `web${i}`);
}

/** How many milliseconds a program runs. */
function wall(cwd: string, program: string, ...args: string[]): number {
  const start = performance.now();
  execFileSync(program, args, { cwd, maxBuffer: 2 ** 30, stdio: ['ignore', 'pipe', 'inherit'] });
  return performance.now() - start;
}
