import { ALL_FORMATS } from './formats';
import { Shapes } from './validation/shape';

/** The checks of types and formats, which apps and platforms share. */
export const SHAPES = new Shapes(ALL_FORMATS);
