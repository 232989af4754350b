// What newcomers write wrong first, in the order in which they meet it: each is an error, and at the place where it is
// wrong, so that nobody has to look for it. What they write right compiles as it stands.

import Fastify from 'fastify';
import { registerIslet } from '../server/index.ts';
import { simulate } from '../server/testing/index.ts';
import { component, effect, html, keyed, on, type Topic, title } from '../shared/index.ts';

type Message = { type: 'Ticked' } | { type: 'Ended'; winner: string } | { type: 'UserTyped'; text: string };

// Several effects of several messages need no type to be named.
component<number, Message>({
  init: () => [0, effect.none],
  update(count, message) {
    switch (message.type) {
      case 'Ticked':
        return [
          count,
          effect.batch([effect.every(1_000, { type: 'Ticked' }), effect.after(1, { type: 'Ended', winner: 'ann' })]),
        ];
      case 'Ended': {
        const later = effect.latest('end', effect.after(1, { type: 'Ended', winner: 'ben' }));
        return [count, effect.batch([effect.latest('tick', effect.every(1, { type: 'Ticked' })), later])];
      }
      case 'UserTyped':
        // of what runs, the messages are known from where it stands
        return [count, effect.batch([effect.from((dispatch) => dispatch({ type: 'Ticked' })), effect.emit('typed')])];
    }
  },
  view: (count) => html`<p>${count}</p>`,
});

// 1: a message that there is not, after a time
component<number, Message>({
  init: () => [0, effect.none],
  // @ts-expect-error there is no Tickd
  update: (count) => [count, effect.after(1, { type: 'Tickd' })],
  view: (count) => html`<p>${count}</p>`,
});
// 2: one of several in a batch
component<number, Message>({
  init: () => [0, effect.none],
  // @ts-expect-error there is no Tickd
  update: (count) => [count, effect.batch([effect.every(1, { type: 'Tickd' }), effect.after(1, { type: 'Ticked' })])],
  view: (count) => html`<p>${count}</p>`,
});
// 3: a message without what belongs to it
component<number, Message>({
  init: () => [0, effect.none],
  // @ts-expect-error who has won?
  update: (count) => [count, effect.after(1, { type: 'Ended' })],
  view: (count) => html`<p>${count}</p>`,
});
// 4: the model alone
component<number, Message>({
  init: () => [0, effect.none],
  // @ts-expect-error a model and an effect
  update: (count) => count + 1,
  view: (count) => html`<p>${count}</p>`,
});
// 5: update that waits
component<number, Message>({
  init: () => [0, effect.none],
  // @ts-expect-error a model cannot wait
  update: async (count) => [count, effect.none],
  view: (count) => html`<p>${count}</p>`,
});
// 6: a case that is missing
component<number, Message>({
  init: () => [0, effect.none],
  // @ts-expect-error what of the others?
  update(count, message) {
    switch (message.type) {
      case 'Ticked':
        return [count + 1, effect.none];
    }
  },
  view: (count) => html`<p>${count}</p>`,
});
// 7: init that gives another model
component<number, Message>({
  // @ts-expect-error a number
  init: () => ['0', effect.none],
  update: (count) => [count, effect.none],
  view: (count) => html`<p>${count}</p>`,
});
// 8: a message in @click that there is not
component<number, Message>({
  init: () => [0, effect.none],
  update: (count) => [count, effect.none],
  view: (count) => html`
    <p>${count}</p>
    <button @click=${{
      // @ts-expect-error there is no Tickt
      type: 'Tickt',
    }}>Tick</button>`,
});
// 9: its handler that forgets a field
component<number, Message>({
  init: () => [0, effect.none],
  update: (count) => [count, effect.none],
  // @ts-expect-error what was typed?
  view: () => html`<input @input=${() => ({ type: 'UserTyped' })}>`,
});
// 10: a view that is a text
component<number, Message>({
  init: () => [0, effect.none],
  update: (count) => [count, effect.none],
  // @ts-expect-error a view is html`...`
  view: (count) => `<p>${count}</p>`,
});
// 11: a field that was not asked for
// @ts-expect-error only the title was asked for
on(({ fields }) => ({ type: 'UserTyped', text: fields.note }), { fields: ['title'] });
// 12: a key that items do not have
// @ts-expect-error they have an id
keyed([{ id: 1 }], 'key', () => html`<li></li>`);

const board = component<readonly string[], Message, { readonly cards: readonly string[] }>({
  init: ({ cards }) => [cards, effect.none],
  update: (cards) => [cards, effect.none],
  view: (cards) => html`<p>${cards.length}</p>`,
});
const app = await registerIslet(Fastify(), {
  authenticate: ({ headers }): string | null => headers.authorization ?? null,
});
app.islet.route('/ws/board/:id', board, { props: ({ params }) => ({ cards: [params.id] }) });
app.islet.route('/ws/mine', board, { props: ({ user }) => (user === null ? undefined : { cards: [user.trim()] }) });
// 13: a parameter that is misspelt
// @ts-expect-error the path says id
app.islet.route('/ws/board/:id', board, { props: ({ params }) => ({ cards: [params.ID] }) });
// 14: nobody is logged in
// @ts-expect-error user may be null
app.islet.route('/ws/a', board, { props: ({ user }) => ({ cards: [user.trim()] }) });
// 15: props of another shape, and none
// @ts-expect-error cards is a list
app.islet.route('/ws/b', board, { props: () => ({ cards: 'Milk' }) });
// @ts-expect-error init needs cards
app.islet.route('/ws/b', board);
// 16: the user of a shared actor
// @ts-expect-error it is nobody's own
app.islet.route('/ws/c', board, { shared: true, props: ({ user }) => ({ cards: [user.trim()] }) });
// 17: persist without shared
// @ts-expect-error what is persisted is shared
app.islet.route('/ws/d', board, { persist: true, props: () => ({ cards: [] }) });
// 18: what is said under a topic is of another type
const news: Topic<{ readonly count: number }> = app.islet.topic('news');
// @ts-expect-error a number
news.publish({ count: 'four' });
component<number, Message>({
  // @ts-expect-error it has no text
  init: () => [0, effect.subscribe(news, ({ text }) => ({ type: 'UserTyped', text }))],
  update: (count) => [count, effect.none],
  view: (count) => html`<p>${count}</p>`,
});
// 19: what is sent is no message of the route's component, and to a path without its parameters
const boards = app.islet.route('/ws/e/:id', board, { shared: true, props: () => ({ cards: [] }) });
app.islet.send(boards, { id: '1' }, { type: 'Ended', winner: 'ann' }).catch(() => {});
// @ts-expect-error there is no Endd
app.islet.send(boards, { id: '1' }, { type: 'Endd', winner: 'ann' }).catch(() => {});
// @ts-expect-error which one?
app.islet.send(boards, {}, { type: 'Ticked' }).catch(() => {});
// 20: a test gives other props than init takes
// @ts-expect-error cards is a list
simulate(board, { cards: 7 });
// @ts-expect-error board has no such message
simulate(board, { cards: [] }).send({ type: 'Tickd' });
// an effect of the browser in what a server runs is told apart when it is carried out (test/mistakes.test.ts): the same
// component may run on both sides
export const both = title('New');
