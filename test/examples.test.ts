import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { schemaErrors } from './schemas';

const EXAMPLES = join(__dirname, '../examples');
const names = readdirSync(EXAMPLES, { withFileTypes: true }).filter(entry => entry.isDirectory()).map(({ name }) => name);

describe.each(names)('the example %s', name => {
  const folder = mkdtempSync(join(tmpdir(), 'example-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  beforeAll(() => {
    process.env.CDK8S_OUTDIR = folder;
    jest.isolateModules(() => void jest.requireActual(join(EXAMPLES, name, 'main')));
    delete process.env.CDK8S_OUTDIR;
  });

  test('synthesizes objects that match the schemas of a real API server', () => {
    const objects = readdirSync(folder)
      .flatMap(file => parseAllDocuments(readFileSync(join(folder, file), 'utf8')))
      .map(document => document.toJS());
    expect(objects.length).toBeGreaterThan(5);
    expect(objects.flatMap(schemaErrors)).toEqual([]);
  });

  test('is run by main.ts', () => {
    expect(readFileSync(join(EXAMPLES, 'main.ts'), 'utf8')).toContain(`import './${name}/main';`);
  });
});
