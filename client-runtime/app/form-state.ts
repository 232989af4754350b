/*
 * The value of a component in a form, as browsers keep it and give it back. Input and output: a `FormValue` of the
 * component on one side, text or form data on the other.
 */

import type { FormValue } from '../../shared/language/element-options.ts';

export function toFormState(value: FormValue): string | FormData | null {
  if (value === null || typeof value === 'string') return value;
  const data = new FormData();
  for (const [name, texts] of Object.entries(value)) {
    for (const text of ([] as string[]).concat(texts)) data.append(name, text);
  }
  return data;
}

export function fromFormState(state: string | FormData): FormValue {
  if (typeof state === 'string') return state;
  const fields: Record<string, string | string[]> = {};
  for (const name of new Set(state.keys())) {
    const texts = state.getAll(name).map(String);
    fields[name] = texts.length === 1 ? String(texts[0]) : texts;
  }
  return fields;
}
