/*
 * Hears an event as a listener wants it: at the right place, and only if its conditions hold, which nobody else needs to be
 * asked about. Input: a hole's element, and its listener (`shared/wire/listener.ts`). Output: the events that are to be
 * told. What it needs of an element it takes from its prototype: a form's own may be a field with that name.
 */

import { decodeListener, type Listener, type WireListener } from '../../shared/wire/listener.ts';
import * as Flag from '../../shared/wire/listener-flag.ts';

/** Starts or stops to hear. @param isFarOnly Only if it is heard at the window or the document, which outlive islands. */
export type Toggle = (isOn: boolean, isFarOnly?: boolean) => void;

const { closest, matches } = Element.prototype;

/** @param tell Is called while the event is under way. */
export function hear(
  node: Node,
  name: string,
  wire: WireListener,
  tell: (event: Event, listener: Listener) => void,
): Toggle {
  const listener = decodeListener(wire);
  const has = (flag: string): boolean => listener.flags.includes(flag);
  const far = has(Flag.window) ? window : has(Flag.document) || has(Flag.outside) ? document : undefined;
  let since = 0;
  let isDone = false;

  const handle = (event: Event): void => {
    // the click that opened a menu is still on its way to the document: it is not one outside of the menu
    if ((far && event.timeStamp <= since) || !holds(event, node, listener)) return;
    if (has(Flag.prevent) || (!has(Flag.leave) && isSubmission(event) && !isForDialog(event))) event.preventDefault();
    if (has(Flag.stop)) event.stopPropagation();
    if (has(Flag.once)) {
      isDone = true;
      toggle(false);
    }
    if (listener.data < 2) tell(event, listener);
  };

  const toggle: Toggle = (isOn, isFarOnly) => {
    if (isFarOnly && !far) return;
    since = performance.now();
    EventTarget.prototype[isOn && !isDone ? 'addEventListener' : 'removeEventListener'].call(
      far ?? node,
      name,
      handle,
      {
        capture: has(Flag.capture),
        // at the window, browsers take some for passive
        passive: has(Flag.prevent) ? false : has(Flag.passive) || undefined,
      } as AddEventListenerOptions,
    );
  };

  toggle(true);
  return toggle;
}

/** Whether a form is submitted. A custom event may have the same name. */
export function isSubmission(event: Event): event is SubmitEvent {
  return event.type === 'submit' && event.target instanceof HTMLFormElement && !(event instanceof CustomEvent);
}

/** The element that an event counts for: the one that was asked for, the control, or the one that it is heard at. */
export function targetOf({ target, currentTarget }: Event, selector: string | undefined): EventTarget | null {
  const element = target instanceof Element ? (target as HTMLInputElement) : undefined;
  if (selector) return (element && closest.call(element, selector)) ?? null;
  // a click on what stands in a button is one on the button
  if (typeof element?.value === 'string') return element;
  return (element?.isContentEditable && closest.call(element, '[contenteditable]')) || currentTarget;
}

/** Whether all conditions of a listener hold. */
function holds(event: Event, node: Node, { flags, keys, target: selector }: Listener): boolean {
  const target = selector ? targetOf(event, selector) : node;
  return (
    !(flags.includes(Flag.self) && event.target !== node) &&
    !(flags.includes(Flag.outside) && event.composedPath().includes(node)) &&
    !(keys && !isKey(event as KeyboardEvent, keys)) &&
    (/[wdo]/.test(flags) ? !!target : node.contains(target as Node | null))
  );
}

function isKey(event: KeyboardEvent, keys: readonly string[]): boolean {
  // browsers fill in fields with events that have no key, and WebKit ends a composition with one that only has this code
  if (!event.key || event.isComposing || event.keyCode === 229) return false;
  const key = event.key === ' ' ? 'space' : event.key.toLowerCase();
  const nameWith = (modifiers: readonly ('ctrl' | 'alt' | 'shift' | 'meta')[]): string =>
    [...modifiers.filter((name) => event[`${name}Key`]), key].join('+');
  // some keyboards need Shift or Alt to make a sign
  const isSign = !key[1] && key === key.toUpperCase();
  return (
    keys.includes(nameWith(['ctrl', 'alt', 'shift', 'meta'])) || (isSign && keys.includes(nameWith(['ctrl', 'meta'])))
  );
}

/** Whether a submission only closes the dialog that its form stands in. */
function isForDialog({ target, submitter }: SubmitEvent): boolean {
  const method = (submitter as HTMLButtonElement | null)?.formMethod;
  return method ? method === 'dialog' : matches.call(target as Element, '[method=dialog i]');
}
