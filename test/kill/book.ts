// The books that a component keeps in its model of the events that it has applied, so that whatever is stored at last
// says what was lost, doubled or out of order.

/** What is known of the events of one sender, whose ids count from 1. */
export interface Sender {
  readonly last: number;
  readonly applied: number;
  /** Ids that were passed over. */
  readonly missing: readonly number[];
  readonly doubled: number;
  readonly disordered: number;
  /** What was typed last. */
  readonly text: string;
}

export interface Book {
  readonly senders: { readonly [name: string]: Sender };
  /** The latest. */
  readonly rows: readonly { readonly sender: string; readonly id: number; readonly place: number }[];
  readonly total: number;
}

export const emptyBook: Book = { senders: {}, rows: [], total: 0 };

const shownRows = 12;

/** An event was applied. */
export function note({ senders, rows, total }: Book, sender: string, id: number, text: string): Book {
  const before = senders[sender] ?? { last: 0, applied: 0, missing: [], doubled: 0, disordered: 0, text: '' };
  const isNext = id > before.last;
  const isMissing = before.missing.includes(id);
  const skipped = Array.from({ length: Math.max(0, id - before.last - 1) }, (_, at) => before.last + 1 + at);
  const after: Sender = {
    last: Math.max(before.last, id),
    applied: before.applied + (isNext || isMissing ? 1 : 0),
    missing: [...before.missing.filter((each) => each !== id), ...skipped],
    doubled: before.doubled + (isNext || isMissing ? 0 : 1),
    disordered: before.disordered + (isMissing ? 1 : 0),
    text: isNext ? text : before.text,
  };
  const row = { sender, id, place: total + 1 };
  return {
    senders: { ...senders, [sender]: after },
    rows: [...rows.slice(1 - shownRows), row],
    total: total + 1,
  };
}
