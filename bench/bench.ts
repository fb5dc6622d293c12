/**
 * Compares this library with raw cdk8s and cdk8s-plus: `npm run bench`, or some parts of it: `npm run bench -- --only import,apps`.
 *
 *   --only PARTS    some of import, apps, charts, growth and command, separated by commas
 *   --rounds N      the number of rounds of each; by default, what takes longer has fewer
 *   --no-compile    use lib/ and cli/lib/ as they are
 *
 * Contenders take turns, round by round, each in its own process, and a ratio is the median of the ratios of the rounds, so that other
 * load on the machine affects all of them. The figures are for people: no test depends on them.
 */
import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { command } from './command';
import { Consumer } from './consumer';
import type { Import } from './measured/import';
import type { Synthesis } from './measured/synthesis';
import { median, table } from './table';

type Contender = 'raw' | 'webapp' | 'plus';
type Round = { [contender in Contender]?: Synthesis };

const { values: options } = parseArgs({
  options: {
    'only': { type: 'string' },
    'rounds': { type: 'string' },
    'no-compile': { type: 'boolean' },
  },
});

for (const task of options['no-compile'] ? [] : ['compile', 'bundle']) {
  execFileSync('npm', ['run', '--silent', task], { cwd: join(__dirname, '..'), stdio: ['ignore', 'ignore', 'inherit'] });
}
const consumer = new Consumer();
try {
  const parts = { import: imports, apps: appsInOneChart, charts: chartsOfOneApp, growth, command: () => command(times) };
  const wanted = options.only?.split(',') ?? Object.keys(parts);
  const unknown = wanted.find(part => !(part in parts));
  if (unknown !== undefined) throw new Error(`--only: ${unknown} is not a part; choose from ${Object.keys(parts).join(', ')}`);
  console.log(`Node.js ${process.versions.node}, ${cpus().length} cores (${cpus()[0]?.model})`);
  for (const [part, run] of Object.entries(parts)) if (wanted.includes(part)) run();
} finally {
  consumer.remove();
}

function imports(): void {
  const taken = times(15, () => consumer.run<Import>('import'));
  table(['import', 'ms'], [
    ['cdk8s-plus-27', ms(median(taken.map(({ plusMs }) => plusMs)))],
    ['this library adds', ms(median(taken.map(({ addedMs }) => addedMs)))],
  ]);
}

function appsInOneChart(): void {
  compare([[1, 1, 15], [100, 1, 7], [1000, 1, 5]]);
}

function chartsOfOneApp(): void {
  compare([[100, 100, 7], [1000, 1000, 3]]);
}

/** How long the three contenders take; wall, CPU and bytes are ratios to the raw replay. */
function compare(shapes: [apps: number, charts: number, rounds: number][]): void {
  const head = ['apps', 'charts', 'raw, ms', 'this library, ms', 'wall', 'CPU', 'cdk8s-plus-27, ms', 'wall', 'CPU', 'bytes'];
  table(head, shapes.map(([apps, charts, rounds]) => {
    const taken = times(rounds, () => play(['raw', 'webapp', 'plus'], apps, charts));
    const cells = (contender: Contender) => [
      ms(middle(taken, contender, 'wallMs')),
      ratio(taken, contender, 'wallMs'),
      ratio(taken, contender, 'cpuMs'),
    ];
    return [apps, charts, ms(middle(taken, 'raw', 'wallMs')), ...cells('webapp'), ...cells('plus'), ratio(taken, 'plus', 'bytes')];
  }));
}

/** Whether time and memory grow linearly with the number of apps; the raw replay shows the part of cdk8s itself. */
function growth(): void {
  const shapes: [apps: number, rounds: number][] = [[1000, 2], [3000, 1], [10000, 1]];
  const head = ['apps in a chart', 'raw, ms per app', 'KiB per app', 'this library, ms per app', 'KiB per app', 'wall', 'memory'];
  table(head, shapes.map(([apps, rounds]) => {
    const taken = times(rounds, () => play(['raw', 'webapp'], apps, 1));
    const cells = (contender: Contender) => [
      (middle(taken, contender, 'wallMs') / apps).toFixed(2),
      (middle(taken, contender, 'memoryMiB') * 1024 / apps).toFixed(0),
    ];
    return [apps, ...cells('raw'), ...cells('webapp'), ratio(taken, 'webapp', 'wallMs'), ratio(taken, 'webapp', 'memoryMiB')];
  }));
}

/** One turn of each. The library must write the same bytes as the raw replay, and cdk8s-plus the same number of objects. */
function play(contenders: Contender[], apps: number, charts: number): Round {
  const round: Round = {};
  for (const contender of contenders) round[contender] = consumer.run<Synthesis>('synthesis', contender, apps, charts);
  const { raw, webapp, plus = webapp } = round;
  if (raw?.hash !== webapp?.hash) throw new Error('the raw replay does not write the same bytes as the library');
  if (plus?.objects !== webapp?.objects) throw new Error(`cdk8s-plus writes ${plus?.objects} objects, the library ${webapp?.objects}`);
  return round;
}

function middle(taken: Round[], contender: Contender, figure: Exclude<keyof Synthesis, 'hash'>): number {
  return median(taken.map(round => round[contender]![figure]));
}

function ratio(taken: Round[], contender: Contender, figure: Exclude<keyof Synthesis, 'hash'>): string {
  return median(taken.map(round => round[contender]![figure] / round.raw![figure])).toFixed(2);
}

function times<T>(rounds: number, run: () => T): T[] {
  return Array.from({ length: Number(options.rounds ?? rounds) }, run);
}

function ms(value: number): string {
  return value < 10 ? value.toFixed(1) : value.toFixed(0);
}
