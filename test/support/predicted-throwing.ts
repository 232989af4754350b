// A counter that fails where a test wants it to: in pages, on the server, or in both. Used by the server and by the script of a page.

import { component, effect, html } from '../../shared/index.ts';

export interface ThrowingModel {
  readonly count: number;
  /** A page cannot show it. */
  readonly isOdd: boolean;
}

export type ThrowingMessage = { readonly type: 'Added' | 'AddedThere' | 'AddedHere' | 'AddedNowhere' | 'Odd' };

const isPage = 'document' in globalThis;

function failIf(fails: boolean): void {
  if (fails) throw new Error('it was to fail here');
}

export const throwing = component<ThrowingModel, ThrowingMessage>({
  init: () => [{ count: 0, isOdd: false }, effect.none],
  update: (model, { type }) => {
    failIf((type === 'AddedThere' && isPage) || (type === 'AddedHere' && !isPage) || type === 'AddedNowhere');
    if (type === 'Odd') return [{ ...model, isOdd: true }, effect.none];
    return [{ ...model, count: model.count + 1 }, effect.none];
  },
  view: ({ count, isOdd }) => {
    failIf(isPage && isOdd);
    return html`
      <output>${count}</output>
      <button id="handler" @click=${() => {
        failIf(isPage);
        return { type: 'Added' };
      }}>handler</button>
      <button id="handler-both" @click=${(): ThrowingMessage => {
        failIf(true);
        return { type: 'Added' };
      }}>handler in both</button>
      <button id="there" @click=${{ type: 'AddedThere' }}>update in the page</button>
      <button id="here" @click=${{ type: 'AddedHere' }}>update on the server</button>
      <button id="nowhere" @click=${{ type: 'AddedNowhere' }}>update in both</button>
      <button id="odd" @click=${{ type: 'Odd' }}>view in the page</button>
      <button id="add" @click=${{ type: 'Added' }}>add</button>
    `;
  },
});
