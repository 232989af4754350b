/*
 * Trees that are only kept for the next change: where all who look predict, they have the model, and nobody shows the
 * server's tree. It is let go of when nothing has happened for a while, and made again by the next event, by whoever
 * joins without the code, and by a page's HTML. Input: actors whose trees are used. Output: trees that are let go of.
 */

import type { Clock } from '../../shared/runtime/clock.ts';

export interface TreeOwner {
  /** Lets go of its tree; false if it is needed. */
  letGoOfTree(): boolean;
}

/** A tree is kept for at least so long after it was used, and at most twice as long. */
export const keptTreeMs = 30_000;

export class IdleTrees {
  private readonly clock: Clock;
  /** Those that have a tree, used since the last look; and those that were used before it. */
  private used = new Set<TreeOwner>();
  private before = new Set<TreeOwner>();
  private timer: unknown;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** The tree of an actor is there, and was used. */
  note(owner: TreeOwner): void {
    this.used.add(owner);
    this.timer ??= this.clock.setTimeout(() => this.look(), keptTreeMs);
  }

  forget(owner: TreeOwner): void {
    this.used.delete(owner);
    this.before.delete(owner);
  }

  /** Nobody is told any more. */
  end(): void {
    this.clock.clearTimeout(this.timer);
    this.used.clear();
    this.before.clear();
  }

  private look(): void {
    this.timer = undefined;
    const { before, used } = this;
    [this.before, this.used] = [used, new Set()];
    for (const owner of before) {
      // who is needed is looked at again next time
      if (!used.has(owner) && !owner.letGoOfTree()) this.before.add(owner);
    }
    if (this.before.size > 0) this.timer ??= this.clock.setTimeout(() => this.look(), keptTreeMs);
  }
}
