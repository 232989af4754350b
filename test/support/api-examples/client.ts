// Examples of docs/api.md, of what `islet/client` exports.

import {
  type App,
  type ElementComponent,
  type ElementProps,
  type IslandState,
  type PredictOptions,
  predict,
  register,
  type ServerComponent,
  start,
} from '../../../client-runtime/index.ts';
import { component, effect, html } from '../../../shared/index.ts';

//// register, ElementComponent, ElementProps
const greeting: ElementComponent = component<string, { type: 'ParentSetName'; name: string }, ElementProps>({
  name: 'my-greeting',
  init: ({ name = 'you' }) => [name, effect.none],
  update: (_, { name }) => [name, effect.none],
  view: (name) => html`<p>Hello ${name}</p>`,
  attributes: { name: (text) => ({ type: 'ParentSetName', name: text ?? 'you' }) },
});

export const Greeting = register(greeting); // <my-greeting name="Ann"></my-greeting>

//// start, App
const counter = component<number, { type: 'UserClicked' }>({
  init: () => [0, effect.none],
  update: (count) => [count + 1, effect.none],
  view: (count) => html`<button @click=${{ type: 'UserClicked' }}>${count}</button>`,
});

export function run(): App<{ type: 'UserClicked' }> {
  const app = start(counter, '#app');
  app.dispatch({ type: 'UserClicked' });
  return app;
}

//// predict, PredictOptions
const code: PredictOptions = { code: 'v2' };

export function answerAtOnce(): void {
  predict('/ws/counter', counter, code); // on the server: predict: { code: 'v2' }, keeps: []
  predict('/ws/other/:id', async () => counter);
}

//// ServerComponent, IslandState
const isUsable = (state: IslandState | ''): boolean => state === 'live' || state === 'saving';

export const usable = (): readonly ServerComponent[] =>
  [...document.querySelectorAll<ServerComponent>('server-component')].filter(({ state }) => isUsable(state));
