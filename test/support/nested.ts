// Components inside components, for test/e2e/nested.test.ts: an app and a server component that each hold the same
// client component (`note`), and an app that holds a server component.

import { component, effect, html, keyed } from '../../shared/index.ts';

type NoteMessage = { readonly type: 'UserClicked' } | { readonly type: 'ParentSaid'; readonly text: string | null };

/** Counts clicks by itself; takes a text from outside, and tells about each click. */
export const note = component<{ readonly clicks: number; readonly text: string }, NoteMessage>({
  name: 'test-note',
  init: () => [{ clicks: 0, text: '' }, effect.none],
  update: (model, message) =>
    message.type === 'ParentSaid'
      ? [{ ...model, text: message.text ?? 'nothing' }, effect.none]
      : [{ ...model, clicks: model.clicks + 1 }, effect.emit('noted', { clicks: model.clicks + 1, text: model.text })],
  view: ({ clicks, text }) => html`<button class="note" @click=${{ type: 'UserClicked' }}>${text}: ${clicks}</button>`,
  attributes: { text: (text) => ({ type: 'ParentSaid', text }) },
});

export interface Outer {
  readonly rows: readonly string[];
  readonly isOpen: boolean;
  readonly heard: readonly unknown[];
}

export type OuterMessage =
  | { readonly type: 'UserTurned' }
  | { readonly type: 'UserToggled' }
  | { readonly type: 'NoteTold'; readonly detail: unknown };

const init = (): readonly [Outer, typeof effect.none] => [
  { rows: ['a', 'b', 'c'], isOpen: true, heard: [] },
  effect.none,
];

const update = (model: Outer, message: OuterMessage): readonly [Outer, typeof effect.none] => {
  switch (message.type) {
    case 'UserTurned':
      return [{ ...model, rows: [...model.rows.slice(1), model.rows[0] ?? ''] }, effect.none];
    case 'UserToggled':
      return [{ ...model, isOpen: !model.isOpen }, effect.none];
    case 'NoteTold':
      return [{ ...model, heard: [...model.heard, message.detail] }, effect.none];
  }
};

const frame = ({ rows, isOpen, heard }: Outer) => html`
  <p class="heard">${JSON.stringify(heard)}</p>
  <button class="turn" @click=${{ type: 'UserTurned' }}>Turn</button>
  <button class="toggle" @click=${{ type: 'UserToggled' }}>Toggle</button>
  ${isOpen ? html`<p>open</p>` : null}
  <ul>${keyed(
    rows,
    (row) => row,
    (row) => html`<li><test-note
      text=${row}
      @noted=${({ detail }) => ({ type: 'NoteTold', detail })}
    ></test-note></li>`,
  )}</ul>
`;

/** A server component that holds client components. */
export const nestedServer = component<Outer, OuterMessage>({ init, update, view: frame });

/** An app in the browser that holds client components, and that server component. */
export const nestedApp = component<Outer, OuterMessage>({
  init,
  update,
  view: (model) => html`
    <section class="app">${frame(model)}</section>
    <server-component class=${model.isOpen ? 'open' : 'closed'} route="/ws/nested"></server-component>
  `,
});
