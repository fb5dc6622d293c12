import { Yaml } from 'cdk8s';
import type { Manifest } from './synthesis';

/** Objects as YAML, as cdk8s writes them. */
export function yamlOf(objects: readonly Manifest[]): string {
  return Yaml.stringify(...objects);
}
