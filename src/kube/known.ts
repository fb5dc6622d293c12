/**
 * Values that objects are written from when the tree is. Methods may change an app after it was made: what was made for a part of it keeps its
 * value, which takes over what is said of that part now.
 */
export class Known {
  private readonly values = new Map<string, object>();

  /**
   * Tells whether something has to be made.
   *
   * @param name what the part is called
   * @param value what is said of it now
   */
  public isNew(name: string, value: object): boolean {
    const old = this.values.get(name);
    if (old) Object.assign(old, value);
    else this.values.set(name, value);
    return old === undefined;
  }
}
