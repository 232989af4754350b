/*
 * How a process becomes the owner of an actor, and ceases to be. It hears what is asked from the moment of the claim on;
 * the store grants the claim to whoever writes the row next, and fences everybody who was there before. Input: a route
 * that nobody answers for. Output: an owner that answers, or nothing, where somebody else was first.
 */

import type { Keeper as RowKeeper } from '../actors/keeper.ts';
import { Keeper } from '../actors/keeper.ts';
import type { LiveActor } from '../actors/live-actor.ts';
import type { Registry } from '../actors/registry.ts';
import type { Match } from '../actors/routes.ts';
import type { Bus, BusMessage } from '../cluster/bus.ts';
import { type Subject, toSubject } from '../cluster/subject.ts';
import type { Log } from '../inspect/log.ts';
import { StoreError } from '../store/store.ts';
import type { NoAnswer } from './edge-link.ts';
import { type Answer, type Ask, decodeAsk, decodeNews, encodeFrame, type News } from './frames.ts';
import { Owner } from './owner.ts';

/** What claims need of their process. */
export interface ClaimingOwner {
  readonly registry: Registry;
  readonly bus: Bus;
  readonly log: Log;
  readonly name: string;
  /** Others can be reached, and the server does not stop. */
  readonly isClaiming: boolean;
  getOwned(key: string): Owned | undefined;
  addOwned(key: string, owned: Owned): void;
  removeOwned(key: string): void;
  say(key: string, news: News, isForOthers: boolean): void;
  /** Tells edges and owners that it is this process's. */
  announce(key: string, term: number): void;
  /** What another owner says. */
  hearOwner(key: string, news: News): void;
  hearAsk(key: string, ask: Ask, message: BusMessage): Promise<void>;
  /** What is heard is not of this version. */
  hearOther(message: BusMessage): void;
  request(subject: Subject, ask: Ask, limitMs?: number): Promise<Answer | NoAnswer>;
}

/** An actor that this process owns. */
export interface Owned {
  readonly owner: Owner;
  /** Somebody else is the owner: it is stopped at once. */
  depose(why: string): void;
  /** Nobody needs it here any more: somebody else may claim it. */
  release(): void;
  /** Others cannot be reached, and may go on without this process. */
  onCut(): void;
  /** They can be reached again: is it still the owner? */
  verify(): Promise<void>;
}

/** How long an owner that is there may take to say so. */
const whoMs = 300;
/** How long an edge may be silent. */
const leaseMs = 15_000;
/** How long the row of an actor whose state is not kept outlives its owner. */
const rowMs = 60_000;

/** Somebody else was first. */
class Overtaken extends Error {}

export class Claiming {
  private readonly owner: ClaimingOwner;
  private readonly under = new Map<string, Promise<boolean>>();

  constructor(owner: ClaimingOwner) {
    this.owner = owner;
  }

  /**
   * Claims an actor.
   *
   * @returns Whether this process is the owner now; false: somebody else is, or nobody can know.
   * @throws What the app or the store throws, who have to start it.
   */
  claim(match: Match, account: string): Promise<boolean> {
    const { key } = match;
    const present = this.under.get(key);
    if (present) return present;
    const claim = this.begin(match, account).finally(() => this.under.delete(key));
    this.under.set(key, claim);
    return claim;
  }

  private async begin(match: Match, account: string): Promise<boolean> {
    const { owner } = this;
    const { bus, registry } = owner;
    const { key } = match;
    if (!owner.isClaiming || owner.getOwned(key)) return false;
    // what is asked meanwhile waits
    let early: { readonly ask: Ask; readonly message: BusMessage }[] | undefined = [];
    const endAsks = bus.subscribe(toSubject('live', key), (message) => {
      const ask = decodeAsk(message.text);
      if (!ask) owner.hearOther(message);
      if (!ask || ask.edge === owner.name) return undefined;
      if (early === undefined) return owner.hearAsk(key, ask, message);
      early.push({ ask, message });
      return undefined;
    });
    try {
      await bus.flush();
      const who = await owner.request(toSubject('owner', key), { kind: 'who', edge: owner.name }, whoMs);
      if (typeof who === 'object' || who === 'lost' || !owner.isClaiming) throw new Overtaken();
      const hold = new Hold(match, owner, endAsks);
      const actor = await registry.startClaimed(match, account, hold);
      hold.begin(actor);
    } catch (error) {
      endAsks();
      // those who asked look for the owner themselves
      for (const { message } of early) message.answer?.(encodeFrame({ kind: 'moved', term: 0 }));
      if (error instanceof Overtaken || bus.state !== 'connected') return false;
      throw error;
    }
    const waiting = early;
    early = undefined;
    for (const { ask, message } of waiting) void owner.hearAsk(key, ask, message);
    return true;
  }
}

/** What a process holds of an actor from its claim to its end. */
class Hold implements Owned {
  private readonly key: string;
  private readonly match: Match;
  private readonly claiming: ClaimingOwner;
  private readonly endAsks: () => void;
  private endWho = (): void => {};
  private actor: LiveActor | undefined;
  private held: Owner | undefined;
  /** What the claim is written in. */
  private row: RowKeeper | undefined;
  private isPersisted = false;
  private rowTimer: unknown;
  /** The row is being looked at. */
  private looking: Promise<boolean> | undefined;
  private state: 'claimed' | 'over' = 'claimed';
  /** It goes to nobody in particular. */
  private isReleased = true;

  constructor(match: Match, claiming: ClaimingOwner, endAsks: () => void) {
    this.key = match.key;
    this.match = match;
    this.claiming = claiming;
    this.endAsks = endAsks;
  }

  get owner(): Owner {
    if (!this.held) throw new Error('it is claimed, and not started yet');
    return this.held;
  }

  // How it begins.

  async write(keeper: Keeper | undefined): Promise<void> {
    const { registry } = this.claiming;
    this.isPersisted = keeper !== undefined;
    const { key, match } = this;
    const row = keeper ?? new Keeper(`owner ${key}`, match.route.component, { keepMs: rowMs }, registry.keeping);
    if (!keeper) await row.load();
    if (!this.claiming.isClaiming) throw new Overtaken();
    const outcome = await row.claim(Date.now());
    if (outcome === 'fenced' || !this.claiming.isClaiming) throw new Overtaken();
    if (outcome instanceof StoreError) throw outcome;
    this.row = row;
  }

  /** It was granted, and the actor runs. */
  begin(actor: LiveActor): void {
    const { claiming, key, row } = this;
    const { registry, bus } = claiming;
    const { clock, sessionMs } = registry.settings;
    if (this.state === 'over' || !row) throw new Overtaken();
    this.actor = actor;
    const { term = 0 } = row;
    const say = (news: News): void => claiming.say(key, news, this.held?.hasEdgesBesides(claiming.name) === true);
    const isStill = (): Promise<boolean> => this.isStill();
    this.held = new Owner({ term, actor, clock, leaseMs, sessionMs, say, isStill });
    claiming.addOwned(key, this);
    const who = toSubject('owner', key);
    this.endWho = bus.subscribe(who, (message) => {
      const ask = decodeAsk(message.text);
      if (ask) return claiming.hearAsk(key, ask, message);
      claiming.hearOther(message);
      const said = decodeNews(message.text);
      return said && said.from !== claiming.name && claiming.hearOwner(key, said.news);
    });
    claiming.announce(key, term);
    this.keepRow();
  }

  // How it ends.

  depose(why: string): void {
    if (this.state === 'over') return;
    this.claiming.log.info({ actor: this.key }, `${this.key} is another server's now: ${why}`);
    this.isReleased = false;
    this.letGo();
  }

  release(): void {
    this.letGo();
  }

  onLost(error: StoreError | undefined): void {
    const { log } = this.claiming;
    if (error) {
      log.error({ err: error, actor: this.key }, `the state of ${this.key} was not kept: the store refuses it`);
      this.held?.refuseAll('ISLET_ERR_STORE');
    }
    this.depose(error ? 'it starts anew' : 'its row was written');
  }

  /** The registry has let go of the actor. */
  onDiscarded(): void {
    if (this.state === 'over') return;
    this.state = 'over';
    const { claiming, key, held, isReleased } = this;
    claiming.registry.settings.clock.clearTimeout(this.rowTimer);
    this.endAsks();
    this.endWho();
    held?.end();
    if (!held) return;
    if (!this.isPersisted && isReleased) this.row?.remove().catch(() => {});
    claiming.removeOwned(key);
    if (isReleased) claiming.say(key, { kind: 'released', term: held.term }, true);
  }

  onCut(): void {
    // what is kept goes on from the store, here or elsewhere
    if (this.isPersisted) this.depose('it was cut off');
  }

  async verify(): Promise<void> {
    if (this.state === 'over') return;
    // of a persisted one nothing is lost if another claim is heard of a moment later
    if (!this.isPersisted) await this.touch();
    if (this.held && this.state === 'claimed') {
      this.claiming.announce(this.key, this.held.term);
    }
  }

  private async isStill(): Promise<boolean> {
    // what cannot be read says nothing
    this.looking ??= this.row?.isMine().catch(() => true);
    const isMine = await this.looking;
    this.looking = undefined;
    if (isMine === false) this.depose('its row was claimed');
    return this.state === 'claimed';
  }

  private letGo(): void {
    const { actor, claiming } = this;
    if (actor) claiming.registry.abandon(actor);
  }

  private keepRow(): void {
    if (this.isPersisted) return;
    const { clock } = this.claiming.registry.settings;
    this.rowTimer = clock.setTimeout(() => {
      void this.touch();
      this.keepRow();
    }, rowMs / 3);
  }

  private async touch(): Promise<void> {
    if ((await this.row?.touch()) === 'fenced') this.depose('its row was written');
  }
}
