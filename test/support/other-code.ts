// A list of votes as several builds of an app have it, for test/e2e/predicted-deploy.test.ts: the page has the code of
// the first, and the server that of any.

import { component, effect, html, keyed, type Template } from '../../shared/index.ts';

interface Day {
  readonly id: string;
  readonly votes: number;
}
interface Days {
  readonly days: readonly Day[];
}
type DaysMessage = { readonly type: 'UserVoted' | 'UserRemoved'; readonly id: string };

type Row = (day: Day) => Template<DaysMessage>;

const buttons = ({ id, votes }: Day) => html`
  <button class="vote" @click=${{ type: 'UserVoted', id }}>${votes}</button>
  <button class="remove" @click=${{ type: 'UserRemoved', id }}>Remove</button>
`;

const row: Row = (day) => html`<li><b>${day.id}</b> ${buttons(day)}</li>`;

const build = (each: Row, title = 'Go') =>
  component<Days, DaysMessage>({
    init: () => [{ days: ['mon', 'tue', 'wed'].map((id) => ({ id, votes: 0 })) }, effect.none],
    update: ({ days }, { type, id }) => [
      {
        days:
          type === 'UserRemoved'
            ? days.filter((day) => day.id !== id)
            : days.map((day) => (day.id === id ? { ...day, votes: day.votes + 1 } : day)),
      },
      effect.none,
    ],
    view: ({ days }) => html`<h1>${title}</h1><ul>${keyed(days, 'id', each)}</ul>`,
  });

export const builds = {
  first: build(row),
  /** Another literal in each row. */
  row: build((day) => html`<li><b>${day.id}</b> <em>x</em> ${buttons(day)}</li>`),
  /** The same literals, and another text. */
  value: build(row, 'Press'),
  /** What it draws is the same until a day has two votes. */
  later: build((day) => (day.votes < 2 ? row(day) : html`<li><em>Many:</em> <b>${day.id}</b> ${buttons(day)}</li>`)),
};
