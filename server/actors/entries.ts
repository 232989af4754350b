/*
 * What is known of each actor, by id, between the first one who asks for it and its end; and how much each client has
 * running. Input: who asks for what, and sizes. Output: entries.
 */

import { toError } from '../../shared/language/errors.ts';
import { serverAccount } from '../limits/account.ts';
import type { Booking } from '../limits/budgets.ts';
import type { StoreError } from '../store/store.ts';
import type { Waits } from '../waits.ts';
import { fixedBytes } from './actor-size.ts';
import type { Keeper } from './keeper.ts';
import type { LiveActor } from './live-actor.ts';
import type { Match, Route } from './routes.ts';

/** All that is known of one actor. */
export class Entry {
  readonly id: string;
  readonly route: Route;
  /** What it was found by, if it is shared. */
  readonly match: Match | undefined;
  /** Whose it is to keep while nobody looks: the account of whoever asked for it first. */
  readonly account: string;
  /** Of a shared actor: what it waits for until it starts, and for the store before it is released. */
  readonly waits: Waits | undefined;
  /** A promise while props or what is kept are loaded. */
  actor: Promise<LiveActor> | LiveActor | undefined;
  /** Keeps it, and knows what it goes on from, if it outlives the process; settled when it starts. */
  keeper: Keeper | undefined;
  /** Its turns are committed; else it only goes on from what was kept. */
  commits = false;
  /** Runs until the end of what is kept has to be put off again. */
  keepTimer: unknown;
  /** Whether it waits for somebody to look at it. */
  isIdle = false;
  /** Runs while nobody looks at a shared actor; then it is released. */
  idleTimer: unknown;
  /** Bytes that it takes, as far as that is known. */
  bytes = 0;
  /** Its place in the account while nobody looks. */
  booking: Booking | undefined;
  /** Of one that this process has claimed among others. */
  claim: ClaimOwner | undefined;

  constructor(id: string, { route, match, account, waits }: Pick<Entry, 'route' | 'match' | 'account' | 'waits'>) {
    this.id = id;
    this.route = route;
    this.match = match;
    this.account = account;
    this.waits = waits;
  }
}

/** Who hears what becomes of a claimed actor. */
export interface ClaimOwner {
  /** A turn of it will never be kept: another write came first (undefined), or the store refuses it. */
  onLost(error: StoreError | undefined): void;
  /** It was let go of. */
  onDiscarded(): void;
}

export class Entries {
  /** By id: the key of a shared actor, or a key with a number for one of an island's own. */
  private readonly entries = new Map<string, Entry>();
  /** Bytes of what each account has started. */
  private readonly running = new Map<string, number>();
  private readonly maxBytesPerAccount: number;
  private count = 0;

  constructor(maxBytesPerAccount: number) {
    this.maxBytesPerAccount = maxBytesPerAccount;
  }

  get(id: string): Entry | undefined {
    return this.entries.get(id);
  }

  /** Whether an entry is the one that its id names. */
  has(entry: Entry): boolean {
    return this.entries.get(entry.id) === entry;
  }

  all(): Entry[] {
    return [...this.entries.values()];
  }

  get size(): number {
    return this.entries.size;
  }

  /**
   * Adds an entry for whom it is on the account of.
   *
   * @param waits Of a shared actor; one of an island's own has none.
   * @throws IsletError ISLET_ERR_LIMIT_RUNNING
   */
  create(match: Match, account: string, waits?: Waits): Entry {
    const isTooMuch = this.bytesOf(account) + fixedBytes > this.maxBytesPerAccount;
    // what is due must be done, and what the app sends is the app's to limit
    if (isTooMuch && account !== serverAccount) throw toError('ISLET_ERR_LIMIT_RUNNING');
    return this.add(match, account, waits);
  }

  /** Adds an entry, whatever else is running. */
  add(match: Match, account: string, waits: Waits | undefined): Entry {
    const { route, key } = match;
    // joined and not put together by `+`, which would keep the parts as well
    const id = waits ? key : [key, ++this.count].join('#');
    const entry = new Entry(id, { route, match: waits && match, account, waits });
    this.entries.set(id, entry);
    this.charge(entry, fixedBytes);
    return entry;
  }

  /** Notes how big an actor is now. */
  measure(entry: Entry, bytes: number): void {
    if (this.has(entry)) this.charge(entry, bytes);
  }

  /** The actor is no more, or another one has its id. */
  forget(entry: Entry): void {
    if (!this.has(entry)) return;
    this.entries.delete(entry.id);
    this.charge(entry, 0);
  }

  clear(): void {
    this.entries.clear();
  }

  private bytesOf(account: string): number {
    return this.running.get(account) ?? 0;
  }

  private charge(entry: Entry, bytes: number): void {
    const { account } = entry;
    const total = this.bytesOf(account) + bytes - entry.bytes;
    entry.bytes = bytes;
    if (total > 0) this.running.set(account, total);
    else this.running.delete(account);
  }
}
