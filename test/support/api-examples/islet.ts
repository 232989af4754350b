// Examples of docs/api.md, of what `islet` exports. Each section names what it is an example of; the page shows what
// stands below.

import { setup } from 'xstate';
import {
  type AnyMessage,
  type AttemptOutcomes,
  type Audible,
  afterPaint,
  beforePaint,
  type Client,
  type Component,
  type ComponentDefinition,
  clipboard,
  component,
  type Dispatch,
  type Effect,
  type EffectContext,
  type ElementOptions,
  type Embedded,
  type EmitOptions,
  type ErrorCode,
  type EventClient,
  type EventData,
  type EventDataWith,
  type EventHandler,
  effect,
  errorCatalogue,
  type FieldKind,
  type FieldsOf,
  type FormFields,
  type FormFile,
  type FormOptions,
  type FormValue,
  focus,
  followLinks,
  fromEventTarget,
  type HoleValue,
  type HttpAnswer,
  type HttpBodyOptions,
  type HttpError,
  type HttpOptions,
  html,
  http,
  type Invalidity,
  IsletError,
  type Json,
  keyed,
  type List,
  type ListenOptions,
  list,
  type MachineComponent,
  type MachineDefinition,
  mapMessages,
  matchRoute,
  mathml,
  memo,
  navigate,
  type OnOptions,
  on,
  onUrlChange,
  type Person,
  type Plain,
  type Presence,
  Refused,
  type Route,
  type RouteMatch,
  route,
  type ShadowOptions,
  type StorageError,
  type StorageReadOptions,
  type StorageWriteOptions,
  type SubscribeOptions,
  scrollTo,
  storage,
  svg,
  type Task,
  type TaskDead,
  type TaskDone,
  type TaskMessages,
  type Template,
  type Topic,
  task,
  title,
  unsafeHtml,
  type WantedFields,
} from '../../../shared/index.ts';

//// component, Component, ComponentDefinition
type CounterMessage = { type: 'UserClicked' };

const definition: ComponentDefinition<number, CounterMessage, { start: number }> = {
  init: ({ start }) => [start, effect.none],
  update: (count) => [count + 1, effect.none],
  view: (count) => html`<button @click=${{ type: 'UserClicked' }}>${count}</button>`,
};

export const counter: Component<number, CounterMessage, { start: number }> = component(definition);

//// MachineComponent, MachineDefinition
const machine = setup({ types: { events: {} as { type: 'UserToggled' } } }).createMachine({
  initial: 'off',
  states: { off: { on: { UserToggled: 'on' } }, on: { on: { UserToggled: 'off' } } },
});

const lampDefinition: MachineDefinition<typeof machine> = {
  machine,
  view: ({ value }) => html`<button @click=${{ type: 'UserToggled' }}>${value}</button>`,
};

export const lamp: MachineComponent<typeof machine> = component(lampDefinition);

//// ElementOptions, ShadowOptions
const shadow: ShadowOptions = { mode: 'open', styles: ['page', ':host { display: block }'] };

const options: ElementOptions<number, { type: 'ParentSetValue'; text: string | null }> = {
  name: 'my-meter',
  attributes: { value: (text) => ({ type: 'ParentSetValue', text }) },
  states: (value) => (value > 50 ? ['high'] : []),
  shadow,
};

export const meter = component<number, { type: 'ParentSetValue'; text: string | null }>({
  ...options,
  init: () => [0, effect.none],
  update: (_, { text }) => [Number(text), effect.none],
  view: (value) => html`<meter max="100" .value=${value}></meter>`,
});

//// FormOptions, FormValue, Invalidity
const missing: Invalidity = { message: 'Give at least one star', flag: 'valueMissing' };

export const stars: FormOptions<number, { type: 'FormReset' }> = {
  value: (count): FormValue => (count === 0 ? null : String(count)),
  validity: (count) => (count === 0 ? missing : null),
  onReset: () => ({ type: 'FormReset' }),
};

//// html, Template, HoleValue
const panel = (heading: string, ...content: readonly HoleValue[]): Template<unknown> => html`
  <section><h2>${heading}</h2>${content}</section>
`;

export const page: Template<CounterMessage> = html`
  <button class=${['big', true && 'red']} @click=${{ type: 'UserClicked' }}>Go</button>
`;
export const shown = panel('Two things', html`<p>One</p>`, 'and two');

//// svg, mathml
const star = svg`<polygon points="5,0 10,10 0,3 10,3 0,10"/>`;
const half = mathml`<mfrac><mn>1</mn><mn>2</mn></mfrac>`;

export const drawn = html`<svg viewBox="0 0 10 10">${star}</svg><math>${half}</math>`;

//// keyed
interface Row {
  readonly id: number;
  readonly label: string;
}

const rowView = ({ id, label }: Row, { selected }: { selected: number }) =>
  html`<li class=${{ on: id === selected }} @click=${{ type: 'UserPicked', id }}>${label}</li>`;

export const listView = (rows: readonly Row[], selected: number) =>
  html`<ul>${keyed(rows, 'id', rowView, { selected })}</ul>`;

//// list, List
export const renameFirst = (rows: List<Row>, label: string): List<Row> => {
  const first = list.at(rows, 0);
  return first ? list.with(rows, 0, { ...first, label }) : rows;
};

export const longListView = (rows: List<Row>) =>
  html`<ul>${keyed(rows, 'id', rowView, { selected: list.length(rows) })}</ul>`;

//// memo
export const averageView = (scores: readonly number[]) =>
  html`<p>${memo({ scores }, ({ scores }) => scores.reduce((sum, score) => sum + score, 0) / scores.length)}</p>`;

//// mapMessages
const child = html`<button @click=${{ type: 'UserClicked' }}>Child</button>`;

export const parent: Template<{ type: 'ChildSaid'; message: { readonly type: 'UserClicked' } }> = html`
  <div>${mapMessages(child, (message) => ({ type: 'ChildSaid', message }))}</div>
`;

//// unsafeHtml
const trusted = '<b>our own</b>';

export const raw = html`<div>${unsafeHtml(trusted)}</div>`;

//// Embedded
export const documentWith = (island: Embedded) => html`<!doctype html><title>Page</title><main>${island}</main>`;

//// AnyMessage
export const nameOf = ({ type }: AnyMessage): string => type;

//// on, OnOptions
const once: OnOptions = { once: true, preventDefault: true };

export const buttons = html`
  <button @click=${on('UserClicked', once)}>Once</button>
  <input @keydown=${on(({ value = '' }) => ({ type: 'UserEntered', value }), { key: 'Enter' })}>
  <div @dragover=${on(null, { preventDefault: true })}></div>
`;

//// EventHandler, EventData, Client, EventClient, FormFile, Json
const heard: EventHandler<{ type: 'UserDropped'; names: readonly string[]; by: string }> = (
  { files = [] }: EventData,
  { id }: Client,
) => {
  const names = files.map(([, { name }]: readonly [string, FormFile]) => name);
  return names.length > 0 ? { type: 'UserDropped', names, by: id } : null;
};

export const target = html`<p @drop=${on(heard, { preventDefault: true })}>Drop files here</p>`;
export const detail: Json = { any: ['JSON', 1, null] };

export const add = ({ value = '' }: EventData, client: EventClient) => ({
  type: 'UserAdded',
  item: { id: client.newId(), at: client.now(), text: value },
});

//// WantedFields, FieldKind, FieldsOf, FormFields, EventDataWith
const size: FieldKind = 'number';
const wanted = { title: 'text', done: 'flag', tags: 'list', size } as const satisfies WantedFields;

const save = ({ fields }: EventDataWith<FieldsOf<typeof wanted>>) => ({ type: 'UserSaved', ...fields }) as const;

export const form = html`<form @submit=${on(save, { fields: wanted })}></form>`;
// without the option they are as the browser sent them
export const titleOf = ({ title = '' }: FormFields): string => [title].flat().join();

//// effect, Effect, Dispatch, EffectContext
declare const news: { listen(listener: (text: string) => void, signal: AbortSignal): void };

type NewsMessage = { type: 'NewsCame'; text: string } | { type: 'MinuteWasOver' };

const listen = (dispatch: Dispatch<NewsMessage>, { signal }: EffectContext): void =>
  news.listen((text) => dispatch({ type: 'NewsCame', text }), signal);

export const begin: Effect<NewsMessage> = effect.batch([
  effect.from(listen),
  effect.every(60_000, { type: 'MinuteWasOver' }),
]);

//// AttemptOutcomes
const outcomes: AttemptOutcomes<number, { type: 'Saved'; id: number }, { type: 'NotSaved' }> = {
  onSuccess: (id) => ({ type: 'Saved', id }),
  onError: () => ({ type: 'NotSaved' }),
};

export const saved = effect.attempt(async () => 7, outcomes);

//// EmitOptions
const inside: EmitOptions = { bubbles: false };

export const told = effect.emit('saved', { id: 7 }, inside);

//// http, HttpOptions, HttpBodyOptions, HttpError, HttpAnswer
type Listed = { type: 'ApiReturned'; titles: readonly string[] };
type Failed = { type: 'ApiFailed'; error: HttpError };

const answered: HttpOptions<readonly string[], Listed, Failed> = {
  decode: (json, { status }: HttpAnswer) => (status === 204 ? [] : (json as readonly unknown[]).map(String)),
  onSuccess: (titles) => ({ type: 'ApiReturned', titles }),
  onError: (error) => ({ type: 'ApiFailed', error }),
};
const posted: HttpBodyOptions<readonly string[], Listed, Failed> = { ...answered, body: { title: 'Milk' } };

export const requests = [http.get('/api/titles', answered), http.post('/api/titles', posted)];

//// storage, StorageReadOptions, StorageWriteOptions, StorageError
const read: StorageReadOptions<number, { type: 'VisitsRead'; visits: number }, never> = {
  decode: Number,
  onSuccess: (visits) => ({ type: 'VisitsRead', visits: visits ?? 0 }),
};
const write: StorageWriteOptions<never, { type: 'VisitsLost'; why: StorageError['kind'] }> = {
  area: 'session',
  onError: ({ kind }) => ({ type: 'VisitsLost', why: kind }),
};

export const kept = [storage.read('visits', read), storage.write('visits', 3, write), storage.remove('visits')];

//// navigate, onUrlChange, followLinks
export const routing = effect.batch([
  onUrlChange((url) => ({ type: 'UrlChanged', url })),
  followLinks((url) => url.startsWith('/anime')),
  navigate.push('/anime/7'),
]);

//// title, focus, scrollTo, beforePaint, afterPaint
export const arrival = effect.batch([
  title('7 cards'),
  focus('h1', { preventScroll: true }),
  scrollTo({ top: 0 }),
  beforePaint(effect.emit('shown')),
  afterPaint(effect.emit('seen')),
]);

//// clipboard
export const copied = clipboard.write('https://app.example/7', { onSuccess: () => ({ type: 'LinkWasCopied' }) });

//// fromEventTarget
export const offline = fromEventTarget('window', 'offline', () => ({ type: 'NetworkWasLost' }));

//// route, Route, RouteMatch
type Readers = { readonly page: (text: string | null) => number };

const genres: Route<'/anime/:genre', Readers> = route('/anime/:genre', { page: (text) => Number(text ?? 1) });

export const found: RouteMatch<'/anime/:genre', Readers> | null = genres.match('/anime/drama?page=2');
export const href = genres.href({ genre: 'drama' }, { page: 3 }); // '/anime/drama?page=3'

//// matchRoute
const match = matchRoute({ home: route('/'), detail: route('/anime/:id') }, '/anime/7');

export const id = match?.name === 'detail' ? match.params.id : null; // '7'

//// IsletError, ErrorCode, errorCatalogue
export const isGone = (error: unknown): boolean =>
  error instanceof IsletError && error.code === ('ISLET_ERR_JOIN_UNKNOWN_ROUTE' satisfies ErrorCode);

export const words = errorCatalogue.ISLET_ERR_ACTOR_FAILED.message;

//// Refused
export const takeOut = (count: number): number => {
  if (count === 0) throw new Refused('There is nothing in it.'); // told to whoever did it
  return count - 1;
};

//// task, Task, TaskDone, TaskDead, TaskMessages, Plain
const mail: Task<{ to: string }, { id: string }> = task('send-mail');
const said: TaskMessages<'MailSent', 'MailFailed'> = { onDone: 'MailSent', onDead: 'MailFailed' };

export type MailMessage = TaskDone<'MailSent', typeof mail> | TaskDead<'MailFailed', typeof mail>;
export const asked: Effect<MailMessage> = effect.task(mail, { to: 'ann@example.org' }, said);
export type NoDates = Plain<{ at: Date }>; // { at: {...} } without what JSON cannot say

//// Topic, Audible, ListenOptions, SubscribeOptions
type Vote = { readonly poll: string; readonly count: number };
type VoteMessage = { type: 'VoteCame'; count: number } | { type: 'VotesMissed' };

const gap: SubscribeOptions<{ type: 'VotesMissed' }> = { onGap: () => ({ type: 'VotesMissed' }) };

export const votes = (topic: Audible<Vote>): Effect<VoteMessage> =>
  effect.subscribe(topic, ({ count }) => ({ type: 'VoteCame', count }), gap);

export const watch = (topic: Topic<Vote>, onVote: (vote: Vote) => void, until: ListenOptions): void => {
  topic.subscribe(onVote, until);
  topic.publish({ poll: 'opening', count: 8 });
};

//// Presence, Person
export const namesIn = (people: readonly Person[]): string => people.map(({ name }) => name).join(', ');

export const come = (presence: Presence<null>, { id }: Client, signal: AbortSignal): void =>
  presence.enter(id, { id: 'ann', name: 'Ann', meta: null }, signal);
