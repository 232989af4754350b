/*
 * Says that something is not shown at once, though a page predicts it. Input: the island's root, and why. Output:
 * `islet:unpredicted` at the island, when what is being done now is done: whoever hears it may do anything.
 */

/** What threw in the page, could not be loaded, or draws something else than the server. */
export type Unpredicted = 'handler' | 'update' | 'view' | 'code' | 'other';

export function tellUnpredicted(target: EventTarget, why: Unpredicted, error: unknown): void {
  const detail = { why, error };
  queueMicrotask(() =>
    target.dispatchEvent(new CustomEvent('islet:unpredicted', { bubbles: true, composed: true, detail })),
  );
}
