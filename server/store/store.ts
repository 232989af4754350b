/*
 * Where the states of persisted actors are kept: the interface that memory, SQLite and PostgreSQL implement alike.
 * Input: writes, each of which names itself and the write that it follows. Output: what was kept last. Texts in it are
 * JSON as its writer made it; no store looks into them. All times are the store's own, so they are told from now on.
 */

/** What is kept under one key. */
export interface Saved {
  /** The write that it is the outcome of. */
  readonly by: string;
  /** How many writes the key has had. */
  readonly seq: number;
  /** The schema that its writer's code has. */
  readonly schema: number;
  /** Whose own island it is; undefined: nobody's own. */
  readonly user: string | undefined;
  /** Undefined: none was written yet. */
  readonly model: SavedModel | undefined;
  /** What of the rendering changes with each turn: epoch, version, next id, digest. */
  readonly rendering: string | undefined;
  /** What changes with the structure alone: ids in document order, names of templates. */
  readonly instances: string | undefined;
  readonly timers: string | undefined;
  readonly tasks: SavedTasks | undefined;
  /** The last event of each client that is remembered; `droppedClients` among them: others were, and are not any more. */
  readonly clients: readonly SavedClient[];
  /** How long ago it was written, in milliseconds. */
  readonly ageMs: number;
}

/** A model as it is stored. */
export interface SavedModel {
  readonly base: string;
  /** What was written since the base, oldest first. */
  readonly patches: readonly string[];
}

/** Tasks as they are stored. */
export interface SavedTasks {
  readonly json: string;
  /** How many of them are not tried any more: for whoever looks after the store. */
  readonly dead: number;
}

/** The last event of one client that was stored. */
export interface SavedClient {
  readonly client: string;
  readonly event: number;
}

/** A part that is left out, or undefined, stays as it was. */
export interface Write {
  readonly key: string;
  /** Names this write among all that there ever are: a lost answer is settled by reading it. See `WriteNames`. */
  readonly by: string;
  /** The write that this one follows; undefined: nothing is kept under the key. Where that is not so, it is fenced. */
  readonly after: string | undefined;
  readonly schema: number;
  readonly user?: string | undefined;
  /** A base takes the place of the base and the patches that are there; a patch is added to them. */
  readonly model?: { readonly base: string } | { readonly patch: string } | undefined;
  readonly rendering?: string | undefined;
  readonly instances?: string | undefined;
  readonly timers?: string | undefined;
  readonly tasks?: SavedTasks | undefined;
  /** Clients whose events this write settles. Those of earlier writes stay. */
  readonly clients?: readonly ClientWrite[] | undefined;
  /** When `due` names the key, in milliseconds from now. Left out: not at all. */
  readonly dueInMs?: number | undefined;
  /** When it is not wanted any more, in milliseconds from now. Left out: it is kept until it is removed. */
  readonly endsInMs?: number | undefined;
}

/** The last event of one client that a write has in it. */
export interface ClientWrite extends SavedClient {
  /** How long the number is remembered, in milliseconds. */
  readonly endsInMs: number;
  /**
   * On whose account a row for it is made, where there is none; left out: nobody's, and it does not count. What is kept of a
   * person is found by it.
   */
  readonly account?: string | undefined;
}

/**
 * How many clients are remembered on one account, those of all states together, and what a name may be long: so what one
 * account can have kept is bounded in bytes, to less than 2 MiB. Where more would be, the account's own go whose time is
 * over first, and each state that loses one remembers that, as a client of this name, for as long as the lost one would
 * have been remembered. Nobody else loses any.
 */
export const maxClientsPerAccount = 5_000;
export const droppedClients = 'dropped';

/** What keeps states: `memoryStore`, `sqliteStore`, `postgresStore`, or one of your own. */
export interface Store {
  /** What is kept under a key, of one moment; undefined where nothing is, or where its time is over. */
  load(key: string): Promise<Saved | undefined>;
  /**
   * Writes all in one transaction, each key once at most. To commit a write again changes nothing and gives true.
   *
   * @returns For each write whether it is kept; false: it was fenced, since another write came first.
   * @throws StoreError; nothing of it is known to be kept then, but all may be.
   */
  commit(writes: readonly Write[]): Promise<readonly boolean[]>;
  /**
   * Removes what is kept under a key, its clients included.
   *
   * @param by The write that it is the outcome of.
   * @returns Whether nothing is kept there now; false: another write came first.
   */
  remove(key: string, by: string): Promise<boolean>;
  /** Keys that are due now, or will be within so many milliseconds; the earliest first. */
  due(withinMs: number, limit: number): Promise<readonly string[]>;
  /**
   * Removes what is not wanted any more, `limit` at most: states with all that is theirs, and single clients.
   *
   * @returns how many.
   */
  sweep(limit: number): Promise<number>;
  close(): Promise<void>;
}

/** A store that can be looked after from outside, by `islet state` for one. */
export interface ManagedStore extends Store {
  /** Some of what is kept, in the order of its first writes: `limit` at most of those after the place `after`. */
  list(after: number, limit: number): Promise<readonly Listed[]>;
  /** Removes the own islands of a user, and the numbers of clients on the user's account. */
  removeUser(user: string, account: string): Promise<{ readonly states: number; readonly clients: number }>;
}

/** One state of those that a store holds. */
export interface Listed {
  /** Where the next part of the list goes on. */
  readonly place: number;
  readonly key: string;
  readonly schema: number;
  readonly seq: number;
  readonly user: string | undefined;
  readonly bytes: number;
  readonly clients: number;
  readonly deadTasks: number;
  readonly ageMs: number;
  /** Undefined: nothing is due. */
  readonly dueInMs: number | undefined;
  /** Undefined: it is kept until it is removed. Below 0: it is to be swept. */
  readonly endsInMs: number | undefined;
}

/** What one state may take, its clients not counted: base, patches and all other texts, in bytes of UTF-8. */
export const maxStateBytes = 4 * 1024 * 1024;

/**
 * - `unavailable`: the store answers nobody: no connection, no space, no time. To be tried again.
 * - `contended`: somebody holds what this write needs. To be tried again by itself.
 * - `refused`: this write can never be kept.
 * - `too-big`: it can never be kept, since the state would take more than `maxStateBytes`.
 * - `unsettled`: nobody has tried for long enough to know.
 */
export type StoreErrorKind = 'unavailable' | 'contended' | 'refused' | 'too-big' | 'unsettled';

/** What a store fails with. */
export class StoreError extends Error {
  readonly kind: StoreErrorKind;

  constructor(kind: StoreErrorKind, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'StoreError';
    this.kind = kind;
  }
}
