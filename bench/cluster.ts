/** The cluster that KUBECONFIG names, as benchmarks use it. */
import { execFileSync } from 'node:child_process';
import { Agent, request } from 'node:http';

/** The output of kubectl. */
export function kubectl(input: string, ...words: string[]): string {
  return execFileSync('kubectl', words, { input, encoding: 'utf8', maxBuffer: 2 ** 30, stdio: ['pipe', 'pipe', 'inherit'] });
}

export async function pause(milliseconds: number): Promise<void> {
  await new Promise(resolve => setTimeout(resolve, milliseconds));
}

export interface Visit {
  readonly seconds: number;
  readonly status: number | undefined;
  readonly body: string;
}

/** A request to a host, on a connection of its own, and its response. */
export async function visit(entry: string, host: string): Promise<Visit> {
  const start = performance.now();
  return new Promise((resolve, reject) => {
    request(`http://${entry}/`, { headers: { Host: host }, agent: new Agent() }, response => {
      let body = '';
      response.on('data', part => body += part);
      response.on('end', () => resolve({ seconds: (performance.now() - start) / 1000, status: response.statusCode, body }));
    }).on('error', reject).end();
  });
}
