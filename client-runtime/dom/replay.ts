/*
 * What a person did before the script ran, or that nobody has taken note of. Input: fields that no longer hold what the
 * server wrote into them, and events that `early.ts` recorded. Output: events, now that somebody hears them.
 */

import {
  changesAlone,
  type Field,
  formOf,
  hears,
  isBox,
  isChanged,
  isDisclosure,
  isFocused,
  pathOf,
} from './controls.ts';

/** Where `early.ts` leaves what it recorded. */
export interface EarlyEvents {
  readonly events: Event[];
  /** Ends the recording. */
  stop(): void;
}

declare global {
  var isletEarly: EarlyEvents | undefined;
}

/** Fields of an island that a person, or the browser on their behalf, has filled in. */
export function findTyped(root: ParentNode & Node): Field[] {
  return [...root.querySelectorAll<Field>('input,textarea,select')].filter(
    (field) => isChanged(field) && isOwn(field, root),
  );
}

/** Tells what fields hold: a form that hears of its fields is told once, with all of them. */
export function tell(fields: readonly Field[], root: Node): void {
  const types = /^(input|change)$/;
  // it was another radio button that was chosen
  const told = fields.filter(({ type, checked }) => type !== 'radio' || checked);
  const groupOf = (field: Field): unknown => {
    const form = formOf(field);
    return form && root.contains(form) && hears(form, types) ? form : field;
  };
  // the last one of a form is told to the form too: one whose change may be told
  told.sort((left, right) => Number(isPending(right)) - Number(isPending(left)));
  const last = new Map(told.map((field) => [groupOf(field), field]));
  for (const field of told) {
    const dispatch = (type: string, bubbles: boolean): unknown => field.dispatchEvent(new Event(type, { bubbles }));
    const isHeard = pathOf(field, root).some((node) => hears(node, types));
    if (isDisclosure(field)) dispatch('toggle', false);
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

/** Tells the handlers of events that happened before there were any. */
export function replay(root: ParentNode & Node): void {
  const early = globalThis.isletEarly;
  early?.stop();
  for (const image of root.querySelectorAll('img')) {
    const type = image.naturalWidth ? 'load' : 'error';
    if (!image.complete || !image.currentSrc || isRecorded(image, type)) continue;
    let isTold = false;
    image.addEventListener(type, () => {
      isTold = true;
    });
    // its event may be about to happen
    setTimeout(() => isTold || image.dispatchEvent(new Event(type)));
  }
  for (const event of early?.events.splice(0) ?? []) {
    const { type, bubbles } = event;
    const target = event.target as Element;
    if (root.contains(target)) {
      // the browser has done its own part: it has checked the box, opened the details, loaded the image
      target.addEventListener(type, (again) => again.preventDefault(), { capture: true, once: true });
      target.dispatchEvent(new Event(type, { bubbles, cancelable: true, composed: bubbles }));
    } else early?.events.push(event);
  }
}

function isRecorded(node: Node, type: string): unknown {
  return globalThis.isletEarly?.events.some((event) => event.target === node && event.type === type);
}

/** Whether the browser itself will tell of a change, when the field is left. */
function isPending(field: Field): boolean {
  return isFocused(field) && !isBox(field) && !changesAlone(field);
}

/** Whether no element inside the island draws the field: that one looks after it. */
function isOwn(field: Element, root: Node): boolean {
  return !pathOf(field, root).some((node) => node !== root && `${node.nodeName}`.includes('-'));
}
