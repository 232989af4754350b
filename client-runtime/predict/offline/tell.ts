/*
 * Tells the page's person what becomes of what was kept. Input: an event's name and what it says. Output: the event, at
 * the island of the route where there is one, else at the document; and a line for whom nobody listens.
 */

import type { What } from '../../element/outbox.ts';

export function tell(name: string, route: string, detail: object): void {
  const island = [...document.querySelectorAll('server-component')].find(
    (each) => each.getAttribute('route') === route,
  );
  if (name !== 'islet:kept') console.warn(name, route, detail);
  (island ?? document).dispatchEvent(new CustomEvent(name, { bubbles: true, composed: true, detail }));
}

/** Says in words what an event was. @param target What it happened at. */
export function describe(type: string, message: unknown, route: string, target: EventTarget | null): What {
  const element =
    target instanceof Element
      ? (target.closest('button,a,input,select,textarea,form,[aria-label]') ?? target)
      : undefined;
  const label = element?.getAttribute('aria-label') ?? element?.getAttribute('name') ?? element?.textContent ?? '';
  return { type, message, route, label: label.replace(/\s+/g, ' ').trim().slice(0, 80), at: Date.now() };
}
