/*
 * Events that happened before there were any handlers. Input: what `early.ts` recorded, and images that were loaded
 * meanwhile. Output: the same events again, now that somebody hears them.
 */

import { hears } from './controls.ts';

/** Where `early.ts` leaves what it recorded. */
export interface EarlyEvents {
  readonly events: Event[];
  /** Ends the recording. */
  stop(): void;
}

declare global {
  var isletEarly: EarlyEvents | undefined;
}

/** Tells the handlers of events that happened before there were any. */
export function replay(root: ParentNode & Node): void {
  const early = globalThis.isletEarly;
  early?.stop();
  const images = [...root.querySelectorAll('img')].filter(
    (image) => hears(image, /^(load|error)$/) && !isRecorded(image),
  );
  for (const event of early?.events.splice(0) ?? []) {
    const { type, bubbles } = event;
    const target = event.target as Element;
    if (root.contains(target)) {
      // the browser has done its own part: it has checked the box, opened the details, loaded the image
      target.addEventListener(type, (again) => again.preventDefault(), { capture: true, once: true });
      target.dispatchEvent(new Event(type, { bubbles, cancelable: true, composed: bubbles }));
    } else early?.events.push(event);
  }
  if (images[0]) import('./replay.ts').then(({ tellImages }) => tellImages(images));
}

/** Whether something was recorded there that has not been told. */
export function isRecorded(node: Node): boolean {
  return !!globalThis.isletEarly?.events.some(({ target }) => target === node);
}
