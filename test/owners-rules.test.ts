// What edges and owners must not do, each in the one moment where it would matter: a machine hangs, is cut off or hears
// nothing just then, and all is as it should be afterwards. Each moment is written down, step by step.

import { afterEach, describe, expect, test } from 'vitest';
import { toSubject } from '../server/cluster/subject.ts';
import type { Store } from '../server/index.ts';
import { droppedClients } from '../server/store/store.ts';
import type { Outcome } from '../server/testing/light-island.ts';
import { component, effect, html } from '../shared/index.ts';
import type { AnyComponent } from '../shared/language/component.ts';
import type { Machine } from './owners/machine.ts';
import { Scene } from './owners/scene.ts';

const route = '/ws/board';
const added = 0;

let scene: Scene;
afterEach(() => scene.end());

interface Board {
  readonly texts: readonly string[];
  readonly lookers: number;
}

type Message = { readonly type: 'added'; readonly text: string } | { readonly type: 'came' | 'went' };

/** @param counts Whether it shows how many look. */
const boardOf = (counts: boolean): AnyComponent =>
  component<Board, Message>({
    name: 'rules-board',
    init: () => [{ texts: [], lookers: 0 }, effect.none],
    update({ texts, lookers }, message) {
      if (message.type === 'added') return [{ texts: [...texts, message.text], lookers }, effect.none];
      return [{ texts, lookers: lookers + (message.type === 'came' ? 1 : -1) }, effect.none];
    },
    view: ({ texts, lookers }) => html`
      <button @click=${({ detail }) => ({ type: 'added', text: String(detail) })}>add</button>
      <p>${texts.join(' ')}</p>
      <p>${counts ? lookers : null}</p>
    `,
    ...(counts ? { onConnect: () => ({ type: 'came' }), onDisconnect: () => ({ type: 'went' }) } : {}),
  }) as AnyComponent;

function begin(how: { readonly persist: boolean; readonly counts?: boolean; readonly saysAgain?: boolean }): void {
  const { persist, counts = false, saysAgain = true } = how;
  const board = boardOf(counts);
  const options = persist ? { shared: true as const, persist } : { shared: true as const };
  scene = new Scene((registry) => registry.add(route, board, options), saysAgain);
}

async function outcomeOf(outcome: Promise<Outcome>): Promise<string | undefined> {
  let known: Outcome | undefined;
  void outcome.then((told) => {
    known = told;
  });
  await scene.until(() => known !== undefined, 30_000);
  return known?.kind;
}

/** Resolves when a question has been asked that has this in it. */
async function untilAsked(texts: readonly string[], part: string): Promise<void> {
  expect(await scene.until(() => texts.some((text) => text.includes(part)))).toBe(true);
}

/** Ben acts at a machine that does not hear what became of it; Ann, at the owner, sees it. */
async function actUnheard(owner: Machine, deaf: Machine) {
  const ann = await scene.person(owner, route);
  const ben = await scene.person(deaf, route);
  deaf.isDeaf = true;
  const outcome = ben.act(added, 'ben');
  expect(await scene.until(() => ann.shown === 'ben')).toBe(true);
  return { ben, outcome };
}

describe('what nobody keeps', () => {
  test('is not done again by the next owner where its page has gone on to it, and is told as dropped', async () => {
    begin({ persist: false });
    const [one, two, three] = [scene.start('one'), scene.start('two'), scene.start('three')];
    const { ben, outcome } = await actUnheard(one, two);
    one.kill();
    ben.moveTo(three);
    expect(await outcomeOf(outcome)).toBe('dropped');
    expect([ben.shown, await outcomeOf(ben.act(added, 'later'))]).toEqual(['', 'applied']);
  });

  test('is not done again where its page came to a machine that was cut off while the owner died', async () => {
    begin({ persist: false });
    const [one, two, three] = [scene.start('one'), scene.start('two'), scene.start('three')];
    const { ben, outcome } = await actUnheard(one, two);
    two.freeze();
    three.bus.cut();
    expect(await scene.until(() => three.owners.isCut)).toBe(true);
    ben.moveTo(three);
    await scene.pass(100);
    one.kill();
    two.kill();
    three.bus.restore();
    expect(await outcomeOf(outcome)).toBe('dropped');
    expect(ben.shown).toBe('');
  });

  test('is done where its page came to a machine that was cut off, and the owner lives', async () => {
    begin({ persist: false });
    const [one, two, three] = [scene.start('one'), scene.start('two'), scene.start('three')];
    const ann = await scene.person(one, route);
    const ben = await scene.person(two, route);
    // nothing of it leaves its machine
    two.freeze();
    const outcome = ben.act(added, 'ben');
    await scene.pass(50);
    three.bus.cut();
    expect(await scene.until(() => three.owners.isCut)).toBe(true);
    ben.moveTo(three);
    await scene.pass(100);
    two.kill();
    three.bus.restore();
    expect(await outcomeOf(outcome)).toBe('applied');
    expect([ann.shown, ben.shown]).toEqual(['ben', 'ben']);
  });

  test('is done by the next owner where it was never sent to the one before', async () => {
    begin({ persist: false });
    const [one, two] = [scene.start('one'), scene.start('two')];
    await scene.person(one, route);
    const ben = await scene.person(two, route);
    two.bus.cut();
    expect(await scene.until(() => two.owners.isCut)).toBe(true);
    const outcome = ben.act(added, 'ben');
    await scene.pass(100);
    one.kill();
    two.bus.restore();
    expect(await outcomeOf(outcome)).toBe('applied');
    expect(ben.shown).toBe('ben');
  });

  test('is dropped where it was sent to the owner before, by the page’s first machine', async () => {
    begin({ persist: false });
    const [one, two] = [scene.start('one'), scene.start('two')];
    const { ben, outcome } = await actUnheard(one, two);
    one.kill();
    two.isDeaf = false;
    expect(await outcomeOf(outcome)).toBe('dropped');
    expect(ben.shown).toBe('');
  });

  test('is not shown as an owner has it that was overtaken, and does not know', async () => {
    begin({ persist: false });
    const [one, two, three] = [scene.start('one'), scene.start('two'), scene.start('three')];
    const ann = await scene.person(one, route);
    const cat = await scene.person(three, route);
    const ben = await scene.person(two, route);
    one.freeze();
    one.isDeaf = true;
    await outcomeOf(ben.act(added, 'first'));
    expect(await outcomeOf(ben.act(added, 'ben'))).toBe('applied');
    expect(await scene.until(() => cat.shown === 'ben' && two.owners.size.owned === 1)).toBe(true);
    one.thaw();
    const said = scene.listen(toSubject('news', route));
    for (let more = 0; more < 4; more++) {
      void ann.act(added, 'ann');
      await scene.pass(40);
    }
    expect(said.filter((text) => text.includes('ann')).length).toBeGreaterThan(3);
    expect([one.owners.size.owned, cat.shown]).toEqual([1, 'ben']);
    expect(await outcomeOf(ben.act(added, 'more'))).toBe('applied');
    expect(cat.shown).toBe('ben more');
  });
});

test('an owner that is slow and alive is asked once more before its actor is claimed, and stays', async () => {
  begin({ persist: false });
  const [one, two] = [scene.start('one'), scene.start('two')];
  const ann = await scene.person(one, route);
  const ben = await scene.person(two, route);
  expect(await outcomeOf(ann.act(added, 'ann'))).toBe('applied');
  const asked = scene.listen(toSubject('owner', route));
  one.freeze();
  const outcome = ben.act(added, 'ben');
  await untilAsked(asked, '"who"');
  one.thaw();
  expect(await outcomeOf(outcome)).toBe('applied');
  expect([one.owners.size.owned, two.owners.size.owned, ben.shown]).toEqual([1, 0, 'ann ben']);
});

test('an owner that hangs, with an event waiting, is claimed from without another question to it', async () => {
  begin({ persist: true });
  const [one, two] = [scene.start('one'), scene.start('two')];
  await scene.person(one, route);
  const ben = await scene.person(two, route);
  // its lease has just been renewed
  await scene.pass(5_000);
  one.freeze();
  const asked = scene.listen(toSubject('live', route));
  const outcome = ben.act(added, 'ben');
  expect(await outcomeOf(outcome)).toBe('applied');
  const isLook = (text: string): boolean => text.includes('"look"') && text.includes('"viewers":1');
  expect([two.owners.size.owned, asked.filter(isLook).length]).toEqual([1, 0]);
});

test('an event that waits in its owner for the store, when its page’s session ends, is done once if the page comes back', async () => {
  begin({ persist: true });
  const slow: Store = {
    ...scene.store,
    async commit(writes) {
      await new Promise<void>((resolve) => scene.clock.setTimeout(resolve, 5_000));
      return scene.store.commit(writes);
    },
  };
  const [one, two, three] = [scene.start('one', slow), scene.start('two'), scene.start('three')];
  const ann = await scene.person(one, route);
  const ben = await scene.person(two, route);
  expect(one.owners.size.owned).toBe(1);
  await scene.pass(6_000);
  const outcomes = [ben.act(added, 'a')];
  await scene.pass(10);
  outcomes.push(ben.act(added, 'b'));
  await scene.pass(10);
  ben.client.cut();
  // its session has ended, and the first is kept
  expect(await scene.until(() => ann.shown === 'a')).toBe(true);
  ben.moveTo(three);
  expect(await scene.until(() => ann.shown.startsWith('a b'), 30_000)).toBe(true);
  expect(await scene.until(() => ben.island.isQuiet, 30_000)).toBe(true);
  expect((await Promise.all(outcomes)).map(({ kind }) => kind)).toEqual(['applied', 'applied']);
  expect([ann.shown, ben.shown]).toEqual(['a b', 'a b']);
});

test('who has been heard since the store forgot its number is known, at any machine', async () => {
  begin({ persist: true });
  const forgetful: Store = {
    ...scene.store,
    async load(key) {
      const saved = await scene.store.load(key);
      return saved && { ...saved, clients: [{ client: droppedClients, event: 0 }] };
    },
  };
  const one = scene.start('one');
  const [two, three, four] = [scene.start('two', forgetful), scene.start('three'), scene.start('four')];
  await scene.person(one, route);
  const ann = await scene.person(two, route);
  one.kill();
  expect(await outcomeOf(ann.act(added, 'lost'))).toBe('dropped');
  expect(await outcomeOf(ann.act(added, 'a'))).toBe('applied');
  expect(two.owners.size.owned).toBe(1);
  const ben = await scene.person(three, route);
  expect(await outcomeOf(ben.act(added, 'b'))).toBe('applied');
  three.isDeaf = true;
  const outcome = ben.act(added, 'c');
  expect(await scene.until(() => ann.shown === 'a b c')).toBe(true);
  ben.moveTo(four);
  expect(await outcomeOf(outcome)).toBe('applied');
  expect(ben.shown).toBe('a b c');
});

describe('who looks', () => {
  test('is counted though their machine’s word was not heard', async () => {
    begin({ persist: true, counts: true });
    const [one, two] = [scene.start('one'), scene.start('two', scene.store, 40)];
    const ann = await scene.person(one, route);
    const asked = scene.listen(toSubject('live', route));
    scene.begin(two, route);
    await untilAsked(asked, '"known":["');
    // it is answered, and hears nothing of what is said then
    one.isDeaf = true;
    await scene.pass(200);
    one.isDeaf = false;
    expect(await scene.until(() => ann.shown.endsWith('2'), 15_000)).toBe(true);
  });

  test('is not counted any more when they leave a machine, though the one before has spoken for them since', async () => {
    begin({ persist: true, counts: true });
    const [one, two, three] = [scene.start('one'), scene.start('two'), scene.start('three')];
    const ann = await scene.person(one, route);
    const ben = await scene.person(two, route);
    const eve = await scene.person(two, route);
    expect(await scene.until(() => ann.shown.endsWith('3'))).toBe(true);
    two.isDeaf = true;
    const outcome = ben.act(added, 'ben');
    await scene.pass(100);
    two.freeze();
    ben.moveTo(three);
    expect(await outcomeOf(outcome)).toBe('applied');
    await scene.pass(2_000);
    const said = scene.listen(toSubject('live', route));
    two.thaw();
    await untilAsked(said, '"detail":"ben"');
    two.isDeaf = false;
    ben.client.leave(ben.island);
    expect(await scene.until(() => ann.shown === 'ben 2')).toBe(true);
    expect(await scene.until(() => eve.shown === 'ben 2')).toBe(true);
  });
});

describe('what an owner says while its answer is under way', () => {
  async function beginTwo() {
    begin({ persist: true });
    const [one, two] = [scene.start('one'), scene.start('two', scene.store, 40)];
    const ann = await scene.person(one, route);
    const ben = await scene.person(two, route);
    return { one, two, ann, ben };
  }

  test('is shown as soon as the owner is known', async () => {
    const { two, ann, ben } = await beginTwo();
    let isAsked = false;
    scene.whenSaid(toSubject('live', route), '"look"', () => {
      isAsked = true;
      // the answer comes, and is not read yet
      two.freeze();
    });
    two.bus.cut();
    two.bus.restore();
    expect(await scene.until(() => isAsked)).toBe(true);
    expect(await outcomeOf(ann.act(added, 'ann'))).toBe('applied');
    await scene.pass(100);
    two.thaw();
    expect(await scene.until(() => ben.shown === 'ann', 1_000)).toBe(true);
  });

  test('is part of what a page gets that comes meanwhile', async () => {
    const { two, ann } = await beginTwo();
    expect(await outcomeOf(ann.act(added, 'first'))).toBe('applied');
    let isAsked = false;
    scene.whenSaid(toSubject('live', route), '"bring"', () => {
      isAsked = true;
      two.freeze();
    });
    const cat = scene.begin(two, route);
    expect(await scene.until(() => isAsked)).toBe(true);
    expect(await outcomeOf(ann.act(added, 'second'))).toBe('applied');
    two.thaw();
    expect(await scene.until(() => cat.island.isJoined)).toBe(true);
    expect(await outcomeOf(ann.act(added, 'third'))).toBe('applied');
    expect(await scene.until(() => cat.shown === ann.shown)).toBe(true);
    expect([cat.shown, ...cat.versions]).toEqual(['first second third', 3, 4]);
  });
});

test('a page that comes back while its machine is being cut off is not told that all is well', async () => {
  begin({ persist: true });
  const [one, two] = [scene.start('one'), scene.start('two')];
  await scene.person(one, route);
  const ben = await scene.person(two, route);
  // it looks for an owner that does not answer
  one.freeze();
  two.bus.cut();
  two.bus.restore();
  await scene.pass(50);
  ben.client.cut();
  ben.client.restore();
  await scene.pass(50);
  two.bus.cut();
  expect(await scene.until(() => two.owners.isCut)).toBe(true);
  await scene.pass(500);
  expect(ben.island.isJoined).toBe(false);
  one.thaw();
  two.bus.restore();
  expect(await scene.until(() => ben.island.isJoined)).toBe(true);
});
