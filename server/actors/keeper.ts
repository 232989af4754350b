/*
 * Keeps one actor in the store: what it goes on from, and a write for each turn. A small model is written whole; of a
 * big one its changes are, until they are twice what they change. Input: snapshots as they are rendered. Output:
 * writes, one after the other, and what became of each.
 */

import type { Snapshot } from 'xstate';
import type { AnyComponent } from '../../shared/language/component.ts';
import { toError } from '../../shared/language/errors.ts';
import { IsletError } from '../../shared/language/islet-error.ts';
import type { IdEdit } from '../../shared/tree/id-edits.ts';
import type { IdRuns } from '../../shared/wire/content.ts';
import { diffModel } from '../../shared/wire/model-patch.ts';
import { rememberMs } from '../../shared/wire/remembered.ts';
import type { Committer, Outcome } from '../store/committer.ts';
import {
  type ClientWrite,
  droppedClients,
  maxClientsPerAccount,
  maxStateBytes,
  type Saved,
  type SavedTasks,
  type Store,
  type Write,
} from '../store/store.ts';
import type { WriteNames } from '../store/write-names.ts';
import { aheadMs, type ServerClock } from '../system-clock.ts';
import { KeptTable } from './kept-table.ts';
import type { ClientNumber, LastNumber } from './last-client.ts';
import { PlainJson } from './plain-json.ts';
import { RecentNumbers } from './recent-numbers.ts';
import { explainRefusal, type KeptInstances, type KeptState, readSaved, termOf, writeEdits } from './saved-state.ts';

/** What all keepers of a server share. */
export interface Keeping {
  readonly store: Store;
  readonly committer: Committer;
  readonly names: WriteNames;
  readonly clock: ServerClock;
  readonly checksModels: boolean;
}

export interface KeeperOptions {
  /** How long what is kept outlives the last one who wanted it. Undefined: for ever. */
  readonly keepMs?: number | undefined;
  /** Names of the parts of the model that are never written. */
  readonly leftOut?: readonly string[] | undefined;
  /** Whose own island it is. */
  readonly user?: string | undefined;
  /** How big the model may be. */
  readonly maxBytes?: number | undefined;
  /** It is an island of one's own: without its page nobody wakes it. */
  readonly isOwn?: boolean;
}

/** What a turn has kept besides the model. A part that is left out stays as it was. */
export interface TurnParts {
  readonly rendering: string;
  readonly ids: TurnIds;
  readonly timers?: string | undefined;
  readonly tasks?: SavedTasks | undefined;
  readonly dueInMs: number | undefined;
  /** The rows of clients that it writes. */
  readonly clients: readonly ClientWrite[];
  /** Clients whose numbers it keeps, in those rows or in the rendering. */
  readonly settled: readonly ClientNumber[];
}

/** Under which ids a turn shows its tree. */
export interface TurnIds {
  /** What has become of those that are kept, if anything has; undefined: all of it is to be written. */
  readonly edits: readonly IdEdit[] | undefined;
  toRuns(): IdRuns;
}

/** Up to this size a model is written whole. */
const smallBytes = 16 * 1024;
/** What is due so soon is the actor's own to do: the store is asked that much ahead, and its clock is another one. */
const soonMs = 5_000;
/** Room for what is kept besides the model. */
const restBytes = 256 * 1024;
/** Room for changes of the biggest model: it is written whole once for so many of them, and not with each. */
const changesBytes = 256 * 1024;

/** That somebody looks is a client of its own in the store. */
const presence = /^present (\S+) (\S+)$/;

export function presenceOf(name: string, id: string): string {
  return `present ${name} ${id}`;
}

interface PreparedModel {
  readonly snapshot: Snapshot<unknown>;
  readonly model: { readonly base: string } | { readonly patch: string } | undefined;
}

export class Keeper {
  readonly key: string;
  /** What was kept when the actor started; undefined: nothing. */
  loaded: KeptState | undefined;
  /** The last event of each client that is remembered, by name. */
  readonly clients = new RecentNumbers(rememberMs, maxClientsPerAccount);
  /** Numbers were dropped before their time, from the store or here: of clients not remembered nobody knows anything. */
  hasDropped = false;
  /** The number that was kept of the client that acted last, where it is ahead of that client's row. */
  lastNumber: LastNumber | undefined;
  /** Who looked when the actor's last life ended: names of islands, with their clients' ids. */
  readonly present = new Map<string, string>();
  table = new KeptTable([]);
  private readonly keeping: Keeping;
  private readonly component: AnyComponent;
  private readonly options: KeeperOptions;
  private readonly plain: PlainJson | undefined;
  /** The write that the next one follows; undefined: nothing is kept. */
  private last: string | undefined;
  /** The snapshot that is kept, or about to be. */
  private snapshot: Snapshot<unknown> | undefined;
  /** A model is kept; a claim alone has none. */
  private hasModel = false;
  /** Of the claim on it; undefined: it was not claimed. */
  term: number | undefined;
  /** What is kept of the rendering, until a turn keeps another. */
  private rendering: string | undefined;
  private baseBytes = 0;
  private patchBytes = 0;
  private prepared: PreparedModel | undefined;
  /** How often ids were written whole. */
  private idsNumber = 0;
  /** Patches may have edits of ids. */
  private isEdited = false;
  /** When it has to be woken if it sleeps, by the time of day. */
  private dueAt: number | undefined;

  constructor(key: string, component: AnyComponent, options: KeeperOptions, keeping: Keeping) {
    this.key = key;
    this.component = component;
    this.options = options;
    this.keeping = keeping;
    this.plain = keeping.checksModels && !('machine' in component) ? new PlainJson() : undefined;
  }

  /**
   * Loads what is kept.
   *
   * @param isWanted It is kept as long again; else nothing is written.
   * @throws IsletError ISLET_ERR_STORE for what the store throws; others for what cannot be read.
   */
  async load(isWanted = true): Promise<void> {
    const saved = await this.read();
    if (!saved) return;
    this.term = termOf(saved);
    this.rendering = saved.rendering;
    if (saved.model === undefined) {
      // it was claimed, and nothing has changed since
      this.last = saved.by;
      return;
    }
    this.loaded = readSaved(this.key, saved, this.component, this.timeOfDay);
    this.last = saved.by;
    this.hasModel = true;
    this.idsNumber = this.loaded.instances?.number ?? 0;
    this.isEdited = saved.model.patches.length > 0;
    const { snapshot, isAsWritten, instances } = this.loaded;
    this.snapshot = snapshot;
    if (isAsWritten) {
      this.baseBytes = Buffer.byteLength(saved.model?.base ?? '');
      for (const patch of saved.model?.patches ?? []) this.patchBytes += Buffer.byteLength(patch);
    }
    // nobody wakes an island of one's own
    if (!this.options.isOwn) this.dueAt = dueAtOf(this.loaded, this.timeOfDay);
    if (instances) this.table = new KeptTable(instances.names);
    for (const { client, event } of saved.clients) {
      const [, name, id] = presence.exec(client) ?? [];
      if (client === droppedClients) this.hasDropped = true;
      else if (name === undefined || id === undefined) this.clients.set(client, event);
      else this.present.set(name, id);
    }
    const { lastClient } = this.loaded.rendering ?? {};
    if (lastClient && this.clients.get(lastClient[0]) !== undefined) {
      this.clients.set(...lastClient);
      this.lastNumber = lastClient;
    }
    // from now on it is wanted as long again
    if (isWanted) void this.touch();
  }

  private async read(): Promise<Saved | undefined> {
    try {
      return await this.keeping.store.load(this.key);
    } catch (cause) {
      throw cause instanceof IsletError ? cause : toError('ISLET_ERR_STORE', { cause });
    }
  }

  /**
   * Claims what was loaded, or the place where nothing is kept: nobody who loaded it before can write it any more.
   *
   * @param now The time of day, above which terms stay where nothing says what the last one was.
   */
  async claim(now: number): Promise<Outcome> {
    this.term = Math.max((this.term ?? 0) + 1, now);
    const rendering = JSON.stringify({ ...(this.rendering && JSON.parse(this.rendering)), term: this.term });
    return this.write({ rendering }, undefined);
  }

  /** Whether what is kept is of this claim. @throws What the store throws. */
  async isMine(): Promise<boolean> {
    const saved = await this.keeping.store.load(this.key);
    return saved !== undefined && termOf(saved) === this.term;
  }

  /** Whether what is kept was written by this, and nobody has written since. @throws What the store throws. */
  async isLatest(): Promise<boolean> {
    return (await this.keeping.store.load(this.key))?.by === this.last;
  }

  /** What is told of an error that a message met. */
  explain(error: unknown): unknown {
    return this.loaded ? explainRefusal(this.key, this.loaded, this.component, error) : error;
  }

  /** Whether anything is kept, or about to be. */
  get isKept(): boolean {
    return this.last !== undefined;
  }

  /** Whether the model that was prepared last is another one than is kept. */
  get hasChanged(): boolean {
    return this.prepared?.model !== undefined;
  }

  /**
   * Prepares to keep a snapshot, in place of what was prepared before.
   *
   * @throws IsletError if that could not be kept: it is too big, or (in development) not plain JSON.
   */
  prepare(whole: Snapshot<unknown>): void {
    const snapshot = this.toKept(whole);
    this.prepared = { snapshot, model: this.toModel(snapshot) };
  }

  /** What was rendered first is what `init` makes: it is not worth keeping, until something changes. */
  begin(whole: Snapshot<unknown>): void {
    const snapshot = this.toKept(whole);
    this.snapshot ??= snapshot;
    this.prepared = undefined;
  }

  /** Keeps what was prepared last. @param onTrouble Told of each failure before the next try. */
  commit(
    { clients, settled, dueInMs, ids, ...parts }: TurnParts,
    onTrouble: (error: unknown) => void,
  ): Promise<Outcome> {
    const { prepared } = this;
    this.prepared = undefined;
    let model = prepared?.model;
    // the first write has all of it, whatever has changed
    if (!this.hasModel && model === undefined && this.snapshot) model = this.toBase(this.snapshot);
    const edited = this.withEdits(model, ids);
    const instances = edited ? undefined : this.toInstances(model, ids);
    model = edited ?? model;
    if (model) this.hasModel = true;
    if (prepared) this.snapshot = prepared.snapshot;
    if (model && 'base' in model) {
      this.baseBytes = Buffer.byteLength(model.base);
      this.patchBytes = 0;
    } else if (model) this.patchBytes += Buffer.byteLength(model.patch);
    this.dueAt = dueInMs === undefined || this.options.isOwn ? undefined : this.timeOfDay + dueInMs;
    for (const { client, event, account } of settled) {
      if (this.clients.set(client, event, account)) this.hasDropped = true;
    }
    const { rendering, timers, tasks } = parts;
    const written = clients.length > 0 ? clients : undefined;
    return this.write({ model, rendering, instances, timers, tasks, clients: written }, onTrouble);
  }

  /** Puts off the end of what is kept. @param clients Those of whom something is known anew. */
  touch(clients: readonly ClientWrite[] = []): Promise<Outcome> | undefined {
    if (!this.isKept || (this.options.keepMs === undefined && clients.length === 0)) return undefined;
    return this.write(clients.length > 0 ? { clients } : {}, undefined);
  }

  /** Whether something is due now or soon, as it was written last. */
  get isDue(): boolean {
    return this.dueAt !== undefined && this.dueAt <= this.timeOfDay + soonMs;
  }

  /** Writes what says when it is due, and nothing else: so it is known whether somebody else has written meanwhile. */
  writeAgain(): Promise<Outcome> {
    return this.write({}, undefined);
  }

  /** Nothing is kept any more. @returns false: somebody else has written it, or taken it up. */
  async remove(): Promise<boolean> {
    const { last } = this;
    this.last = undefined;
    return last === undefined || this.keeping.store.remove(this.key, last);
  }

  private write(
    parts: Pick<Write, 'model' | 'rendering' | 'instances' | 'timers' | 'tasks' | 'clients'>,
    onTrouble: ((error: unknown) => void) | undefined,
  ): Promise<Outcome> {
    const { key, dueAt, last: after, keeping } = this;
    const { keepMs, user } = this.options;
    const by = keeping.names.next();
    this.last = by;
    const { model, rendering, instances, timers, tasks, clients } = parts;
    const dueInMs = dueAt === undefined ? undefined : Math.max(0, dueAt - this.timeOfDay);
    // nobody would be woken for what is due after the end
    const endsInMs = keepMs === undefined ? undefined : keepMs + (dueInMs ?? 0);
    const schema = this.component.schema ?? 0;
    const what = { model, rendering, instances, timers, tasks, clients };
    // the store is asked by the same clock, and has another one
    const due = dueInMs === undefined ? {} : { dueInMs: dueInMs + aheadMs(keeping.clock) };
    return keeping.committer.commit({ key, by, after, schema, user, ...what, ...due, endsInMs }, onTrouble);
  }

  private get timeOfDay(): number {
    return this.keeping.clock.timeOfDay();
  }

  /** @throws IsletError ISLET_ERR_STATE_PLAIN, in development. */
  private toKept(whole: Snapshot<unknown>): Snapshot<unknown> {
    const snapshot = leaveOut(whole, this.options.leftOut);
    this.plain?.check(contextOf(snapshot));
    return snapshot;
  }

  private toModel(snapshot: Snapshot<unknown>): PreparedModel['model'] {
    const { snapshot: before } = this;
    if (before && isSame(before, snapshot)) return undefined;
    if (!before || !this.takesPatches) return this.toBase(snapshot);
    const patch = JSON.stringify(diffModel(before, snapshot));
    if (patch === '[]') return undefined;
    return this.isWorth(patch) ? { patch } : this.toBase(snapshot);
  }

  private get takesPatches(): boolean {
    const { hasModel, baseBytes, patchBytes } = this;
    return hasModel && baseBytes > smallBytes && patchBytes < 2 * baseBytes;
  }

  private isWorth(patch: string): boolean {
    const { baseBytes, patchBytes } = this;
    // what has changed nearly everywhere is as well written whole
    const bytes = Buffer.byteLength(patch);
    return bytes < baseBytes / 2 && baseBytes + patchBytes + bytes <= maxStateBytes - restBytes;
  }

  /** A patch of a model with edits of ids in it; undefined: there are none, or the ids are to be written whole. */
  private withEdits(model: PreparedModel['model'], { edits = [] }: TurnIds): { readonly patch: string } | undefined {
    if (edits.length === 0 || (model && 'base' in model) || !this.takesPatches) return undefined;
    const patch = writeEdits(model?.patch, this.idsNumber, edits);
    if (!this.isWorth(patch)) return undefined;
    this.isEdited = true;
    return { patch };
  }

  /** All ids, where something has become of them, or the edits of them go with the patches; else undefined. */
  private toInstances(model: PreparedModel['model'], { edits, toRuns }: TurnIds): string | undefined {
    const isGoing = this.isEdited && model !== undefined && 'base' in model;
    if (edits?.length === 0 && !isGoing) return undefined;
    this.isEdited = false;
    const kept: KeptInstances = { ids: toRuns(), names: this.table.names, number: ++this.idsNumber };
    return JSON.stringify(kept);
  }

  private toBase(snapshot: Snapshot<unknown>): { readonly base: string } {
    const base = JSON.stringify(snapshot);
    const bytes = base.length > maxStateBytes / 4 ? Buffer.byteLength(base) : base.length;
    const { maxBytes = maxStateBytes - restBytes - changesBytes } = this.options;
    if (bytes > maxBytes) {
      const problem = `the state of ${this.key} would take ${bytes} bytes, and may take ${maxBytes}`;
      throw new IsletError('ISLET_ERR_STATE_SIZE', problem);
    }
    return { base };
  }
}

/** A snapshot as it is written; parts of its model that are not stay away, and it says which. */
export function leaveOut(snapshot: Snapshot<unknown>, leftOut: readonly string[] | undefined): Snapshot<unknown> {
  const context = contextOf(snapshot);
  if (!leftOut || typeof context !== 'object' || context === null) return snapshot;
  const rest = Object.fromEntries(Object.entries(context).filter(([name]) => !leftOut.includes(name)));
  return Object.assign({ ...snapshot }, { context: rest, leftOut });
}

function dueAtOf({ timers, tasks }: KeptState, now: number): number | undefined {
  const times = [
    ...timers.filter(({ output }) => output.kind === 'after').map(({ inMs }) => inMs),
    ...tasks.filter(({ state }) => state !== 'dead').map(({ inMs }) => inMs),
  ];
  return times.length > 0 ? now + Math.min(...times) : undefined;
}

export function contextOf(snapshot: Snapshot<unknown>): unknown {
  return (snapshot as { readonly context?: unknown }).context;
}

/** Snapshots of function components are equal if their models are the same value. */
function isSame(before: Snapshot<unknown>, after: Snapshot<unknown>): boolean {
  return Object.keys(after).every((key) =>
    Object.is((before as { [key: string]: unknown })[key], (after as { [key: string]: unknown })[key]),
  );
}
