// A control of a form with a shadow root and styles of its own, for tests that need one on both sides of a page.

import { component, effect, html } from '../../shared/index.ts';

type Message = { readonly type: 'UserTyped' | 'BrowserRestored' | 'ParentSetText'; readonly text: string };

export const answer = component<string, Message>({
  name: 'test-answer',
  init: () => ['', effect.none],
  update: (_, { type, text }) => [text, type === 'UserTyped' ? effect.emit('answer', text) : effect.none],
  view: (text) => html`
    <label>Answer <input .value=${text} @input=${({ value = '' }) => ({ type: 'UserTyped', text: value })}></label>
    <output>${text.length} characters</output>
  `,
  attributes: { text: (text) => ({ type: 'ParentSetText', text: text ?? '' }) },
  properties: { answer: (value) => ({ type: 'ParentSetText', text: JSON.stringify(value) }) },
  shadow: { mode: 'open', styles: ['page', 'output { color: rgb(1, 2, 3) }'] },
  form: { value: (text) => text, onRestore: (value) => ({ type: 'BrowserRestored', text: String(value) }) },
});
