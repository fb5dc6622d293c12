/** A map of strings, such as labels. */
export type Strings = { readonly [name: string]: string };

/** Those whose name is wanted. */
export function pick(strings: Strings | undefined, isWanted: (name: string) => boolean): Strings {
  return strings === undefined ? {} : Object.fromEntries(Object.entries(strings).filter(([name]) => isWanted(name)));
}
