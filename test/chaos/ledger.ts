// What clients send their events to: a component that shows the latest events in the order in which they were applied,
// and a count for each sender. What was applied is also written down outside of it, each time that it is.

import { type Component, component, type EventData, effect, html, keyed } from '../../shared/index.ts';

/** An event that was applied: `sender` names client and island, `id` counts from 1 for each sender. */
export interface Entry {
  readonly sender: string;
  readonly id: number;
}

/** Everything that was applied, oldest first. A model would grow with it, and the run would measure that. */
export type Ledger = Entry[];

/** How many of the latest events are shown. */
export const shownEntries = 12;

/** The hole of its outermost instance that takes events. */
export const eventHole = 0;

interface Row extends Entry {
  /** Which of all events that were applied. */
  readonly place: number;
}

interface Model {
  readonly rows: readonly Row[];
  readonly counts: ReadonlyMap<string, number>;
  readonly total: number;
}

interface Message extends Entry {
  readonly type: 'PersonSent';
}

/** A component of its own for each ledger that it writes. */
export function ledgerComponent(name: string, ledger: Ledger): Component<Model, Message, undefined> {
  return component<Model, Message>({
    name,
    init: () => [{ rows: [], counts: new Map(), total: 0 }, effect.none],
    update({ rows, counts, total }, { sender, id }) {
      ledger.push({ sender, id });
      const next: Model = {
        rows: [...rows.slice(1 - shownEntries), { sender, id, place: total + 1 }],
        counts: new Map(counts).set(sender, (counts.get(sender) ?? 0) + 1),
        total: total + 1,
      };
      return [next, effect.none];
    },
    view: ({ rows, counts, total }) => html`
      <button @send=${send}>send</button>
      <output title=${`${total} events`}>${total}</output>
      <ol>${keyed(rows, 'place', ({ sender, id }) => html`<li>${sender} <b>${id}</b></li>`)}</ol>
      <ul>${keyed(
        [...counts],
        ([sender]) => sender,
        ([sender, count]) => html`<li title=${sender}>${count}</li>`,
      )}</ul>
      <p>${total % 7 === 0 ? html`<i>seven</i>` : total % 7 === 3 ? null : `${total % 7}`}</p>
    `,
  });
}

function send({ detail }: EventData): Message | null {
  const { sender, id } = detail as { readonly sender: string; readonly id: number };
  return { type: 'PersonSent', sender, id };
}
