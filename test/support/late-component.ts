// A component for late-scripts.test.ts, with what only the special script knows, for pages to which somebody else does
// something: rows with fields, radio buttons in a form, and a text that is edited.

import { html, keyed } from '../../shared/index.ts';
import { button, pressed, sheet, tell } from './field-components.ts';

export const late = sheet(
  ({ options, choice, text, log }) => html`
    ${button('nothing')}${button('choose c')}
    <ul>
      ${keyed(
        options,
        (each) => each,
        (each) => html`<li><input name=${each}> ${each}</li>`,
      )}
    </ul>
    <form @submit=${tell('submit')}>
      ${html`
        <fieldset>
          <i>${log.length}</i>
          <input type="radio" name="r" value="a" .checked=${choice === 'a'}>
          <input type="radio" name="r" value="b" .checked=${choice === 'b'}>
          <input type="radio" name="r" value="c" .checked=${choice === 'c'}>
        </fieldset>
      `}
      <button>Send</button>
    </form>
    <section>${html`<b>${log.length}</b><p contenteditable @input=${tell('edited')}>${text}</p>`}</section>
  `,
  (_, told) =>
    pressed(told, 'choose c') ? { choice: 'c' } : told.type === 'edited' ? { text: told.data.value ?? '' } : {},
  { text: 'one two' },
);
