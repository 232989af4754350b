// What the people of a simulated cluster look at, and what is true of it: a list of what was done, with who looks, as a
// store keeps it or, where nothing is kept, as the component itself was last. `const truth = new Truth()`.

import type { Store } from '../../server/index.ts';
import { component, type EventData, effect, html, keyed } from '../../shared/index.ts';
import type { AnyComponent } from '../../shared/language/component.ts';

export interface Entry {
  readonly sender: string;
  readonly id: number;
}

export interface Ledger {
  /** Of two that begin anew each has another one. */
  readonly life: number;
  /** For each sender what was applied, in order: its id, and the total that it led to. */
  readonly log: { readonly [sender: string]: readonly (readonly [id: number, total: number])[] };
  readonly rows: readonly Entry[];
  readonly total: number;
  /** How often each client looks. */
  readonly lookers: { readonly [client: string]: number };
}

type Message =
  | (Entry & { readonly type: 'sent' })
  | { readonly type: 'came' | 'went'; readonly client: string }
  | { readonly type: 'idle' };

/** Some events are always refused; others by what the model is, so that two owners would not agree. */
function isRefused(total: number, id: number): boolean {
  return id % 9 === 0 || (total + id) % 13 === 0;
}

/** Where it was done. */
export interface Applied {
  readonly life: number;
  readonly total: number;
}

export class Truth {
  /** Of each actor and life; a text until somebody asks. */
  private readonly ledgers = new Map<string, Ledger | string>();
  /** How often a ledger has begun anew. */
  lives = 0;

  /** A store that says at any moment what it has. */
  watch(store: Store): Store {
    return {
      ...store,
      commit: async (writes) => {
        const kept = await store.commit(writes);
        for (const [at, { key, model }] of writes.entries()) {
          if (kept[at] && model && 'base' in model) this.ledgers.set(key, model.base);
        }
        return kept;
      },
    };
  }

  /** @param isKept Whether the store says what is true. */
  component(isKept: boolean, countsLookers: boolean): AnyComponent {
    const note = (ledger: Ledger): void => {
      if (!isKept) this.ledgers.set(`life ${ledger.life}`, ledger);
    };
    const lookers = {
      onConnect: ({ id }: { readonly id: string }): Message => ({ type: 'came', client: id }),
      onDisconnect: ({ id }: { readonly id: string }): Message => ({ type: 'went', client: id }),
    };
    return component<Ledger, Message>({
      init: () => [{ life: ++this.lives, log: {}, rows: [], total: 0, lookers: {} }, effect.none],
      update: (ledger, message) => [update(ledger, message), effect.none],
      view(ledger) {
        note(ledger);
        const { rows, total, lookers } = ledger;
        return html`
          <button @click=${toMessage}>send</button>
          <output>${total}</output>
          <ol>${keyed(
            rows,
            ({ sender, id }) => `${sender} ${id}`,
            ({ sender, id }) => html`<li>${sender} <b>${id}</b></li>`,
          )}</ol>
          <p title=${countsLookers ? Object.keys(lookers).length : null}></p>
        `;
      },
      ...(countsLookers ? lookers : {}),
    }) as AnyComponent;
  }

  /** Where somebody's event was done: more than once is too often. */
  find({ sender, id }: Entry): readonly Applied[] {
    return this.all().flatMap(({ life, log }) =>
      (log[sender] ?? []).filter((each) => each[0] === id).map(([, total]) => ({ life, total })),
    );
  }

  /** Those that run now. */
  present(isKept: boolean): readonly Ledger[] {
    const all = this.all();
    return isKept ? all : all.filter(({ life }) => life === this.lives);
  }

  all(): readonly Ledger[] {
    return [...this.ledgers].map(([key, known]) => {
      const ledger = typeof known === 'string' ? (JSON.parse(known) as { readonly context: Ledger }).context : known;
      this.ledgers.set(key, ledger);
      return ledger;
    });
  }
}

function update(ledger: Ledger, message: Message): Ledger {
  const { log, rows, total, lookers } = ledger;
  switch (message.type) {
    case 'sent': {
      const { sender, id } = message;
      if (isRefused(total, id)) throw new RangeError('refused');
      const now = total + 1;
      const next = { ...log, [sender]: [...(log[sender] ?? []), [id, now] as const] };
      return { ...ledger, log: next, rows: [...rows.slice(-3), { sender, id }], total: now };
    }
    case 'came':
      return { ...ledger, lookers: { ...lookers, [message.client]: (lookers[message.client] ?? 0) + 1 } };
    case 'went': {
      const count = (lookers[message.client] ?? 0) - 1;
      const { [message.client]: _, ...others } = lookers;
      return { ...ledger, lookers: count === 0 ? others : { ...others, [message.client]: count } };
    }
    case 'idle':
      return ledger;
  }
}

function toMessage({ detail }: EventData): Message {
  const { sender, id } = detail as unknown as Entry;
  return { type: 'sent', sender, id };
}
