// What pages in a real browser have while servers are killed: something to type in, to tick, to press and to open.

import { component, effect, html } from '../../shared/index.ts';
import type { AnyComponent } from '../../shared/language/component.ts';

/** Islands of a page: one that is shared, one's own that survives a crash, one's own that survives a deploy alone. */
export const deskRoutes = { shared: '/ws/desk', crash: '/ws/own-desk', deploy: '/ws/passing-desk' } as const;
export type Desk = keyof typeof deskRoutes;
export const desks: readonly [Desk, ...Desk[]] = ['shared', 'crash', 'deploy'];

export interface DeskModel {
  readonly note: string;
  readonly isDone: boolean;
  readonly count: number;
}

type Message =
  | { readonly type: 'PersonWrote'; readonly text: string }
  | { readonly type: 'PersonTicked'; readonly isDone: boolean }
  | { readonly type: 'PersonCounted' };

/** @param isAnew The view is that of another version of the code. */
export function deskOf(isAnew: boolean): AnyComponent {
  return component<DeskModel, Message>({
    name: isAnew ? 'kill-desk-anew' : 'kill-desk',
    init: () => [{ note: '', isDone: false, count: 0 }, effect.none],
    update(model, message) {
      if (message.type === 'PersonWrote') return [{ ...model, note: message.text }, effect.none];
      if (message.type === 'PersonTicked') return [{ ...model, isDone: message.isDone }, effect.none];
      return [{ ...model, count: model.count + 1 }, effect.none];
    },
    view: ({ note, isDone, count }) => html`
      <h2>${isAnew ? 'A desk, anew' : 'A desk'}</h2>
      ${isAnew ? html`<p>There is more on it.</p>` : null}
      <details><summary>more</summary><p>text</p></details>
      <input name="note" .value=${note} @input=${({ value = '' }) => ({ type: 'PersonWrote', text: value })}>
      <input name="free">
      <input name="done" type="checkbox" .checked=${isDone}
        @change=${({ checked = false }) => ({ type: 'PersonTicked', isDone: checked })}>
      <button @click=${{ type: 'PersonCounted' }}>count</button>
      <output name="said">${note}</output>
      <output name="count">${count}</output>
    `,
  });
}
