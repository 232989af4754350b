// The cards that everybody sees: one shared actor. It follows the data, whoever changes it.

import { component, effect, html, keyed } from 'islet';
import type { Card, Data } from '../data.ts';

export type Message = { type: 'CardsChanged'; cards: readonly Card[] } | { type: 'UserClickedRemove'; id: number };

export function createBoard(data: Pick<Data, 'cards' | 'onCards' | 'removeCard'>) {
  return component<readonly Card[], Message, { readonly cards: readonly Card[] }>({
    init: ({ cards }) => [
      cards,
      effect.from((dispatch, { signal }) =>
        data.onCards(() => dispatch({ type: 'CardsChanged', cards: data.cards() }), signal),
      ),
    ],
    update(cards, message) {
      switch (message.type) {
        case 'CardsChanged':
          return [message.cards, effect.none];
        case 'UserClickedRemove':
          return [cards, effect.attempt(() => data.removeCard(message.id))];
      }
    },
    view: (cards) => html`
      <p>${cards.length === 1 ? '1 card' : `${cards.length} cards`}</p>
      <ul class="cards">
        ${keyed(
          cards,
          'id',
          (card) => html`
            <li>
              <b>${card.title}</b> <small>by ${card.author}</small>
              <button @click=${{ type: 'UserClickedRemove', id: card.id }}>Remove</button>
            </li>
          `,
        )}
      </ul>
    `,
  });
}
