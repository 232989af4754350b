// A component made by a function that takes what the server alone has, for tests of what reaches a browser. Used by the
// server, and by the script of a page, which gives it a service that throws.

import { component, effect, html, keyed } from '../../shared/index.ts';

export interface Entry {
  readonly id: string;
  readonly text: string;
  /** Found by the server's service; never leaves. */
  readonly author?: string;
}

export interface Ledger {
  readonly entries: readonly Entry[];
  readonly people: { readonly [login: string]: { readonly score: number; readonly mail?: string } };
  readonly key?: string;
}

export type LedgerMessage =
  | { readonly type: 'UserAdded' | 'UserFailed'; readonly id: string; readonly text: string }
  | { readonly type: 'AuthorFound'; readonly id: string; readonly author: string };

export interface LedgerService {
  authorOf(text: string): Promise<string>;
}

export interface LedgerProps {
  readonly key: string;
  readonly mail: string;
  readonly author: string;
}

export const createLedger = (service: LedgerService) =>
  component<Ledger, LedgerMessage, LedgerProps>({
    init: ({ key, mail, author }) => [
      { key, entries: [{ id: 'first', text: 'First', author }], people: { anna: { score: 1, mail } } },
      effect.none,
    ],
    update: (ledger, message) => {
      const { entries, people, key } = ledger;
      if (message.type === 'UserFailed') {
        // the server alone has it: what it throws says so
        if (key !== undefined) throw new Error(`not with ${key} of ${JSON.stringify(ledger)}`);
        return [ledger, effect.none];
      }
      const { id } = message;
      if (message.type === 'AuthorFound') {
        const found = entries.map((entry) => (entry.id === id ? { ...entry, author: message.author } : entry));
        return [{ ...ledger, entries: found }, effect.none];
      }
      const [anna] = Object.values(people);
      return [
        {
          ...ledger,
          entries: [...entries, { id, text: message.text }],
          people: { anna: { ...anna, score: (anna?.score ?? 0) + 1 } },
        },
        effect.attempt(() => service.authorOf(message.text), {
          onSuccess: (author): LedgerMessage => ({ type: 'AuthorFound', id, author }),
          onError: (): LedgerMessage => ({ type: 'UserFailed', id, text: '' }),
        }),
      ];
    },
    view: ({ entries, people }) => html`
      <form @submit=${({ fields = {} }, client) => ({ type: 'UserAdded', id: client.newId(), text: String(fields.text) })}>
        <input name="text"><button class="add">Add</button>
      </form>
      <output>${people.anna?.score}</output>
      <ul>${keyed(
        entries,
        'id',
        ({ id, text }) => html`
        <li>${text} <button class="fail" @click=${{ type: 'UserFailed', id, text }}>Fail</button></li>
      `,
      )}</ul>
    `,
  });

export interface Own {
  readonly note: string;
  readonly pin?: string;
  readonly count: number;
}

/** What one user alone sees, with something that the user does not see. */
export const ownNote = component<
  Own,
  { readonly type: 'UserCounted'; readonly by: string },
  { readonly note: string; readonly pin: string }
>({
  init: ({ note, pin }) => [{ note, pin, count: 0 }, effect.none],
  update: (own) => [{ ...own, count: own.count + 1 }, effect.none],
  view: ({ note, count }) => html`
    <p>${note}</p>
    <button class="count" @click=${(_, { user }) => ({ type: 'UserCounted', by: (user as { login: string }).login })}>${count}</button>
  `,
});
