// The smallest component that a person can use, for tests of everything around components.

import { type Component, component, effect, html } from '../../shared/index.ts';

export type CounterMessage =
  | { readonly type: 'UserClicked' }
  | { readonly type: 'ParentSetStart'; readonly text: string | null };

/** Hole 0 of its one instance is the button's click, hole 1 shows the count. */
export const counter: Component<number, CounterMessage, { readonly start?: string }> = component({
  init: (props: { readonly start?: string }) => [Number(props.start ?? 0), effect.none],
  update: (count: number, message: CounterMessage) => [
    message.type === 'UserClicked' ? count + 1 : Number(message.text ?? 0),
    effect.none,
  ],
  view: (count) => html`<button @click=${{ type: 'UserClicked' }}>${count}</button>`,
  attributes: { start: (text) => ({ type: 'ParentSetStart', text }) },
});
