/*
 * Reads plain data from a DOM event, as `shared/events.ts` describes it. Input: the event, and what the listener asked
 * for. Output: JSON; nothing of the DOM leaves this file.
 */

import type { EventData } from '../shared/events.ts';

type Readable = { readonly [name: string]: unknown } | null | undefined;

/** @param include Dotted paths of further data. */
export function readEvent(event: Event, include: readonly string[]): EventData {
  const data: Record<string, unknown> = {};
  const from = event as unknown as Readable & Event;
  // a click on what stands in a button is one on the button
  const target = ('value' in (event.target as Node) ? event.target : event.currentTarget) as HTMLInputElement;
  if (event instanceof CustomEvent) data.detail = plain(event.detail);
  if (event instanceof KeyboardEvent) {
    for (const name of ['key', 'altKey', 'ctrlKey', 'shiftKey', 'metaKey']) data[name] = from[name];
  }
  if (event.type === 'submit') data.fields = readForm(event as SubmitEvent);
  else if (typeof target.value === 'string') {
    data.value = target.value;
    if (/^(checkbox|radio)$/.test(target.type)) data.checked = target.checked;
  }
  for (const path of include) {
    data[path] = plain(path.split('.').reduce<unknown>((value, name) => (value as Readable)?.[name], from));
  }
  return data as EventData;
}

function readForm({ target, submitter }: SubmitEvent): Record<string, unknown> {
  const form = new FormData(target as HTMLFormElement, submitter);
  const read = (name: string): [string, unknown] => {
    const texts = form.getAll(name).map((value) => (value as File).name ?? value);
    return [name, texts.length > 1 ? texts : texts[0]];
  };
  return Object.fromEntries(Array.from(form.keys(), read));
}

/** What JSON can say of a value; null where it can say nothing (a node, a function, a circle). */
function plain(value: unknown): unknown {
  try {
    return value instanceof Node ? null : JSON.parse(JSON.stringify(value) ?? 'null');
  } catch {
    return null;
  }
}
