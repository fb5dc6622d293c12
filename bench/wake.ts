/**
 * Measures how long the first visitors of several sleeping apps wait who come at the same moment, in the cluster that KUBECONFIG names:
 * `tsx bench/wake.ts`. ENTRY is the address of the ingress, TEST_IMAGE the image of a server that starts with COMMAND, by default a small
 * one of Node.js; APPS and ROUNDS are how many apps wake, and how often.
 *
 * The figures are for people: no test depends on them.
 */
import { randomBytes } from 'node:crypto';
import { loadavg } from 'node:os';
import { App, Chart } from 'cdk8s';
import { kubectl, pause, visit } from './cluster';
import { median, table } from './table';
import { AppSize, Platform, WebApp } from '../src';

const SERVER = "require('http').createServer((_, response) => response.end()).listen(process.env.PORT); "
  + "process.on('SIGTERM', () => process.exit())";
const { TEST_IMAGE = 'ghcr.io/acme/web:1.4.2', ENTRY, APPS = '20', ROUNDS = '5', COMMAND } = process.env;
if (ENTRY === undefined) throw new Error('set ENTRY to the address of the ingress');

const NAME = `bench-${randomBytes(3).toString('hex')}`;
const NAMES = Array.from({ length: Number(APPS) }, (_, i) => `web-${i}`);

void measure();

async function measure(): Promise<void> {
  console.log(`${APPS} apps, load ${loadavg()[0].toFixed(1)}`);
  kubectl('', 'create', 'namespace', NAME);
  try {
    kubectl(objects(), 'apply', '--server-side', '--filename', '-');
    const rows: string[][] = [];
    for (let round = 0; round <= Number(ROUNDS); round++) {
      await untilAsleep();
      const waits = (await Promise.all(NAMES.map(wake))).sort((a, b) => a - b);
      // The image comes to the node in the first round.
      if (round > 0) rows.push([String(round), ...[waits[0], median(waits), waits[waits.length - 1]].map(wait => wait.toFixed(2))]);
    }
    table(['round', 'first response, s', 'median, s', 'last response, s'], rows);
  } finally {
    kubectl('', 'delete', 'namespace', NAME, '--wait=false');
  }
}

function objects(): string {
  const app = new App();
  const chart = new Chart(app, 'apps', { namespace: NAME });
  new Platform(app, 'platform', { domain: `${NAME}.example.com` });
  for (const name of NAMES) {
    new WebApp(chart, name, {
      image: TEST_IMAGE,
      command: COMMAND === undefined ? ['node', '-e', SERVER] : ['sh', '-c', COMMAND],
      size: AppSize.XS,
      scaling: { cooldownPeriod: '5s' },
      health: { startupTimeout: '60s', preStopDelay: '0s', terminationGracePeriod: '1s' },
    });
  }
  return app.synthYaml();
}

/** No pod is left, and for some seconds nothing happens. */
async function untilAsleep(): Promise<void> {
  await pause(10_000);
  while (kubectl('', 'get', 'pods', '--namespace', NAME, '--output', 'name') !== '') await pause(1000);
  await pause(10_000);
}

/** Seconds from a request to its response. */
async function wake(name: string): Promise<number> {
  const { seconds, status } = await visit(ENTRY!, `${name}.${NAME}.example.com`);
  if (status !== 200) throw new Error(`${name} responded ${status}`);
  return seconds;
}
