// A message that cannot be taken is refused, and nothing else: its sender is told, what others did stays, nobody else
// notices. Real sockets; where it matters what comes in one turn, time is moved by hand.

import { describe, expect, test } from 'vitest';
import { component, effect, html } from '../shared/index.ts';
import type { Effect } from '../shared/language/effect.ts';
import type { TestClient } from './support/client.ts';
import { ManualClock } from './support/clock.ts';
import { outcomeOf, refusalsIn, refusedTo, settledBy } from './support/outcomes.ts';
import { startServer, type TestServer } from './support/server.ts';

/** Where a message throws, if it does. */
type Way = 'fine' | 'handler' | 'update' | 'view' | 'outputs' | 'run';
interface Message {
  readonly type: 'UserAdded' | 'TimerTicked';
  readonly way: Way;
  readonly name: string;
}
interface Model {
  readonly names: readonly string[];
  /** The view of this model, and of what comes of it, throws. */
  readonly isBroken: boolean;
}

const boom = (): never => {
  throw new Error('boom');
};
const refusal = { code: 'ISLET_ERR_MESSAGE_REFUSED' };

/** Collects names. What an event says as its value is in which way it throws, and a name. */
function createList(
  options: { readonly effects?: () => Effect<Message>; readonly onView?: (model: Model) => void } = {},
) {
  return component<Model, Message>({
    init: () => [{ names: [], isBroken: false }, effect.none],
    update({ names, isBroken }, { way, name }) {
      if (way === 'update') boom();
      const own = way === 'run' ? effect.from<Message>(boom) : effect.none;
      const asked = way === 'outputs' ? effect.emit('added', 1n) : own;
      const model = { names: [...names, name], isBroken: isBroken || way === 'view' };
      return [model, options.effects ? effect.batch([options.effects(), asked]) : asked];
    },
    view(model) {
      options.onView?.(model);
      if (model.isBroken) boom();
      const add = ({ value = '' }): Message => {
        const [way, name = ''] = value.split(' ') as [Way, string];
        return way === 'handler' ? boom() : { type: 'UserAdded', way, name };
      };
      return html`<button @click=${add}></button><output>${model.names.join(' ')}</output>`;
    },
  });
}

const shown = (page: TestClient): unknown => page.slots()[1];
const add = (page: TestClient, way: Way, name: string | number): void =>
  page.click(0, { data: { value: `${way} ${name}` } });

/** Some pages that look at the same list. Their messages of one turn are those until the clock is moved on. */
async function startPages(count: number, list = createList()) {
  const clock = new ManualClock();
  const server = await startServer((app) => app.islet.route('/ws/list', list, { shared: true }), { clock });
  const pages = await Promise.all(Array.from({ length: count }, () => server.visit('/ws/list')));
  return {
    clock,
    server,
    pages,
    async endTurn() {
      for (const page of pages) await page.handled();
      await clock.advance(20);
      for (const page of pages) await page.handled();
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

function expectNoFailure({ app }: TestServer): void {
  expect(app.islet.counters.failures).toBe(0);
  expect(app.islet.size.actors).toBe(1);
}

describe.each(['handler', 'update', 'view', 'outputs'] as const)('what the %s throws', (way) => {
  test('of three that come at the same time, the others stay, and its sender alone is told', async () => {
    await using run = await startPages(3);
    const { pages, server } = run;
    const [a, b, c] = pages as [TestClient, TestClient, TestClient];
    for (const page of pages) page.rest();
    add(a, 'fine', 1);
    await a.handled();
    add(b, way, 2);
    await b.handled();
    add(c, 'fine', 3);
    await run.endTurn();
    expect(pages.map(shown)).toEqual(['1 3', '1 3', '1 3']);
    expect(pages.map((page) => refusedTo(page))).toEqual([[], [{ ...refusal, event: 1 }], []]);
    expect(pages.map((page) => settledBy(page))).toEqual([1, 1, 1]);
    for (const page of pages) expect(page.rest()).toHaveLength(1);
    expect(server.errors).toMatchObject([{ actor: '/ws/list', code: refusal.code }]);
    expect(server.errors[0]?.err?.message).toMatch(/boom|BigInt/);
    expectNoFailure(server);
  });

  test.each([6, 60])('%i times is noticed by nobody else, who goes on', async (times) => {
    await using run = await startPages(2);
    const [one, other] = run.pages as [TestClient, TestClient];
    const { frames } = run.server.app.islet.counters;
    other.rest();
    for (let time = 1; time <= times; time++) {
      add(one, way, time);
      if (time % 6 === 0) await run.endTurn();
    }
    expect(refusedTo(one)).toHaveLength(times);
    expect(other.rest()).toEqual([]);
    expect(run.server.app.islet.counters.droppedEvents).toBe(times);
    // one frame for each turn, to the one who is told
    expect(run.server.app.islet.counters.frames - frames).toBe(times / 6);

    add(other, 'fine', 'a');
    add(one, 'fine', 'b');
    await run.endTurn();
    expect(run.pages.map(shown).map((names) => String(names).split(' ').sort())).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
    expectNoFailure(run.server);
  });

  test.each([0, 4, 9])('of ten that come at the same time, as number %i, leaves nine', async (at) => {
    await using run = await startPages(5);
    const all = Array.from({ length: 10 }, (_, index) => index);
    for (const index of all) {
      const page = run.pages[index % 5] as TestClient;
      add(page, index === at ? way : 'fine', index);
      await page.handled();
    }
    await run.endTurn();
    const nine = all.filter((index) => index !== at).join(' ');
    expect(run.pages.map(shown)).toEqual(run.pages.map(() => nine));
    const told = run.pages.map((page) => refusedTo(page));
    expect(told.flat()).toEqual([{ ...refusal, event: at < 5 ? 1 : 2 }]);
    expect(told[at % 5]).toHaveLength(1);
    expectNoFailure(run.server);
  });

  test('leaves nothing of what it asked for', async () => {
    let runs = 0;
    const list = createList({
      effects: () =>
        effect.batch([
          effect.emit('added', 1),
          effect.provide('added', 1),
          effect.after(50, { type: 'TimerTicked', way: 'fine', name: 'after' }),
          effect.every(50, { type: 'TimerTicked', way: 'fine', name: 'every' }),
          effect.from<Message>(() => {
            runs++;
          }),
        ]),
    });
    await using run = await startPages(2, list);
    const [one, other] = run.pages as [TestClient, TestClient];
    add(one, way, 1);
    await run.endTurn();
    expect(refusedTo(one)).toHaveLength(1);
    expect(run.clock.waits).toEqual([]);
    expect(runs).toBe(0);
    for (const { texts } of [one, other]) expect(texts.join()).not.toMatch(/"emit"|"provide"/);
    expect((await (await run.server.connect()).join('/ws/list')).kind).toBe('mount');

    add(one, 'fine', 2);
    await run.endTurn();
    expect(run.clock.waits).toHaveLength(2);
    expect(runs).toBe(1);
    for (const { texts } of [one, other]) expect(texts.join()).toMatch(/"emit".*"provide"/);
  });

  test('keeps its number: sent again after the connection was lost it is not tried again, and told again', async () => {
    await using server = await startServer((app) => app.islet.route('/ws/list', createList(), { shared: true }));
    const before = await server.open().opened();
    const session = await before.hello();
    await before.join('/ws/list');
    add(before, 'fine', 1);
    add(before, way, 2);
    add(before, 'fine', 3);
    await outcomeOf(before, 3);
    expect(shown(before)).toBe('1 3');
    const [version, have] = [before.version(), before.have()];
    await before.vanish();

    // the page did not hear of the second and the third
    const page = await server.connect(session);
    expect(await page.join('/ws/list', { settled: 1, have })).toMatchObject({ kind: 'live', version, event: 3 });
    const told = [{ ...refusal, event: 2 }];
    expect(refusedTo(page)).toEqual(told);
    const { errors } = server;
    const epoch = have[0];
    page.rest();
    page.click(0, { number: 2, epoch, version, data: { value: `${way} 2` } });
    const answer = await page.next('patch');
    expect([answer.event, refusalsIn(answer.operations)]).toEqual([3, told]);
    page.click(0, { number: 3, epoch, version, data: { value: 'fine 3' } });
    page.click(0, { number: 4, epoch, version, data: { value: 'fine 4' } });
    await outcomeOf(page, 4);
    await page.handled();
    expect(new Set(refusedTo(page).map(({ event }) => event))).toEqual(new Set([2]));
    const look = await server.visit('/ws/list');
    expect(shown(look)).toBe('1 3 4');
    expect(server.errors).toHaveLength(errors.length);
    expectNoFailure(server);
  });
});

test('what a run throws refuses nothing: what it belongs to was shown already', async () => {
  await using run = await startPages(2);
  const [one, other] = run.pages as [TestClient, TestClient];
  add(one, 'run', 1);
  add(other, 'fine', 2);
  await run.endTurn();
  expect(run.pages.map(shown)).toEqual(['1 2', '1 2']);
  expect([...refusedTo(one), ...refusedTo(other)]).toEqual([]);
  expect(run.server.errors).toMatchObject([{ msg: 'an effect of /ws/list threw; the actor goes on' }]);
  expectNoFailure(run.server);
});

test('of two that can only not be shown together, the earlier stays', async () => {
  const list = createList({ onView: ({ names }) => void (names.includes('fox') && names.includes('hen') && boom()) });
  await using run = await startPages(3, list);
  const [one, other, third] = run.pages as [TestClient, TestClient, TestClient];
  for (const [page, name] of [
    [one, 'hen'],
    [other, 'fox'],
    [third, 'cow'],
  ] as const) {
    add(page, 'fine', name);
    await page.handled();
  }
  await run.endTurn();
  expect(run.pages.map(shown)).toEqual(['hen cow', 'hen cow', 'hen cow']);
  expect(run.pages.map((page) => refusedTo(page).length)).toEqual([0, 1, 0]);
});

test('events of one page keep their order, whatever becomes of them', async () => {
  // there is time to try each of them
  const clock = new ManualClock();
  await using server = await startServer((app) => app.islet.route('/ws/list', createList()), { clock });
  const page = await server.visit('/ws/list');
  const ways: readonly Way[] = ['fine', 'update', 'fine', 'view', 'run', 'handler', 'fine', 'outputs', 'fine'];
  const sent = Array.from({ length: 90 }, (_, index) => ({ way: ways[index % ways.length] as Way, name: index + 1 }));
  for (const { way, name } of sent) add(page, way, name);
  await outcomeOf(page, 90);
  const isTaken = ({ way }: { way: Way }): boolean => way === 'fine' || way === 'run';
  expect(shown(page)).toBe(
    sent
      .filter(isTaken)
      .map(({ name }) => name)
      .join(' '),
  );
  const others = sent.filter((each) => !isTaken(each)).map(({ name }) => name);
  expect(
    refusedTo(page)
      .map(({ event }) => event)
      .sort((a, b) => a - b),
  ).toEqual(others);
});

test('what there is no time to try one by one is refused too, and its sender told so', async () => {
  let pass = (): void => {};
  // each view takes a while
  await using run = await startPages(2, createList({ onView: () => pass() }));
  const [one, other] = run.pages as [TestClient, TestClient];
  pass = () => run.clock.pass(15);
  add(other, 'view', 0);
  await other.handled();
  for (let name = 1; name <= 10; name++) add(one, 'fine', name);
  await run.endTurn();
  expect(refusedTo(other)).toEqual([{ ...refusal, event: 1 }]);
  expect(refusedTo(one)).toEqual([4, 5, 6, 7, 8, 9, 10].map((event) => ({ event, code: 'ISLET_ERR_NOT_TRIED' })));
  expect(run.pages.map(shown)).toEqual(['1 2 3', '1 2 3']);
  expectNoFailure(run.server);
});
