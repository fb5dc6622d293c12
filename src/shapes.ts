import { ALL_FORMATS } from './formats';
import type { Problem } from './validation/problem';
import { Shapes } from './validation/shape';

/** The checks of types and formats, which apps and platforms share. */
export const SHAPES = new Shapes(ALL_FORMATS);

/** Checks what is written in the form of a struct but is not part of an app's or a platform's props. */
export function checkStruct(struct: string, value: object): Problem[] {
  return SHAPES.check(struct, value);
}
