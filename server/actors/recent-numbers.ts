/*
 * Numbers by name, of those that were set lately: what is older is forgotten, so that an actor that runs for months
 * does not remember everybody who ever came. Input: names and numbers. Output: the number of a name, for as long as
 * promised and up to twice as long.
 */

/** @typeParam Value What is known of a name. */
export class RecentNumbers<Value = number> {
  private readonly rememberMs: number;
  private current = new Map<string, Value>();
  private before = new Map<string, Value>();
  private begunAt = performance.now();

  constructor(rememberMs: number) {
    this.rememberMs = rememberMs;
  }

  get(name: string): Value | undefined {
    return this.current.get(name) ?? this.before.get(name);
  }

  set(name: string, number: Value): void {
    const now = performance.now();
    if (now - this.begunAt > this.rememberMs) {
      this.before = this.current;
      this.current = new Map();
      this.begunAt = now;
    }
    this.current.set(name, number);
  }

  /** Returns whether it was there. */
  delete(name: string): boolean {
    const isCurrent = this.current.delete(name);
    return this.before.delete(name) || isCurrent;
  }
}
