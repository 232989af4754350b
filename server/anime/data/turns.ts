/*
 * Who writes next, where only one can: in the order in which they asked, each waiting for so long, and only so many.
 * Input: who asks, until when. Output: turns; who has one ends it.
 */

export interface Turns {
  /**
   * Waits for a turn. Gives what ends it.
   *
   * @param giveUpAt By `performance.now()`.
   * @throws What `refuse` makes where it takes too long, or too many wait.
   */
  take(giveUpAt: number): Promise<() => void>;
}

export interface TurnsOptions {
  readonly maxWaiting: number;
  readonly refuse: (why: string) => Error;
}

export function createTurns({ maxWaiting, refuse }: TurnsOptions): Turns {
  const waiting = new Set<() => void>();
  let isTaken = false;

  const end = (): void => {
    isTaken = false;
    const [next] = waiting;
    next?.();
  };

  return {
    async take(giveUpAt) {
      if (isTaken) {
        if (waiting.size >= maxWaiting) throw refuse(`${maxWaiting} wait to write already`);
        await new Promise<void>((resolve, reject) => {
          const go = (): void => {
            clearTimeout(timer);
            waiting.delete(go);
            // at once, or somebody else could come between
            isTaken = true;
            resolve();
          };
          const timer = setTimeout(() => {
            waiting.delete(go);
            reject(refuse('others write for long'));
          }, giveUpAt - performance.now());
          waiting.add(go);
        });
      }
      isTaken = true;
      return end;
    },
  };
}
