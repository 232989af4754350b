/*
 * Records clicks, forms that are sent, and what was loaded or could not be, while nobody hears them: until the app's
 * script runs (`early.ts`), or until what it needs besides has been loaded. Output: the events, in their order, for
 * `replay.ts`.
 */

export interface EarlyEvents {
  readonly events: Event[];
  /** Ends the recording. */
  stop(): void;
}

declare global {
  interface CustomElementRegistry {
    /** For all scripts of the page. Here no element hides it: one with that id would, as a global variable. */
    isletEarly?: EarlyEvents;
  }
}

/** Records what happens in a page or an island; returns what ends that. */
export function record(root: EventTarget, events: Event[]): () => void {
  const note = (event: Event): void => {
    const target = event.target as Element;
    const { type } = event;
    // what works without scripts has happened already
    if (type === 'submit' ? target.hasAttribute('action') : type === 'click' && target.closest('a[href]')) return;
    if (type === 'submit') event.preventDefault();
    if (!events.includes(event)) events.push(event);
  };
  const change = (method: 'addEventListener' | 'removeEventListener'): void => {
    for (const type of ['click', 'submit', 'load', 'error']) root[method](type, note, true);
  };
  change('addEventListener');
  return () => change('removeEventListener');
}
