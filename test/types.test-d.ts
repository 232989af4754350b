// Wrong uses that must not compile, and right ones that must: the type check is the test.
// A line behind `@ts-expect-error` that compiles after all is an error too.

import type { FastifyInstance } from 'fastify';
import { assign, setup } from 'xstate';
import { type IsletOptions, type RouteOptions, registerIslet, type Visit } from '../server/index.ts';
import {
  component,
  type Effect,
  type EventData,
  effect,
  html,
  keyed,
  mapMessages,
  memo,
  on,
  type TaskDead,
  type TaskDone,
  type Template,
  task,
} from '../shared/index.ts';
import type { AnyComponent } from '../shared/language/component.ts';

type Message = { type: 'UserClicked' } | { type: 'UserTyped'; text: string } | { type: 'UserPicked'; id: number };

interface Row {
  readonly id: number;
  readonly label: string;
}

type Model = readonly Row[];

const update = (model: Model, _message: Message): readonly [Model, typeof effect.none] => [model, effect.none];
const init = (): readonly [Model, typeof effect.none] => [[], effect.none];

// Messages and handlers that `update` knows.
component<Model, Message, undefined>({
  init,
  update,
  view: (model) => html`
    <p @click=${{ type: 'UserClicked' }} @keyup=${null}>${model.length} ${model[0]?.label}</p>
    <input @input=${(data) => ({ type: 'UserTyped', text: data.value ?? '' })}>
    <input @input=${(data, client) => (data.checked ? { type: 'UserTyped', text: client.id } : null)}>
    <input @input=${on((data) => ({ type: 'UserTyped', text: data.value ?? '' }), { debounceMs: 100 })}>
    <input @input=${on({ type: 'UserClicked' })}>
    <ul>${keyed(model, 'id', (row) => html`<li @click=${{ type: 'UserPicked', id: row.id }}>${row.label}</li>`)}</ul>
    <ul>${model.map((row) => html`<li @click=${{ type: 'UserPicked', id: row.id }}></li>`)}</ul>
    <p>${memo({ model }, () => html`<b @click=${{ type: 'UserClicked' }}></b>`)}</p>
    <p>${model.length > 0 ? html`<b @click=${{ type: 'UserClicked' }}></b>` : 'nothing yet'}</p>
    <p .data=${{ any: ['value'] }} class="a ${model.length > 0 && 'b'}" ?hidden=${model.length === 0}></p>
    <p>${mapMessages(child('a'), (message) => ({ type: 'UserTyped', text: message.name }))}</p>
  `,
});

function child(name: string): Template<{ type: 'ChildChanged'; name: string }> {
  return html`<b @click=${{ type: 'ChildChanged', name }}></b>`;
}

// A handler's data is known to be an event's.
html`<input @input=${(data) => {
  const known: EventData = data;
  return { type: 'UserTyped', text: known.value ?? '' };
}}>`;

// A view may name what it returns.
export const named = (model: Model): Template<Message> =>
  html`<input @input=${(data) => ({ type: 'UserTyped', text: data.value ?? '' })}>${model.length}`;
export const silent: Template<never> = html`<p>${1}${'text'}${[1, [2, null]]}</p>`;
export const anything: Template<unknown> = html`<p @click=${{ type: 'Whatever' }}>${1 as string | number}</p>`;
export const again = (depth: number): Template<Message> => html`<i>${depth > 0 ? again(depth - 1) : null}</i>`;

component<Model, Message, undefined>({
  init,
  update,
  // @ts-expect-error update knows no UserCliked
  view: () => html`<p @click=${{ type: 'UserCliked' }}></p>`,
});

component<Model, Message, undefined>({
  init,
  update,
  // @ts-expect-error a UserTyped has a text
  view: () => html`<p @click=${{ type: 'UserTyped' }}></p>`,
});

component<Model, Message, undefined>({
  init,
  update,
  // @ts-expect-error the text of a UserTyped is a string
  view: () => html`<p @click=${(data) => ({ type: 'UserTyped', text: data.checked })}></p>`,
});

component<Model, Message, undefined>({
  init,
  update,
  // @ts-expect-error the value of an event may be missing
  view: () => html`<p @click=${(data) => ({ type: 'UserTyped', text: data.value })}></p>`,
});

const items = (model: Model) =>
  keyed(model, 'id', (row) => html`<li @click=${{ type: 'UserCliked', id: row.id }}></li>`);

component<Model, Message, undefined>({
  init,
  update,
  // @ts-expect-error update knows no UserCliked, wherever in the view it is
  view: (model) => html`<ul>${items(model)}</ul>`,
});

component<Model, Message, undefined>({
  init,
  update,
  // @ts-expect-error update knows no UserCliked, wherever in the view it is
  view: (model) => html`<p>${model.map(() => html`<b @click=${{ type: 'UserCliked' }}></b>`)}</p>`,
});

component<Model, Message, undefined>({
  init,
  update,
  // @ts-expect-error update knows no UserCliked, wherever in the view it is
  view: (model) => html`<p>${model.length > 0 && html`<b @click=${on({ type: 'UserCliked' })}></b>`}</p>`,
});

component<Model, Message, undefined>({
  init,
  update,
  // @ts-expect-error a child's messages are not the parent's: mapMessages
  view: () => html`<p>${child('a')}</p>`,
});

component<Model, Message, undefined>({
  init,
  update,
  // @ts-expect-error a view gives a template, not text
  view: () => 'text',
});

component<Model, Message, undefined>({
  init,
  // @ts-expect-error update gives a model and an effect
  update: (model) => model,
  view: () => html``,
});

component<Model, Message, undefined>({
  init,
  // @ts-expect-error an effect's messages are those of update
  update: (model) => [model, effect.after(100, { type: 'TimePassed' })],
  view: () => html``,
});

component({
  init: (props: { start: number }) => [props.start, effect.none],
  update: (count: number, message: Message) =>
    message.type === 'UserClicked' ? [count + 1, effect.after(5, { type: 'UserClicked' })] : [count, effect.none],
  view: (count) => html`<p @click=${{ type: 'UserClicked' }}>${count.toFixed(2)}</p>`,
  attributes: { value: (text) => ({ type: 'UserTyped', text: text ?? '' }) },
  onConnect: () => ({ type: 'UserClicked' }),
});

component({
  init: () => [0, effect.none],
  update: (count: number, _message: Message) => [count, effect.none],
  view: () => html``,
  // @ts-expect-error update knows no UserCame
  onConnect: () => ({ type: 'UserCame' }),
});

component({
  init: (props: { start: number }) => [props.start, effect.none],
  update: (count: number, _message: Message) => [count, effect.none],
  // @ts-expect-error what is inferred from update holds for view
  view: (count) => html`<p @click=${{ type: 'UserCliked' }}>${count}</p>`,
});

const machine = setup({
  types: { context: {} as { count: number }, events: {} as { type: 'UserToggled' } },
}).createMachine({
  context: { count: 0 },
  initial: 'off',
  states: {
    off: { on: { UserToggled: { target: 'on', actions: assign({ count: ({ context }) => context.count + 1 }) } } },
    on: { on: { UserToggled: 'off' } },
  },
});

component({
  machine,
  view: ({ value, context }) => html`<p @click=${{ type: 'UserToggled' }}>${value} ${context.count}</p>`,
});

component({
  machine,
  view: ({ value }) => html`<p @click=${on({ type: 'UserToggled' })}>${value}</p>`,
  attributes: { value: () => ({ type: 'UserToggled' }) },
  onConnect: () => ({ type: 'UserToggled' }),
});

component({
  // @ts-expect-error the machine knows no UserTogled
  machine,
  view: () => html``,
  onConnect: () => ({ type: 'UserTogled' }),
});

component({
  machine,
  // @ts-expect-error the machine knows no UserTogled
  view: ({ value }) => html`<p @click=${{ type: 'UserTogled' }}>${value}</p>`,
});

// @ts-expect-error a listener's options have units in their names
on({ type: 'UserClicked' }, { debounce: 100 });

// @ts-expect-error a message has a type
on({ text: 'a' });

// A text is the message of that type. TypeScript does not see in which hole a text stands, but sees it in `on`.
component<Model, Message, undefined>({
  init,
  update,
  view: () => html`
    <p @click=${'UserClicked'} @keyup=${on('UserClicked', { key: 'Enter' })}></p>
    <p @click=${on(() => null, { preventDefault: true })} @keyup=${(data) => (data.checked ? { type: 'UserClicked' } : null)}></p>
  `,
});
component<Model, Message, undefined>({
  init,
  update,
  // @ts-expect-error update knows no UserCliked
  view: () => html`<p @click=${on('UserCliked')}></p>`,
});
component<Model, Message, undefined>({
  init,
  update,
  // @ts-expect-error a UserTyped has a text
  view: () => html`<p @click=${on('UserTyped')}></p>`,
});
component<Model, Message, undefined>({
  init,
  update,
  // @ts-expect-error a handler cannot wait
  view: () => html`<p @click=${async () => ({ type: 'UserClicked' })}></p>`,
});
component<Model, Message, undefined>({
  init,
  update,
  // @ts-expect-error a handler that gives nothing is a button that does nothing
  view: () => html`<p @click=${() => {}}></p>`,
});
component<Model, Message, undefined>({
  init,
  update,
  // @ts-expect-error a handler gives a message or null, no condition
  view: (model) => html`<p @click=${() => model.length > 0 && { type: 'UserClicked' }}></p>`,
});
// @ts-expect-error a handler cannot wait
on(async () => ({ type: 'UserClicked' }));
// @ts-expect-error a handler gives a message or null
on(() => {});

// The error is at the hole.
component<Model, Message, undefined>({
  init,
  update,
  view: (model) => html`
    <p title=${'a'}
      @keydown=${{ type: 'UserClicked' }}
      @click=${{
        // @ts-expect-error update knows no UserCliked
        type: 'UserCliked',
      }}
    >${model.length}</p>`,
});
component({
  init: (_: undefined) => [0, effect.none],
  update: (count: number, _: Message) => [count, effect.none],
  view: (count) => html`
    <p @click=${{ type: 'UserClicked' }}>${count}</p>
    <input @input=${({ value }) => ({
      type: 'UserTyped',
      // @ts-expect-error the value of an event may be missing
      text: value,
    })}>`,
});

// Which fields of a form count says what they are.
on(({ fields }) => ({ type: 'UserTyped', text: fields.title + fields.note }), { fields: ['title', 'note'] });
on(
  ({ fields: { title, done, tags, size } }) => ({
    type: 'UserSaved',
    title: title.trim(),
    done: done === true,
    tags: tags.map((tag) => tag.trim()),
    size: size?.toFixed(),
  }),
  { fields: { title: 'text', done: 'flag', tags: 'list', size: 'number' } },
);
component<Model, Message, undefined>({
  init,
  update,
  view: () =>
    html`<form @submit=${on(({ fields }) => ({ type: 'UserTyped', text: fields.title }), { fields: ['title'] })}></form>`,
});
// @ts-expect-error this field was not named
on(({ fields }) => ({ type: 'UserTyped', text: fields.titel }), { fields: ['title'] });
// @ts-expect-error a number may be none
on(({ fields }) => ({ type: 'UserTyped', text: fields.size.toFixed() }), { fields: { size: 'number' } });
// @ts-expect-error there is no such kind
on(({ fields }) => ({ type: 'UserTyped', text: fields.size }), { fields: { size: 'date' } });

on(null, { preventDefault: true });

// @ts-expect-error without a handler there has to be something to do
on(null);

// @ts-expect-error a key is a text
on({ type: 'UserClicked' }, { key: 13 });

on(({ values, submitter, open, files, shiftKey, fields }) => ({
  type: 'UserClicked',
  chosen: values?.length,
  by: submitter?.name,
  isOpen: open === true,
  size: files?.[0]?.[1].size,
  isShifted: shiftKey === true,
  title: fields?.title,
}));

// @ts-expect-error what the page says of a value is a text
on(({ value }) => ({ type: 'UserClicked', value: value?.toFixed() }));

const rows: readonly { readonly id: object }[] = [];
// @ts-expect-error a key is a text or a number
keyed(rows, (row) => row.id, String);
// @ts-expect-error nor is a property with another
keyed(rows, 'id', String);

// A keyed view gets what it reads besides its item, by name.
const lines: readonly Row[] = [];
const lineView = (row: Row, { editing }: { readonly editing: number | null }) =>
  html`<li @click=${{ type: 'UserPicked', id: row.id }}>${row.label} ${editing === row.id && 'edited'}</li>`;
keyed(lines, 'id', lineView, { editing: 1 }) satisfies { readonly '~message': Message };
keyed(lines, 'label', (row, { editing }) => html`<li>${row.id === editing}</li>`, { editing: 1 });
memo({ lines }, (deps) => deps.lines.length.toFixed());
// @ts-expect-error what the view reads besides its item is missing
keyed(lines, 'id', lineView);
// @ts-expect-error it is another
keyed(lines, 'id', lineView, { editing: 'a' });
// @ts-expect-error it has names
keyed(lines, 'id', (row) => row.label, [1]);
// @ts-expect-error there is no such property
keyed(lines, 'number', (row) => row.label);
// @ts-expect-error what a memo reads has names
memo([lines], () => lines.length);

// @ts-expect-error unknown values are to be looked at before they are shown
html`<p>${{} as unknown}</p>`;

// @ts-expect-error an effect's time is a number
effect.after('5', { type: 'UserClicked' });

// A run may take what it needs out of its context, and asks for a restart with a reason.
effect.from<Message>(async (dispatch, { signal, fail }) => {
  if (signal.aborted) fail(new Error('too late'));
  dispatch({ type: 'UserClicked' });
});
// @ts-expect-error a restart has a reason
effect.from((_, { fail }) => fail());
effect.from<Message>((dispatch) => {
  // @ts-expect-error update knows no such message
  dispatch({ type: 'TimePassed' });
});

// One thing, of which a value or an error becomes a message, each with its type.
effect.attempt(async () => 7, {
  onSuccess: (id) => ({ type: 'UserPicked', id }),
  onError: (error) => ({ type: 'UserTyped', text: String(error) }),
}) satisfies Effect<Message>;
effect.attempt(() => {}) satisfies Effect;
// @ts-expect-error the id is a number
effect.attempt(async () => 'a', { onSuccess: (id) => ({ type: 'UserPicked', id }) }) satisfies Effect<Message>;
// @ts-expect-error update knows no such message
effect.attempt(() => 7, { onSuccess: () => ({ type: 'TimePassed' }) }) satisfies Effect<Message>;
// @ts-expect-error what was thrown may be anything
effect.attempt(() => 7, { onError: (error) => ({ type: 'UserTyped', text: error.message }) });

// Whoever names the type of their users has `authenticate` held to it, and rights and props know it.
interface User {
  readonly login: string;
}
const typedRights = {
  authenticate: async ({ headers }) => ({ login: String(headers.cookie) }),
  authorize: ({ user }) => user?.login === 'ann',
  authorizeEvent: ({ user }) => (user === null ? 'gone' : user.login === 'ann'),
} satisfies IsletOptions<User>;
typedRights satisfies IsletOptions;
({ props: ({ user }) => ({ text: user?.login ?? '' }) }) satisfies RouteOptions<'/a', AnyComponent, User>;
// @ts-expect-error Not what it says that users are.
({ authenticate: () => ({ name: 'ann' }) }) satisfies IsletOptions<User>;
// @ts-expect-error Nobody may have been recognized.
({ authorize: ({ user }) => user.login === 'ann' }) satisfies IsletOptions<User>;
// @ts-expect-error Users have no such field.
({ props: ({ user }) => ({ text: user?.name }) }) satisfies RouteOptions<'/a', AnyComponent, User>;

// Who registers by `registerIslet` need name nothing: what `authenticate` gives is known wherever users are.
declare const app: FastifyInstance;
declare const rating: AnyComponent;
const live = await registerIslet(app, {
  authenticate: async (request) => ({ login: String(request.headers.cookie) }),
  authorize: ({ user }) => user?.login === 'ann',
  authorizeEvent: ({ user }) => (user === null ? 'gone' : user.login === 'ann'),
  userKey: (user) => user?.login,
});
live.islet.route('/ws/a', rating, { props: ({ user }) => ({ text: user?.login.toUpperCase() ?? '' }) });
live.islet.route('/ws/b', rating, { authorizeEvent: ({ user }) => user?.login === 'ann' });
live.islet.disconnect((user) => user?.login === 'ann');
live.islet.revoke((user, route) => user?.login === 'ann' && route === '/ws/a');
const authenticate = () => ({ login: 'ann' });
// Whoever takes any app takes this one, whatever its users are.
const pages: readonly FastifyInstance[] = [
  live,
  await registerIslet(app, { authenticate: (): string | null => 'ann' }),
  await registerIslet(app, { authenticate: (): { readonly id: number } | null => null }),
];

export { pages };

// @ts-expect-error Nobody may have been recognized.
await registerIslet(app, { authenticate, authorize: ({ user }) => user.login === 'ann' });
// @ts-expect-error Users have no such field.
await registerIslet(app, { authenticate, authorizeEvent: ({ user }) => user?.name === 'ann' });
// @ts-expect-error Users have no such field.
await registerIslet(app, { authenticate, userKey: (user) => user?.name });
// @ts-expect-error Users have no such field.
live.islet.route('/ws/a', rating, { props: ({ user }) => ({ text: user?.name }) });
// @ts-expect-error Users have no such field.
live.islet.route('/ws/b', rating, { authorizeEvent: ({ user }) => user?.name === 'ann' });
// @ts-expect-error Users have no such field.
live.islet.disconnect((user) => user?.name === 'ann');
// @ts-expect-error Nobody may have been recognized.
live.islet.revoke((user) => user.login === 'ann');

// A route's props: the user as `authenticate` gives it, parameters of the path, attributes by their names, and what
// `init` takes.
const line = component<number, { type: 'Never' }, { text: string }>({
  init: () => [0, effect.none],
  update: (count) => [count, effect.none],
  view: () => html``,
});
const sorted = component({
  init: (_: { text: string }) => [0, effect.none],
  update: (count: number, _: { type: 'UserSorted' }) => [count, effect.none],
  view: () => html``,
  attributes: { sort: () => ({ type: 'UserSorted' }) },
});
const { islet: routes } = live;
routes.route('/ws/rate/:animeId', line, { props: ({ params }) => ({ text: params.animeId.trim() }) });
routes.route('/ws/:a/:b.json', line, { props: ({ params: { a, b } }) => ({ text: a + b }) });
routes.route('/ws/files/*', line, { props: ({ params }) => ({ text: params[0] }) });
routes.route('/ws/l', line, { props: async ({ user }) => (user === null ? undefined : { text: user.login }) });
routes.route('/ws/m', sorted, { props: ({ attributes }) => ({ text: attributes.sort ?? '' }) });
routes.route('/ws/n', sorted, { attributes: ['by'], props: ({ attributes }) => ({ text: `${attributes.by}` }) });
routes.route('/ws/p', line, { shared: true, persist: true, keepMs: 5_000, props: () => ({ text: '' }) });
// parameters are props where nothing else is said
routes.route('/ws/q/:text', line);
routes.route('/ws/r/:text', line, { shared: true });
// nothing is said of whoever is nobody
declare const here: Visit['in'];
routes.route('/ws/t/:text', line, { presence: ({ user }) => user !== null && { in: here, id: user.login, name: '' } });
// what never leaves the server may lie deep, in lists and in records, also in a model that holds itself
interface Tree {
  readonly name: string;
  readonly secret?: { readonly word: string };
  readonly children: readonly Tree[];
  readonly byName: { readonly [name: string]: { readonly mail: string } };
}
const tree = component<Tree, { type: 'Never' }>({
  init: () => [{ name: '', children: [], byName: {} }, effect.none],
  update: (model) => [model, effect.none],
  view: () => html`<p></p>`,
});
routes.route('/ws/u', tree, {
  predict: true,
  keeps: ['name', 'secret', 'secret.word', 'children.*.secret.word', 'children.*.children.*.name', 'byName.*.mail'],
});
// @ts-expect-error no part is called so
routes.route('/ws/u', tree, { predict: true, keeps: ['secret.words'] });
// @ts-expect-error a list has no such part, each of its items has
routes.route('/ws/u', tree, { predict: true, keeps: ['children.name'] });
// @ts-expect-error a star is never the last
routes.route('/ws/u', tree, { predict: true, keeps: ['children.*'] });
// @ts-expect-error it needs a text
routes.route('/ws/s', line);
// @ts-expect-error it needs a text
routes.route('/ws/s', line, { shared: true });
// @ts-expect-error a text is a string
routes.route('/ws/s', line, { props: () => ({ text: 1 }) });
// @ts-expect-error it is called text
routes.route('/ws/s', line, { props: async () => ({ txt: '' }) });
// @ts-expect-error the path has no such parameter
routes.route('/ws/rate/:animeId', line, { props: ({ params }) => ({ text: params.anime }) });
// @ts-expect-error neither the component nor the route names such an attribute
routes.route('/ws/m', sorted, { props: ({ attributes }) => ({ text: `${attributes.by}` }) });
// @ts-expect-error an attribute may be missing
routes.route('/ws/m', sorted, { props: ({ attributes }) => ({ text: attributes.sort }) });
// @ts-expect-error nobody may have been recognized
routes.route('/ws/l', line, { props: ({ user }) => ({ text: user.login }) });
// @ts-expect-error a shared actor is nobody's own
routes.route('/ws/l', line, { shared: true, props: ({ user }) => ({ text: user.login }) });
// @ts-expect-error what is persisted is shared
routes.route('/ws/p', rating, { persist: true });
// @ts-expect-error what is kept for a time is persisted
routes.route('/ws/p', rating, { shared: true, keepMs: 5_000 });
// @ts-expect-error an island of one's own ends with its page
routes.route('/ws/p', rating, { idleMs: 5_000 });
// @ts-expect-error what is shared does not survive: it persists
routes.route('/ws/p', rating, { shared: true, survive: 'crash' });
// @ts-expect-error there is no such option
routes.route('/ws/p', rating, { share: true });

// What is sent to a route is a message of its component, with the parameters of its path.
const sendable = component<number, { type: 'Added'; by: number }, unknown>({
  init: () => [0, effect.none],
  update: (count, { by }) => [count + by, effect.none],
  view: (count) => html`<p>${count}</p>`,
});
const counted = routes.route('/ws/count/:id', sendable, { shared: true });
routes.send(counted, { id: '1' }, { type: 'Added', by: 1 }, { key: 'a' }).catch(() => {});
routes.send('/ws/count/:id', { id: '1' }, { type: 'anything', with: ['fields'] }).catch(() => {});
// @ts-expect-error the path that is named has no such parameter
routes.send('/ws/count/:id', { name: '1' }, { type: 'anything' }).catch(() => {});
// @ts-expect-error it has no such message
routes.send(counted, { id: '1' }, { type: 'Removed' }).catch(() => {});
// @ts-expect-error the path has no such parameter
routes.send(counted, { name: '1' }, { type: 'Added', by: 1 }).catch(() => {});
// @ts-expect-error a parameter is a text
routes.send(counted, { id: 1 }, { type: 'Added', by: 1 }).catch(() => {});
// A topic has the type of its values, and what is heard of it makes messages of the component.
const counts = routes.topic<{ count: number }>('counts');
counts.publish({ count: 1 });
// @ts-expect-error no such value
counts.publish({ count: '1' });
const heard: Effect<{ type: 'Came'; count: number } | { type: 'Missed' }> = effect.subscribe(
  counts,
  ({ count }) => (count > 0 ? { type: 'Came', count } : null),
  { onGap: () => ({ type: 'Missed' }) },
);
// @ts-expect-error a message has a type
effect.subscribe(counts, ({ count }) => count);
export const news = heard;
// Tasks: what goes in and comes out is known by the value that names them, and is plain JSON.
interface Letter {
  readonly to: string;
  readonly copies?: readonly string[];
}
const sendMail = task<Letter, { readonly id: number }>('send-mail');
type MailMessage =
  | { readonly type: 'UserAsked' }
  | TaskDone<'MailSent', typeof sendMail>
  | TaskDead<'MailFailed', typeof sendMail>;
component<number, MailMessage>({
  init: () => [0, effect.task(sendMail, { to: 'ann' })],
  update(count, message) {
    if (message.type === 'MailSent') return [count + message.result.id + message.args.to.length, effect.none];
    if (message.type === 'MailFailed') return [message.error.length, effect.none];
    return [count, effect.task(sendMail, { to: 'ann' }, { onDone: 'MailSent', onDead: 'MailFailed' })];
  },
  view: (count) => html`<p>${count}</p>`,
});
component<number, MailMessage>({
  init: () => [0, effect.none],
  // @ts-expect-error update knows no MailGone
  update: (count) => [count, effect.task(sendMail, { to: 'ann' }, { onDone: 'MailGone' })],
  view: (count) => html`<p>${count}</p>`,
});
// @ts-expect-error the task takes a text
effect.task(sendMail, { to: 7 });
// @ts-expect-error a date is no plain JSON
task<{ readonly when: Date }>('remind');
// @ts-expect-error nor is a map
task<string, Map<string, number>>('count');
// @ts-expect-error nor is a function
task<() => void>('call');
task<readonly [string, number | null, { readonly deep: { readonly flag?: boolean } }]>('tuple');
export const tasks = (app: FastifyInstance): void => {
  app.islet.task(sendMail, async ({ to }, { key, attempt, signal }) => {
    signal.throwIfAborted();
    return { id: to.length + key.length + attempt };
  });
  // @ts-expect-error its function gives no id
  app.islet.task(sendMail, async ({ to }) => ({ to }));
  // @ts-expect-error what it takes has no subject
  app.islet.task(sendMail, ({ subject }) => ({ id: subject.length }), { maxTries: 3, timeoutMs: 1_000 });
};
