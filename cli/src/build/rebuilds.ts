/**
 * The names of what is built more than once from the same source, by `--rebuild`. Each build has a name of its own, with its number at the
 * end from the second one on: releases run the image of the one before it, which has to keep its tag, as registries may delete images
 * that have none, and its BuildRun.
 */
export function numbered(name: string, number: number): string {
  return number === 1 ? name : `${name}-${number}`;
}

/** The first number, starting with one, of which something does not exist. */
export async function firstMissing(from: number, exists: (number: number) => Promise<boolean>): Promise<number> {
  let number = from;
  while (await exists(number)) number++;
  return number;
}
