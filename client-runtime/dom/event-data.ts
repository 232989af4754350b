/*
 * Reads plain data from a DOM event, as `shared/language/events.ts` describes it. Input: the event, and what the
 * listener asked for. Output: JSON, and files; nothing else of the DOM leaves this file.
 */

import type { EventData } from '../../shared/language/events.ts';
import { type Listener, modifiers } from '../../shared/wire/listener.ts';
import * as Option from '../../shared/wire/listener-option.ts';
import { type Field, isBox } from './controls.ts';
import { isSubmission, targetOf } from './hear.ts';

interface Readable {
  readonly [name: string]: unknown;
}

/** What events and elements of some kinds have. */
type AnyEvent = Event &
  Partial<Omit<KeyboardEvent & ClipboardEvent & DragEvent & ToggleEvent & SubmitEvent, keyof Event>>;
type AnyControl = Field & Pick<HTMLDialogElement, 'returnValue'>;

/** @param listener What is read besides what each event brings. */
export function readEvent(event: AnyEvent, listener: Listener): EventData {
  const data: Record<string, unknown> = {};
  const { type, currentTarget, submitter } = event;
  const target = targetOf(event, listener) as AnyControl;
  if (event instanceof CustomEvent) data.detail = plain(event.detail);
  else if (/toggle|close/.test(type)) {
    const { open, returnValue } = event.target as AnyControl;
    data.open = event.newState ? event.newState === 'open' : open;
    data.returnValue = returnValue;
  }
  if ('key' in event) for (const name of ['key', ...modifiers] as const) data[name] = event[name];
  const transfer = /^(paste|drop)$/.test(type) && (event.clipboardData ?? event.dataTransfer);
  if (transfer) {
    data.text = transfer.getData('text');
    data.files = Array.from(transfer.files, (file) => ['', file]);
  }
  const isSent = isSubmission(event);
  const form = isSent ? event.target : /^(input|change)$/.test(type) && currentTarget;
  if (form instanceof HTMLFormElement) {
    // any name can be that of a field
    const fields: Record<string, unknown> = Object.create(null);
    const files: unknown[] = [];
    for (const [name, value] of new FormData(form, submitter)) {
      if (listener[Option.fields]?.includes(name) === false) continue;
      const file = (value as File).name;
      fields[name] = name in fields ? [fields[name], file ?? value].flat() : (file ?? value);
      // a field in which no file was chosen holds one without a name
      if (file) files.push([name, value]);
    }
    data.fields = fields;
    if (isSent) data.files = files;
    const { name, value } = (submitter ?? {}) as HTMLButtonElement;
    if (name) data.submitter = { name, value };
  }
  // what a form seems to have of its own may be a field with that name
  if (target && !(target instanceof HTMLFormElement)) {
    const { value, name, files } = target;
    if (typeof value === 'string') {
      data.value = value;
      if (name && target !== currentTarget) data.name = name;
      if (isBox(target)) data.checked = target.checked;
      if (target.type === 'select-multiple') data.values = Array.from(target.selectedOptions, (option) => option.value);
      if (files && !data.fields) data.files = Array.from(files, (file) => [name, file]);
    } else if (target.isContentEditable) data.value = target.innerText;
  }
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
  return data as EventData;
}

/** What can be told of files where they are not: their names, sizes and types. */
export function describeFiles(data: EventData): EventData {
  const files = data.files?.map(([field, { name, size, type }]) => [field, { name, size, type }] as const);
  return files ? { ...data, files } : data;
}

/** What JSON can say of a value; null where it can say nothing (a node, a function, a circle). */
function plain(value: unknown): unknown {
  try {
    return value instanceof Node ? null : JSON.parse(JSON.stringify(value) ?? 'null');
  } catch {
    return null;
  }
}
