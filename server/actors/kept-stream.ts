/*
 * What goes on over a restart besides the model: epoch, version, ids, names of templates, timers, and the clients'
 * events. Input: renderings and turns of an actor. Output: what is written of each turn, and what a new life takes up
 * of the last.
 */

import type { Output } from '../../shared/language/effect.ts';
import type { MessageTimers } from '../../shared/runtime/timers.ts';
import type { Entry } from '../../shared/runtime/turn.ts';
import { IdEdits } from '../../shared/tree/id-edits.ts';
import type { Rendering } from '../../shared/tree/rendering.ts';
import { beginDigest, renumber, takeUpIds } from '../../shared/tree/take-up.ts';
import { rememberMs } from '../../shared/wire/remembered.ts';
import type { Limits } from '../options.ts';
import type { ClientWrite } from '../store/store.ts';
import type { ActorTasks } from './actor-tasks.ts';
import { dueInMs, listTimers } from './durable-timers.ts';
import { type Keeper, presenceOf, type TurnParts } from './keeper.ts';
import { type ClientNumber, LastClient } from './last-client.ts';
import { type KeptRefusal, type KeptRendering, writeRendering, writeTimers } from './saved-state.ts';

/** Whose event it was. */
export interface ActingClient {
  readonly name: string | undefined;
  readonly sealed: number;
  readonly account: string | undefined;
}

/** What a turn has come to. */
export interface Composed {
  readonly rendering: Rendering;
  readonly timers: MessageTimers;
  /** Undefined: it may have none. */
  readonly tasks: ActorTasks | undefined;
  /** By the clock of the timers. */
  readonly now: number;
  readonly timeOfDay: number;
  readonly epoch: string;
  readonly version: number;
  /** The patch; empty: there is none. */
  readonly text: string;
  readonly provided: ReadonlyMap<string, unknown> | undefined;
  readonly outputs: readonly Output[];
}

/** Somebody may look for days. */
const rememberVisitMs = 30 * rememberMs;
/** Longer patches are not kept for pages that missed one. */
const maxLastLength = 2_048;
/** How much an actor keeps of refusals, in bytes of JSON: it is written with each turn. */
const maxRefusedBytes = 8 * 1024;
/** Templates of views that were changed again and again: from here on numbers begin anew. */
const maxNames = 1_000;

export class KeptStream {
  isBegun = false;
  private readonly keeper: Keeper;
  private readonly isWritten: boolean;
  /** A page has no more events than this without an outcome: it has heard of all before. */
  private readonly maxUnheard: number;
  /** What is kept already: it is written again only when it has changed. */
  private names = -1;
  private timers = -1;
  private tasks = 0;
  /** Where each turn is written: what has become of the ids that are kept. */
  private edits: IdEdits | undefined;
  /** Another tree than the one that was kept is shown: who has that has to know. */
  private isRenewed = false;
  private refused: KeptRefusal[];
  private refusedBytes = 0;
  /** Something was refused since the last write. */
  private hasRefused = false;
  /** Clients of whose refusals one was forgotten that they may not have heard of, and its number. */
  private readonly uncertain = new Map<string, number>();
  /** With how many of them those are looked for of whom nothing else is known. */
  private nextPruning = 1_000;
  /** Those of them of whom that is not stored yet. */
  private doubted = new Set<string>();
  private forgotten: string[] = [];
  private readonly last: LastClient;
  /** Who has come and gone since the last write. */
  private visits = new Map<string, ClientWrite>();

  /** @param isWritten Each turn is; else it is only known what was kept. */
  constructor(keeper: Keeper, isWritten: boolean, { maxEventsPerSecond }: Limits) {
    this.keeper = keeper;
    this.isWritten = isWritten;
    // so many may come at once
    this.maxUnheard = 2 * maxEventsPerSecond;
    this.refused = [...(keeper.loaded?.rendering?.refused ?? [])];
    for (const each of this.refused) this.refusedBytes += bytesOf(each);
    this.last = new LastClient(keeper.lastNumber);
  }

  /**
   * Begins with a first rendering. One that is the kept one goes on with its ids.
   *
   * @returns What was kept, if it goes on; else it is another tree, with ids that nothing had before.
   */
  begin(rendering: Rendering, timers: MessageTimers): KeptRendering | undefined {
    this.isBegun = true;
    if (this.isWritten) this.edits = new IdEdits(rendering);
    const { rendering: kept, instances } = this.keeper.loaded ?? {};
    if (!kept) {
      beginDigest(rendering).edits = this.edits;
      this.isRenewed = this.keeper.loaded !== undefined;
      return undefined;
    }
    const isSame =
      instances !== undefined &&
      instances.names.length <= maxNames &&
      takeUpIds(rendering, instances.ids, kept.nextId) &&
      beginDigest(rendering).toText() === kept.digest;
    this.timers = timers.changes;
    if (isSame) {
      // they are those that are kept
      this.edits?.take();
      if (rendering.kept) rendering.kept.edits = this.edits;
      this.names = instances.names.length;
      return kept;
    }
    renumber(rendering, kept.nextId);
    beginDigest(rendering).edits = this.edits;
    this.isRenewed = true;
    return undefined;
  }

  /** What is to be written of a turn; undefined: nothing of it is worth keeping. */
  compose(
    { rendering, timers, tasks, now, timeOfDay, epoch, version, text, provided, outputs }: Composed,
    turn: readonly Entry[],
    acting: ReadonlySet<ActingClient> | undefined,
  ): TurnParts | undefined {
    const { keeper, isRenewed } = this;
    const isTimed = timers.changes !== this.timers;
    const isTasked = tasks !== undefined && tasks.changes !== this.tasks;
    // what somebody caused is done once, and so it must be known that it was
    const hasActed = turn.some(({ origin, outputs, runs }) => origin && (outputs || runs));
    // another machine may still say an event whose page was told elsewhere that it was refused
    const isRefusing = this.hasRefused && keeper.term !== undefined;
    const isNews =
      keeper.hasChanged ||
      hasActed ||
      isTasked ||
      isRefusing ||
      (keeper.isKept && (text !== '' || isTimed || isRenewed));
    if (!isNews) return undefined;
    const { kept: digest, nextId, table } = rendering;
    const edits = this.edits?.take();
    const isRenamed = table.definitions.length !== this.names;
    const offered = offersAfter(provided, outputs);
    const settled = this.numbersOf(acting);
    const clients = [...this.takeForgotten(), ...this.takeVisits(), ...this.last.settle(settled, { now, timeOfDay })];
    const parts: TurnParts = {
      rendering: writeRendering({
        epoch,
        version,
        nextId,
        digest: digest?.toText() ?? '',
        last: text !== '' && text.length <= maxLastLength ? text : undefined,
        provided: offered && [...offered],
        refused: this.refusedOfKept(settled),
        lastClient: this.last.number,
        term: keeper.term,
      }),
      ids: { edits: isRenamed ? undefined : edits, toRuns: () => rendering.toIds() },
      timers: isTimed ? writeTimers(listTimers(timers, now), timeOfDay) : undefined,
      tasks: isTasked ? tasks.list() : undefined,
      dueInMs: earlier(dueInMs(timers, now), tasks?.dueInMs),
      clients,
      settled,
    };
    this.names = table.definitions.length;
    this.timers = timers.changes;
    if (tasks) this.tasks = tasks.changes;
    this.isRenewed = false;
    this.hasRefused = false;
    return parts;
  }

  /**
   * Refusals whose numbers are kept, or are about to be. A turn that has refused and changed nothing is not written: should
   * that event come again, in another life, it is tried, and what comes of it must not be called refused.
   */
  private refusedOfKept(settled: readonly ClientNumber[]): readonly KeptRefusal[] | undefined {
    if (this.refused.length === 0) return undefined;
    const numbers = new Map(settled.map(({ client, event }) => [client, Math.abs(event)]));
    const upTo = (client: string): number => numbers.get(client) ?? Math.abs(this.keeper.clients.get(client) ?? 0);
    const kept = this.refused.filter(({ client, event }) => event <= upTo(client));
    return kept.length > 0 ? kept : undefined;
  }

  /** Notes that an event was refused. */
  refuse(refusal: KeptRefusal): void {
    this.hasRefused = true;
    this.refused.push(refusal);
    this.refusedBytes += bytesOf(refusal);
    while (this.refusedBytes > maxRefusedBytes) this.forgetRefusal();
  }

  /** The oldest of whoever has most of them: nobody else's. */
  private forgetRefusal(): void {
    const counts = new Map<string, number>();
    for (const { client } of this.refused) counts.set(client, (counts.get(client) ?? 0) + 1);
    const most = Math.max(...counts.values());
    const at = this.refused.findIndex(({ client }) => counts.get(client) === most);
    const [gone] = this.refused.splice(at, 1);
    if (!gone) return;
    this.refusedBytes -= bytesOf(gone);
    this.uncertain.set(gone.client, gone.event);
    this.doubted.add(gone.client);
    if (this.uncertain.size >= this.nextPruning) this.prune();
  }

  /** Of clients whose number is not remembered any more nothing else has to be. */
  private prune(): void {
    for (const name of this.uncertain.keys()) {
      if (this.keeper.clients.get(name) === undefined && !this.doubted.has(name)) this.uncertain.delete(name);
    }
    this.nextPruning = 1_000 + 2 * this.uncertain.size;
  }

  /** Events of a client that were refused, of those that have an outcome. */
  refusedOf(name: string, upTo: number): readonly KeptRefusal[] {
    return this.refused.filter(({ client, event }) => client === name && event <= upTo);
  }

  forget(name: string): void {
    this.refused = this.refused.filter(({ client }) => client !== name);
    this.refusedBytes = this.refused.reduce((sum, each) => sum + bytesOf(each), 0);
    this.uncertain.delete(name);
    this.doubted.delete(name);
    this.last.forget(name);
    if (this.keeper.clients.delete(name)) this.forgotten.push(name);
  }

  /** Clients that have left for good since the last write. */
  takeForgotten(): ClientWrite[] {
    if (this.forgotten.length === 0) return [];
    return this.forgotten.splice(0).map((client) => ({ client, event: 0, endsInMs: 0 }));
  }

  /**
   * Somebody looks. Who did when the actor's last life ended has been told of already.
   *
   * @returns Whether that is so.
   */
  come(name: string, id: string, account: string | undefined): boolean {
    if (this.keeper.present.get(name) === id) return this.keeper.present.delete(name);
    this.visit(name, id, 1, rememberVisitMs, account);
    return false;
  }

  go(name: string, id: string): void {
    this.visit(name, id, 0, 0);
  }

  /** Whether somebody looked when the actor's last life ended, and has not come back. */
  get hasAbsent(): boolean {
    return this.keeper.present.size > 0;
  }

  /** Those who looked, and have not come back. */
  takeAbsent(): string[] {
    const absent = [...this.keeper.present];
    this.keeper.present.clear();
    for (const [name, id] of absent) this.go(name, id);
    return absent.map(([, id]) => id);
  }

  /** The number as it is stored: below 0, where it is not known of all events up to it what became of them. */
  private toEvent(name: string, sealed: number): number {
    const before = this.keeper.clients.get(name) ?? 0;
    if (before < 0 && !this.uncertain.has(name)) this.uncertain.set(name, -before);
    const forgotten = this.uncertain.get(name);
    if (forgotten === undefined) return sealed;
    if (sealed < forgotten + this.maxUnheard) return -sealed;
    this.uncertain.delete(name);
    return sealed;
  }

  private visit(name: string, id: string, event: number, endsInMs: number, account?: string): void {
    if (!this.isWritten) return;
    const client = presenceOf(name, id);
    this.visits.set(client, { client, event, endsInMs, account });
  }

  private takeVisits(): ClientWrite[] {
    if (this.visits.size === 0) return [];
    const visits = [...this.visits.values()];
    this.visits.clear();
    return visits;
  }

  private numbersOf(acting: ReadonlySet<ActingClient> | undefined): ClientNumber[] {
    const numbers: ClientNumber[] = [];
    for (const { name, sealed, account } of acting ?? []) {
      if (name === undefined) continue;
      numbers.push({ client: name, event: this.toEvent(name, sealed), account });
      this.doubted.delete(name);
    }
    for (const name of this.doubted) {
      const event = this.keeper.clients.get(name);
      if (event !== undefined) numbers.push({ client: name, event: this.toEvent(name, Math.abs(event)) });
    }
    this.doubted.clear();
    return numbers;
  }
}

function bytesOf({ client, event, code, reason = '' }: KeptRefusal): number {
  return client.length + String(event).length + code.length + 2 * reason.length + 34;
}

function earlier(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.min(one, other);
}

/** What is offered to descendants once a turn has been delivered; undefined: nothing. */
function offersAfter(
  provided: ReadonlyMap<string, unknown> | undefined,
  outputs: readonly Output[],
): ReadonlyMap<string, unknown> | undefined {
  if (!outputs.some(({ kind }) => kind === 'provide')) return provided;
  const offered = new Map(provided);
  for (const output of outputs) if (output.kind === 'provide') offered.set(output.key, output.value);
  return offered;
}
