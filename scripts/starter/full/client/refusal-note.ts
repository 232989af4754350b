// What was not done is said: to whom it happened, where they look. Components of the server fire these events.

import { component, effect, fromEventTarget, html } from 'islet';

type Message = { type: 'ActWasRefused'; why: string } | { type: 'NoteWasOver' };

const unknown = 'This was not done: the page has changed meanwhile. Look again.';
// why the server has refused it, such as what a component threw as `Refused`
const told = ({ detail }: CustomEvent<{ message?: string }>): Message => ({
  type: 'ActWasRefused',
  why: detail.message ?? unknown,
});

/** Its model is what it says; empty: nothing. */
export const refusalNote = component<string, Message>({
  name: 'refusal-note',
  init: () => [
    '',
    effect.batch([
      // the server said no, or failed
      fromEventTarget('window', 'islet:refused', told),
      // its place has gone meanwhile, or nobody knows whether it was done
      fromEventTarget('window', 'islet:dropped', told),
    ]),
  ],
  update: (_, message) =>
    message.type === 'ActWasRefused'
      ? [message.why, effect.latest('note', effect.after(8_000, { type: 'NoteWasOver' }))]
      : ['', effect.none],
  view: (why) => html`<p role="status" class="note">${why}</p>`,
});
