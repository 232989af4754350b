/*
 * What clients make a server keep for them, in bytes: an account for each client. Input: things with a size, and how
 * each is let go of. Output: calls to let go. Where a client has too much, its own oldest goes first; where all have
 * too many of a kind, the oldest of whoever has most of them.
 */

/** What is kept: islands whose clients are away, shared actors that nobody looks at, connections that do not read. */
export type Kept = 'islands' | 'actors' | 'unread';

/** Something that is kept for a client until it ends. */
export interface Booking {
  /** Says how big it is now. */
  resize(bytes: number): void;
  /** It is not kept any more; once is enough. */
  end(): void;
}

export interface Booked {
  readonly kind: Kept;
  readonly bytes: number;
  /** How many of its kind it is. Default 1. */
  readonly count?: number;
  /** Lets go of it, for others; it has ended by then. */
  readonly release: () => void;
}

interface Account {
  readonly client: string;
  bytes: number;
  readonly counts: { [kind in Kept]: number };
  /** Oldest first. */
  readonly entries: Set<Entry>;
}

/** A booking, with what ends it: one object, since each client that is away has one for as long as it is. */
class Entry implements Booking {
  readonly kind: Kept;
  readonly count: number;
  readonly account: Account;
  readonly release: () => void;
  bytes: number;
  private readonly budgets: Budgets;

  constructor(budgets: Budgets, account: Account, { kind, bytes, count = 1, release }: Booked) {
    this.budgets = budgets;
    this.account = account;
    this.kind = kind;
    this.bytes = bytes;
    this.count = count;
    this.release = release;
  }

  resize(bytes: number): void {
    this.budgets.resize(this, bytes);
  }

  end(): void {
    this.budgets.end(this);
  }
}

export interface BudgetOptions {
  /** Of each client. */
  readonly maxBytes: number;
  /** Of all clients together. */
  readonly maxCounts: { readonly [kind in Kept]: number };
}

export class Budgets {
  private readonly maxBytes: number;
  private readonly counters: { readonly [kind in Kept]: Counter };
  private readonly accounts = new Map<string, Account>();

  constructor({ maxBytes, maxCounts }: BudgetOptions) {
    this.maxBytes = maxBytes;
    this.counters = {
      islands: new Counter('islands', maxCounts.islands),
      actors: new Counter('actors', maxCounts.actors),
      unread: new Counter('unread', maxCounts.unread),
    };
  }

  /** Keeps something for a client, and lets go of what is too much: that may be this very thing. */
  book(client: string, booked: Booked): Booking {
    const account = this.accounts.get(client) ?? this.open(client);
    const entry = new Entry(this, account, booked);
    account.entries.add(entry);
    account.bytes += entry.bytes;
    this.counters[entry.kind].add(account, entry.count);
    this.settle(account);
    this.counters[entry.kind].settle((one) => this.release(one));
    return entry;
  }

  resize(entry: Entry, bytes: number): void {
    const { account } = entry;
    if (!account.entries.has(entry)) return;
    account.bytes += bytes - entry.bytes;
    entry.bytes = bytes;
    this.settle(account);
  }

  /** How many clients have anything. */
  get size(): number {
    return this.accounts.size;
  }

  /** Bytes that are kept for a client. */
  bytesOf(client: string): number {
    return this.accounts.get(client)?.bytes ?? 0;
  }

  private open(client: string): Account {
    const account = { client, bytes: 0, counts: { islands: 0, actors: 0, unread: 0 }, entries: new Set<Entry>() };
    this.accounts.set(client, account);
    return account;
  }

  private settle(account: Account): void {
    for (const entry of account.entries) {
      if (account.bytes <= this.maxBytes) break;
      this.release(entry);
    }
  }

  private release(entry: Entry): void {
    this.end(entry);
    entry.release();
  }

  end(entry: Entry): void {
    const { account, bytes, count, kind } = entry;
    if (!account.entries.delete(entry)) return;
    account.bytes -= bytes;
    this.counters[kind].add(account, -count);
    if (account.entries.size === 0) this.accounts.delete(account.client);
  }
}

/**
 * How many of a kind all clients have. Accounts are kept by powers of two of how many each has, so that one that has
 * most, or nearly, is found at once however many clients there are.
 */
class Counter {
  private readonly kind: Kept;
  private readonly max: number;
  private total = 0;
  private readonly classes: Set<Account>[] = [];

  constructor(kind: Kept, max: number) {
    this.kind = kind;
    this.max = max;
  }

  add(account: Account, count: number): void {
    const before = account.counts[this.kind];
    const after = before + count;
    account.counts[this.kind] = after;
    this.total += count;
    const [from, to] = [classOf(before), classOf(after)];
    if (from === to) return;
    this.classes[from]?.delete(account);
    if (after === 0) return;
    this.classes[to] ??= new Set();
    this.classes[to].add(account);
  }

  settle(release: (entry: Entry) => void): void {
    while (this.total > this.max) {
      const entry = this.oldestOfMost();
      if (!entry) return;
      release(entry);
    }
  }

  private oldestOfMost(): Entry | undefined {
    const [account] = this.classes.findLast((accounts) => accounts !== undefined && accounts.size > 0) ?? [];
    for (const entry of account?.entries ?? []) if (entry.kind === this.kind) return entry;
    return undefined;
  }
}

/** 0 for nothing, else the number of binary digits. */
function classOf(count: number): number {
  return 32 - Math.clz32(count);
}
