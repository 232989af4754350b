/*
 * Work that may come all at once: when a network goes down, tens of thousands of connections end together. Input: items,
 * each with the same to do. Output: it is done at once for so many in one turn of the event loop, for the others in the
 * next ones, in the order in which they came: whoever is still there is answered between two turns.
 */

/** How many are done in one turn: some milliseconds' worth of what a connection's end takes. */
export const sliceLength = 64;

export class Slices<Item, Extra = undefined> {
  private readonly act: (item: Item, extra: Extra) => void;
  private readonly waiting = new Map<Item, Extra>();
  /** How many were done in this turn. */
  private done = 0;
  private isScheduled = false;

  constructor(act: (item: Item, extra: Extra) => void) {
    this.act = act;
  }

  /** Does it now or soon. An item that waits already keeps its place, and what came with it. */
  add(item: Item, extra: Extra): void {
    this.schedule();
    // whoever waits has come first
    if (this.waiting.size > 0 || this.done >= sliceLength) {
      if (!this.waiting.has(item)) this.waiting.set(item, extra);
      return;
    }
    this.done++;
    this.act(item, extra);
  }

  /** Nothing is to be done for an item any more. */
  delete(item: Item): void {
    this.waiting.delete(item);
  }

  /** How many wait. */
  get size(): number {
    return this.waiting.size;
  }

  private schedule(): void {
    if (this.isScheduled) return;
    this.isScheduled = true;
    setImmediate(this.begin);
  }

  /** A turn is over. */
  private readonly begin = (): void => {
    this.isScheduled = false;
    this.done = 0;
    for (const [item, extra] of this.waiting) {
      if (this.done >= sliceLength) break;
      this.waiting.delete(item);
      this.done++;
      this.schedule();
      this.act(item, extra);
    }
    if (this.waiting.size > 0) this.schedule();
  };
}
