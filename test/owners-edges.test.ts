// What a machine has heard of an actor that another one runs, and its pages have not: whatever dies next, each page is
// told what became of what was done there, and nobody is left behind. Each fault is written down, step by step.

import { afterEach, describe, expect, test } from 'vitest';
import { toSubject } from '../server/cluster/subject.ts';
import type { Store } from '../server/index.ts';
import type { Outcome } from '../server/testing/light-island.ts';
import { component, effect, html, Refused } from '../shared/index.ts';
import type { AnyComponent } from '../shared/language/component.ts';
import type { Machine } from './owners/machine.ts';
import { type Person, Scene } from './owners/scene.ts';

const route = '/ws/board';
const added = 0;
const addedToTwo = 2;
const never = 3;
const missing = 7;

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

/** A store whose commits take so long, and get lost with their machine. */
function slowly(ms: number, machine: () => Machine): Store {
  return {
    ...scene.store,
    async commit(writes) {
      await new Promise<void>((resolve) => scene.clock.setTimeout(resolve, ms));
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

describe.each([
  { what: 'refused by the component', hole: added, refusal: refused },
  {
    what: 'of a place that is not there',
    hole: missing,
    refusal: { kind: 'refused', code: 'ISLET_ERR_EVENT_UNKNOWN_TARGET', message: expect.any(String) },
  },
])('an event that was $what, in a turn that was not kept', ({ hole, refusal }) => {
  /** Ben is cut off before he hears of anything; his machine knows all but of the last, of which no owner has heard. */
  async function beginUnheard() {
    const scene3 = await beginAtThree();
    const { one, ben } = scene3;
    const outcomes = [ben.act(added, 'first')];
    await scene.pass(10);
    outcomes.push(ben.act(hole, 'no'), ben.act(added, 'idle'), ben.act(hole, 'no'), ben.act(added, 'idle'));
    await scene.pass(10);
    one.isDeaf = true;
    outcomes.push(ben.act(added, 'later'));
    await scene.pass(10);
    ben.client.cut();
    await scene.pass(300);
    return { ...scene3, outcomes };
  }

  const told = [applied, refusal, applied, refusal, applied, applied];

  test('is told as refused though its owner and its page’s machine are gone', async () => {
    const { one, two, three, eve, ben, outcomes } = await beginUnheard();
    one.kill();
    expect(await scene.until(() => eve.shown === 'first later')).toBe(true);
    two.kill();
    await moveAndRest(ben, three);
    expect(await Promise.all(outcomes)).toEqual(told);
    expect(ben.shown).toBe('first later');
  });

  test('is told as refused once where its page’s machine is still there', async () => {
    const { one, two, eve, ben, outcomes } = await beginUnheard();
    one.kill();
    expect(await scene.until(() => eve.shown === 'first later')).toBe(true);
    await moveAndRest(ben, two);
    expect(await Promise.all(outcomes)).toEqual(told);
    expect(await outcomeOf(ben.act(added, 'last'))).toEqual(applied);
    expect(ben.shown).toBe('first later last');
  });

  test('is said to the next owner once, and not with each event from then on', async () => {
    const all = await beginUnheard();
    const { two, eve, ben } = all;
    const said = scene.listen(toSubject('live', route));
    await goOnAtThird(all);
    expect(await scene.until(() => eve.shown === 'first eve later')).toBe(true);
    await moveAndRest(ben, two);
    for (const text of ['more', 'and more']) expect(await outcomeOf(ben.act(added, text))).toEqual(applied);
    const counts = said.map((text) => text.split(`"${refusal.code}"`).length - 1);
    expect(counts.filter((count) => count > 0)).toEqual([2]);
  });
});

describe.each([
  {
    what: 'another owner would apply',
    hole: addedToTwo,
    code: 'ISLET_ERR_EVENT_DISABLED',
    message: expect.any(String),
  },
  { what: 'is refused in words', hole: never, code: 'ISLET_ERR_MESSAGE_REFUSED', message: 'never' },
])('an event that $what, whose refusal was told when its turn was not kept yet', ({ hole, code, message }) => {
  const told = [applied, applied, { kind: 'refused', code, message }, applied];

  /** Ben's third event is refused, which is told with the first one's outcome, when his second has none. */
  async function beginBetween(isCut: boolean) {
    const all = await beginAtThree();
    const { one, ann, ben } = all;
    const outcomes = [ben.act(added, 'first')];
    await scene.pass(10);
    outcomes.push(ben.act(added, 'second'), ben.act(hole, ''));
    void ann.act(added, 'never kept');
    await scene.pass(10);
    one.isDeaf = true;
    outcomes.push(ben.act(added, 'third'));
    await scene.pass(10);
    if (isCut) ben.client.cut();
    expect(await scene.until(() => ann.shown === 'first')).toBe(true);
    await scene.pass(20);
    await goOnAtThird(all);
    expect(await scene.until(() => all.eve.shown === 'first eve second third')).toBe(true);
    return { ...all, outcomes };
  }

  test('stays refused at the next owner', async () => {
    const { ben, eve, outcomes } = await beginBetween(false);
    expect(await scene.until(() => ben.island.isQuiet)).toBe(true);
    expect(await Promise.all(outcomes)).toEqual(told);
    expect([ben.shown, eve.shown]).toEqual(['first eve second third', 'first eve second third']);
  });

  test('is told so, in the same words, where its page comes back at another machine', async () => {
    const { two, three, ben, outcomes } = await beginBetween(true);
    two.kill();
    await moveAndRest(ben, three);
    expect(await Promise.all(outcomes)).toEqual(told);
    expect(ben.shown).toBe('first eve second third');
  });
});

test('refusals are said in the order of their events, which is not that in which they were refused', async () => {
  const { one, two, three, ben, eve } = await beginAtThree();
  const outcomes = [ben.act(added, 'first')];
  await scene.pass(10);
  // what is refused as it comes is so before what the update refuses
  outcomes.push(ben.act(added, 'no'), ben.act(never, ''));
  await scene.pass(10);
  one.isDeaf = true;
  outcomes.push(ben.act(added, 'later'));
  await scene.pass(10);
  ben.client.cut();
  await scene.pass(300);
  one.kill();
  expect(await scene.until(() => eve.shown === 'first later')).toBe(true);
  two.kill();
  await moveAndRest(ben, three);
  expect(await Promise.all(outcomes)).toEqual([applied, refused, { ...refused, message: 'never' }, applied]);
});

test('what is said to the next owner after refusals that got lost waits for them, and for what was said with them', async () => {
  const all = await beginAtThree(40);
  const { two, three, ben, eve } = all;
  expect(await outcomeOf(ben.act(added, 'no'))).toEqual(refused);
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
