/*
 * What the users' table asks of the page around it, and what the page has to say of the table. Input: events that the
 * server component fires on its element. Output: the focus, the address, and a notice when one is not logged in any
 * more.
 */

import { fieldOf, isOpen, readTypedCells, reopenCells, type TypedCell } from './typed-cells.ts';

/** @param island The element of the server component. */
export function watchTable(island: HTMLElement): void {
  /** Cells that are open while there is no connection, and those of them that a new server opens again. */
  let typed: readonly TypedCell[] = [];
  let reopened: readonly TypedCell[] = [];
  let isAway = false;
  /** In which they are opened. */
  let frame = 0;

  /** Who is away goes on typing, opens no cell, and may leave one. */
  const noteTyped = (): void => {
    if (!isAway) return;
    // a cell that was being opened, or was to be, is not there yet
    typed = [...readTypedCells(island), ...reopened.filter((cell) => !isOpen(island, cell))];
  };
  for (const name of ['input', 'change']) island.addEventListener(name, noteTyped);
  // fields are reset after this has been heard
  island.addEventListener('reset', () => queueMicrotask(noteTyped));

  /** Fields in which somebody has been: a page that predicts has shown them before the server says so. */
  const entered = new WeakSet<EventTarget>();
  island.addEventListener('focusin', ({ target }) => {
    if (!(target instanceof HTMLInputElement) || !target.matches('.edit *') || entered.has(target)) return;
    entered.add(target);
    target.select();
  });

  island.addEventListener('users-focus', (event) => {
    if (!(event instanceof CustomEvent) || typeof event.detail !== 'string') return;
    moveFocus(event.detail, entered);
    const cell = reopened.find((each) => fieldOf(each) === event.detail);
    const field = document.querySelector<HTMLInputElement | HTMLSelectElement>(event.detail);
    if (cell === undefined || field === null) return;
    field.value = cell.typed;
    // else a list of choices is one that nobody has chosen from, and shows the model again when it is drawn next
    field.dispatchEvent(new Event('input', { bubbles: true }));
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

  /** A new server knows no cell in which somebody types. */
  const reopen = (): void => {
    const { opened, lost } = reopenCells(island, reopened);
    reopened = opened;
    if (lost.length > 0) tellOfLoss();
  };

  island.addEventListener('islet:state', (event) => {
    if (!(event instanceof CustomEvent)) return;
    const { state } = event.detail as { readonly state?: unknown };
    if (state === 'offline') {
      isAway = true;
      cancelAnimationFrame(frame);
      noteTyped();
      // a new server starts from what this page shows, and not from what it was loaded with
      island.setAttribute('query', location.search.slice(1));
    } else if (state === 'live' && isAway) {
      // not when what was done is stored at last: cells that are being opened would be forgotten
      isAway = false;
      reopened = typed;
      typed = [];
      // a page that predicts draws what the new server has in its next frame: until then it shows cells that are none
      frame = requestAnimationFrame(() => {
        frame = requestAnimationFrame(reopen);
      });
    }
  });

  // what the first click of a double click opens or deletes takes the button away: the second is for nothing
  const isSecond = (event: MouseEvent): boolean =>
    event.detail > 1 && event.target instanceof Element && event.target.closest('.cell, .remove') !== null;
  island.addEventListener('click', (event) => isSecond(event) && event.stopPropagation(), true);

  island.addEventListener('islet:forbidden', () => end(island));
}

/** Shows what the page has to say at times. */
function tell(id: string): HTMLElement | null {
  const notice = document.getElementById(id);
  if (notice !== null) notice.hidden = false;
  return notice;
}

/**
 * Follows what took the place of the focused element; whoever is somewhere else by now stays there, and whoever has been
 * there goes on, unless there is a problem to look at.
 */
function moveFocus(selector: string, entered: WeakSet<EventTarget>): void {
  const target = document.querySelector<HTMLElement>(selector);
  const { activeElement } = document;
  if (target !== null && entered.has(target) && target.ariaInvalid !== 'true') return;
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
