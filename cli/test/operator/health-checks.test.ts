import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../../..');
const DOC = readFileSync(join(ROOT, 'docs/operator.md'), 'utf8');
const FOLDER = join(ROOT, 'cli/src/operator');
const SOURCE = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.ts'))
  .map(file => readFileSync(join(FOLDER, file), 'utf8')).join('\n');

/** The reasons of `Ready` for which Argo CD and Flux go on waiting. */
const OF_ARGO_CD = [.../local waiting = \{([^}]*)\}/.exec(DOC)![1].matchAll(/(\w+) = true/g)].map(([, reason]) => reason);
const OF_FLUX = [.../c\.reason in \[([^\]]*)\]/.exec(DOC)![1].matchAll(/'(\w+)'/g)].map(([, reason]) => reason);

describe('the health checks for Argo CD and Flux in docs/operator.md', () => {
  test('wait for the same reasons', () => {
    expect(OF_ARGO_CD.length).toBeGreaterThan(4);
    expect(OF_FLUX).toEqual(OF_ARGO_CD);
  });

  test.each(OF_ARGO_CD)('know %s, which the operator writes, and the table of conditions explains', reason => {
    expect(SOURCE).toContain(`'${reason}'`);
    expect(DOC).toMatch(new RegExp(`^\\|.*\`${reason}\`.*\\|$`, 'm'));
  });
});
