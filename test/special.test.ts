// Signs of what the element loads a script for before it shows it: nothing that it could not do without is overlooked,
// and a plain form has none.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compile } from '../server/html-parser.ts';
import { html, type OnOptions, on, unsafeHtml } from '../shared/index.ts';
import { TemplateTable } from '../shared/tree/encode.ts';
import { Rendering } from '../shared/tree/rendering.ts';
import { isSpecial } from '../shared/wire/special.ts';

const told = { type: 'UserDid' };
const handler = () => told;

/** What crosses the wire of a view: as a frame has it, and as it stands behind a page's HTML. */
function textsOf(view: unknown): string[] {
  const rendering = new Rendering(compile, new TemplateTable());
  rendering.render(view);
  const text = JSON.stringify([rendering.define(0), rendering.toMount()]);
  return [text, text.replaceAll('<', '\\u003c')];
}

test.each<[string, unknown]>([
  ['attributes of an object', html`<p ...=${{ title: 'a' }}></p>`],
  ['markup as it is', html`<p>${unsafeHtml('<b>x</b>')}</p>`],
  ['events other than four', html`<p @keydown=${told}></p>`],
  ['events of its own', html`<p @sorted=${told}></p>`],
  ['a radio button', html`<input type="radio" .checked=${true}>`],
  ['a radio button without quotes', html`<input type=radio>`],
  ['a range', html`<input type='range' .value=${1}>`],
  ['a file', html`<input TYPE="FILE">`],
  ['a type that is a value', html`<input type=${'radio'}>`],
  ['a type that is a property', html`<input .type=${'radio'}>`],
  ['several choices', html`<select name="a" multiple><option>b</option></select>`],
  ['several choices, perhaps', html`<select ?multiple=${true}></select>`],
  ['choices one by one', html`<select><option .selected=${true}>b</option></select>`],
  ['what opens', html`<details ?open=${true}></details>`],
  ['a dialog', html`<dialog></dialog>`],
  ['a form of a dialog', html`<form method="dialog"></form>`],
  ['what can be edited', html`<p contenteditable>${'a'}</p>`],
  ['what can be edited, perhaps', html`<p contenteditable=${'true'}>${'a'}</p>`],
  ['a custom element', html`<x-field .value=${1}></x-field>`],
  ['a field that wants the focus', html`<input autofocus>`],
  ['what other code draws', html`<p data-islet-own></p>`],
])('%s are signs', (_, view) => {
  for (const text of textsOf(view)) expect(isSpecial(text)).toBe(true);
});

test('a form with texts, boxes, a choice and buttons has no sign', () => {
  const view = html`
    <form class="a ${'b'}" @submit=${on(handler, { preventDefault: true, fields: ['text', 'tags[]'] })}>
      <input name="text" value=${'a'} @input=${on(handler, { debounceMs: 150 })}>
      <input name="box" type="checkbox" .checked=${true} @change=${handler}>
      <select name="choice" .value=${'a'}><option>a</option><option>b</option></select>
      <textarea name="more">${'text'}</textarea>
      <button type="button" ?disabled=${false} @click=${told}>Add</button>
      <button>Send</button>
      <ul>${[1, 2].map((row) => html`<li>${row} <b>${null}</b></li>`)}</ul>
    </form>
  `;
  for (const text of textsOf(view)) expect(isSpecial(text)).toBe(false);
});

const values: { readonly [name in keyof OnOptions]: fc.Arbitrary<unknown> } = {
  preventDefault: fc.boolean(),
  stopPropagation: fc.boolean(),
  debounceMs: fc.integer({ min: 1, max: 9_999 }),
  throttleMs: fc.integer({ min: 1, max: 9_999 }),
  self: fc.boolean(),
  once: fc.boolean(),
  capture: fc.boolean(),
  passive: fc.boolean(),
  outside: fc.boolean(),
  window: fc.boolean(),
  document: fc.boolean(),
  key: fc.constantFrom('Enter', ['a', 'Ctrl+b']),
  target: fc.constantFrom('li', '[title="}"]', '[title=\'"p":1\']'),
  include: fc.constant(['target.id']),
  fields: fc.oneof(fc.constantFrom(['a'], ['tags[]', 'b}'], ['k'], { more: 'list', k: 'flag' })),
};
const option = fc.oneof(
  ...Object.entries(values).map(([name, value]) => fc.tuple(fc.constant(name), value as fc.Arbitrary<unknown>)),
);
/** Few at once, since most exclude some others. */
const options = fc
  .uniqueArray(option, { maxLength: 3, selector: ([name]) => name })
  .map((entries) => Object.fromEntries(entries) as OnOptions);
const simple = ['preventDefault', 'stopPropagation', 'debounceMs', 'throttleMs', 'fields'];

test('options of a listener are a sign, but for those that say what is done, when, and with which fields', () => {
  let plain = 0;
  let special = 0;
  fc.assert(
    fc.property(options, (given) => {
      const make = () => on(handler, given);
      try {
        make();
      } catch {
        return;
      }
      const isPlain = Object.entries(given).every(([name, value]) => !value || simple.includes(name));
      if (isPlain) plain++;
      else special++;
      for (const text of textsOf(html`<button @click=${make()}></button>`)) expect(isSpecial(text)).toBe(!isPlain);
    }),
    { numRuns: 5_000 },
  );
  // of both kinds there were many
  expect(plain).toBeGreaterThan(50);
  expect(special).toBeGreaterThan(100);
});
