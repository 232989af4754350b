// What was not done is said: to whom it happened, where they look. Components of the server fire these events.

import { component, effect, fromEventTarget, html } from 'islet';

type Message = { type: 'ActWasRefused' } | { type: 'NoteWasOver' };

const told = (): Message => ({ type: 'ActWasRefused' });

export const refusalNote = component<boolean, Message>({
  name: 'refusal-note',
  init: () => [
    false,
    effect.batch([
      // the server said no, or failed
      fromEventTarget('window', 'islet:refused', told),
      // its place has gone meanwhile, or nobody knows whether it was done
      fromEventTarget('window', 'islet:dropped', told),
    ]),
  ],
  update: (_, { type }) =>
    type === 'ActWasRefused'
      ? [true, effect.latest('note', effect.after(8_000, { type: 'NoteWasOver' }))]
      : [false, effect.none],
  view: (isShown) => html`
    <p role="status" class="note">${isShown && 'This was not done: the page has changed meanwhile, or you may not. Look again.'}</p>
  `,
});
