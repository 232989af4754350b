/*
 * What the users' table asks of the page around it, and what the page has to say of the table. Input: events that the
 * server component fires on its element. Output: the focus, the address, and a notice when one is not logged in any more.
 */

import { fieldOf, readTypedCells, reopenCells, type TypedCell } from './typed-cells.ts';

/** @param island The element of the server component. */
export function watchTable(island: HTMLElement): void {
  /** Cells that were open when the connection was lost, and those of them that are being opened again. */
  let typed: TypedCell[] = [];
  let reopened: TypedCell[] = [];

  island.addEventListener('users-focus', (event) => {
    if (!(event instanceof CustomEvent) || typeof event.detail !== 'string') return;
    moveFocus(event.detail);
    const cell = reopened.find((each) => fieldOf(each) === event.detail);
    const field = document.querySelector<HTMLInputElement | HTMLSelectElement>(event.detail);
    if (cell === undefined || field === null) return;
    field.value = cell.typed;
    reopened = reopened.filter((each) => each !== cell);
  });

  island.addEventListener('users-view', (event) => {
    if (!(event instanceof CustomEvent) || typeof event.detail !== 'string') return;
    history.replaceState(history.state, '', event.detail === '' ? location.pathname : `?${event.detail}`);
  });

  const tellOfLoss = (): void => {
    const notice = tell('dropped');
    const hide = ({ isTrusted }: Event): void => {
      if (!isTrusted) return;
      notice?.toggleAttribute('hidden', true);
      island.removeEventListener('click', hide);
    };
    island.addEventListener('click', hide);
  };
  island.addEventListener('islet:dropped', tellOfLoss);

  island.addEventListener('islet:state', (event) => {
    if (!(event instanceof CustomEvent)) return;
    const { state } = event.detail as { readonly state?: unknown };
    if (state === 'offline') {
      const open = readTypedCells(island);
      if (open.length > 0) typed = open;
      // a new server starts from what this page shows, and not from what it was loaded with
      island.setAttribute('query', location.search.slice(1));
    } else if (state === 'live') {
      // but it knows no cell in which somebody types
      const { opened, lost } = reopenCells(island, typed);
      typed = [];
      reopened = opened;
      if (lost.length > 0) tellOfLoss();
    }
  });

  island.addEventListener('islet:forbidden', () => end(island));
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
