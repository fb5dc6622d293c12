/** A map of strings, such as labels. */
export type Strings = { readonly [name: string]: string };
