/*
 * Reads plain data from a DOM event, as `shared/language/events.ts` describes it. Input: the event, and what the
 * listener asked for. Output: JSON, and files; nothing else of the DOM leaves this file. What is not about forms and
 * fields, `special-events.ts` reads.
 */

import type { EventData } from '../../shared/language/events.ts';
import type { Listener } from '../../shared/wire/listener.ts';
import * as Option from '../../shared/wire/listener-option.ts';
import { type Field, isBox } from './controls.ts';
import { isSubmission, targetOf } from './hear.ts';
import { special } from './parts.ts';

/** What events of some kinds have. */
export type AnyEvent = Event &
  Partial<Omit<KeyboardEvent & ClipboardEvent & DragEvent & ToggleEvent & SubmitEvent, keyof Event>>;

/** @param listener What is read besides what each event brings. */
export function readEvent(event: AnyEvent, listener: Listener): EventData {
  const data: Record<string, unknown> = {};
  const { type, currentTarget, submitter } = event;
  const isSent = isSubmission(event);
  const form = isSent ? event.target : /^(input|change)$/.test(type) && currentTarget;
  if (form instanceof HTMLFormElement) {
    // any name can be that of a field
    const fields: Record<string, unknown> = Object.create(null);
    for (const [name, value] of new FormData(form, submitter)) {
      if (listener[Option.fields]?.includes(name) !== false)
        fields[name] = name in fields ? [fields[name], value].flat() : value;
    }
    data.fields = fields;
    if (isSent) data.files = [];
    const { name, value } = (submitter ?? {}) as HTMLButtonElement;
    if (name) data.submitter = { name, value };
  }
  const target = targetOf(event, listener) as (Field & HTMLDialogElement) | null;
  // what a form seems to have of its own may be a field with that name
  const control = target instanceof HTMLFormElement ? null : target;
  if (typeof control?.value === 'string') {
    const { name, value, checked } = control;
    data.value = value;
    if (name && control !== currentTarget) data.name = name;
    if (isBox(control)) data.checked = checked;
  }
  special.part?.readMore(data, event, listener, target);
  return data as EventData;
}
