import type { Type } from 'js-yaml';

declare module 'js-yaml' {
  /** The types of its schemas, which its type declarations lack. */
  export const types: { readonly [name in 'int' | 'float' | 'bool']: Pick<Type, 'resolve' | 'construct'> };

  interface LoadOptions {
    /** How many levels deep values may be nested, which its type declarations lack too. */
    readonly maxDepth?: number;
  }
}
