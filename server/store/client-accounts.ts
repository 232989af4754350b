/*
 * Which clients of a store in memory are on which account. Input: clients that are new, with the table of their state.
 * Output: where an account has too many, those of its own whose time is over first are taken from their tables.
 */

import { droppedClients, maxClientsPerAccount } from './store.ts';

interface Row {
  readonly event: number;
  readonly endsAt: number;
}

type Table = Map<string, Row>;

interface Place {
  readonly table: Table;
  readonly client: string;
  readonly row: Row;
}

export class ClientAccounts {
  private readonly places = new Map<string, Place[]>();

  /** Notes a client that is about to be added, and makes room for it. */
  add(account: string, table: Table, client: string, row: Row, now: number): void {
    let own = this.places.get(account) ?? [];
    if (own.length >= maxClientsPerAccount) own = own.filter(isThere);
    this.places.set(account, own);
    while (own.length >= maxClientsPerAccount) drop(own, now);
    own.push({ table, client, row });
  }

  /** Removes all that are on an account. @returns how many. */
  remove(account: string): number {
    const own = (this.places.get(account) ?? []).filter(isThere);
    this.places.delete(account);
    for (const { table, client } of own) table.delete(client);
    return own.length;
  }

  /** Forgets those that are in no table any more. */
  forgetGone(): void {
    for (const [account, own] of this.places) {
      const rest = own.filter(isThere);
      if (rest.length > 0) this.places.set(account, rest);
      else this.places.delete(account);
    }
  }
}

function isThere({ table, client, row }: Place): boolean {
  return table.get(client) === row;
}

/** Takes the one away whose time is over first; of several the first that came. */
function drop(own: Place[], now: number): void {
  let oldest = 0;
  for (const [index, { row }] of own.entries()) if (row.endsAt < (own[oldest] as Place).row.endsAt) oldest = index;
  const [{ table, client, row }] = own.splice(oldest, 1) as [Place];
  table.delete(client);
  if (row.endsAt <= now) return;
  const endsAt = Math.max(row.endsAt, table.get(droppedClients)?.endsAt ?? 0);
  table.set(droppedClients, { event: 0, endsAt });
}
