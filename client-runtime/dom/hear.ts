/*
 * Hears an event as a listener wants it: at the right place, and only if its conditions hold, which nobody else needs
 * to be asked about. Input: a hole's element, and its listener (`shared/wire/listener.ts`). Output: the events that are
 * to be told. What it needs of an element it takes from its prototype: a form's own may be a field with that name.
 */

import { type Listener, nameKey } from '../../shared/wire/listener.ts';
import * as Option from '../../shared/wire/listener-option.ts';
import { addEventListener, closest, contains, matches, removeEventListener } from './native.ts';

/**
 * Starts or stops to hear.
 *
 * @param isFarOnly Only if it is heard at the window or the document, which outlive islands.
 */
export type Toggle = (isOn: boolean, isFarOnly?: boolean) => void;

/** @param tell Is called while the event is under way. */
export function hear(node: Node, name: string, listener: Listener, tell: (event: Event) => void): Toggle {
  const far = listener[Option.window]
    ? window
    : listener[Option.document] || listener[Option.outside]
      ? document
      : null;
  const options = { capture: !!listener[Option.capture], passive: !!listener[Option.passive] };
  let since = 0;
  let isDone: unknown;

  const handle = (event: Event): void => {
    // the click that opened a menu is still on its way to the document: it is not one outside of the menu
    if ((far && event.timeStamp <= since) || !holds(event, node, listener, far)) return;
    if (listener[Option.prevent] || (!listener[Option.leave] && isSubmission(event) && !isForDialog(event))) {
      event.preventDefault();
    }
    if (listener[Option.stop]) event.stopPropagation();
    isDone = listener[Option.once];
    if (isDone) toggle(false);
    if (listener.data < 2) tell(event);
  };

  const toggle: Toggle = (isOn, isFarOnly) => {
    if (isFarOnly && !far) return;
    since = performance.now();
    const change = isOn && !isDone ? addEventListener : removeEventListener;
    change.call(far ?? node, name, handle, options);
  };

  toggle(true);
  return toggle;
}

/** Whether a form is submitted. A custom event may have the same name. */
export function isSubmission(event: Event): event is SubmitEvent {
  return event.type === 'submit' && event.target instanceof HTMLFormElement && !(event instanceof CustomEvent);
}

/** The element that an event counts for: the one that was asked for, the control, or the one that it is heard at. */
export function targetOf(
  { target, currentTarget }: Event,
  { [Option.target]: selector }: Listener,
): EventTarget | null {
  const element = (target instanceof Element ? target : null) as HTMLInputElement | null;
  if (selector) return element && closest.call(element, selector);
  // a click on what stands in a button is one on the button
  if (typeof element?.value === 'string') return element;
  return (element?.isContentEditable && closest.call(element, '[contenteditable]')) || currentTarget;
}

/** Whether all conditions of a listener hold. */
function holds(event: Event, node: Node, listener: Listener, far: unknown): unknown {
  const keys = listener[Option.keys];
  const target = listener[Option.target] ? (targetOf(event, listener) as Node | null) : node;
  return (
    (far ? target : contains.call(node, target)) &&
    (!listener[Option.self] || event.target === node) &&
    (!listener[Option.outside] || !event.composedPath().includes(node)) &&
    (!keys || isKey(event as KeyboardEvent, keys))
  );
}

function isKey(event: KeyboardEvent, keys: readonly string[]): boolean {
  // browsers fill in fields with events that have no key; WebKit ends a composition with one that has only this code
  if (!event.key || event.isComposing || event.keyCode === 229) return false;
  return keys.includes(nameKey(event.key, (modifier) => event[modifier]));
}

/** Whether a submission only closes the dialog that its form stands in. */
function isForDialog({ target, submitter }: SubmitEvent): boolean {
  const method = (submitter as HTMLButtonElement | null)?.formMethod;
  return method ? method === 'dialog' : matches.call(target as Element, '[method=dialog i]');
}
