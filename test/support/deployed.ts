// The components of two builds of one app, for test/e2e/deploy-islands.test.ts: a shared list of cards, and in its rows
// what is one's own: an island of the server, a component of the browser, plain fields.

import { component, effect, html, keyed } from '../../shared/index.ts';

interface Count {
  readonly count: number;
}

type NoteMessage = { readonly type: 'UserClicked' };

/** In the browser. */
export const note = component<Count, NoteMessage>({
  name: 'test-note',
  init: () => [{ count: 0 }, effect.none],
  update: ({ count }) => [{ count: count + 1 }, effect.none],
  view: ({ count }) => html`<button class="note" @click=${{ type: 'UserClicked' }}>${count}</button>`,
});

interface Draft extends Count {
  readonly text: string;
}

type DraftMessage = { readonly type: 'UserClicked' } | { readonly type: 'UserTyped'; readonly text: string };

/** At the server, one's own. */
export const draft = component<Draft, DraftMessage>({
  init: () => [{ count: 0, text: '' }, effect.none],
  update: (model, message) =>
    message.type === 'UserClicked'
      ? [{ ...model, count: model.count + 1 }, effect.none]
      : [{ ...model, text: message.text }, effect.none],
  view: ({ count, text }) => html`
    <button class="count" @click=${{ type: 'UserClicked' }}>${count}</button>
    <input class="draft" .value=${text} @input=${({ value = '' }) => ({ type: 'UserTyped', text: value })}>
    <output>${text}</output>
  `,
});

interface Cards {
  readonly cards: readonly { readonly id: number; readonly title: string }[];
}

type CardMessage = { readonly type: 'UserAdded' };

const init = (): readonly [Cards, typeof effect.none] => [
  { cards: [1, 2, 3, 4].map((id) => ({ id, title: `Card ${id}` })) },
  effect.none,
];
const update = ({ cards }: Cards): readonly [Cards, typeof effect.none] => [
  { cards: [...cards, { id: cards.length + 1, title: `Card ${cards.length + 1}` }] },
  effect.none,
];

/** The list as each build has it. */
export const builds = {
  first: component<Cards, CardMessage>({
    init,
    update,
    view: ({ cards }) => html`
      <h1>Cards</h1>
      <button id="add" @click=${{ type: 'UserAdded' }}>Add</button>
      <input name="search">
      <details id="help"><summary>Help</summary><p>text</p></details>
      <iframe name="map" src="about:blank"></iframe>
      <server-component route="/ws/draft"></server-component>
      <ul class="cards" style="height: 40px; overflow: auto; overflow-anchor: none">${keyed(
        cards,
        'id',
        ({ id, title }) => html`<li id="card${id}">
          <b>${title}</b>
          <input class="plain">
          <test-note></test-note>
          <server-component route="/ws/draft"></server-component>
        </li>`,
      )}</ul>
    `,
  }),
  second: component<Cards, CardMessage>({
    init,
    update,
    view: ({ cards }) => html`
      <header><h1>Cards, anew</h1><button id="add" @click=${{ type: 'UserAdded' }}>Add a card</button></header>
      <main class="wide">
        <server-component route="/ws/draft" class="wide"></server-component>
        <p>${cards.length} cards <iframe name="map" src="about:blank"></iframe></p>
        <details id="help" class="help"><summary>Help</summary><p>other text</p></details>
        <label>Search <input name="search" placeholder="..."></label>
        <div class="scroller">
          <ul class="cards wide" style="height: 40px; overflow: auto; overflow-anchor: none">${keyed(
            [{ id: 99, title: 'first' }, ...cards.toReversed().filter(({ id }) => id !== 2)],
            'id',
            ({ id, title }) => html`<li id="card${id}" class="card">
              <div><server-component route="/ws/draft"></server-component></div>
              <i>${id}</i>
              <p><test-note></test-note><input class="plain wide"></p>
              <strong>${title}</strong>
            </li>`,
          )}</ul>
        </div>
      </main>
    `,
  }),
};
