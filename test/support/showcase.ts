// A component that uses every kind of hole and every operation, for the examples of docs/protocol.md. What a click on
// it changes is chosen by the `detail` of the event's data.

import { component, type EventData, effect, html, keyed, on, svg, unsafeHtml } from '../../shared/index.ts';
import { Effect } from '../../shared/language/effect.ts';

export interface ShowcaseModel {
  readonly title: string;
  readonly kind: string;
  readonly isHidden: boolean;
  readonly draft: string;
  readonly rows: readonly { readonly id: string; readonly text: string }[];
  readonly extra: 'nothing' | 'text' | 'template' | 'raw' | 'icon';
  readonly isListening: boolean;
}

interface Message {
  readonly type: 'UserChose';
  readonly model?: Partial<ShowcaseModel>;
  readonly effect?: Effect<never>;
}

const rows = ['a', 'b', 'c'].map((id) => ({ id, text: id.toUpperCase() }));

/** What a click does, by the `detail` of its event. */
const choices: Record<string, Partial<ShowcaseModel> | Effect<never>> = {
  text: { title: 'Hi' },
  attribute: { kind: 'warm' },
  boolean: { isHidden: true },
  property: { draft: 'lemonade' },
  listener: { isListening: false },
  template: { extra: 'template' },
  'other text': { extra: 'text' },
  icon: { extra: 'icon' },
  raw: { extra: 'raw' },
  nothing: { extra: 'nothing' },
  append: { rows: [...rows, { id: 'd', text: 'D' }] },
  reverse: { rows: [...rows].reverse() },
  row: { rows: [rows[0], { id: 'b', text: 'Bee' }, rows[2]] as typeof rows },
  empty: { rows: [] },
  refill: { rows },
  emit: effect.emit('change', 7),
  'emit quietly': effect.emit('change', 7, { bubbles: false }),
  provide: effect.provide('theme', 'dark'),
};

function extra({ extra }: ShowcaseModel): unknown {
  if (extra === 'text') return 'plain';
  if (extra === 'template') return html`<b>${'bold'}</b>`;
  if (extra === 'icon') return html`<svg viewBox="0 0 1 1">${svg`<path d=${'M0 0'}></path>`}</svg>`;
  return extra === 'raw' ? unsafeHtml('<i>raw</i>') : null;
}

export const showcase = component<ShowcaseModel, Message>({
  init: () => [
    { title: 'Hello', kind: 'cold', isHidden: false, draft: '', rows, extra: 'nothing', isListening: true },
    effect.none,
  ],
  update: (model, message) => [{ ...model, ...message.model }, message.effect ?? effect.none],
  view: (model) => html`
    <h1 class="title ${model.kind}" ?hidden=${model.isHidden}>${model.title}</h1>
    <p>It is ${model.kind}.</p>
    <input .value=${model.draft} @input=${model.isListening ? on(choose, { debounceMs: 200, include: ['target.name'] }) : null}>
    <ul>${keyed(model.rows, 'id', (row) => html`<li>${row.text}</li>`)}</ul>
    <div @click=${choose}>${extra(model) as string}</div>
  `,
});

function choose({ detail, value }: EventData): Message {
  const choice = choices[String(detail)] ?? { draft: value ?? '' };
  return choice instanceof Effect ? { type: 'UserChose', effect: choice } : { type: 'UserChose', model: choice };
}
