/*
 * What a person did before the script ran, or that nobody has taken note of. Input: fields that no longer hold what the
 * server wrote into them, and events that were recorded (`record.ts`). Output: events, now that somebody hears them.
 * Part of `repair.ts`.
 */

import { type Field, formOf, isBox, isFocused, pathOf } from './controls.ts';
import { contains } from './native.ts';
import { islandOf } from './record.ts';
import { isRecorded } from './recorded.ts';

/** Whether a tree has listeners of such types on a node. */
export type Hears = (node: Node, types: RegExp) => boolean;

/** Tells what fields hold: a form that hears of its fields is told once, with all of them. */
export function tell(fields: readonly Field[], root: Node, hears: Hears): void {
  const types = /^(input|change)$/;
  // it was another radio button that was chosen
  const told = fields.filter(({ type, checked }) => type !== 'radio' || checked);
  const groupOf = (field: Field): unknown => {
    const form = formOf(field);
    return form && contains.call(root, form) && hears(form, types) ? form : field;
  };
  // the last one of a form is told to the form too: one whose change may be told
  told.sort((left, right) => Number(isPending(right)) - Number(isPending(left)));
  const last = new Map(told.map((field) => [groupOf(field), field]));
  for (const field of told) {
    const dispatch = (type: string, bubbles: boolean): unknown => field.dispatchEvent(new Event(type, { bubbles }));
    const isHeard = pathOf(field, root).some((node) => hears(node, types));
    if (/^(details|dialog)$/.test(field.localName)) dispatch('toggle', false);
    else if (isBox(field) && !isHeard) {
      // who hears clicks alone hears this one, unless it was recorded
      if (hears(field, /^click$/) && !isRecorded(field, 'click')) dispatch('click', true);
    } else {
      const bubbles = last.get(groupOf(field)) === field;
      dispatch('input', bubbles);
      if (!isPending(field)) dispatch('change', bubbles);
    }
  }
}

const stop = (event: Event): void => event.stopPropagation();

/** Tells the handlers of an island what happened before there were any. */
export function replay(root: Node): void {
  const early = customElements.isletEarly;
  if (!early) return;
  const { events } = early;
  early.isReplaying = true;
  for (const event of events.splice(0)) {
    const { island, type, bubbles, target } = event;
    if (island !== islandOf(root)) {
      events.push(event);
      continue;
    }
    const again = new Event(type, { bubbles, cancelable: true, composed: bubbles });
    // the browser has done its own part: it has checked the box, opened the details, loaded the image
    again.preventDefault();
    // what this island stands in has heard it, or will
    root.addEventListener(type, stop);
    target.dispatchEvent(again);
    root.removeEventListener(type, stop);
  }
  early.isReplaying = false;
}

/** Whether the browser itself will tell of a change, when the field is left. */
export function isPending(field: Field): boolean {
  return isFocused(field) && !isBox(field) && !/^(range|select-.*)$/.test(field.type) && !field.localName.includes('-');
}
