/** Lists of items by key, each in order, of which most have one item. */
export class Index<T> {
  private readonly lists = new Map<string, T[]>();

  constructor(private readonly precedes: (a: T, b: T) => boolean) {}

  /** The items of a key, in order. */
  public get(key: string): readonly T[] {
    return this.lists.get(key) ?? [];
  }

  /** Adds an item, unless the key has it. */
  public add(key: string, item: T): void {
    const list = this.lists.get(key);
    if (!list) {
      this.lists.set(key, [item]);
      return;
    }
    if (list.includes(item)) return;
    const after = list.findIndex(other => this.precedes(item, other));
    list.splice(after < 0 ? list.length : after, 0, item);
  }

  public remove(key: string, item: T): void {
    const list = this.lists.get(key) ?? [];
    const rest = list.filter(other => other !== item);
    if (rest.length > 0) this.lists.set(key, rest);
    else this.lists.delete(key);
  }
}
