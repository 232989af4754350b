/*
 * `islet/server`: the Fastify plugin, and what pages and options are written with.
 */

// before all others, or an older Node fails at something else
import './node-version.ts';

export type { RestartOptions } from '../shared/runtime/restart-policy.ts';
export type { DeclaredRoute, PropsRequest, RouteOptions, SendOptions, Visit } from './actors/route-options.ts';
export type { TaskContext, TaskOptions } from './actors/tasks.ts';
export { type Bus, BusError, type BusErrorKind, type BusMessage, type BusState } from './cluster/bus.ts';
export { type NatsBusOptions, natsBus } from './cluster/nats.ts';
export type { IslandPattern, UserPattern } from './cluster/revocations.ts';
export type { EventAnswer, IsletOptions, Limits, RouteParams } from './options.ts';
export {
  type ClientAppOptions,
  type ClientComponentOptions,
  clientApp,
  clientComponent,
  type PageOptions,
  type ServerComponentOptions,
  serverComponent,
} from './pages/page.ts';
export { type Islet, type IsletApp, islet, type RevokeOptions, registerIslet } from './plugin.ts';
export type { RightsChange } from './sessions/sessions.ts';
export { memoryStore } from './store/memory.ts';
export type { CreateClient, PostgresClient, PostgresQuery } from './store/postgres/client.ts';
export { postgresStore } from './store/postgres/postgres.ts';
export { type SqliteStore, type SqliteStoreOptions, sqliteStore } from './store/sqlite/sqlite.ts';
export {
  type ClientWrite,
  type Listed,
  type ManagedStore,
  maxStateBytes,
  type Saved,
  type SavedClient,
  type SavedModel,
  type SavedTasks,
  type Store,
  StoreError,
  type StoreErrorKind,
  type Write,
} from './store/store.ts';
