// Checks each frame that a page paints of a predicted list: it is what the server has said so far, with what the person
// has done since and the server has not answered applied to it. It knows that from the socket and from what it pressed
// itself, and has nothing of the code that predicts but how a model's changes are read. A script of the page, loaded before the element's.

import { applyModel, type ModelOperation } from '../../shared/wire/model-patch.ts';
import { type ListMessage, type ListModel, lockedRow, updateList } from './predicted-list.ts';

export interface Oracle {
  /** Frames that were painted, and how many of them showed something that the server had not said yet. */
  painted: number;
  ahead: number;
  /** How many events were refused. */
  readonly refusals: number;
  /** What was painted, and what should have been. */
  readonly wrong: [shown: string, expected: string][];
  /** Texts of rows that were shown, had gone, and were shown again: each text is given once, so it had flickered. */
  readonly returned: string[];
  /** How often the server sent the tree, and not the model. */
  mounts: number;
  /** What the page shows now. */
  readonly shown: string;
  /** The model is told: from now on frames are checked. */
  readonly isReady: boolean;
  /** Does something with a row, as its person would. @param row Below 0: the one that nobody may remove. */
  press(kind: ListMessage['type'], row: number, text: string): void;
  /** How much has no outcome. */
  readonly waiting: number;
  /** What the page was told. */
  readonly told: unknown[];
}

let confirmed: ListModel | undefined;
/** What was pressed; the first one is event 1. */
const pressed: ListMessage[] = [];
let answered = 0;
const refused = new Set<number>();

function read(text: string): void {
  const [channel, ...body] = JSON.parse(text) as [number, ...unknown[]];
  if (channel !== 1) return;
  const [kind, , , event] = body;
  let operations = body.filter(Array.isArray) as unknown[][];
  let last = Array.isArray(body.at(-1)) ? undefined : (body.at(-1) as number);
  if (kind === 'model') {
    confirmed = body[4] as ListModel;
    operations = body.slice(5) as unknown[][];
  } else if (kind === 'mount') {
    oracle.mounts++;
    confirmed = undefined;
  } else if (typeof kind === 'string' && kind !== 'live') return;
  if (typeof kind === 'string') last = event as number;
  for (const [word, ...fields] of operations) {
    if (word === 'you')
      confirmed ??= JSON.parse((document.querySelector('[data-model]') as HTMLElement).dataset.model as string);
    if (word === 'model') confirmed = applyModel(confirmed, fields as unknown as ModelOperation[]) as ListModel;
    if (word === 'refused') refused.add(fields[0] as number);
  }
  if (typeof last === 'number') answered = Math.max(answered, last);
}

const OwnSocket = WebSocket;
globalThis.WebSocket = class extends OwnSocket {
  constructor(url: string | URL, protocols?: string | string[]) {
    super(url, protocols);
    this.addEventListener('message', ({ data }) => read(data));
    // behind the page's own listener
    this.addEventListener('open', () => this.addEventListener('message', () => lookForReturns()));
  }
};

const write = (rows: readonly { readonly text: string; readonly isDone: boolean }[]): string =>
  rows.map(({ text, isDone }) => `${isDone ? 'done' : 'open'} ${text}/${text}`).join('\n');

const shown = (): string =>
  shownRows()
    .map((row) => `${row.className} ${row.querySelector('b')?.textContent}/${row.querySelector('input')?.value}`)
    .join('\n');

/** Texts that were shown last, and those that have gone. */
let present = new Set<string>();
const gone = new Set<string>();

/** What has gone may come back only where the server refused its removal. */
function lookForReturns(): void {
  const now = new Set(shownRows().map((row) => row.querySelector('b')?.textContent ?? ''));
  for (const text of present) if (!now.has(text)) gone.add(text);
  for (const text of now) if (gone.delete(text)) oracle.returned.push(text);
  present = now;
}

const shownRows = (): HTMLElement[] => [...document.querySelectorAll('li')];

const oracle: Oracle = {
  painted: 0,
  ahead: 0,
  wrong: [],
  returned: [],
  mounts: 0,
  get shown() {
    return shown();
  },
  get refusals() {
    return refused.size;
  },
  get isReady() {
    return confirmed !== undefined;
  },
  get waiting() {
    return pressed.length - answered;
  },
  told: [],
  press(kind, row, text) {
    const all = ids();
    const at = row < 0 ? all.indexOf(lockedRow) : row % all.length;
    const [element, id] = [shownRows()[at], all[at]];
    if (!element || id === undefined) return;
    pressed.push(kind === 'Renamed' ? { type: kind, id, text } : ({ type: kind, id } as ListMessage));
    if (kind === 'Renamed') {
      const field = element.querySelector('input') as HTMLInputElement;
      field.value = text;
      field.dispatchEvent(new Event('input', { bubbles: true }));
      field.dispatchEvent(new Event('change', { bubbles: true }));
    } else {
      const name = { Removed: 'remove', Toggled: 'toggle', Raised: 'raise' }[kind as 'Removed'];
      (element.querySelector(`.${name}`) as HTMLElement).click();
      // it comes back
      if (id === lockedRow && kind === 'Removed') present.delete(element.querySelector('b')?.textContent ?? '');
    }
  },
};

/** What a page should show now. */
function expected(): ListModel {
  let model = confirmed as ListModel;
  pressed.forEach((message, index) => {
    const number = index + 1;
    if (number > answered && !refused.has(number)) model = updateList(model, message);
  });
  return model;
}

const ids = (): readonly string[] => expected().rows.map(({ id }) => id);

function look(): void {
  requestAnimationFrame(look);
  lookForReturns();
  if (!confirmed || oracle.wrong.length > 3) return;
  oracle.painted++;
  const model = expected();
  if (model !== confirmed) oracle.ahead++;
  if (shown() !== write(model.rows)) oracle.wrong.push([shown(), write(model.rows)]);
}
requestAnimationFrame(look);

for (const name of ['islet:refused', 'islet:dropped', 'islet:recovered'])
  addEventListener(name, (event) =>
    oracle.told.push([name, (event as CustomEvent).detail.code ?? (event as CustomEvent).detail]),
  );

Object.assign(globalThis, { oracle });
