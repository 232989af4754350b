/*
 * The client whose event was settled last. Its number stands in the rendering, which each turn writes anyway: an actor
 * mostly hears one person for a while, and a row for each event would be as much writing again. Input: the numbers of
 * each turn. Output: the rows that have to be written, and what the rendering says.
 *
 * A client has a row since its first event, so that it is counted, ends, and can be removed. The rendering says how far
 * that client has come since, and means nothing where the row is gone.
 */

import { rememberMs } from '../../shared/wire/remembered.ts';
import type { ClientWrite } from '../store/store.ts';

/** Up to where the events of a client are settled; below 0: of some before nobody knows what became of them. */
export interface ClientNumber {
  readonly client: string;
  readonly event: number;
  readonly account?: string | undefined;
}

/** As the rendering has it. */
export type LastNumber = readonly [client: string, event: number];

/** After so long the row is written again, and it is kept for longer by so much: so it never ends too soon. */
const renewMs = rememberMs / 16;

/** By two clocks: one may be set back, the other stands still while its machine sleeps. */
export interface Moment {
  readonly now: number;
  readonly timeOfDay: number;
}

interface Last extends ClientNumber {
  /** When its row was written; undefined: in another life. */
  readonly rowAt: Moment | undefined;
  /** The rendering knows more than the row. */
  readonly isAhead: boolean;
}

export class LastClient {
  private last: Last | undefined;

  /** @param kept What the rendering says that is kept, of a client that has a row. */
  constructor(kept: LastNumber | undefined) {
    if (kept) this.last = { client: kept[0], event: kept[1], rowAt: undefined, isAhead: true };
  }

  /** What the next rendering has to say. */
  get number(): LastNumber | undefined {
    return this.last?.isAhead ? [this.last.client, this.last.event] : undefined;
  }

  /** @returns The rows to write for the numbers of a turn, each client's once. */
  settle(numbers: readonly ClientNumber[], { now, timeOfDay }: Moment): ClientWrite[] {
    const { last } = this;
    const latest = numbers.at(-1);
    if (latest === undefined) return [];
    if (numbers.length === 1 && latest.client === last?.client && isFresh(last.rowAt, { now, timeOfDay })) {
      this.last = { ...latest, rowAt: last.rowAt, isAhead: true };
      return [];
    }
    const rows = numbers.map(toRow);
    if (last?.isAhead && !numbers.some(({ client }) => client === last.client)) rows.push(toRow(last));
    this.last = { ...latest, rowAt: { now, timeOfDay }, isAhead: false };
    return rows;
  }

  /** The client has left for good. */
  forget(client: string): void {
    if (this.last?.client === client) this.last = undefined;
  }
}

function isFresh(rowAt: Moment | undefined, { now, timeOfDay }: Moment): boolean {
  return rowAt !== undefined && now < rowAt.now + renewMs && timeOfDay < rowAt.timeOfDay + renewMs;
}

function toRow({ client, event, account }: ClientNumber): ClientWrite {
  return { client, event, endsInMs: rememberMs + renewMs, account };
}
