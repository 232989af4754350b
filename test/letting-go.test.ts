// A tree that nobody looks at is let go of, and made again when somebody needs it: nobody notices.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keptTreeMs } from '../server/actors/idle-trees.ts';
import { compile } from '../server/html-parser.ts';
import { component, effect, html } from '../shared/index.ts';
import { drawnBy } from '../shared/tree/drawn-digest.ts';
import { TemplateTable } from '../shared/tree/encode.ts';
import { letGo } from '../shared/tree/letting-go.ts';
import { Rendering } from '../shared/tree/rendering.ts';
import { ReplacedListeners } from '../shared/tree/replaced-listeners.ts';
import { beginDigest } from '../shared/tree/take-up.ts';
import { encodeOperations } from '../shared/wire/server-frames.ts';
import { histories, lists, type Part, views, withBomb } from './support/arbitrary-views.ts';
import { ManualClock, settled } from './support/clock.ts';
import { collect } from './support/garbage.ts';
import { startServer } from './support/server.ts';
import { timesOf } from './support/times.ts';

const isGone = async (ref: WeakRef<object> | undefined, rounds = 20): Promise<boolean> => {
  for (let round = 0; round < rounds && ref?.deref(); round++) {
    await new Promise((resolve) => setImmediate(resolve));
    collect();
  }
  return ref !== undefined && ref.deref() === undefined;
};

function begin(part: Part) {
  const [rendering, view] = [new Rendering(compile, new TemplateTable()), views()];
  rendering.render(view(part));
  drawnBy(rendering);
  beginDigest(rendering);
  return { rendering, view };
}

const stateOf = (rendering: Rendering): string =>
  JSON.stringify([
    rendering.toIds(),
    rendering.toMount(),
    rendering.nextId,
    drawnBy(rendering),
    rendering.kept?.toText(),
  ]);

test('patches, ids and digests of any history are those of a tree that was always there, wherever it was let go of', () => {
  fc.assert(
    fc.property(
      fc.oneof(histories, lists),
      fc.array(fc.boolean(), { minLength: 1 }),
      fc.option(fc.nat(), { nil: undefined }),
      (history, rests, bomb) => {
        const [kept, rested] = [begin(history[0] ?? null), begin(history[0] ?? null)];
        let shown = history[0] ?? null;
        let woken = 0;
        for (const [at, part] of history.slice(1).entries()) {
          if (rests[at % rests.length]) {
            const last = rested.view(shown);
            letGo(
              rested.rendering,
              () => last,
              (isSame) => {
                expect(isSame).toBe(true);
                woken++;
              },
            );
            expect(rested.rendering.isRendered).toBe(true);
            expect(rested.rendering.root).toBeUndefined();
          }
          // what throws takes back nothing but itself
          if (bomb !== undefined)
            for (const { rendering, view } of [kept, rested])
              try {
                rendering.render(view(withBomb(part, bomb)));
                rendering.rollBack();
              } catch {}
          const [patch, other] = [kept, rested].map(({ rendering, view }) =>
            encodeOperations(rendering.render(view(part))),
          );
          expect(other).toBe(patch);
          expect(stateOf(rested.rendering)).toBe(stateOf(kept.rendering));
          shown = part;
        }
        expect(woken).toBe(history.slice(1).filter((_, at) => rests[at % rests.length]).length);
      },
    ),
    { numRuns: timesOf(150) },
  );
});

test('where a view gives something else of the same model, instances have ids that nothing had before', () => {
  const rendering = new Rendering(compile, new TemplateTable());
  let count = 1;
  const view = () => html`<p>${Array.from({ length: count }, (_, at) => html`<b>${at}</b>`)}</p>`;
  rendering.render(view());
  drawnBy(rendering);
  const { nextId } = rendering;
  const heard: boolean[] = [];
  letGo(rendering, view, (isSame) => heard.push(isSame));
  count = 3;
  expect(rendering.toIds()).toEqual([nextId, 4]);
  expect(heard).toEqual([false]);
  expect(drawnBy(rendering)).toBe(drawnBy(copyOf(view())));
});

function copyOf(template: unknown): Rendering {
  const rendering = new Rendering(compile, new TemplateTable());
  rendering.render(template);
  return rendering;
}

test('a view that throws when the tree is made again throws at whoever needs it, and it is tried again', () => {
  const rendering = new Rendering(compile, new TemplateTable());
  let isBroken = false;
  const view = () => {
    if (isBroken) throw new Error('not now');
    return html`<p>${1}</p>`;
  };
  rendering.render(view());
  letGo(rendering, view, () => {});
  isBroken = true;
  expect(() => rendering.toIds()).toThrow('not now');
  expect(() => rendering.render(html`<p>${2}</p>`)).toThrow('not now');
  isBroken = false;
  expect(rendering.toIds()).toEqual([1, 1]);
});

test('what was pressed before the tree was let go of is not known any more, and means no other message', () => {
  const rendering = new Rendering(compile, new TemplateTable());
  const replaced = new ReplacedListeners();
  let version = 0;
  rendering.owner = { keep: (changes) => replaced.note(changes, version) };
  const view = (type: string) => html`<button @click=${{ type }}>${type}</button>`;
  for (const type of ['Kept', 'Deleted']) {
    rendering.render(view(type));
    rendering.keep();
    version++;
  }
  const found = rendering.findListener(1, 0);
  if (!found) throw new Error('there is no such button');
  expect(replaced.asSeen(found, 1)?.listener).toEqual({ type: 'Kept' });
  replaced.forgetAll();
  expect(replaced.asSeen(found, 1)).toBeUndefined();
  expect(replaced.asSeen(found, 2)?.listener).toEqual({ type: 'Deleted' });
});

/** A counter whose tree holds something that can be seen to be gone. */
function watched() {
  const trees: WeakRef<object>[] = [];
  const counting = component<{ readonly count: number }, { type: 'Up' }>({
    init: () => [{ count: 0 }, effect.none],
    update: ({ count }) => [{ count: count + 1 }, effect.none],
    view: ({ count }) => {
      const press = (): { type: 'Up' } => ({ type: 'Up' });
      trees.push(new WeakRef(press));
      return html`<button @click=${press}>${count}</button>`;
    },
  });
  return { counting, last: () => trees.at(-1) };
}

async function rest(clock: ManualClock): Promise<void> {
  for (let look = 0; look < 2; look++) {
    await clock.advance(keptTreeMs);
    await settled();
  }
}

test('an actor keeps no tree while all who look predict and nothing happens, and goes on for all when somebody needs it', async () => {
  const clock = new ManualClock();
  const { counting, last } = watched();
  await using server = await startServer(
    (app) => app.islet.route('/ws/count', counting, { shared: true, predict: true, keeps: [] }),
    { clock, heartbeatMs: Number.POSITIVE_INFINITY } as never,
  );
  // somebody without the code looks, and then predicts
  const page = await server.visit('/ws/count');
  page.click();
  await page.until(() => page.slots()[1] === 1);
  await rest(clock);
  expect(await isGone(last(), 3)).toBe(false);
  const plain = page.texts.length;
  page.send('[1,"need",0,"any"]');
  await expect.poll(() => page.texts.slice(plain).some((text) => text.startsWith('[1,"model",'))).toBe(true);
  await rest(clock);
  expect(await isGone(last())).toBe(true);

  // who joins without the code sees what is there, presses it, and both get the change
  const other = await server.visit('/ws/count');
  expect(other.slots()[1]).toBe(1);
  other.click();
  await other.until(() => other.slots()[1] === 2);
  await expect.poll(() => page.texts.at(-1)).toContain('["model",[["count"],2]]');
});
