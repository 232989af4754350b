// What clients of a cluster send their events to: a component that keeps its own books, whose view is another one after
// each deploy, that refuses some events and takes two seconds for others.

import { component, type EventData, effect, html, keyed, type Template } from '../../shared/index.ts';
import type { AnyComponent } from '../../shared/language/component.ts';
import { type Book, emptyBook, note } from '../kill/book.ts';

/** `loose`: shared, and nothing of it is kept. */
export const routes = { shared: '/ws/tally', own: '/ws/mine', loose: '/ws/loose' } as const;

/** What a client does. `refused`: the component will not have it. `slow`: nothing else happens meanwhile. */
export type Deed = 'click' | 'type' | 'refused' | 'slow';

/** The holes that take events, in each view. */
export const holes = { click: 0, type: 1 } as const;

const slowMs = 2_000;

interface Message {
  readonly type: 'PersonSent';
  readonly sender: string;
  readonly id: number;
  readonly deed: Deed;
  readonly text: string;
}

/**
 * @param isAnew The view is that of the next deploy.
 * @param onApplied Hears of each event that is applied: of what is not kept there is no other book.
 */
export function tallyOf(isAnew: boolean, onApplied?: (sender: string, id: number) => void): AnyComponent {
  return component<Book, Message>({
    name: isAnew ? 'cluster-tally-anew' : 'cluster-tally',
    init: () => [emptyBook, effect.none],
    update(book, { sender, id, deed, text }) {
      if (deed === 'refused') throw new Error('it will not have that');
      if (deed === 'slow') {
        const end = performance.now() + slowMs;
        while (performance.now() < end);
      }
      onApplied?.(sender, id);
      return [note(book, sender, id, text), effect.none];
    },
    view: ({ rows, senders, total }): Template<Message> => html`
      <button @click=${send}>send</button>
      <input @input=${send}>
      ${isAnew ? html`<h2>anew</h2>` : null}
      <output title=${`${total} events`}>${total}</output>
      <ol>${keyed(rows, 'place', ({ sender, id }) => html`<li>${sender} <b>${isAnew ? `${id}!` : id}</b></li>`)}</ol>
      <ul>${keyed(
        Object.entries(senders),
        ([name]) => name,
        ([name, { applied, text }]) => html`<li title=${name}>${applied} ${text}</li>`,
      )}</ul>
      <p>${total % 7 === 0 ? html`<i>seven</i>` : total % 7 === 3 ? null : `${total % 7}`}</p>
    `,
  });
}

function send({ detail, value = '' }: EventData): Message | null {
  const { sender, id, deed } = detail as Pick<Message, 'sender' | 'id' | 'deed'>;
  return { type: 'PersonSent', sender, id, deed, text: value };
}
