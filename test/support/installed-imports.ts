// What users import of the package: type-checked where it is installed, and nowhere else.

import { component, effect, html, keyed, on } from 'islet';
import { register, start } from 'islet/client';
import { type IsletOptions, serverComponent, sqliteStore } from 'islet/server';
import { observe, simulate } from 'islet/testing';

const list = component<readonly string[], { type: 'UserAdded'; text: string }>({
  name: 'text-list',
  init: () => [[], effect.none],
  update: (texts, { text }) => [[...texts, text], effect.none],
  view: (texts) => html`
    <input @change=${on(({ value = '' }) => ({ type: 'UserAdded', text: value }), { debounceMs: 10 })}>
    ${keyed(
      texts,
      (text) => text,
      (text) => html`<p>${text}</p>`,
    )}
  `,
});

const options: IsletOptions<string> = { authenticate: ({ headers }) => String(headers['x-user']) };

export const used = [simulate(list, undefined).html(), observe(effect.none), options, serverComponent, sqliteStore];
export const shown = [register, start];
