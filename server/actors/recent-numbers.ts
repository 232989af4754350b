/*
 * Numbers by name, of those that were set lately: what is older is forgotten, so that an actor that runs for months
 * does not remember everybody who ever came, and one account has so many at most. Input: names and numbers, and on whose
 * account they are. Output: the number of a name, for as long as promised and up to twice as long, unless its own
 * account has set too many others since.
 */

/** @typeParam Value What is known of a name. */
export class RecentNumbers<Value = number> {
  private readonly rememberMs: number;
  private readonly maxPerAccount: number;
  private current = new Generation<Value>();
  private before = new Generation<Value>();
  private begunAt = performance.now();

  constructor(rememberMs: number, maxPerAccount = Number.POSITIVE_INFINITY) {
    this.rememberMs = rememberMs;
    this.maxPerAccount = maxPerAccount;
  }

  get(name: string): Value | undefined {
    return this.current.values.get(name) ?? this.before.values.get(name);
  }

  /**
   * @param account Left out: nobody's, and it does not count.
   * @returns Whether another one on that account is forgotten before its time.
   */
  set(name: string, number: Value, account?: string): boolean {
    const now = performance.now();
    if (now - this.begunAt > this.rememberMs) {
      this.before = this.current;
      this.current = new Generation();
      this.begunAt = now;
    }
    this.current.values.set(name, number);
    if (account === undefined || this.maxPerAccount === Number.POSITIVE_INFINITY) return false;
    const own = this.current.accounts.get(account) ?? new Set();
    if (own.size === 0) this.current.accounts.set(account, own);
    // the one that was set last is at the end
    own.delete(name);
    own.add(name);
    const [oldest] = own;
    if (own.size <= this.maxPerAccount || oldest === undefined) return false;
    own.delete(oldest);
    return this.delete(oldest);
  }

  /** Returns whether it was there. */
  delete(name: string): boolean {
    const isCurrent = this.current.values.delete(name);
    return this.before.values.delete(name) || isCurrent;
  }
}

class Generation<Value> {
  readonly values = new Map<string, Value>();
  /** The names that each account has set. */
  readonly accounts = new Map<string, Set<string>>();
}
