// Laws of turns, for random messages of which some throw: what is shown is the fold of the messages that were not
// refused, those are refused that cannot be applied, and what was asked for happens once. And of taking a rendering
// back: it is as if it had never been.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compile } from '../server/html-parser.ts';
import { component, type Effect, effect, html, keyed, mapMessages, memo, type Template } from '../shared/index.ts';
import { TemplateTable } from '../shared/tree/encode.ts';
import { renderContent } from '../shared/tree/html.ts';
import { Rendering } from '../shared/tree/rendering.ts';
import { isDefine, type Patch } from '../shared/wire/patch.ts';
import { histories, lists, type Part, part, views, withBomb } from './support/arbitrary-views.ts';
import { ReferenceTree } from './support/reference-tree.ts';
import { mounted } from './support/render.ts';
import { startRuntime } from './support/runtime.ts';
import { timesOf } from './support/times.ts';

describe('a turn, whatever its messages throw', () => {
  test('shows the fold of those that were not refused, and does what these asked for, once and in order', () => {
    const turns = fc.array(fc.array(message, { minLength: 1, maxLength: 7 }), { maxLength: 7 });
    fc.assert(fc.property(turns, checkTurns), { numRuns: timesOf(100) });
  });
});

/** How a model makes its view throw. */
const faults = ['top', 'memo', 'item', 'nested', 'symbol', 'encoding', 'child'] as const;
type Fault = (typeof faults)[number];

interface Row {
  readonly key: number;
  readonly isBroken: boolean;
}

interface Model {
  readonly count: number;
  readonly rows: readonly Row[];
  readonly fault: Fault | null;
}

type Message = {
  readonly type:
    | 'Added'
    | 'Removed'
    | 'Turned'
    | 'Faulted'
    | 'Mended'
    | 'Threw'
    | 'ThrewAtFault'
    | 'EmittedBadly'
    | 'Kept';
  readonly number: number;
  readonly fault: Fault;
  readonly asks: { readonly emit: boolean; readonly run: boolean; readonly after: boolean };
  /** What its run dispatches. */
  readonly sends: Message | null;
};

const message: fc.Arbitrary<Message> = fc.letrec<{ message: Message }>((tie) => ({
  message: fc.record({
    type: fc.oneof(
      { weight: 5, arbitrary: fc.constant('Added' as const) },
      {
        weight: 9,
        arbitrary: fc.constantFrom(
          ...(['Removed', 'Turned', 'Faulted', 'Faulted', 'Mended', 'Threw', 'ThrewAtFault'] as const),
          ...(['EmittedBadly', 'Kept'] as const),
        ),
      },
    ),
    number: fc.integer({ min: 0, max: 30 }),
    fault: fc.constantFrom(...faults),
    asks: fc.record({ emit: fc.boolean(), run: fc.boolean(), after: fc.boolean() }),
    sends: fc.option(tie('message'), { freq: 6, maxDepth: 2, depthIdentifier: 'sends' }),
  }),
})).message;

function apply(model: Model, { type, number, fault }: Message): Model {
  const { rows } = model;
  switch (type) {
    case 'Added':
      return { ...model, count: model.count + 1, rows: [...rows, { key: number, isBroken: false }] };
    case 'Removed':
      return { ...model, rows: rows.filter((_, index) => index !== number % (rows.length + 1)) };
    case 'Turned':
      return { ...model, rows: rows.toReversed() };
    case 'Faulted':
      if (fault !== 'item') return { ...model, fault };
      return { ...model, rows: rows.toSpliced(number % (rows.length + 1), 0, { key: -number, isBroken: true }) };
    case 'Mended':
      return { ...model, fault: null, rows: rows.filter(({ isBroken }) => !isBroken) };
    case 'Threw':
      throw new Error('update');
    case 'ThrewAtFault':
      if (model.fault) throw new Error('update, at a fault');
      return { ...model, count: model.count + 1 };
    case 'EmittedBadly':
      return { ...model, count: model.count + 100 };
    case 'Kept':
      return model;
  }
}

function view({ count, rows, fault }: Model): Template<Message> {
  const broken = (): never => {
    throw new Error(`view, at ${fault}`);
  };
  if (fault === 'top') broken();
  const pressed = { type: 'Kept' } as Message;
  return html`
    <h1 class=${count % 2 ? 'odd' : null} @click=${pressed}>${count}</h1>
    ${count % 3 === 0 ? html`<hr>` : `no line at ${count}`}
    ${memo({ count: count % 3, isBroken: fault === 'memo' }, () => (fault === 'memo' ? broken() : html`<b>${count % 3}</b>`))}
    ${mapMessages(child(count, fault === 'child'), () => pressed)}
    <ul>${keyed(
      rows,
      'key',
      ({ key, isBroken }) =>
        isBroken ? broken() : html`<li @click=${pressed}>${key} ${key % 2 ? html`<i>odd</i>` : null}</li>`,
      { isBroken: fault === 'nested' },
    )}</ul>
    ${keyed(
      rows.slice(0, 3),
      ({ key }) => key,
      ({ key }) =>
        html`<ol>${keyed(
          [key, 'last'],
          (item) => item,
          (item) => (item === 'last' && fault === 'nested' ? broken() : html`<li>${item}</li>`),
          { isBroken: fault === 'nested' },
        )}</ol>`,
      { isBroken: fault === 'nested' },
    )}
    <my-el .data=${fault === 'encoding' ? { number: 1n } : { number: count }}></my-el>
    <p>${rows.map(({ key }) => html`<i>${key}</i>`)} ${fault === 'symbol' ? (Symbol('no') as never) : count}</p>
  `;
}

function child(count: number, isBroken: boolean): Template<{ readonly type: 'Pressed' }> {
  return html`<button @click=${{ type: 'Pressed' }}>${count} ${isBroken ? (Symbol('no') as never) : null}</button>`;
}

const start: Model = { count: 0, rows: [], fault: null };

/** Whether a rendering of nothing but this model, and encoding it, works. */
function canBeShown(model: Model): boolean {
  try {
    const rendering = new Rendering(compile, new TemplateTable());
    rendering.render(view(model));
    JSON.stringify(rendering.toMount());
    return true;
  } catch {
    return false;
  }
}

function applied(model: Model, message: Message): Model | undefined {
  try {
    return message.type === 'EmittedBadly' ? undefined : apply(model, message);
  } catch {
    return undefined;
  }
}

/** What becomes of a turn, by the rule: all at once if what they make can be shown, else one by one. */
function judge(
  model: Model,
  turn: readonly Message[],
): { readonly model: Model; readonly accepted: readonly Message[] } {
  const fold = (isFine: (next: Model) => boolean): { model: Model; accepted: Message[] } => {
    const folded = { model, accepted: [] as Message[] };
    for (const message of turn) {
      const next = applied(folded.model, message);
      if (!next || !isFine(next)) continue;
      folded.model = next;
      folded.accepted.push(message);
    }
    return folded;
  };
  const atOnce = fold(() => true);
  return canBeShown(atOnce.model) ? atOnce : fold(canBeShown);
}

function checkTurns(turns: readonly (readonly Message[])[]): void {
  const log: string[] = [];
  const definition = component<Model, Message, undefined>({
    init: () => [start, effect.none],
    update(model, message) {
      const next = apply(model, message);
      return [next, asksOf(message, log)];
    },
    view,
  });
  const { runtime, place, clock, next } = startRuntime(definition);
  place.log.push = (...words) => log.push(...words);
  let model = start;
  let timers = 0;
  const due = turns.map((messages) => ({ messages, hasBegun: false }));
  for (let turn = due.shift(); turn; turn = due.shift()) {
    const { messages, hasBegun } = turn;
    for (const list of [place.refused, place.outputs, log]) list.length = 0;
    if (!hasBegun) for (const each of messages) runtime.dispatch(each);
    next();
    const judged = judge(model, messages);
    const { accepted } = judged;
    model = judged.model;
    timers += accepted.filter(({ asks }) => asks.after).length;

    const fresh = new Rendering(compile, new TemplateTable());
    fresh.render(view(model));
    expect(renderContent(runtime.rendering.content)).toBe(renderContent(fresh.content));
    place.expectSameTree();
    expect(place.refused.map((each) => each.message)).toEqual(messages.filter((each) => !accepted.includes(each)));
    expect(place.emitted).toEqual(accepted.filter(({ asks }) => asks.emit).map(({ number }) => ['told', number]));
    expect(clock.waits).toHaveLength(timers);
    const runs = accepted.filter(isRunning).map(({ number }) => `run ${number}`);
    expect(log.slice(log.indexOf('delivered'))).toEqual(['delivered', 'turn ended', ...runs]);
    expect([place.failures, place.runErrors]).toEqual([[], []]);

    // what runs have dispatched is the next turn
    const sent = accepted.flatMap(({ sends }) => sends ?? []);
    if (sent.length > 0) due.unshift({ messages: sent, hasBegun: true });
  }
}

const isRunning = ({ asks, sends }: Message): boolean => asks.run || sends !== null;

/** What a message asks for, in order: what says so in the log comes last. */
function asksOf(message: Message, log: string[]): Effect<Message> {
  const { type, asks, number, sends } = message;
  if (type === 'EmittedBadly') return effect.emit('told', 1n);
  return effect.batch<Message>([
    asks.emit ? effect.emit('told', number) : effect.none,
    asks.after ? effect.after<Message>(1_000, { ...message, type: 'Kept' }) : effect.none,
    isRunning(message)
      ? effect.from<Message>((dispatch) => {
          log.push(`run ${number}`);
          if (sends) dispatch(sends);
        })
      : effect.none,
  ]);
}

describe('a rendering that is taken back, because its view threw or for another reason', () => {
  // what is taken back often is a small change, and often comes again without what has thrown
  const all = fc.tuple(fc.oneof(histories, lists), fc.nat(), fc.boolean(), fc.oneof(part, fc.constant(undefined)));

  test('leaves HTML, ids and listeners as they were, and the next patch is the one that it would have been', () => {
    fc.assert(
      fc.property(all, ([history, place, isBomb, other]) => {
        const before = history.slice(0, -1);
        const changed = history.at(-1) as Part;
        const after = other === undefined ? changed : other;
        const { rendering, tree } = render(before);
        const found = listenersOf(rendering);
        const kept = [renderContent(rendering.content), rendering.toIds(), rendering.nextId];
        takeBack(rendering, show(isBomb ? withBomb(changed, place) : changed, -1));
        expect([renderContent(rendering.content), rendering.toIds(), rendering.nextId]).toEqual(kept);
        const again = listenersOf(rendering);
        expect(again.length).toBe(found.length);
        expect(again.every((each, index) => each === found[index])).toBe(true);

        // it knows the same templates by the same numbers, and never saw what was taken back
        const table = new TemplateTable();
        for (const definition of rendering.table.definitions) table.numberOf(definition);
        const control = render(before, table).rendering;
        const next = show(after, 9);
        const patch = rendering.render(next);
        expect(withoutTemplates(patch)).toEqual(withoutTemplates(control.render(next)));
        expect(renderContent(rendering.content)).toBe(renderContent(control.content));
        tree.apply(JSON.parse(JSON.stringify(patch)));
        const whole = mounted(rendering);
        expect(tree.toPlain()).toEqual(whole.toPlain());
      }),
      { numRuns: timesOf(100) },
    );
  });

  test('does so also where it is a small change of the one before, somewhere inside', () => {
    fc.assert(
      fc.property(histories, fc.nat(), fc.nat(), (history, place, another) => {
        const last = history.at(-1) as Part;
        const { rendering } = render(history);
        const kept = [renderContent(rendering.content), rendering.toIds(), rendering.nextId];
        takeBack(rendering, show(withBomb(last, place), -1));
        takeBack(rendering, show(withBomb(history[0] as Part, another), -2));
        expect([renderContent(rendering.content), rendering.toIds(), rendering.nextId]).toEqual(kept);
        expect(rendering.render(show(last, history.length - 1))).toEqual([]);
      }),
      { numRuns: timesOf(100) },
    );
  });

  const view = views();

  /** A view whose events go through a map of its own. */
  function show(shown: Part, number: number): Template<unknown> {
    const content = mapMessages(view(shown), (inner) => ({ type: 'Mapped', number, inner }));
    return html`<article title=${number}>${content}</article>`;
  }

  function render(
    history: readonly Part[],
    table = new TemplateTable(),
  ): { rendering: Rendering; tree: ReferenceTree } {
    const rendering = new Rendering(compile, table);
    let tree = new ReferenceTree();
    history.forEach((shown, number) => {
      const patch = rendering.render(show(shown, number));
      if (number === 0) tree = mounted(rendering);
      else tree.apply(JSON.parse(JSON.stringify(patch)));
    });
    return { rendering, tree };
  }
});

function takeBack(rendering: Rendering, next: Template<unknown>): void {
  rendering.keep();
  try {
    rendering.render(next);
  } catch {
    return;
  }
  rendering.rollBack();
}

/** What is found at each hole of each instance: its handler, and the maps that its messages go through. */
function listenersOf(rendering: Rendering): unknown[] {
  return Array.from({ length: rendering.nextId * 8 }, (_, index) => {
    const found = rendering.findListener(Math.floor(index / 8), index % 8);
    return found ? [found.instance, found.listener, ...found.maps] : [undefined];
  }).flat();
}

const withoutTemplates = (patch: Patch): Patch => patch.filter((operation) => !isDefine(operation));
