// A component to cut connections of: it writes down each event that it applied, and has lists, templates, outputs, runs
// and all ways to fail. Which of them an event chooses is in its data; which page made it, and as which number, too.

import { component, type EventData, effect, html, keyed } from '../../shared/index.ts';

export const kinds = [
  'add',
  'remove',
  'rotate',
  'vary',
  'say',
  'theme',
  'nothing',
  'handler throws',
  'update throws',
  'view throws',
] as const;
export type Kind = (typeof kinds)[number];

/** Events that nothing is written down of. */
export const unwritten: readonly Kind[] = ['nothing'];

interface Model {
  readonly log: readonly string[];
  readonly rows: readonly number[];
  readonly nextRow: number;
  readonly variant: number;
  readonly theme: string;
  readonly label: string;
  readonly isBroken: boolean;
}

type Message =
  | { readonly type: 'PersonActed'; readonly what: Kind; readonly by: string }
  | { readonly type: 'RunRan'; readonly by: string }
  | { readonly type: 'ParentSetLabel'; readonly label: string };

/** A row that cannot be shown. */
const broken = -1;

/** What the holes of its outermost instance are. */
export const holes = { theme: 1, label: 2, log: 3 };

export const cutComponent = component<Model, Message>({
  init: () => [
    { log: [], rows: [1, 2], nextRow: 3, variant: 0, theme: 'plain', label: '', isBroken: false },
    effect.provide('theme', 'plain'),
  ],
  update(model, message) {
    if (message.type === 'ParentSetLabel') return [{ ...model, label: message.label }, effect.none];
    if (message.type === 'RunRan') return [model, effect.emit('ran', message.by)];
    const { what, by } = message;
    if (what === 'update throws') throw new Error(what);
    const next = { ...model, log: [...model.log, by] };
    const run = effect.from<Message>((dispatch) => dispatch({ type: 'RunRan', by }));
    if (what === 'say') return [next, effect.batch<Message>([run, effect.emit('said', by)])];
    if (what === 'theme') return [{ ...next, theme: by }, effect.provide('theme', by)];
    if (what === 'view throws')
      return [{ ...next, isBroken: true }, effect.batch<Message>([run, effect.emit('said', by)])];
    return [change(next, what), effect.none];
  },
  view: ({ log, rows, variant, theme, label, isBroken }) => html`
    <button @click=${act}>act</button>
    <p>${theme}</p>
    <p>${label}</p>
    <ol>${keyed(
      log,
      (by) => by,
      (by) => html`<li>${by}</li>`,
    )}</ol>
    <ul>${keyed(
      isBroken ? [...rows, broken] : rows,
      (row) => row,
      (row) => {
        // when a part of the rows has been looked at already
        if (row === broken) throw new Error('view throws');
        return html`<li><button @click=${act}>${row}</button></li>`;
      },
    )}</ul>
    <div>${variant === 0 ? 'plain' : variant === 1 ? html`<b>${log.length}</b>` : html`<i>${theme}</i> and <button @click=${act}></button>`}</div>
  `,
  attributes: { label: (text) => ({ type: 'ParentSetLabel', label: text ?? '' }) },
});

function change(model: Model, what: Kind): Model {
  const { rows, nextRow, variant } = model;
  if (what === 'add') return { ...model, rows: [...rows, nextRow], nextRow: nextRow + 1 };
  if (what === 'remove') return { ...model, rows: rows.slice(1) };
  if (what === 'rotate') return { ...model, rows: [...rows.slice(-1), ...rows.slice(0, -1)] };
  return { ...model, variant: (variant + 1) % 3 };
}

function act({ detail }: EventData): Message | null {
  const { what, by } = detail as { readonly what: Kind; readonly by: string };
  if (what === 'handler throws') throw new Error(what);
  return what === 'nothing' ? null : { type: 'PersonActed', what, by };
}
