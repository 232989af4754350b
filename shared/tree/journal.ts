/*
 * What a comparison has changed in the tree, so that it can be taken back: views are evaluated on the way, and where
 * one throws, the tree is to be as it was. Input: each change, before it is made. Output: the old values, put back.
 */

// One array serves all journals in turn, since hardly two ever hold something: an idle actor keeps none.
let spare: unknown[] = [];

export class Journal {
  // three entries for each change: object, key, old value
  private changes: unknown[] | undefined;
  /** What is heard, or what messages go through, is among the changes. */
  hasListeners = false;

  /** Notes that `target[key]` is about to be another value than `old`. */
  note(target: object, key: PropertyKey, old: unknown): void {
    if (this.changes === undefined) {
      this.changes = spare;
      spare = [];
    }
    this.changes.push(target, key, old);
  }

  /** Gives each change: whose it was, where, and what was there before. */
  forEach(take: (target: object, key: PropertyKey, old: unknown) => void): void {
    const { changes = [] } = this;
    for (let at = 0; at < changes.length; at += 3) {
      take(changes[at] as object, changes[at + 1] as PropertyKey, changes[at + 2]);
    }
  }

  /** Takes all changes back, the last one first. */
  rollBack(): void {
    const { changes = [] } = this;
    for (let at = changes.length - 3; at >= 0; at -= 3) {
      (changes[at] as Record<PropertyKey, unknown>)[changes[at + 1] as PropertyKey] = changes[at + 2];
    }
    this.keep();
  }

  /** Forgets the changes: they stay. */
  keep(): void {
    if (this.changes === undefined) return;
    this.hasListeners = false;
    spare = this.changes;
    // to set the length is a call out of compiled code: it pays where there is much to forget
    if (spare.length > 30) spare.length = 0;
    else while (spare.length > 0) spare.pop();
    this.changes = undefined;
  }
}
