// An event means what its person saw when they did it, however late it comes: over a slow network, after a cut, and at
// an edge of another process.

import fc from 'fast-check';
import Fastify from 'fastify';
import { describe, expect, test } from 'vitest';
import { createMemoryHub } from '../server/cluster/memory.ts';
import { compile } from '../server/html-parser.ts';
import { memoryStore, registerIslet, serverComponent } from '../server/index.ts';
import { visit } from '../server/testing/index.ts';
import { component, effect, html, mapMessages, on } from '../shared/index.ts';
import { TemplateTable } from '../shared/tree/encode.ts';
import { type FoundListener, Rendering } from '../shared/tree/rendering.ts';
import { ReplacedListeners } from '../shared/tree/replaced-listeners.ts';
import { refusalOf } from './support/outcomes.ts';
import { startServer } from './support/server.ts';

type Message =
  | { readonly type: 'UserBought'; readonly item: string }
  | { readonly type: 'Turned' }
  | { readonly type: 'Ticked' };
interface Model {
  readonly at: number;
  readonly ticks: number;
  readonly bought: readonly string[];
}

const items = ['apple', 'car', 'house'];
const itemAt = (at: number): string => items[at % items.length] as string;

type Way = 'message' | 'function' | 'on' | 'mapped' | 'unkeyed row';

function buttonOf(way: Way, item: string) {
  const bought = { type: 'UserBought', item } as const;
  switch (way) {
    case 'message':
      return html`<button @click=${bought}>Buy ${item}</button>`;
    case 'function':
      return html`<button @click=${() => bought}>Buy ${item}</button>`;
    case 'on':
      return html`<button @click=${on(bought, { stopPropagation: true })}>Buy ${item}</button>`;
    case 'mapped': {
      const child = html`<button @click=${{ type: 'Chosen' } as const}>Buy ${item}</button>`;
      return mapMessages(child, () => bought);
    }
    case 'unkeyed row':
      return [html`<button @click=${bought}>Buy ${item}</button>`];
  }
}

function createShop(way: Way) {
  return component<Model, Message>({
    init: () => [{ at: 0, ticks: 0, bought: [] }, effect.none],
    update(model, message) {
      if (message.type === 'Turned') return [{ ...model, at: model.at + 1 }, effect.none];
      if (message.type === 'Ticked') return [{ ...model, ticks: model.ticks + 1 }, effect.none];
      return [{ ...model, bought: [...model.bought, message.item] }, effect.none];
    },
    view: ({ at, ticks, bought }) => html`
      ${buttonOf(way, itemAt(at))}
      <button @click=${{ type: 'Turned' }}>Turn</button>
      <button @click=${{ type: 'Ticked' }}>${ticks}</button>
      <p>Bought: ${bought.join(' ')}</p>
    `,
  });
}

async function openShop(way: Way) {
  const app = await registerIslet(Fastify(), { maxFramesPerSecond: Number.POSITIVE_INFINITY });
  app.islet.route('/ws/shop', createShop(way), { shared: true });
  app.get('/', (_, reply) =>
    reply.html(
      html`<script src="/islet/element.js"></script><title>Shop</title>${serverComponent({ route: '/ws/shop' })}`,
    ),
  );
  return app;
}

const shownItem = (page: { text(): string }): string => /Buy (\w+)/.exec(page.text())?.[1] ?? '';

describe.each<Way>(['message', 'function', 'on', 'mapped', 'unkeyed row'])('where a view writes a %s', (way) => {
  test('what was clicked is what is meant, though others changed it before the click came', async () => {
    await using app = await openShop(way);
    await using ann = await visit(app, '/');
    await using ben = await visit(app, '/');
    ann.cut();
    const buying = ann.click('Buy apple');
    await ben.click('Turn');
    await ann.restore();
    await buying;
    await ben.until('Bought: apple');
    // and what is clicked now means what is shown now
    await ann.click('Buy car');
    await ben.until('Bought: apple car');
  });

  test('whatever others do, each click means what was shown, or is told', async () => {
    const acts = fc.array(fc.constantFrom('buy', 'turn', 'tick', 'cut', 'restore'), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(acts, async (all) => {
        await using app = await openShop(way);
        await using ann = await visit(app, '/');
        await using ben = await visit(app, '/');
        const seen: string[] = [];
        const clicks: Promise<unknown>[] = [];
        for (const act of all) {
          if (act === 'buy') {
            const item = shownItem(ann);
            seen.push(item);
            clicks.push(ann.click(`Buy ${item}`));
          } else if (act === 'cut') ann.cut();
          else if (act === 'restore') await ann.restore();
          else if (act === 'turn') await ben.click('Turn');
          else await ben.click(/^\d+$/);
        }
        await ann.restore();
        await Promise.all(clicks);
        await ann.settled();
        await ben.settled();
        expect(/Bought: (.*)/.exec(ben.text())?.[1]?.trim() ?? '').toBe(seen.join(' '));
      }),
      { numRuns: 15 },
    );
  });
});

test('at an edge of another process it means that, too', async () => {
  const hub = createMemoryHub();
  const store = memoryStore();
  const start = () =>
    startServer((app) => app.islet.route('/ws/shop', createShop('message'), { shared: true }), {
      ...{ bus: hub.connect(), store: { ...store, close: async () => {} } },
    });
  await using one = await start();
  await using two = await start();
  const [ann, ben] = [await one.visit('/ws/shop'), await two.visit('/ws/shop')];
  const [instance, version] = [2, ben.version()];
  ann.click(1);
  await ann.until(() => ann.version() > version);
  // it was made before Ben's page was shown that
  ben.click(0, { instance, version });
  expect(await refusalOf(ben, 1)).toBeUndefined();
  await ann.until(() => ann.slots().at(-1) === 'apple');
});

test('a message that nobody knows any more is not guessed, and one that always was the same is known for ever', () => {
  const rendering = new Rendering(compile, new TemplateTable());
  const replaced = new ReplacedListeners();
  let version = 0;
  rendering.owner = { keep: (changes) => replaced.note(changes, version) };
  const render = (item: number): void => {
    const bought = { type: 'UserBought', item };
    rendering.render(html`
      <button @click=${bought}>${item}</button><button @click=${() => bought}></button>
      <button @click=${{ type: 'Turned' }}></button>
    `);
    rendering.keep();
    version++;
  };
  const pressed = (hole: number, seen: number): unknown =>
    replaced.asSeen(rendering.findListener(1, hole) as FoundListener, seen)?.listener;
  for (let item = 1; item <= 3_000; item++) render(item);
  expect(pressed(0, 3_000)).toEqual({ type: 'UserBought', item: 3_000 });
  expect(pressed(0, 2_990)).toEqual({ type: 'UserBought', item: 2_990 });
  expect((pressed(2, 2_990) as () => unknown)()).toEqual({ type: 'UserBought', item: 2_990 });
  // long ago
  expect(pressed(0, 5)).toBeUndefined();
  expect((pressed(2, 5) as () => unknown)()).toEqual({ type: 'UserBought', item: 3_000 });
  expect(pressed(3, 5)).toEqual({ type: 'Turned' });
  // of an island of one's own nobody has an older version than was acknowledged
  replaced.forget(3_000);
  expect(pressed(0, 3_000)).toEqual({ type: 'UserBought', item: 3_000 });
});
