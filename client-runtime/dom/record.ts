/*
 * Records clicks, forms that are sent, and what was loaded or could not be, in islands that nobody hears yet: their
 * scripts are to come, or what these need besides. Input: events of the document, from `early.js` or the first script of
 * islands on. Output: for each such island what happened in it, for `replay.ts`.
 */

export interface EarlyEvent {
  /** Its element. Where one stands in another, each has its own: they begin to hear at different times. */
  readonly island: EventTarget;
  readonly type: string;
  readonly bubbles: boolean;
  /** In the island: where it happened, or what is around that and is an island too. */
  readonly target: EventTarget;
}

export interface EarlyEvents {
  /** Few: who never comes asks for nothing. */
  readonly events: EarlyEvent[];
  /** Islands, and whether anybody hears what happens in them. */
  readonly hears: WeakMap<EventTarget, boolean>;
  /** What happens is told again. */
  isReplaying?: boolean;
}

declare global {
  interface CustomElementRegistry {
    /** For all scripts of the page. Here no element hides it: one with that id would, as a global variable. */
    isletEarly?: EarlyEvents;
  }
}

const maxEvents = 100;
/** The elements of islands that are to come, and the place of an app that has brought what it is to show. */
const waiting = 'server-component, :not(:defined), :has(> script[data-islet])';

/** Begins to record, for as long as the page is there. */
export function record(): EarlyEvents {
  const early: EarlyEvents = { events: [], hears: new WeakMap() };
  const note = (event: Event): void => {
    const { type, bubbles } = event;
    const path = event.composedPath();
    const [first] = path as [Element];
    let target: EventTarget = first;
    // what works without scripts has happened already
    const isNative = type === 'submit' ? first.hasAttribute('action') : type === 'click' && first.closest('a[href]');
    if (early.isReplaying || isNative) return;
    let last: EventTarget | undefined;
    for (const node of path) {
      const isShadow = node instanceof ShadowRoot;
      // what a form in there sends is heard in there alone, and follows a click
      if (isShadow) node.addEventListener('submit', note, true);
      const island = isShadow ? node.host : node;
      const isIsland = early.hears.has(island) || (island instanceof Element && island.matches(waiting));
      if (!isIsland || island === last) continue;
      if (!early.hears.get(island) && early.events.length < maxEvents) {
        if (type === 'submit') event.preventDefault();
        early.events.push({ island, type, bubbles, target });
      }
      if (!bubbles) return;
      target = last = island;
    }
  };
  for (const type of ['click', 'submit', 'load', 'error']) document.addEventListener(type, note, true);
  return early;
}

/** The element of an island. @param root What it is drawn into. */
export const islandOf = (root: Node): EventTarget => (root instanceof ShadowRoot ? root.host : root);

/** Says whether anybody hears what happens in an island. */
export function setHeard(root: Node, isHeard: boolean): void {
  customElements.isletEarly?.hears.set(islandOf(root), isHeard);
}
