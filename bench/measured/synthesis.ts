import { createHash } from 'node:crypto';
import { App, Chart } from 'cdk8s';
import { Contender, nameOf, NAMESPACE } from './contender';

/** What one process measures: everything from the first construct to the YAML, once, without a warm-up. */
export interface Synthesis {
  readonly wallMs: number;
  /** Of all threads, including the garbage collector. */
  readonly cpuMs: number;
  /** The peak of the process, without what it had used before. */
  readonly memoryMiB: number;
  readonly objects: number;
  readonly bytes: number;
  readonly hash: string;
}

/** Arguments: the contender, how many apps, and in how many charts. */
async function main([contenderName, apps, charts]: string[]): Promise<void> {
  const { contender }: { contender: Contender } = await import(`./${contenderName}`);
  const memory = process.memoryUsage().rss;
  const names = Array.from({ length: Number(apps) }, (_, i) => nameOf(i));
  const app = new App();
  const create = contender.prepare(app, names);

  const start = performance.now();
  const cpuStart = process.cpuUsage();
  const scopes = Array.from({ length: Number(charts) }, (_, i) => new Chart(app, `chart-${i}`, { namespace: NAMESPACE }));
  names.forEach((name, i) => create(scopes[i % scopes.length], name));
  const yaml = app.synthYaml();
  const wallMs = performance.now() - start;
  const cpu = process.cpuUsage(cpuStart);

  const result: Synthesis = {
    wallMs,
    cpuMs: (cpu.user + cpu.system) / 1000,
    memoryMiB: process.resourceUsage().maxRSS / 1024 - memory / 1024 ** 2,
    objects: yaml.split('\n---\n').length,
    bytes: Buffer.byteLength(yaml),
    hash: createHash('sha256').update(yaml).digest('hex'),
  };
  console.log(JSON.stringify(result));
}

void main(process.argv.slice(2));
