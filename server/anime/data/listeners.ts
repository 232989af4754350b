/*
 * Who is told of changes once they are stored: the actors behind live pages. Input: changes. Output: a call of each
 * listener. What is stored stays stored: whoever listens badly must not make it look failed.
 */

export interface Listeners<Change> {
  /** Calls every listener. */
  tell(change: Change): void;
  /** Gives what ends it. */
  subscribe(listener: (change: Change) => void): () => void;
}

/** @param onError Is told what a listener throws. */
export function createListeners<Change>(onError: (error: unknown) => void): Listeners<Change> {
  const listeners = new Set<(change: Change) => void>();
  return {
    tell(change) {
      for (const listener of listeners) {
        try {
          listener(change);
        } catch (error) {
          onError(error);
        }
      }
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
