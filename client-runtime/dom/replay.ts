/*
 * Tells what happened before there was anybody to hear it, loaded where there is any such thing (`early-events.ts`,
 * `fields.ts`). Input: fields that no longer hold what the server wrote into them, and events that `early.ts` recorded.
 * Output: events, now that somebody hears them. It shares no variable with the script that loads it.
 */

import { changesAlone, type Field, formOf, type hears, isBox, isDisclosure, isFocused, pathOf } from './controls.ts';

/**
 * Tells what fields hold: a form that hears of its fields is told once, with all of them.
 *
 * @param isRecorded Whether a click of it was recorded, and is told by itself.
 */
export function tell(
  fields: readonly Field[],
  root: Node,
  isHearing: typeof hears,
  isRecorded: (node: Node) => boolean,
): void {
  const types = /^(input|change)$/;
  // it was another radio button that was chosen
  const told = fields.filter(({ type, checked }) => type !== 'radio' || checked);
  const groupOf = (field: Field): unknown => {
    const form = formOf(field);
    return form && root.contains(form) && isHearing(form, types) ? form : field;
  };
  // the last one of a form is told to the form too: one whose change may be told
  told.sort((left, right) => Number(isPending(right)) - Number(isPending(left)));
  const last = new Map(told.map((field) => [groupOf(field), field]));
  for (const field of told) {
    const dispatch = (type: string, bubbles: boolean): unknown => field.dispatchEvent(new Event(type, { bubbles }));
    const isHeard = pathOf(field, root).some((node) => isHearing(node, types));
    if (isDisclosure(field)) dispatch('toggle', false);
    else if (isBox(field) && !isHeard) {
      // who hears clicks alone hears this one, unless it was recorded
      if (isHearing(field, /^click$/) && !isRecorded(field)) dispatch('click', true);
    } else {
      const bubbles = last.get(groupOf(field)) === field;
      dispatch('input', bubbles);
      if (!isPending(field)) dispatch('change', bubbles);
    }
  }
}

/** Tells handlers of images that were loaded, or could not be, before there were handlers. */
export function tellImages(images: readonly HTMLImageElement[]): void {
  for (const image of images) {
    if (!image.complete || !image.currentSrc) continue;
    const type = image.naturalWidth ? 'load' : 'error';
    let isTold = false;
    image.addEventListener(type, () => {
      isTold = true;
    });
    // its event may be about to happen
    setTimeout(() => isTold || image.dispatchEvent(new Event(type)));
  }
}

/** Whether the browser itself will tell of a change, when the field is left. */
function isPending(field: Field): boolean {
  return isFocused(field) && !isBox(field) && !changesAlone(field);
}
