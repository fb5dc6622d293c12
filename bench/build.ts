/**
 * Measures `webapp deploy` of a folder in the cluster that KUBECONFIG names, which needs Shipwright with the strategy `buildkit`:
 * `tsx bench/build.ts`, after `npx projen bundle`. What the cluster builds and runs is as in the cluster tests: TEST_IMAGE, TEST_REGISTRY,
 * and ENTRY, the address of the ingress.
 *
 * Each round changes a file, deploys, waits until the app sleeps, and wakes it. The figures are for people: no test depends on them.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kubectl, pause, visit } from './cluster';
import { median, table } from './table';

const { TEST_IMAGE = 'ghcr.io/acme/web:1.4.2', TEST_REGISTRY = 'ghcr.io/acme', ENTRY, ROUNDS = '5' } = process.env;
if (ENTRY === undefined) throw new Error('set ENTRY to the address of the ingress');

const NAME = `bench-${randomBytes(3).toString('hex')}`;
const BUILDS = `${NAME}-builds`;
const HOST = `web.${NAME}.example.com`;
const folder = mkdtempSync(join(tmpdir(), 'webapp-bench-'));

/** Seconds from the start of the command, and of the bare build. */
interface Round {
  readonly upload: number;
  readonly uploaded: number;
  readonly built: number;
  readonly deployed: number;
  readonly bare: number;
  readonly wake: number;
}

void measure();

async function measure(): Promise<void> {
  for (const namespace of [NAME, BUILDS]) kubectl('', 'create', 'namespace', namespace);
  try {
    kubectl('', 'label', 'namespace', BUILDS, 'pod-security.kubernetes.io/enforce=privileged');
    write();
    const rounds: Round[] = [];
    for (let i = 0; i <= Number(ROUNDS); i++) {
      const round = await once(i);
      if (i > 0) rounds.push(round); // the node has the image of the first one from then on
    }
    const row = (what: string, of: (round: Round) => number) => {
      const all = rounds.map(of).sort((a, b) => a - b);
      return [what, median(all).toFixed(1), `${all[0].toFixed(1)} to ${all[all.length - 1].toFixed(1)}`];
    };
    table([`${rounds.length} builds`, 'median, s', 'range, s'], [
      row('command to first byte of the upload', ({ upload }) => upload),
      row('upload, to start of the build', ({ upload, uploaded }) => uploaded - upload),
      row('command to image', ({ built }) => built),
      row('bare build: BuildRun, start to completion', ({ bare }) => bare),
      row('overhead of the command over that', ({ built, bare }) => built - bare),
      row('image to release that is ready', ({ built, deployed }) => deployed - built),
      row('cold start of the result', round => round.wake),
    ]);
  } finally {
    rmSync(folder, { recursive: true });
    for (const namespace of [NAME, BUILDS]) kubectl('', 'delete', 'namespace', namespace, '--wait=false');
  }
}

function write(): void {
  const health = { startupTimeout: '60s', preStopDelay: '1s', terminationGracePeriod: '2s' };
  const builds = { registry: TEST_REGISTRY, namespace: BUILDS, strategies: { dockerfile: 'buildkit' } };
  const files = {
    'webapp.yaml': JSON.stringify({ name: 'web', namespace: NAME, size: 'xs', scaling: { cooldownPeriod: '5s' }, health }),
    'platform.yaml': JSON.stringify({ domain: `${NAME}.example.com`, builds }),
    'Dockerfile': `FROM ${TEST_IMAGE}\nCOPY server.js /app/\nENTRYPOINT ["node", "/app/server.js"]\n`,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
}

async function once(number: number): Promise<Round> {
  writeFileSync(join(folder, 'server.js'), `require('http').createServer((_, response) => response.end('${number}'))
  .listen(process.env.PORT);\nprocess.on('SIGTERM', () => process.exit());\n`);
  const start = performance.now();
  const at: { [what: string]: number } = {};
  const code = await deploy(text => {
    for (const what of ['uploading', '✓ Uploaded', '✓ Built', '✓ Deployed']) {
      if (at[what] === undefined && text.includes(what)) at[what] = (performance.now() - start) / 1000;
    }
  });
  if (code !== 0) throw new Error(`webapp deploy exited with code ${code}`);
  const { items } = JSON.parse(kubectl(
    '', 'get', 'buildruns', '--namespace', BUILDS, '--sort-by', '{.metadata.creationTimestamp}', '--output', 'json'));
  const { startTime, completionTime } = items[items.length - 1].status;
  return {
    upload: at.uploading,
    uploaded: at['✓ Uploaded'],
    built: at['✓ Built'],
    deployed: at['✓ Deployed'],
    bare: (Date.parse(completionTime) - Date.parse(startTime)) / 1000,
    wake: await wake(String(number)),
  };
}

/** Runs the command. It shows what it waits for only on a terminal, which `script` of util-linux gives it. */
async function deploy(onText: (all: string) => void): Promise<number | null> {
  const command = `${process.execPath} ${join(__dirname, '../cli/lib/main.mjs')} deploy`;
  const terminal = spawn('script', ['--quiet', '--return', '--flush', '--command', command, '/dev/null'], {
    cwd: folder, env: { ...process.env, TERM: 'xterm' }, stdio: ['ignore', 'pipe', 'inherit'],
  });
  let all = '';
  // eslint-disable-next-line no-control-regex
  terminal.stdout.on('data', (part: Buffer) => onText(all += part.toString().replace(/\u001b\[[0-9;]*[A-Za-z]/g, '')));
  const code = await new Promise<number | null>(resolve => terminal.on('close', resolve));
  if (code !== 0) process.stderr.write(all);
  return code;
}

/** Seconds of the first request to the app once it has no pods. */
async function wake(expected: string): Promise<number> {
  const pods = () => kubectl('', 'get', 'pods', '--namespace', NAME, '--selector', 'app.kubernetes.io/name=web', '--output', 'name');
  while (pods() !== '') await pause(500);
  const { seconds, body } = await visit(ENTRY!, HOST);
  if (body !== expected) throw new Error(`${HOST} answered ${body} in place of ${expected}`);
  return seconds;
}
