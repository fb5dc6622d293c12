/** The part of CEL that projenrc/crd-rules.ts uses, for tests without an API server; a cluster test asks a real one. */
import type { CrdRule } from '../../../projenrc/crd-rules';

/** The values that a rule is about. */
function valuesAt(value: unknown, path: string): unknown[] {
  return path.split('.').filter(step => step !== '').reduce((values, step) => {
    if (step === '*') return values.flatMap(map => Object.values(map as object));
    const found = values.map(one => (one as { [name: string]: unknown } | undefined)?.[step.replace('[]', '')]);
    return (step.endsWith('[]') ? found.flat() : found).filter(one => one !== undefined);
  }, [value]);
}

function evaluated(expression: string, self: unknown): boolean {
  const script = expression
    .replace(/has\(self((?:\.\w+)+)\)/g, (_, path: string) => `(self${path.replaceAll('.', '?.')} !== undefined)`)
    .replace(/ == /g, ' === ');
  const size = (value: object) => Object.keys(value).length;
  return new Function('self', 'size', `return ${script};`)(self, size);
}

/** Whether a rule would refuse props. */
export function refuses({ at, when }: CrdRule, props: unknown): boolean {
  return valuesAt(props, at).some(self => evaluated(when, self));
}
