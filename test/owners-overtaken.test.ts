// An owner that another one has overtaken, since it hung or could not be reached for a moment: it stops as soon as it can
// know, nobody is shown or told what only it believes, and nothing that it runs goes on. Each fault is written down, step
// by step, in a simulated cluster.

import { afterEach, describe, expect, test } from 'vitest';
import type { Match } from '../server/actors/routes.ts';
import type { Store } from '../server/index.ts';
import { droppedClients } from '../server/store/store.ts';
import type { Outcome } from '../server/testing/light-island.ts';
import { Waits } from '../server/waits.ts';
import { component, effect, html } from '../shared/index.ts';
import type { AnyComponent } from '../shared/language/component.ts';
import { Scene } from './owners/scene.ts';

const route = '/ws/board';
const added = 0;
const failed = 1;

let scene: Scene;
afterEach(() => scene.end());

/** What runs beside actors, by the machine that it runs at. */
let running: string[];
/** Machines at which a run asks for a restart. */
let failing: Set<string>;

type Message = { readonly type: 'added'; readonly text: string } | { readonly type: 'failed' };

const boardAt = (machine: string): AnyComponent =>
  component<readonly string[], Message>({
    name: 'overtaken-board',
    init: () => [
      [],
      effect.from((_, { signal }) => {
        running.push(machine);
        signal.addEventListener('abort', () => running.splice(running.indexOf(machine), 1));
      }),
    ],
    update(texts, message) {
      if (message.type === 'added' && message.text === 'no') throw new Error('it will not have that');
      if (message.type === 'added') return [[...texts, message.text], effect.none];
      return [
        texts,
        effect.from((_, { fail }) => {
          if (failing.has(machine)) fail(new Error(`it fails at ${machine}`));
        }),
      ];
    },
    view: (texts) => html`
      <button @click=${({ detail }) => ({ type: 'added', text: String(detail) })}>add</button>
      <button @click=${{ type: 'failed' }}>fail</button>
      <p>${texts.join(' ')}</p>
    `,
  }) as AnyComponent;

function begin(persist: boolean): void {
  running = [];
  failing = new Set();
  scene = new Scene((registry, machine) => {
    registry.add(route, boardAt(machine), persist ? { shared: true, persist } : { shared: true });
  });
}

/** Somebody at each of two machines; the first owns the board, and hangs until the second has claimed it. */
async function beginOvertaken(persist: boolean, { isDeaf = false } = {}) {
  begin(persist);
  const [one, two] = [scene.start('one'), scene.start('two')];
  const ann = await scene.person(one, route);
  const ben = await scene.person(two, route);
  expect([one.owners.size.owned, two.owners.size.owned]).toEqual([1, 0]);
  one.freeze();
  one.isDeaf = isDeaf;
  void ben.act(added, 'ben');
  expect(await scene.until(() => ben.shown === 'ben' || two.owners.size.owned === 1)).toBe(true);
  await scene.pass(500);
  return { one, two, ann, ben };
}

describe.each([true, false])('an owner that hung for so long that another one was chosen (persist: %s)', (persist) => {
  test('stops when it hears so: one board is left, one of its runs, and all see the same', async () => {
    const { one, two, ann, ben } = await beginOvertaken(persist);
    one.thaw();
    await scene.pass(500);
    expect([one.owners.size.owned, two.owners.size.owned]).toEqual([0, 1]);
    expect(running).toEqual(['two']);
    void ann.act(added, 'ann');
    expect(await scene.until(() => ben.shown.endsWith('ann'))).toBe(true);
    expect(ann.shown).toBe(ben.shown);
  });

  test('stops when it hears so, though nobody looks at its own machine any more', async () => {
    begin(persist);
    const [one, two] = [scene.start('one'), scene.start('two')];
    const ann = await scene.person(one, route);
    const ben = await scene.person(two, route);
    ann.client.leave(ann.island);
    await scene.pass(6_000);
    expect([one.owners.size, two.owners.size.owned]).toEqual([{ owned: 1, edges: 0 }, 0]);
    one.freeze();
    void ben.act(added, 'ben');
    expect(await scene.until(() => two.owners.size.owned === 1)).toBe(true);
    one.thaw();
    await scene.pass(500);
    expect([one.owners.size.owned, running]).toEqual([0, ['two']]);
  });

  test('stops when somebody asks it who knows of the other one, though it has not heard the claim', async () => {
    const { one, two, ann } = await beginOvertaken(persist, { isDeaf: true });
    const three = scene.start('three');
    const cat = await scene.person(three, route);
    one.isDeaf = false;
    one.thaw();
    await scene.pass(50);
    // it still believes that it is the owner, and answers before the other one does
    expect(one.owners.size.owned).toBe(1);
    const dan = await scene.person(three, route);
    expect(dan.shown).toBe(cat.shown);
    expect(await scene.until(() => one.owners.size.owned === 0, 6_000)).toBe(true);
    expect([two.owners.size.owned, running]).toEqual([1, ['two']]);
    expect(await scene.until(() => ann.shown === cat.shown)).toBe(true);
  });
});

describe('of a persisted board', () => {
  test('a page that has seen more than the overtaken owner has is not brought back to that', async () => {
    const { one, ben } = await beginOvertaken(true, { isDeaf: true });
    expect(ben.shown).toBe('ben');
    one.thaw();
    await scene.pass(50);
    expect(one.owners.size.owned).toBe(1);
    ben.moveTo(one);
    one.isDeaf = false;
    await scene.until(() => ben.island.isJoined && ben.machine === one, 5_000);
    await scene.pass(500);
    expect(ben.versions).toEqual(ben.versions.toSorted((a, b) => a - b));
    expect(ben.shown).toBe('ben');
    expect(one.owners.size.owned).toBe(0);
  });

  test('an owner that could not be reached for a moment learns of the claim when it can, with nothing done meanwhile', async () => {
    begin(true);
    const [one, two] = [scene.start('one'), scene.start('two')];
    const ann = await scene.person(one, route);
    const ben = await scene.person(two, route);
    one.bus.cut();
    void ben.act(added, 'ben');
    expect(await scene.until(() => ben.shown === 'ben', 1_500)).toBe(true);
    one.bus.restore();
    expect(await scene.until(() => ann.shown === 'ben', 3_000)).toBe(true);
    expect([one.owners.size.owned, running]).toEqual([0, ['two']]);
  });

  test('a machine that is cut off while it claims writes nothing and starts nothing, and does so when it is back', async () => {
    begin(true);
    const one = scene.start('one', slowly(scene.store, 3_000));
    scene.clock.setTimeout(() => one.bus.cut(), 500);
    const ann = await scene.person(one, route);
    expect([one.owners.isCut, one.owners.size.owned, running]).toEqual([true, 0, []]);
    expect(await scene.store.load(route)).toBeUndefined();
    one.bus.restore();
    void ann.act(added, 'ann');
    expect(await scene.until(() => ann.shown === 'ann', 20_000)).toBe(true);
  });

  test('what the overtaken owner refuses at once is not applied by the other one: it was said to the first', async () => {
    begin(true);
    failing.add('one');
    const one = scene.start('one');
    const two = scene.start('two', slowly(scene.store, 100));
    const three = scene.start('three');
    await scene.person(one, route);
    const ben = await scene.person(two, route);
    const cat = await scene.person(three, route);
    // it is given up at the first machine, after as many restarts as there are
    for (let failure = 0; failure < 30 && cat.island.error === undefined; failure++) {
      void ben.act(failed, '');
      await scene.pass(1_000);
    }
    expect(cat.island.error?.code).toBe('ISLET_ERR_ACTOR_FAILED');
    one.freeze();
    const isApplied = ben.act(added, 'ben');
    // the second machine waits for the store, which is to grant its claim, and hears what is asked meanwhile
    expect(await scene.until(() => loads.length > 0)).toBe(true);
    const isRefused = cat.act(added, 'cat');
    await scene.pass(20);
    expect(two.owners.size.owned).toBe(0);
    one.thaw();
    expect(await isRefused).toMatchObject({ kind: 'refused', code: 'ISLET_ERR_ACTOR_FAILED' });
    expect(await scene.until(() => two.owners.size.owned === 1 && cat.shown !== '')).toBe(true);
    expect(await isApplied).toEqual({ kind: 'applied' });
    await scene.pass(2_000);
    expect([ben.shown, cat.shown]).toEqual(['ben', 'ben']);
  });
});

describe.each([true, false])('an owner whose row was taken away by somebody else (persist: %s)', (persist) => {
  test('makes way: the board begins anew, all see the same one, and each is told what became of what they did', async () => {
    begin(persist);
    const [one, two] = [scene.start('one'), scene.start('two')];
    const ann = await scene.person(one, route);
    const ben = await scene.person(two, route);
    expect(await outcomeOf(ben.act(added, 'before'))).toBe('applied');
    const key = persist ? route : `owner ${route}`;
    expect(await scene.store.remove(key, (await scene.store.load(key))?.by ?? '')).toBe(true);
    const outcome = outcomeOf(ben.act(added, 'during'));
    // an owner that keeps nothing looks at its row three times a minute
    await scene.pass(persist ? 3_000 : 25_000);
    expect([one.owners.size.owned + two.owners.size.owned, running.length]).toEqual([1, 1]);
    const shown = ann.shown;
    expect(ben.shown).toBe(shown);
    // what was not written is told as dropped; of a board that keeps nothing all has gone that was applied
    expect([await outcome, shown]).toEqual([persist ? 'dropped' : 'applied', '']);
    expect(await outcomeOf(ann.act(added, 'after'))).toBe('applied');
    expect(await scene.until(() => ben.shown.endsWith('after'))).toBe(true);
    expect(ann.shown).toBe(ben.shown);
  });
});

test('an event of a client whose number the store has dropped is told as unknown when its owner dies, and not done again', async () => {
  begin(true);
  const one = scene.start('one');
  const two = scene.start('two', {
    ...scene.store,
    async load(key) {
      const saved = await scene.store.load(key);
      // the account of those who looked had too many rows
      return saved && { ...saved, clients: [{ client: droppedClients, event: 0 }] };
    },
  });
  const ann = await scene.person(one, route);
  const ben = await scene.person(two, route);
  expect(await outcomeOf(ben.act(added, 'a'))).toBe('applied');
  // it is applied and kept, and nobody at the second machine hears of it
  two.isDeaf = true;
  const outcome = outcomeOf(ben.act(added, 'b'));
  expect(await scene.until(() => ann.shown === 'a b')).toBe(true);
  one.kill();
  two.isDeaf = false;
  expect(await outcome).toBe('dropped');
  expect(await outcomeOf(ben.act(added, 'c'))).toBe('applied');
  expect(ben.shown).toBe('a b c');
});

test('a page that is rendered elsewhere while the owner hangs shows what was kept last', async () => {
  begin(true);
  const [one, two] = [scene.start('one'), scene.start('two')];
  const ann = await scene.person(one, route);
  expect(await outcomeOf(ann.act(added, 'kept'))).toBe('applied');
  one.freeze();
  const { registry, settings } = two.owners;
  const html = two.owners.html(registry.match(route) as Match, new Waits(settings));
  await scene.pass(2_000);
  expect((await html)?.join('')).toContain('<p>kept</p>');
  // nobody has claimed it for that
  expect(two.owners.size).toEqual({ owned: 0, edges: 0 });
});

test('a page that has gone on from its machine hears there of refusals that the machine has heard of, and could not tell it', async () => {
  begin(true);
  const one = scene.start('one', slowly(scene.store, 100));
  const [two, three] = [scene.start('two'), scene.start('three')];
  const ann = await scene.person(one, route);
  await scene.person(three, route);
  const ben = await scene.person(two, route);
  const outcomes = ['no', 'yes'].map((text) => ben.act(added, text));
  await scene.pass(30);
  two.freeze();
  expect(await scene.until(() => ann.shown === 'yes')).toBe(true);
  outcomes.push(ben.act(added, 'later'));
  three.bus.cut();
  expect(await scene.until(() => three.owners.isCut)).toBe(true);
  ben.moveTo(three);
  await scene.pass(50);
  two.thaw();
  expect(await scene.until(() => ann.shown === 'yes later')).toBe(true);
  three.bus.restore();
  expect(await scene.until(() => ben.island.isQuiet)).toBe(true);
  expect((await Promise.all(outcomes)).map(({ kind }) => kind)).toEqual(['refused', 'applied', 'applied']);
  expect(ben.shown).toBe('yes later');
});

async function outcomeOf(outcome: Promise<Outcome>): Promise<string> {
  let kind = '';
  void outcome.then((known) => {
    kind = known.kind;
  });
  await scene.until(() => kind !== '', 30_000);
  return kind;
}

/** What is under way to a slow store. */
const loads: string[] = [];

/** A store that takes so long for each answer. */
function slowly(store: Store, ms: number): Store {
  const wait = () => new Promise<void>((resolve) => scene.clock.setTimeout(resolve, ms));
  loads.length = 0;
  return {
    ...store,
    async load(key) {
      loads.push(key);
      await wait();
      return store.load(key);
    },
    async commit(writes) {
      await wait();
      return store.commit(writes);
    },
  };
}

describe('an attribute that a page at an edge has set', () => {
  type Painted = { readonly type: 'painted'; readonly color: string };
  const wall = component<readonly string[], Painted>({
    name: 'overtaken-wall',
    attributes: {
      color: (color) => ({ type: 'painted', color: color ?? 'none' }),
      pattern: (color) => ({ type: 'painted', color: color ?? 'plain' }),
    },
    init: () => [[], effect.none],
    update: (colors, { color }) => [[...colors, color], effect.none],
    view: (colors) => html`<p>${colors.join(' ')}</p>`,
  }) as AnyComponent;

  /** A page at the second machine, of a wall that the first one owns, whose store does as it is told. */
  async function beginPainting(commit: (write: () => Promise<readonly boolean[]>) => Promise<readonly boolean[]>) {
    scene = new Scene((registry) => registry.add(route, wall, { shared: true, persist: true }));
    let isTold = false;
    const store: Store = {
      ...scene.store,
      commit: (writes) => (isTold ? commit(() => scene.store.commit(writes)) : scene.store.commit(writes)),
    };
    const [one, two] = [scene.start('one', store), scene.start('two')];
    await scene.person(one, route);
    const ben = await scene.person(two, route);
    expect(one.owners.size.owned).toBe(1);
    isTold = true;
    return { one, two, ben };
  }

  test('is done at the next owner where the one before ends before it has kept it', async () => {
    const { one, ben } = await beginPainting(() => new Promise(() => {}));
    ben.client.changeAttribute(ben.island, 'color', 'red');
    await scene.pass(200);
    expect(ben.shown).toBe('');
    one.kill();
    expect(await scene.until(() => ben.shown === 'red')).toBe(true);
  });

  test('is done once, and kept, where its owner ends after it has kept it, and before it has said so', async () => {
    const { one, two, ben } = await beginPainting(async (write) => {
      await write();
      return new Promise(() => {});
    });
    ben.client.changeAttribute(ben.island, 'color', 'red');
    await scene.pass(200);
    one.kill();
    // it is said again meanwhile
    await scene.pass(6_000);
    expect(ben.shown).toBe('red');
    ben.client.changeAttribute(ben.island, 'color', 'blue');
    expect(await scene.until(() => ben.shown === 'red blue')).toBe(true);
    await scene.pass(10_000);
    expect([ben.shown, two.owners.size]).toEqual(['red blue', { owned: 1, edges: 1 }]);
  });

  test('is what it was last, as are all others, where it was set anew before there was another owner', async () => {
    const { one, two, ben } = await beginPainting(() => new Promise(() => {}));
    ben.client.changeAttribute(ben.island, 'color', 'red');
    ben.client.changeAttribute(ben.island, 'pattern', 'dotted');
    ben.client.changeAttribute(ben.island, 'color', 'blue');
    await scene.pass(200);
    one.kill();
    expect(await scene.until(() => ben.shown === 'dotted blue')).toBe(true);
    await ben.client.end();
    expect(await scene.until(() => two.owners.size.edges === 0, 60_000)).toBe(true);
  });

  test('is done, too, where its page has left before there was another owner', async () => {
    const { one, two, ben } = await beginPainting(() => new Promise(() => {}));
    ben.client.changeAttribute(ben.island, 'color', 'red');
    await scene.pass(50);
    void ben.client.end();
    await scene.pass(10_000);
    one.kill();
    await scene.pass(10_000);
    expect((await scene.person(two, route)).shown).toBe('red');
  });
});
