import type { Format } from './format';
import { compose } from './formats/compose/compose';
import { dockerfile } from './formats/dockerfile';

/** Every format, in the order in which they are tried. */
export const FORMATS: readonly Format[] = [dockerfile, compose];
