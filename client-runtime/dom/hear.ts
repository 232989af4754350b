/*
 * Hears an event as a listener wants it, and does what it says should be done at once. Input: a hole's element, and its
 * listener (`shared/wire/listener.ts`). Output: the events that are to be told. Conditions and other places are for
 * `special-events.ts`.
 */

import type { Listener } from '../../shared/wire/listener.ts';
import * as Option from '../../shared/wire/listener-option.ts';
import { addEventListener, removeEventListener } from './native.ts';
import { special } from './parts.ts';

/**
 * Starts or stops to hear.
 *
 * @param isFarOnly Only if it is heard at the window or the document, which outlive islands.
 */
export type Toggle = (isOn: boolean, isFarOnly?: boolean) => void;

/** @param tell Is called while the event is under way. */
export function hear(node: Node, name: string, listener: Listener, tell: (event: Event) => void): Toggle {
  const respond = (event: Event): void => {
    if (
      listener[Option.prevent] ||
      (!listener[Option.leave] && isSubmission(event) && !special.part?.isForDialog(event))
    ) {
      event.preventDefault();
    }
    if (listener[Option.stop]) event.stopPropagation();
    if (listener.data < 2) tell(event);
  };
  if (special.part) return special.part.hearSpecial(node, name, listener, respond);
  addEventListener.call(node, name, respond);
  return (_, isFarOnly) => isFarOnly || removeEventListener.call(node, name, respond);
}

/** Whether a form is submitted. A custom event may have the same name. */
export function isSubmission(event: Event): event is SubmitEvent {
  return event.type === 'submit' && event.target instanceof HTMLFormElement && !(event instanceof CustomEvent);
}

/** The element that an event counts for: the one that was asked for, the control, or the one that it is heard at. */
export function targetOf(event: Event, listener: Listener): EventTarget | null {
  const element = special.part?.specialTargetOf(event, listener);
  if (element !== undefined) return element;
  // a click on what stands in a button is one on the button
  const { target, currentTarget } = event;
  return typeof (target as HTMLInputElement | null)?.value === 'string' ? target : currentTarget;
}
