/*
 * Listeners that few templates have: those with conditions, or at the window and the document, and what they read of
 * events besides what forms and fields say. Part of `special.ts`. Input and output are those of `hear.ts` and
 * `event-data.ts`. What it needs of an element it takes from its prototype: a form's own may be a field with that name.
 */

import type { EventData } from '../../shared/language/events.ts';
import { modifiers, nameKey } from '../../shared/wire/key-name.ts';
import type { Listener } from '../../shared/wire/listener.ts';
import * as Option from '../../shared/wire/listener-option.ts';
import type { Field } from './controls.ts';
import type { AnyEvent } from './event-data.ts';
import type { Toggle } from './hear.ts';
import { addEventListener, closest, contains, matches, removeEventListener } from './native.ts';

interface Readable {
  readonly [name: string]: unknown;
}

/** @param respond Is called while the event is under way, if the listener's conditions hold. */
export function hearSpecial(node: Node, name: string, listener: Listener, respond: (event: Event) => void): Toggle {
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
    isDone = listener[Option.once];
    if (isDone) toggle(false);
    respond(event);
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

/** The element that was asked for, or in which something was edited; undefined: the usual one. */
export function specialTargetOf(
  { target }: Event,
  { [Option.target]: selector }: Listener,
): Element | null | undefined {
  const element = (target instanceof Element ? target : null) as HTMLElement | null;
  if (selector) return element && closest.call(element, selector);
  const isEdited = element?.isContentEditable && typeof (element as HTMLInputElement).value !== 'string';
  return (isEdited && closest.call(element, '[contenteditable]')) || undefined;
}

/** Reads what is not about forms and fields. @param data Gets it. */
export function readMore(
  data: Record<string, unknown>,
  event: AnyEvent,
  listener: Listener,
  target: Field | null,
): void {
  const { type } = event;
  // what a form seems to have of its own may be a field with that name
  const control = target instanceof HTMLFormElement ? null : target;
  if (event instanceof CustomEvent) data.detail = plain(event.detail);
  else if (/toggle|close/.test(type)) {
    const { open, returnValue } = event.target as HTMLDialogElement;
    data.open = event.newState ? event.newState === 'open' : open;
    data.returnValue = returnValue;
  }
  if ('key' in event) for (const name of ['key', ...modifiers] as const) data[name] = event[name];
  const transfer = /^(paste|drop)$/.test(type) && (event.clipboardData ?? event.dataTransfer);
  if (transfer) {
    data.text = transfer.getData('text');
    data.files = Array.from(transfer.files, (file) => ['', file]);
  }
  if (data.fields) readFiles(data as never);
  if (control?.type === 'select-multiple') data.values = Array.from(control.selectedOptions, ({ value }) => value);
  if (control?.files && !data.fields) data.files = Array.from(control.files, (file) => [control.name, file]);
  if (control?.isContentEditable && !('value' in data)) data.value = control.innerText;
  for (const path of listener[Option.include] ?? []) {
    data[path] = plain(
      path
        .split('.')
        .reduce<unknown>(
          (value, name) =>
            value === event && name === 'target' && listener[Option.target] ? target : (value as Readable)?.[name],
          event,
        ),
    );
  }
}

/** Of files their names, and themselves if the form is sent. */
function readFiles(data: { fields: Record<string, unknown>; files?: unknown[] }): void {
  const { fields, files } = data;
  for (const [name, value] of Object.entries(fields)) {
    const read = (each: unknown): unknown => {
      if (!(each instanceof File)) return each;
      // a field in which no file was chosen holds one without a name
      if (each.name) files?.push([name, each]);
      return each.name;
    };
    fields[name] = Array.isArray(value) ? value.map(read) : read(value);
  }
}

/** What can be told of files where they are not: their names, sizes and types. */
export function describeFiles(data: EventData): EventData {
  const files = data.files?.map(([field, { name, size, type }]) => [field, { name, size, type }] as const);
  return files ? { ...data, files } : data;
}

/** Whether a submission only closes the dialog that its form stands in. */
export function isForDialog({ target, submitter }: SubmitEvent): boolean {
  const method = (submitter as HTMLButtonElement | null)?.formMethod;
  return method ? method === 'dialog' : matches.call(target as Element, '[method=dialog i]');
}

/** What JSON can say of a value; null where it can say nothing (a node, a function, a circle). */
function plain(value: unknown): unknown {
  try {
    return value instanceof Node ? null : JSON.parse(JSON.stringify(value) ?? 'null');
  } catch {
    return null;
  }
}

/** Whether all conditions of a listener hold. */
function holds(event: Event, node: Node, listener: Listener, far: unknown): unknown {
  const keys = listener[Option.keys];
  const target = listener[Option.target] ? (specialTargetOf(event, listener) as Node | null) : node;
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
