/*
 * Reads plain data from a DOM event, as `shared/language/events.ts` describes it. Input: the event, and what the listener
 * asked for. Output: JSON, and files; nothing else of the DOM leaves this file.
 */

import type { EventData } from '../../shared/language/events.ts';
import type { Listener } from '../../shared/wire/listener.ts';
import { isSubmission, targetOf } from './hear.ts';

interface Readable {
  readonly [name: string]: unknown;
}

/** What events and elements of some kinds have. */
type AnyEvent = Event & Partial<Omit<KeyboardEvent & ClipboardEvent & DragEvent & ToggleEvent, keyof Event>>;
type AnyControl = HTMLInputElement & HTMLSelectElement & HTMLDialogElement;

/** @param listener What is read besides what each event brings. */
export function readEvent(event: AnyEvent, { include, target: selector, fields }: Listener): EventData {
  const data: Record<string, unknown> = {};
  const { type, currentTarget } = event;
  const target = targetOf(event, selector) as AnyControl;
  if (event instanceof CustomEvent) data.detail = plain(event.detail);
  else if (/^(before)?toggle$|^close$/.test(type)) {
    const { open, returnValue } = event.target as AnyControl;
    Object.assign(data, { open: event.newState ? event.newState === 'open' : open, returnValue });
  }
  if ('key' in event) {
    for (const name of ['key', 'altKey', 'ctrlKey', 'shiftKey', 'metaKey'] as const) data[name] = event[name];
  }
  const transfer = /^(paste|drop)$/.test(type) && (event.clipboardData ?? event.dataTransfer);
  if (transfer) {
    data.text = transfer.getData('text');
    data.files = Array.from(transfer.files, (file) => ['', file]);
  }
  if (isSubmission(event)) {
    const { name, value } = (event.submitter ?? {}) as HTMLButtonElement;
    Object.assign(data, readForm(event.target as HTMLFormElement, event.submitter, fields));
    if (name) data.submitter = { name, value };
  } else if (!(target instanceof HTMLFormElement)) {
    if (currentTarget instanceof HTMLFormElement && /^(input|change)$/.test(type)) {
      data.fields = readForm(currentTarget, null, fields).fields;
    }
    const { value, name, files } = target ?? {};
    if (typeof value === 'string') {
      data.value = value;
      if (name && target !== currentTarget) data.name = name;
      if (/^(checkbox|radio)$/.test(target.type)) data.checked = target.checked;
      if (target.multiple && target.options) data.values = Array.from(target.selectedOptions, (option) => option.value);
      if (files && !data.fields) data.files = Array.from(files, (file) => [name, file]);
    } else if (target?.isContentEditable) data.value = target.innerText;
  }
  for (const path of include) {
    data[path] = plain(
      path
        .split('.')
        .reduce<unknown>(
          (value, name) => (selector && value === event && name === 'target' ? target : (value as Readable)?.[name]),
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

/** What a form sends. @param names Those of the fields that count; default: all. */
export function readForm(
  form: HTMLFormElement,
  submitter?: HTMLElement | null,
  names?: readonly string[],
): Pick<EventData, 'fields' | 'files'> {
  const all = new FormData(form, submitter);
  const entries = [...all].filter(([name]) => names?.includes(name) ?? true);
  const read = ([name]: [string, unknown]): [string, string | string[]] => {
    const texts = all.getAll(name).map((value) => (value as File).name ?? value) as string[];
    return [name, 1 in texts ? texts : (texts[0] as string)];
  };
  // a field in which no file was chosen holds one without a name
  const files = entries.filter((entry): entry is [string, File] => !!(entry[1] as File).name);
  return { fields: Object.fromEntries(entries.map(read)), files };
}

/** What JSON can say of a value; null where it can say nothing (a node, a function, a circle). */
function plain(value: unknown): unknown {
  try {
    return value instanceof Node ? null : JSON.parse(JSON.stringify(value) ?? 'null');
  } catch {
    return null;
  }
}
