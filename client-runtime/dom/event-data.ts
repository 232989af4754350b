/*
 * Reads plain data from a DOM event, as `shared/language/events.ts` describes it. Input: the event, and what the listener
 * asked for. Output: JSON, and the files of a form; nothing else of the DOM leaves this file.
 */

import type { EventData } from '../../shared/language/events.ts';

interface Readable {
  readonly [name: string]: unknown;
}

/** @param include Dotted paths of further data. */
export function readEvent(event: Event, include: readonly string[]): EventData {
  const data: Record<string, unknown> = {};
  // a click on what stands in a button is one on the button
  const target = ('value' in (event.target as Node) ? event.target : event.currentTarget) as HTMLInputElement;
  if (event instanceof CustomEvent) data.detail = plain(event.detail);
  if ('key' in event) {
    for (const name of ['key', 'altKey', 'ctrlKey', 'shiftKey', 'metaKey'])
      data[name] = (event as unknown as Readable)[name];
  }
  const { type, currentTarget } = event;
  // a form that hears of its fields is told all of them
  if (currentTarget instanceof HTMLFormElement && /^(input|change)$/.test(type)) readForm(currentTarget, null, data);
  if (type === 'submit') readForm(event.target as HTMLFormElement, (event as SubmitEvent).submitter, data);
  else if (typeof target.value === 'string') {
    data.value = target.value;
    if (/^(checkbox|radio)$/.test(target.type)) data.checked = target.checked;
  }
  for (const path of include) {
    data[path] = plain(
      path.split('.').reduce<unknown>((value, name) => (value as Readable | undefined)?.[name], event),
    );
  }
  return data as EventData;
}

function readForm(element: HTMLFormElement, submitter: HTMLElement | null, data: Record<string, unknown>): void {
  const form = new FormData(element, submitter);
  const read = (name: string): [string, unknown] => {
    const texts = form.getAll(name).map((value) => (value as File).name ?? value);
    return [name, 1 in texts ? texts : texts[0]];
  };
  data.fields = Object.fromEntries(Array.from(form.keys(), read));
  // a field in which no file was chosen holds one without a name
  data.files = [...form].filter(([, value]) => (value as File).name);
}

/** What JSON can say of a value; null where it can say nothing (a node, a function, a circle). */
function plain(value: unknown): unknown {
  try {
    return value instanceof Node ? null : JSON.parse(JSON.stringify(value) ?? 'null');
  } catch {
    return null;
  }
}
