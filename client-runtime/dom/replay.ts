/*
 * What a person did before the script ran. Input: fields that no longer hold what the server wrote into them, and
 * clicks that `early.ts` recorded. Output: events, now that somebody hears them.
 */

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
export function findTyped(root: ParentNode): Element[] {
  return [...root.querySelectorAll<Field>('input,textarea,select')].filter(
    (field) => isChanged(field) && isOwn(field, root),
  );
}

/** Tells the handlers what happened before there were any. */
export function replay(root: Node, typed: readonly Element[]): void {
  for (const field of typed) {
    for (const type of ['input', 'change']) {
      // a change is told when a field is left
      if (type === 'input' || field !== document.activeElement) field.dispatchEvent(new Event(type, { bubbles: true }));
    }
  }
  const early = globalThis.isletEarly;
  early?.stop();
  for (const event of early?.events.splice(0) ?? []) {
    const target = event.target as Element;
    if (!root.contains(target)) early?.events.push(event);
    // no MouseEvent: the browser has done its own part of a click, such as checking a box
    else target.dispatchEvent(new Event(event.type, { bubbles: true, cancelable: true, composed: true }));
  }
}

type Field = HTMLInputElement & HTMLTextAreaElement & HTMLSelectElement;

function isChanged(field: Field): boolean {
  const { options, type } = field;
  if (!options)
    return /^(checkbox|radio)$/.test(type)
      ? field.checked !== field.defaultChecked
      : field.value !== field.defaultValue;
  const all = [...options];
  // where the page selects none, the browser has selected the first
  const first =
    all.some(({ defaultSelected }) => defaultSelected) || field.multiple
      ? undefined
      : all.find(({ disabled }) => !disabled);
  return all.some((option) => option.selected !== (option.defaultSelected || option === first));
}

/** Whether no element inside the island draws the field: that one looks after it. */
function isOwn(field: Element, root: ParentNode): boolean {
  for (let node = field.parentNode; node && node !== root; node = node.parentNode) {
    if (node.nodeName.includes('-')) return false;
  }
  return true;
}
