// Examples of docs/api.md, of what `islet/server` exports.

import fastify, { type FastifyInstance } from 'fastify';
import {
  type Bus,
  BusError,
  type BusErrorKind,
  type BusMessage,
  type BusState,
  type ClientAppOptions,
  type ClientComponentOptions,
  type ClientWrite,
  type CreateClient,
  clientApp,
  clientComponent,
  type DeclaredRoute,
  type EventAnswer,
  type IslandPattern,
  type Islet,
  type IsletApp,
  type IsletOptions,
  islet,
  type Limits,
  type Listed,
  type ManagedStore,
  maxStateBytes,
  memoryStore,
  type NatsBusOptions,
  natsBus,
  type PageOptions,
  type PostgresClient,
  type PostgresQuery,
  type PropsRequest,
  postgresStore,
  type RestartOptions,
  type RevokeOptions,
  type RightsChange,
  type RouteOptions,
  type RouteParams,
  registerIslet,
  type Saved,
  type SavedClient,
  type SavedModel,
  type SavedTasks,
  type SendOptions,
  type ServerComponentOptions,
  type SqliteStore,
  type SqliteStoreOptions,
  type Store,
  StoreError,
  type StoreErrorKind,
  serverComponent,
  sqliteStore,
  type TaskContext,
  type TaskOptions,
  type UserPattern,
  type Visit,
  type Write,
} from '../../../server/index.ts';
import { component, effect, html, task } from '../../../shared/index.ts';

type Message = { type: 'UserClicked' };

const counter = component<number, Message, { start: number }>({
  name: 'click-counter',
  init: ({ start = 0 }) => [start, effect.none],
  update: (count) => [count + 1, effect.none],
  view: (count) => html`<button @click=${'UserClicked'}>${count} clicks</button>`,
});

//// islet
export async function createApp(): Promise<FastifyInstance> {
  const app = fastify();
  await app.register(islet, { development: true });
  app.islet.route('/ws/counter', counter, { shared: true, props: () => ({ start: 0 }) });
  return app;
}

//// registerIslet, IsletApp, Islet
interface User {
  readonly login: string;
}

export async function createTypedApp(): Promise<IsletApp<User | null>> {
  const app = await registerIslet(fastify(), {
    authenticate: ({ headers }): User | null => (headers['x-user'] ? { login: String(headers['x-user']) } : null),
    authorize: ({ user }) => user !== null,
  });
  app.islet.route('/ws/counter/:start', counter, { props: ({ params }) => ({ start: Number(params.start) }) });
  return app;
}

export const logOut = ({ disconnect }: Islet<User | null>, login: string): void => disconnect({ login });

//// IsletOptions, Limits, RestartOptions
const limits: Partial<Limits> = { maxEventsPerSecond: 50, maxIslands: 20 };
const restart: Partial<RestartOptions> = { maxFailures: 3 };

export const options: IsletOptions<User | null> = {
  path: '/live',
  limits,
  restart,
  sessionMs: 30_000,
  userKey: (user) => user?.login,
};

//// RouteOptions, PropsRequest, RouteParams
const startOf = ({ params }: PropsRequest<RouteParams>): { start: number } => ({ start: Number(params.start ?? 0) });

export const own: RouteOptions<'/ws/own', typeof counter> = { props: startOf, survive: 'crash' };
export const shared: RouteOptions<'/ws/all', typeof counter> = {
  shared: true,
  persist: true,
  keepMs: 86_400_000,
  props: startOf,
};

//// Visit
const visitOf = (presence: Visit<null>['in'], user: User | null): Visit<null> | null =>
  user && { in: presence, id: user.login, name: user.login, meta: null };

export const room = (presence: Visit<null>['in']): RouteOptions<'/ws/room', typeof counter, User | null> => ({
  props: startOf,
  presence: ({ user }) => visitOf(presence, user),
});

//// EventAnswer
export const mayAct = (user: User | null, isOpen: boolean): EventAnswer => (isOpen ? user !== null : 'gone');

//// UserPattern, IslandPattern
const everybodyNamedAnn: UserPattern<User | null> = { login: 'ann' };
const roomOfAnn: IslandPattern<User | null> = { user: everybodyNamedAnn, route: '/ws/room/:id', params: { id: '7' } };

export const takeRoom = ({ revoke }: Islet<User | null>): void => revoke(roomOfAnn);

//// RevokeOptions, RightsChange
const isOfAnn: RightsChange<User | null> = (user, route) => user?.login === 'ann' && route === '/ws/admin';
const toLogin: RevokeOptions = { redirect: '/login' };

export const dismiss = ({ revoke }: Islet<User | null>): void => revoke(isOfAnn, toLogin);

//// DeclaredRoute, SendOptions
const paid: SendOptions = { key: 'payment-7' };

export const pay = (
  app: FastifyInstance,
  board: DeclaredRoute<'/ws/board/:id', { type: 'CardWasPaid' }>,
): Promise<void> => app.islet.send(board, { id: '7' }, { type: 'CardWasPaid' }, paid);

export const titlesOf = async (
  app: FastifyInstance,
  board: DeclaredRoute<'/ws/board/:id', never, { readonly cards: readonly { readonly title: string }[] }>,
): Promise<readonly string[]> => (await app.islet.read(board, { id: '7' })).cards.map(({ title }) => title);

//// TaskContext, TaskOptions
const sendMail = task<{ to: string }, { id: string }>('send-mail');
const patient: TaskOptions = { timeoutMs: 60_000, maxTries: 5 };

export const mails = (
  app: FastifyInstance,
  send: (to: string, key: string, signal: AbortSignal) => Promise<string>,
): void =>
  app.islet.task(
    sendMail,
    async ({ to }, { key, signal }: TaskContext) => ({ id: await send(to, key, signal) }),
    patient,
  );

//// serverComponent, ServerComponentOptions
const island: ServerComponentOptions = { route: '/ws/counter', attributes: { title: 'Clicks' } };

export const page = html`<!doctype html><title>Clicks</title><main>${serverComponent(island)}</main>`;

//// clientComponent, ClientComponentOptions
const small: ClientComponentOptions = {
  attributes: { class: 'small' },
  content: html`<span slot="note">A note</span>`,
};

export const header = html`<header>${clientComponent(counter, small)}</header>`;

//// clientApp, ClientAppOptions
const place: ClientAppOptions = { id: 'clicks' };

export const body = html`<body>${clientApp(counter, { start: 7 }, place)}</body>`;

//// PageOptions
const strict: PageOptions = { nonce: 'of this answer' };

export const pages = (app: FastifyInstance): void => {
  app.get('/', (_, reply) => reply.html(page));
  app.get('/strict', (_, reply) => reply.html(page, strict));
};

//// memoryStore, sqliteStore, SqliteStore, SqliteStoreOptions
const safe: SqliteStoreOptions = { durability: 'power' };

export const inMemory = memoryStore();
export const inFile = (): SqliteStore => sqliteStore('data/states.db', safe);

//// postgresStore, CreateClient, PostgresClient, PostgresQuery
export const inPostgres = () => postgresStore('postgres://localhost/app');

export const counted =
  (create: CreateClient, onQuery: (text: string) => void): CreateClient =>
  async () => {
    const client: PostgresClient = await create();
    return {
      connect: () => client.connect(),
      end: () => client.end(),
      on: (event, listener) => client.on(event, listener),
      query(query: PostgresQuery) {
        onQuery(query.text);
        return client.query(query);
      },
    };
  };

//// Store, Write, ClientWrite, Saved, SavedModel, SavedClient, SavedTasks, maxStateBytes
const client: ClientWrite = { client: 'page-7', event: 3, endsInMs: 86_400_000 };
const first: Write = {
  key: '/ws/all',
  by: 'write-1',
  after: undefined,
  schema: 0,
  model: { base: '7' },
  clients: [client],
};

export async function modelIn(store: Store): Promise<SavedModel | undefined> {
  await store.commit([first]);
  const saved: Saved | undefined = await store.load('/ws/all');
  const known: readonly SavedClient[] = saved?.clients ?? [];
  const tasks: SavedTasks | undefined = saved?.tasks;
  return known.length > 0 && tasks === undefined ? saved?.model : undefined;
}

export const isTooBig = (json: string): boolean => Buffer.byteLength(json) > maxStateBytes;

//// ManagedStore, Listed
export const keysOf = async (store: ManagedStore): Promise<readonly string[]> =>
  (await store.list(0, 100)).map(({ key }: Listed) => key);

//// StoreError, StoreErrorKind
const again: readonly StoreErrorKind[] = ['unavailable', 'contended'];

export const isPassing = (error: unknown): boolean => error instanceof StoreError && again.includes(error.kind);

//// Bus, BusState, BusMessage
export const answerOn = (bus: Bus, subject: Parameters<Bus['subscribe']>[0]): (() => void) =>
  bus.subscribe(subject, ({ text, answer }: BusMessage) => answer?.(text.toUpperCase()));

export const isThere = (state: BusState): boolean => state === 'connected';

//// BusError, BusErrorKind
const unsure: readonly BusErrorKind[] = ['late', 'lost'];

export const mayBeDone = (error: unknown): boolean => error instanceof BusError && unsure.includes(error.kind);

//// natsBus, NatsBusOptions
export const overNats = (nats: NatsBusOptions): Promise<Bus> => natsBus(nats);
