import { component, effect, html } from 'islet';

export const counter = component<number, { type: 'UserClicked' }>({
  init: () => [0, effect.none],
  update: (count) => [count + 1, effect.none],
  view: (count) => html`<button @click=${{ type: 'UserClicked' }}>${count} clicks</button>`,
});
