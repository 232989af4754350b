/*
 * Reads plain data from a DOM event, as `shared/events.ts` describes it. Input: the event, and what the listener asked
 * for. Output: JSON; nothing of the DOM leaves this file.
 */

import type { EventData } from '../shared/events.ts';

type Readable = { readonly [name: string]: unknown } | null | undefined;

/** @param include Dotted paths of further data. */
export function readEvent(event: Event, include: readonly string[] = []): EventData {
  const data: Record<string, unknown> = {};
  const from = event as unknown as Readable & Event;
  const target = event.target as unknown as Readable & Element;
  if (event instanceof CustomEvent) data.detail = plain(event.detail);
  if (event instanceof KeyboardEvent) {
    for (const name of ['key', 'altKey', 'ctrlKey', 'shiftKey', 'metaKey']) data[name] = from[name];
  }
  if (event.type === 'submit') data.fields = readForm(target as unknown as HTMLFormElement, (event as SubmitEvent).submitter);
  else if (target && 'value' in target && typeof target.value === 'string') {
    data.value = target.value;
    if ('checked' in target) data.checked = target.checked;
  }
  for (const path of include) {
    data[path] = plain(path.split('.').reduce<unknown>((value, name) => (value as Readable)?.[name], from));
  }
  return data as EventData;
}

function readForm(form: HTMLFormElement, submitter: HTMLElement | null): Record<string, string | string[]> {
  const fields: Record<string, string | string[]> = {};
  for (const [name, value] of new FormData(form, submitter)) {
    const text = typeof value === 'string' ? value : value.name;
    const before = fields[name];
    fields[name] = before === undefined ? text : ([] as string[]).concat(before, text);
  }
  return fields;
}

/** What JSON can say of a value; null where it can say nothing (a node, a function, a circle). */
function plain(value: unknown): unknown {
  try {
    return value instanceof Node ? null : JSON.parse(JSON.stringify(value) ?? 'null');
  } catch {
    return null;
  }
}
