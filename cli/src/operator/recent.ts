/** What was worked out last, by what it was worked out from. */
export class Recent<T> {
  /** The one that was wanted longest ago comes first. */
  private readonly known = new Map<string, T>();
  private length = 0;

  /** @param longest how many characters the keys of all that is kept may have: what authors write must not fill the memory */
  constructor(private readonly longest: number) {}

  /** What a key stands for, which is only worked out where that has not been done lately. */
  public get(key: string, workOut: () => T): T {
    const isKnown = this.known.has(key);
    const found = isKnown ? this.known.get(key)! : workOut();
    this.known.delete(key);
    this.known.set(key, found);
    if (!isKnown) this.length += key.length;
    for (const oldest of this.known.keys()) {
      if (this.length <= this.longest) break;
      this.known.delete(oldest);
      this.length -= oldest.length;
    }
    return found;
  }
}
