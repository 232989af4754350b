/*
 * What the users' table asks of the page around it, and what the page has to say of the table. Input: events that the
 * server component fires on its element. Output: the focus, the address, and a notice when one is not logged in any more.
 */

/** @param island The element of the server component. */
export function watchTable(island: HTMLElement): void {
  island.addEventListener('users-focus', (event) => {
    if (event instanceof CustomEvent && typeof event.detail === 'string') moveFocus(event.detail);
  });

  island.addEventListener('users-view', (event) => {
    if (!(event instanceof CustomEvent) || typeof event.detail !== 'string') return;
    history.replaceState(history.state, '', event.detail === '' ? location.pathname : `?${event.detail}`);
  });

  const tellOfLoss = (): void => {
    const notice = tell('dropped');
    island.addEventListener('click', () => notice?.toggleAttribute('hidden', true), { once: true });
  };
  island.addEventListener('islet:dropped', tellOfLoss);

  let isTyping = false;
  island.addEventListener('islet:state', (event) => {
    if (!(event instanceof CustomEvent)) return;
    const { state, code } = event.detail as { readonly state?: unknown; readonly code?: unknown };
    if (state === 'offline') {
      isTyping = island.querySelector('.edit') !== null;
      // a new server starts from what this page shows, and not from what it was loaded with
      island.setAttribute('query', location.search.slice(1));
    } else if (state === 'live') {
      // but it knows no cell in which somebody types
      if (isTyping && island.querySelector('.edit') === null) tellOfLoss();
      isTyping = false;
    }
    if (code === 'ISLET_ERR_JOIN_FORBIDDEN') end(island);
  });
}

/** Shows what the page has to say at times. */
function tell(id: string): HTMLElement | null {
  const notice = document.getElementById(id);
  if (notice !== null) notice.hidden = false;
  return notice;
}

/** Follows what took the place of the focused element; whoever is somewhere else by now stays there. */
function moveFocus(selector: string): void {
  const target = document.querySelector<HTMLElement>(selector);
  const { activeElement } = document;
  const isFree = activeElement === null || activeElement === document.body;
  if (target === null || !(isFree || target.closest('td, th')?.contains(activeElement))) return;
  // a table is longer than the window: whoever is somewhere in it is left there
  target.focus({ preventScroll: target instanceof HTMLTableElement });
  if (target instanceof HTMLInputElement) target.select();
}

/** The session is over: nobody who comes by shall read the users, or think that something can be changed here. */
function end(island: HTMLElement): void {
  island.remove();
  tell('ended')?.querySelector('a')?.focus();
}
