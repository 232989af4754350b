/*
 * Collections that hardly ever hold more than one: the islands of a page, those who look at one. An empty Map takes 184
 * bytes, an empty Set 152, for as long as a page is open. With the second entry they become what they stand for.
 */

/** What a `Map` does, of as much of it as is used. */
export class FewMap<Key, Value> {
  private key: Key | undefined;
  private value: Value | undefined;
  private more: Map<Key, Value> | undefined;

  get size(): number {
    return this.more?.size ?? (this.value === undefined ? 0 : 1);
  }

  get(key: Key): Value | undefined {
    if (this.more) return this.more.get(key);
    return key === this.key ? this.value : undefined;
  }

  set(key: Key, value: Value): void {
    if (this.more) this.more.set(key, value);
    else if (this.value === undefined || key === this.key) this.keep(key, value);
    else {
      this.more = new Map([
        [this.key as Key, this.value],
        [key, value],
      ]);
      this.keep(undefined, undefined);
    }
  }

  delete(key: Key): void {
    if (this.more) this.more.delete(key);
    else if (key === this.key) this.keep(undefined, undefined);
  }

  /** Those that are taken out while they are gone through do not come any more. */
  values(): Iterable<Value> {
    if (this.more) return this.more.values();
    return this.value === undefined ? none : [this.value];
  }

  private keep(key: Key | undefined, value: Value | undefined): void {
    this.key = key;
    this.value = value;
  }
}

/** What a `Set` does, of as much of it as is used. */
export class FewSet<Value> implements Iterable<Value> {
  private value: Value | undefined;
  private more: Set<Value> | undefined;

  get size(): number {
    return this.more?.size ?? (this.value === undefined ? 0 : 1);
  }

  has(value: Value): boolean {
    return this.more?.has(value) ?? value === this.value;
  }

  add(value: Value): void {
    if (this.more) this.more.add(value);
    else if (this.value === undefined || value === this.value) this.value = value;
    else {
      this.more = new Set([this.value, value]);
      this.value = undefined;
    }
  }

  /** @returns Whether it was there. */
  delete(value: Value): boolean {
    if (this.more) return this.more.delete(value);
    const isThere = value === this.value;
    if (isThere) this.value = undefined;
    return isThere;
  }

  clear(): void {
    this.value = undefined;
    this.more = undefined;
  }

  [Symbol.iterator](): Iterator<Value> {
    const values: Iterable<Value> = this.more ?? (this.value === undefined ? none : [this.value]);
    return values[Symbol.iterator]();
  }
}

const none: readonly never[] = [];
