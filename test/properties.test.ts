import { App, Chart } from 'cdk8s';
import fc from 'fast-check';
import { parseAllDocuments } from 'yaml';
import { Props, withImage } from './arbitrary-props';
import { schemaErrors } from './schemas';
import { synthesize } from '../cli/src/render/synthesis';
import { yamlOf } from '../cli/src/render/text';
import { merge } from '../src/kube/patch';
import { nearest } from '../src/validation/nearest';
import { quantity, seconds } from '../src/validation/units';
import { Platform, WebApp } from 'cdk8s-webapp';

function write(platform: any, apps: any[]): string {
  const app = new App();
  new Platform(app, 'platform', platform);
  apps.forEach((props, i) => new WebApp(new Chart(app, `chart-${i}`, { namespace: i < 2 ? 'shop' : 'billing' }), `app-${i}`, props));
  return app.synthYaml();
}

describe('any props', () => {
  // Patches may contain anything, by design.
  const webApp = (wrong: number) => new Props(wrong).struct('WebAppProps').map(({ patches, ...props }) => withImage(props));

  /** Without the fields of add-on 0.16, which the schemas do not have yet. */
  const older = (object: any) => {
    const { maxPendingRequests, overflow, ...coldStart } = object.spec?.coldStart ?? {};
    if (maxPendingRequests === undefined) return object;
    return { ...object, spec: { ...object.spec, coldStart: Object.keys(coldStart).length > 0 ? coldStart : undefined } };
  };

  test.each([[0], [3]])('give either YAML that matches the schemas or a validation error, with %d percent of invalid values', wrong => {
    const outcomes = { written: 0, refused: 0 };
    fc.assert(
      fc.property(new Props(wrong).struct('PlatformProps'), fc.array(webApp(wrong), { minLength: 1, maxLength: 2 }), (platform, apps) => {
        let yaml: string;
        try {
          yaml = write({ domain: 'example.com', ...platform }, apps);
        } catch (error) {
          const [first, ...lines] = (error as Error).message.split('\n  ');
          expect(first).toBe('Validation failed with the following errors:');
          for (const line of lines) expect(line).toMatch(/^\[[^\]]*\] (Platform|WebApp "[^"]*"): .+; .+/);
          outcomes.refused++;
          return;
        }
        const objects = parseAllDocuments(yaml).map(document => older(document.toJS()));
        expect(objects.flatMap(schemaErrors)).toEqual([]);
        outcomes.written++;
      }),
      { numRuns: 600, seed: 1 },
    );
    expect(outcomes.written).toBeGreaterThan(50);
    expect(outcomes.refused).toBeGreaterThan(50);
  });

  test('never cause an exception with patches other than one about text that kubectl misreads', () => {
    const patch = fc.record({
      kind: fc.constantFrom('Deployment', 'Service', 'ScaledObject'),
      merge: fc.dictionary(fc.constantFrom('spec', 'metadata', 'x'), fc.jsonValue()),
    });
    fc.assert(
      fc.property(fc.array(patch, { maxLength: 3 }), patches => {
        try {
          expect(write({ domain: 'example.com' }, [{ image: 'web:1', patches }])).toContain('kind: Deployment');
        } catch (error) {
          expect((error as Error).message).toMatch(/which kubectl (?:reads as|cannot read)/);
        }
      }),
      { numRuns: 200 },
    );
  });

  test('give the same bytes every time', () => {
    fc.assert(fc.property(webApp(2), props => {
      const outcome = () => {
        try {
          return write({ domain: 'example.com' }, [props]);
        } catch (error) {
          return (error as Error).message;
        }
      };
      expect(outcome()).toBe(outcome());
    }), { numRuns: 200 });
  });
});

describe('the command', () => {
  test('writes the same bytes or the same error as cdk8s, whatever the props', () => {
    const platform = new Props(0).struct('PlatformProps').map(props => ({ domain: 'example.com', ...props }));
    const cases = fc.sample(
      fc.tuple(platform, fc.array(new Props(0).struct('WebAppProps').map(withImage), { minLength: 1, maxLength: 3 })),
      { numRuns: 500, seed: 2 },
    );
    // First synthesize everything with cdk8s itself, because the command changes how its objects are written.
    const expected = cases.map(([props, apps]) => {
      try {
        return write(props, apps);
      } catch {
        return undefined;
      }
    });
    const found = cases.map(([props, apps]) => {
      const inputs = apps.map((app: any, i: number) => ({ name: `app-${i}`, namespace: i < 2 ? 'shop' : 'billing', props: app }));
      const { apps: written } = synthesize(inputs, props);
      return written.length > 0 ? yamlOf(written.flatMap(({ objects }) => objects)) : undefined;
    });
    expect(found).toEqual(expected);
    expect(expected.filter(text => text !== undefined).length).toBeGreaterThan(50);
  });
});

describe('units', () => {
  test('a duration is the sum of its parts', () => {
    fc.assert(fc.property(fc.nat(99), fc.nat(99), fc.nat(99), (h, m, s) => seconds(`${h}h${m}m${s}s`) === h * 3600 + m * 60 + s));
  });

  test('a string is either a valid duration or an error, never NaN', () => {
    fc.assert(fc.property(fc.string(), written => !Number.isNaN(seconds(written)) && !Number.isNaN(quantity(written))));
  });

  test('binary suffixes are powers of 1024', () => {
    fc.assert(fc.property(fc.nat(1000), n => quantity(`${n}Gi`) === n * 1024 ** 3 && quantity(`${n}M`) === n * 1e6));
  });
});

describe('a merge', () => {
  const map = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.jsonValue());

  test('with nothing changes nothing, and a second merge has no effect', () => {
    fc.assert(fc.property(map, map, (target, change) => {
      expect(merge(target, {})).toEqual(target);
      expect(merge(merge(target, change), change)).toEqual(merge(target, change));
    }));
  });
});

describe('the nearest known name', () => {
  test('is a known name or undefined', () => {
    fc.assert(fc.property(fc.string(), fc.array(fc.string()), (name, known) => {
      const found = nearest(name, known);
      return found === undefined || known.includes(found);
    }));
  });
});
