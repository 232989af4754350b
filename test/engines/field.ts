// A control of a form that says everything about itself that a browser can hear, for elements.test.ts.

import { component, effect, html } from '../../shared/index.ts';

type Message =
  | { readonly type: 'UserTyped' | 'BrowserRestored'; readonly text: string }
  | { readonly type: 'FormReset' }
  | { readonly type: 'FormDisabled'; readonly isDisabled: boolean };

interface Model {
  readonly text: string;
  readonly isDisabled: boolean;
}

export const field = component<Model, Message>({
  name: 'test-field',
  init: () => [{ text: '', isDisabled: false }, effect.none],
  update(model, message) {
    switch (message.type) {
      case 'FormReset':
        return [{ ...model, text: '' }, effect.none];
      case 'FormDisabled':
        return [{ ...model, isDisabled: message.isDisabled }, effect.none];
      default:
        return [{ ...model, text: message.text }, effect.none];
    }
  },
  view: ({ text, isDisabled }) => html`
    <input
      .value=${text}
      ?disabled=${isDisabled}
      @input=${({ value = '' }) => ({ type: 'UserTyped', text: value })}
    >
    <output part="count">${text.length} characters</output>
  `,
  states: ({ text }) => (text === '' ? ['empty'] : ['filled']),
  shadow: { mode: 'open', styles: ['output { color: rgb(1, 2, 3) }'], delegatesFocus: true },
  form: {
    value: ({ text }) => text,
    validity: ({ text }) => (text.length > 20 ? 'Too long' : null),
    onReset: () => ({ type: 'FormReset' }),
    onRestore: (value) => ({ type: 'BrowserRestored', text: String(value) }),
    onDisabled: (isDisabled) => ({ type: 'FormDisabled', isDisabled }),
  },
});
