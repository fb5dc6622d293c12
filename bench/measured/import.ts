/** What one process measures: how long it takes to import cdk8s-plus-27, and then this library. */
export interface Import {
  readonly plusMs: number;
  readonly addedMs: number;
}

async function main(): Promise<void> {
  const start = performance.now();
  await import('cdk8s-plus-27');
  const plus = performance.now();
  await import('cdk8s-webapp');
  const result: Import = { plusMs: plus - start, addedMs: performance.now() - plus };
  console.log(JSON.stringify(result));
}

void main();
