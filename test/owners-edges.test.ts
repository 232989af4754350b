// What a machine has heard of an actor that another one runs, and its pages have not: whatever dies next, each page is
// told what became of what was done there, and nobody is left behind. Each fault is written down, step by step.

import { afterEach, describe, expect, test } from 'vitest';
import { toSubject } from '../server/cluster/subject.ts';
import type { Store } from '../server/index.ts';
import { StoreError } from '../server/store/store.ts';
import type { Outcome } from '../server/testing/light-island.ts';
import { component, effect, html, Refused } from '../shared/index.ts';
import type { AnyComponent } from '../shared/language/component.ts';
import type { Machine } from './owners/machine.ts';
import { type Person, Scene } from './owners/scene.ts';

const route = '/ws/board';
const added = 0;
const addedToTwo = 2;
const never = 3;

let scene: Scene;
afterEach(() => scene.end());

const board = component<readonly string[], { readonly type: 'added'; readonly text: string }>({
  name: 'edge-board',
  init: () => [[], effect.none],
  update(texts, { text }) {
    if (text === 'no') throw new Refused('not today');
    return [text === 'idle' ? texts : [...texts, text], effect.none];
  },
  view: (texts) => html`
    <button @click=${({ detail }) => ({ type: 'added', text: String(detail) })}>add</button>
    <button ?disabled=${texts.length !== 2} @click=${{ type: 'added', text: 'pressed' }}>add to two</button>
    <button
      @click=${() => {
        throw new Refused('never');
      }}
    >never</button>
    <p>${texts.join(' ')}</p>
  `,
}) as AnyComponent;

const applied = { kind: 'applied' };
const refused = { kind: 'refused', code: 'ISLET_ERR_MESSAGE_REFUSED', message: 'not today' };

function begin(): void {
  scene = new Scene((registry) => registry.add(route, board, { shared: true, persist: true }));
}

/** A store whose commits take so long, and get lost with their machine; and which never keeps what is bad. */
function slowly(ms: number, machine: () => Machine): Store {
  return {
    ...scene.store,
    async commit(writes) {
      await new Promise<void>((resolve) => scene.clock.setTimeout(resolve, ms));
      if (JSON.stringify(writes).includes('bad')) throw new StoreError('refused', 'it will not have that');
      return machine().isAlive ? scene.store.commit(writes) : [];
    },
  };
}

/** Ann is at the machine that owns the board, whose store is slow; Ben and Eve are at others. */
async function beginAtThree(questionMs?: number) {
  begin();
  const one: Machine = scene.start(
    'one',
    slowly(100, () => one),
  );
  const [two, three] = [scene.start('two', scene.store, questionMs), scene.start('three')];
  const ann = await scene.person(one, route);
  const ben = await scene.person(two, route);
  const eve = await scene.person(three, route);
  // what is written as they come
  await scene.pass(500);
  expect(one.owners.size.owned).toBe(1);
  return { one, two, three, ann, ben, eve };
}

type Three = Awaited<ReturnType<typeof beginAtThree>>;

/** The owner dies, and the third machine goes on by what Eve does, before the second one hears of it. */
async function goOnAtThird({ one, two, three, eve }: Three): Promise<void> {
  two.freeze();
  one.kill();
  expect(await outcomeOf(eve.act(added, 'eve'))).toEqual(applied);
  expect(three.owners.size.owned).toBe(1);
  two.thaw();
}

async function outcomeOf(outcome: Promise<Outcome>): Promise<Outcome | undefined> {
  let known: Outcome | undefined;
  void outcome.then((told) => {
    known = told;
  });
  await scene.until(() => known !== undefined, 30_000);
  return known;
}

async function moveAndRest(person: Person, machine: Machine): Promise<void> {
  person.moveTo(machine);
  expect(await scene.until(() => person.island.isQuiet)).toBe(true);
}

describe('what is refused', () => {
  test('stays so, though another machine says it again to an owner that would apply it', async () => {
    const { one, two, three, ann, ben } = await beginAtThree();
    expect(await outcomeOf(ann.act(added, 'a'))).toEqual(applied);
    one.isDeaf = true;
    // its own machine takes it, and hangs before anybody has heard of it
    const outcome = ben.act(addedToTwo, '');
    await scene.pass(10);
    two.freeze();
    // nor does it hear that Ben has gone on
    two.isDeaf = true;
    one.isDeaf = false;
    ben.moveTo(three);
    expect(await outcomeOf(outcome)).toMatchObject({ kind: 'refused', code: 'ISLET_ERR_EVENT_DISABLED' });
    expect(await outcomeOf(ann.act(added, 'b'))).toEqual(applied);
    ben.client.cut();
    one.kill();
    three.kill();
    two.isDeaf = false;
    two.thaw();
    const eve = await scene.person(two, route);
    await scene.pass(10_000);
    expect([eve.shown, two.owners.size.owned]).toEqual(['a b', 1]);
  });

  test('is written before it is told, once', async () => {
    begin();
    let writes = 0;
    const one = scene.start('one', {
      ...scene.store,
      commit(all) {
        writes++;
        return scene.store.commit(all);
      },
    });
    const ann = await scene.person(one, route);
    await scene.pass(500);
    writes = 0;
    for (const [text, outcome, written] of [
      ['no', refused, 1],
      ['idle', applied, 1],
      ['no', refused, 2],
      ['idle', applied, 2],
    ] as const) {
      expect(await outcomeOf(ann.act(added, text))).toEqual(outcome);
      expect(writes).toBe(written);
    }
  });

  test.each([
    { what: 'another owner would apply', hole: addedToTwo, last: applied, shown: 'first eve pressed third' },
    { what: 'all refuse', hole: never, last: { ...refused, message: 'never' }, shown: 'first eve third' },
  ])('while the turn before is kept is not told before its own is: $what', async ({ hole, last, shown }) => {
    const all = await beginAtThree();
    const { one, ann, ben, eve } = all;
    const outcomes = [ben.act(added, 'first')];
    await scene.pass(10);
    outcomes.push(ben.act(hole, ''));
    void ann.act(added, 'never kept');
    await scene.pass(10);
    one.isDeaf = true;
    outcomes.push(ben.act(added, 'third'));
    expect(await scene.until(() => ann.shown === 'first')).toBe(true);
    await scene.pass(20);
    await goOnAtThird(all);
    expect(await scene.until(() => eve.shown === shown)).toBe(true);
    expect(await scene.until(() => ben.island.isQuiet)).toBe(true);
    expect(await Promise.all(outcomes)).toEqual([applied, last, applied]);
  });
});

describe('events that are refused since the store will not keep what they do', () => {
  const unkept = { kind: 'refused', code: 'ISLET_ERR_STORE', message: expect.any(String) };

  test('are told as refused though their owner and their page’s machine are gone', async () => {
    const { one, two, three, eve, ben } = await beginAtThree();
    const outcomes = ['bad', 'idle', 'bad'].map((text) => ben.act(added, text));
    await scene.pass(10);
    one.isDeaf = true;
    outcomes.push(ben.act(added, 'later'));
    await scene.pass(10);
    ben.client.cut();
    await scene.pass(300);
    one.kill();
    expect(await scene.until(() => eve.shown === 'later')).toBe(true);
    two.kill();
    await moveAndRest(ben, three);
    expect(await Promise.all(outcomes)).toEqual([unkept, unkept, unkept, applied]);
    expect(ben.shown).toBe('later');
  });

  test('are said to the next owner once, with others between them of which it hears nothing', async () => {
    const all = await beginAtThree();
    const { ben } = all;
    for (const [text, outcome] of [
      ['bad', unkept],
      ['idle', applied],
      ['idle', applied],
      ['bad', unkept],
      ['idle', applied],
      ['idle', applied],
    ] as const)
      expect(await outcomeOf(ben.act(added, text))).toEqual(outcome);
    const said = scene.listen(toSubject('live', route));
    await goOnAtThird(all);
    for (const text of ['x', 'y', 'z']) expect(await outcomeOf(ben.act(added, text))).toEqual(applied);
    expect(ben.shown).toBe('eve x y z');
    const counts = said.map((text) => text.split('"ISLET_ERR_STORE"').length - 1);
    expect(counts.filter((count) => count > 0)).toEqual([2]);
  });
});

test('what is said to the next owner after refusals that got lost waits for them, and for what was said with them', async () => {
  const all = await beginAtThree(40);
  const { two, three, ben, eve } = all;
  expect(await outcomeOf(ben.act(added, 'bad'))).toMatchObject({ code: 'ISLET_ERR_STORE' });
  const said = scene.listen(toSubject('live', route));
  two.freeze();
  void ben.act(added, 'lost');
  two.thaw();
  await goOnAtThird(all);
  const isAsked = (): boolean => said.some((text) => text.includes('"look"') && text.includes(two.owners.name));
  expect(await scene.until(isAsked)).toBe(true);
  // it is linked now, and what it says is under way
  three.isDeaf = true;
  await scene.pass(20);
  void ben.act(added, 'heard');
  await scene.pass(30);
  three.isDeaf = false;
  expect(await scene.until(() => eve.shown === 'eve lost heard')).toBe(true);
});

test('what became of an event is not told before what it did is shown, where a patch before it was missed', async () => {
  const { two, ann, ben } = await beginAtThree();
  two.isDeaf = true;
  expect(await outcomeOf(ann.act(added, 'a'))).toEqual(applied);
  two.isDeaf = false;
  let shown = '';
  const outcome = ben.act(added, 'b').then((told) => {
    shown = ben.shown;
    return told;
  });
  expect(await outcomeOf(outcome)).toEqual(applied);
  expect(shown).toBe('a b');
});

describe('a join that is under way for long', () => {
  /** Somebody joins at a machine that hangs for so long before it hears the answers to its questions. */
  async function beginHanging(afterMs: number) {
    begin();
    const [one, two] = [scene.start('one'), scene.start('two', scene.store, 40)];
    const ann = await scene.person(one, route);
    const ben = scene.begin(two, route);
    await scene.pass(afterMs);
    two.freeze();
    await scene.pass(6_000);
    return { one, two, ann, ben };
  }

  test.each([20, 60])('leads to an island that is told all that happens there (%i ms after it began)', async (ms) => {
    const { two, ann, ben } = await beginHanging(ms);
    expect(ben.island.isJoined).toBe(false);
    two.thaw();
    expect(await scene.until(() => ben.island.isJoined)).toBe(true);
    expect(await outcomeOf(ben.act(added, 'here'))).toEqual(applied);
    expect([ann.shown, ben.shown, two.owners.size.edges]).toEqual(['here', 'here', 1]);
  });

  test.each([20, 60])('leaves nothing behind where its page has gone meanwhile (%i ms after it began)', async (ms) => {
    const { two, ben } = await beginHanging(ms);
    void ben.client.end();
    two.thaw();
    await scene.pass(20_000);
    expect(two.owners.size.edges).toBe(0);
  });
});
