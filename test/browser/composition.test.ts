// Words that are composed of several keys (Chinese, Japanese, Korean, an accent): the field is left alone until the
// word is there. The keys come by the browser's own protocol, as an input method would send them.

import { afterEach, beforeEach, expect, test } from 'vitest';
import { cdp } from 'vitest/browser';
import { type App, start } from '../../client-runtime/app/start.ts';
import { component, effect, html } from '../../shared/index.ts';

type Message = { readonly type: 'UserTyped'; readonly text: string };

/** Writes what is typed back into the field, in capitals. */
const shouting = component<string, Message>({
  init: () => ['', effect.none],
  update: (_, { text }) => [text.toUpperCase(), effect.none],
  view: (text) => html`
    <input .value=${text} @input=${({ value = '' }) => ({ type: 'UserTyped', text: value })}>
    <output>${text}</output>
  `,
});

let root: HTMLElement;
let app: App<Message>;

beforeEach(() => {
  root = document.createElement('main');
  document.body.append(root);
  app = start(shouting, root);
});

afterEach(() => {
  app.stop();
  root.remove();
});

test('a word that is being composed is not written over, and is when it is there', async () => {
  const session = cdp();
  const input = root.querySelector('input') as HTMLInputElement;
  const heard: string[] = [];
  for (const type of ['compositionstart', 'compositionend']) input.addEventListener(type, () => heard.push(type));
  input.focus();
  for (const text of ['n', 'ni', 'nih']) {
    await session.send('Input.imeSetComposition', { text, selectionStart: text.length, selectionEnd: text.length });
    await expect.poll(() => root.querySelector('output')?.textContent).toBe(text.toUpperCase());
    expect(input.value).toBe(text);
  }
  await session.send('Input.insertText', { text: 'niho' });
  await expect.poll(() => root.querySelector('output')?.textContent).toBe('NIHO');
  await expect.poll(() => input.value).toBe('NIHO');
  expect(heard).toEqual(['compositionstart', 'compositionend']);
});
