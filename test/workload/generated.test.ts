import { App, Chart } from 'cdk8s';
import fc from 'fast-check';
import { schemaErrors } from '../schemas';
import { build, problems, problemsOf, synth } from '../synth';
import { WebApp } from 'cdk8s-webapp';

const VALUE = { valueFrom: { secretKeyRef: { name: 'web-generated', key: 'SESSION_KEY' } } };
const SECRET_ENV = { SESSION_KEY: { generate: 32 } };

describe('a generated value', () => {
  test('is a key of the Secret <app>-generated, with the name of the variable', () => {
    const { container } = synth({ secretEnv: { ...SECRET_ENV, STRIPE_KEY: { secret: 'stripe', key: 'api' } } });
    expect(container.env).toEqual([
      { name: 'PORT', value: '8080' },
      { name: 'SESSION_KEY', ...VALUE },
      { name: 'STRIPE_KEY', valueFrom: { secretKeyRef: { name: 'stripe', key: 'api' } } },
    ]);
  });

  test('is the same in every process and container that has the variable', () => {
    const manifests = synth({
      secretEnv: SECRET_ENV,
      workers: { mails: { command: ['mails'] } },
      cronJobs: { nightly: { command: ['nightly'], schedule: '0 3 * * *' } },
      releaseCommand: { command: ['migrate'] },
      sidecars: { proxy: { image: 'proxy:1', secretEnv: { SESSION_KEY: { generate: 32 } } } },
      initContainers: { wait: { image: 'wait:1', secretEnv: { TOKEN: { generate: 16 } } } },
    });
    const pods = [
      manifests.get('Deployment', 'web').spec.template.spec,
      manifests.get('Deployment', 'web-mails').spec.template.spec,
      manifests.get('CronJob').spec.jobTemplate.spec.template.spec,
      manifests.get('Job').spec.template.spec,
    ];
    for (const { containers: [{ env }] } of pods) expect(env).toContainEqual({ name: 'SESSION_KEY', ...VALUE });
    const [init, proxy] = pods[0].initContainers;
    expect(init.env).toEqual([{ name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'web-generated', key: 'TOKEN' } } }]);
    expect(proxy.env).toEqual([{ name: 'SESSION_KEY', ...VALUE }]);
    expect(manifests.all.flatMap(schemaErrors)).toEqual([]);
  });

  test('is in no object, and neither is its Secret', () => {
    const { all, list } = synth({ secretEnv: SECRET_ENV });
    expect(list.filter(name => name.startsWith('Secret '))).toEqual([]);
    expect(JSON.stringify(all)).not.toContain('"data"');
  });

  test('gives way to a value that a worker has of its own', () => {
    const manifests = synth({ secretEnv: SECRET_ENV, workers: { mails: { command: ['mails'], env: { SESSION_KEY: 'x' } } } });
    const [{ env }] = manifests.get('Deployment', 'web-mails').spec.template.spec.containers;
    expect(env).toEqual([{ name: 'SESSION_KEY', value: 'x' }]);
  });

  test('has a length that tools can read, and that no object has', () => {
    const { web } = build({ secretEnv: SECRET_ENV, sidecars: { proxy: { image: 'p:1', secretEnv: { TOKEN: { generate: 16 } } } } });
    expect(web._generated).toEqual({ SESSION_KEY: 32, TOKEN: 16 });
    expect(build({ secretEnv: { A: { secret: 'a', key: 'b' } } }).web._generated).toEqual({});
  });

  test('can be used by another app of the namespace, by its Secret', () => {
    const { app, chart } = build({ secretEnv: SECRET_ENV });
    const secretEnv = { KEY: { secret: 'web-generated', key: 'SESSION_KEY' } };
    new WebApp(chart, 'api', { image: 'api:1', secretEnv });
    expect(problemsOf(() => app)).toEqual([]);
  });
});

describe('a source of secretEnv', () => {
  test.each([
    [{}, 'secretEnv.A is empty; set secret and key, or generate: 32'],
    [{ secret: 'a' }, 'secretEnv.A.key is missing; set it to a key of the Secret'],
    [{ key: 'a' }, 'secretEnv.A.secret is missing; set it to the name of the Secret'],
    [{ secret: 'a', key: 'b', generate: 32 },
      'secretEnv.A.generate cannot be combined with secret; remove generate, or both secret and key'],
    [{ key: 'b', generate: 32 }, 'secretEnv.A.generate cannot be combined with key; remove generate, or both secret and key'],
    [{ generate: 15 }, 'secretEnv.A.generate is 15, which is too small; use a number from 16 to 256'],
    [{ generate: 257 }, 'secretEnv.A.generate is 257, which is too large; use a number from 16 to 256'],
    [{ generate: 32.5 }, 'secretEnv.A.generate is 32.5, which is not a whole number; use a whole number from 16 to 256'],
    [{ generate: true }, 'secretEnv.A.generate is true; use a number'],
    [{ generate: '32' }, 'secretEnv.A.generate is "32"; use a number'],
    [{ length: 32 }, 'secretEnv.A.length is not a known property; known properties are generate, key, secret'],
  ])('%j is an error', (source, expected) => {
    expect(problems({ secretEnv: { A: source } })).toEqual([`WebApp "web": ${expected}`]);
    const ofContainer = expected.replaceAll('secretEnv.A', 'sidecars.p.secretEnv.A');
    expect(problems({ sidecars: { p: { image: 'p:1', secretEnv: { A: source } } } })).toEqual([`WebApp "web": ${ofContainer}`]);
  });

  test('has one of both forms, whatever else it has', () => {
    const source = fc.record(
      { secret: fc.constantFrom('a', 'b'), key: fc.constantFrom('c', 'd'), generate: fc.integer({ min: 16, max: 256 }) },
      { requiredKeys: [] },
    );
    fc.assert(fc.property(source, one => {
      const isKey = one.secret !== undefined && one.key !== undefined && one.generate === undefined;
      const isGenerated = one.generate !== undefined && one.secret === undefined && one.key === undefined;
      expect(problems({ secretEnv: { A: one } })).toHaveLength(isKey || isGenerated ? 0 : 1);
    }));
  });

  test('is the same length wherever a variable is generated', () => {
    const sidecars = { p: { image: 'p:1', secretEnv: { SESSION_KEY: { generate: 64 } } } };
    expect(problems({ secretEnv: SECRET_ENV, sidecars })).toEqual([
      'WebApp "web": sidecars.p.secretEnv.SESSION_KEY.generate is 64, but secretEnv.SESSION_KEY.generate is 32, and both are the same '
      + 'value; use the same length, or another variable',
    ]);
    expect(problems({ secretEnv: { SESSION_KEY: { generate: 64 } }, sidecars })).toEqual([]);
  });

  test('is still a list of Secrets under its old name', () => {
    expect(problems({ secretEnv: ['a'] })).toEqual(
      ['WebApp "web": secretEnv is a list, which was renamed to envFromSecrets; move the list to envFromSecrets, or use a map']);
  });
});

describe('the Secret with generated values', () => {
  const external = { TOKEN: { key: 'prod/token' } };
  const store = { name: 'vault' };

  test('is not written by a connection of the app, too', () => {
    const connections = { generated: { type: 'external-secret', external, store } };
    expect(problems({ secretEnv: SECRET_ENV, connections })).toEqual([
      'WebApp "web": connections.generated creates a Secret "web-generated", which has the values that secretEnv generates; '
      + 'rename the connection',
    ]);
    expect(problems({ connections })).toEqual([]);
  });

  test('is not written by another app of the namespace', () => {
    const app = new App();
    const chart = new Chart(app, 'shop', { namespace: 'shop' });
    new WebApp(chart, 'a', { image: 'a:1', internal: true, connections: { 'b-generated': { type: 'external-secret', external, store } } });
    new WebApp(chart, 'a-b', { image: 'b:1', internal: true, secretEnv: SECRET_ENV });
    expect(problemsOf(() => app)).toEqual([
      'WebApp "a-b": name creates a Secret "a-b-generated", which WebApp "shop/a" creates too; choose another name',
    ]);
    const other = new Chart(app, 'billing', { namespace: 'billing' });
    expect(new WebApp(other, 'a-b', { image: 'b:1', internal: true, secretEnv: SECRET_ENV })._problems()).toEqual([]);
  });
});
