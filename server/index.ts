/*
 * `islet/server`: the Fastify plugin, and what pages and options are written with.
 */

export type { IsletOptions, Limits, RestartOptions, RouteParams } from './options.ts';
export {
  type ClientAppOptions,
  type ClientComponentOptions,
  clientApp,
  clientComponent,
  type PageOptions,
  type ServerComponentOptions,
  serverComponent,
} from './page.ts';
export { type Islet, islet } from './plugin.ts';
export type { RouteOptions } from './registry.ts';
export { memoryStore, type Saved, type Store } from './store.ts';
export { sqliteStore } from './store-sqlite.ts';
