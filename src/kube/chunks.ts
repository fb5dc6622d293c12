/** A list that is too long for one object, in parts. */
export function chunks<T>(list: readonly T[], most: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / most) }, (_, i) => list.slice(i * most, (i + 1) * most));
}

/** The name of a part: the first has the name itself, the next is number 2. */
export function numbered(name: string, i: number): string {
  return i === 0 ? name : `${name}-${i + 1}`;
}
