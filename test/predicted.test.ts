// Routes that pages predict, as the server sees them: two streams of one actor, places in the view of now, and what
// never leaves.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { memoryStore, serverComponent } from '../server/index.ts';
import { component, effect, focus, html, type Json, title } from '../shared/index.ts';
import type { Address, PredictedPlace } from '../shared/wire/frames.ts';
import { applyModel, type ModelOperation } from '../shared/wire/model-patch.ts';
import type { TestClient } from './support/client.ts';
import { counter } from './support/counter.ts';
import { type ListModel, predictedList, rowsOf } from './support/predicted-list.ts';
import { startServer, type TestServer } from './support/server.ts';

const secretWord = 'sesame-42-open';
const props = () => ({ word: secretWord, rows: 3 });
const options = { shared: true, predict: true, keeps: ['secret'], props } as const;

const serve = (more: { readonly persist?: true } = {}, store = memoryStore()): Promise<TestServer> =>
  startServer(
    (app) => {
      if (more.persist) app.islet.route('/ws/list', predictedList, { ...options, persist: true });
      else app.islet.route('/ws/list', predictedList, options);
      app.get('/', (_, reply) =>
        reply.html(html`<!doctype html><title>x</title>${serverComponent({ route: '/ws/list' })}`),
      );
    },
    { store },
  );

/** A page that predicts, as far as a server can tell: it keeps the model that it is told. */
class ModelPage {
  readonly client: TestClient;
  model: unknown;
  epoch = '';
  version = 0;
  private number = 0;
  private read = 0;

  constructor(client: TestClient) {
    this.client = client;
  }

  join(have: readonly [string, number, string] = ['', 0, 'any'], settled = 0): void {
    this.client.send(JSON.stringify([1, 'join', '/ws/list', {}, settled, have]));
  }

  /** Reads what has come until a condition holds. */
  async until(isEnough: () => boolean): Promise<void> {
    await expect
      .poll(() => {
        for (; this.read < this.client.texts.length; this.read++)
          this.take(JSON.parse(this.client.texts[this.read] as string));
        return isEnough();
      })
      .toBe(true);
  }

  press(place: PredictedPlace, hole: number, data?: Json): number {
    const event = [1, ++this.number, this.epoch, this.version, place, hole, ...(data === undefined ? [] : [data])];
    this.client.send(JSON.stringify(event));
    return this.number;
  }

  private take([channel, ...body]: readonly unknown[]): void {
    if (channel !== 1) return;
    const [kind, epoch, version] = body as [unknown, string, number];
    let operations = body.filter(Array.isArray) as unknown[][];
    if (kind === 'model') {
      this.model = body[4];
      operations = body.slice(5) as unknown[][];
    }
    if (kind === 'model' || kind === 'live' || kind === 'mount') Object.assign(this, { epoch, version });
    else if (operations.some(([word]) => word === 'model')) this.version++;
    for (const [word, ...changes] of operations)
      if (word === 'model') this.model = applyModel(this.model, changes as never as ModelOperation[]);
  }
}

const open = async (server: TestServer): Promise<ModelPage> => {
  const page = new ModelPage(await server.connect());
  page.join();
  await page.until(() => page.model !== undefined);
  return page;
};

const rowsShown = (page: ModelPage): readonly string[] => (page.model as ListModel).rows.map(({ id }) => id);

/** What an honest page sends, learnt from one: the signature of a row depends on its literals alone. */
const rowPlace = (signature: number, id: string, more: Partial<PredictedPlace> = {}): PredictedPlace => ({
  a: [signature, 4, id],
  ...more,
});
const { raise, row } = await (async () => {
  const { addressOf } = await import('../shared/tree/address.ts');
  const { Rendering } = await import('../shared/tree/rendering.ts');
  const { TemplateTable } = await import('../shared/tree/encode.ts');
  const { compile } = await import('../server/html-parser.ts');
  const rendering = new Rendering(compile, new TemplateTable());
  rendering.render(
    (predictedList as never as { view(model: ListModel): unknown }).view({ rows: rowsOf(3), draft: '' }),
  );
  const hole = 5;
  const found = rendering.findListener(2, hole);
  if (!found) throw new Error('there is no such row');
  return { raise: hole, row: (addressOf(found) as Address)[0] };
})();

test('who predicts gets the model and its changes, who does not the tree and its patches, in the same versions', async () => {
  await using server = await serve();
  const page = await open(server);
  const plain = await server.visit('/ws/list');
  expect(page.model).toEqual({ rows: rowsOf(3), draft: '' });
  page.press(rowPlace(row, 'r2'), raise);
  await page.until(() => rowsShown(page)[0] === 'r2');
  expect(page.client.texts.at(-1)).toBe('[1,["model",[["rows"],"list",0,3,[2,1],[0,2]]],1]');
  const patch = await plain.next('patch', 1);
  expect(patch.operations).toEqual([['list', 1, 4, [], [2, 4]]]);
  expect(page.version).toBe(plain.version());
});

test('a change of the model that no view shows is a version of both streams, and of what the server keeps nothing is told', async () => {
  const silent = component<{ readonly seen: number; readonly own: number }, { type: 'Pressed' | 'Hidden' }>({
    init: () => [{ seen: 0, own: 0 }, effect.none],
    update: (model, { type }) => [
      type === 'Pressed' ? { ...model, seen: model.seen + 1 } : { ...model, own: model.own + 1 },
      effect.none,
    ],
    view: () => html`<button @click=${{ type: 'Pressed' }}></button><i @click=${{ type: 'Hidden' }}></i>`,
  });
  await using server = await startServer((app) =>
    app.islet.route('/ws/list', silent, { shared: true, predict: true, keeps: ['own'] }),
  );
  const page = await open(server);
  const plain = await server.visit('/ws/list');
  const { version } = page;
  plain.click(0);
  expect((await plain.next('patch', 1)).operations).toEqual([['define', 1]]);
  await page.until(() => page.version === version + 1);
  expect(page.model).toEqual({ seen: 1 });
  plain.click(1);
  plain.click(0);
  await page.until(() => page.version === version + 2);
  expect(page.client.texts.join()).not.toContain('own');
});

test('a patch of the model is encoded once, however many predict', async () => {
  await using server = await serve();
  const pages = [await open(server), await open(server), await open(server)];
  const [first] = pages as [ModelPage];
  first.press(rowPlace(row, 'r1'), raise);
  for (const page of pages) await page.until(() => rowsShown(page)[0] === 'r1');
  const [, second, third] = pages.map(({ client }) => client.texts.at(-1));
  expect(second).toBe(third);
  expect(first.client.texts.at(-1)).toBe(second?.replace(/\]$/, ',1]'));
});

test('whoever comes back gets what is missing, and the whole model where that is not known', async () => {
  await using server = await serve();
  const [page, other] = [await open(server), await open(server)];
  const { epoch, version } = page;
  other.press(rowPlace(row, 'r2'), raise);
  other.press(rowPlace(row, 'r1'), raise);
  await page.until(() => rowsShown(page)[0] === 'r1');
  const late = new ModelPage(await server.connect());
  late.model = { rows: rowsOf(3), draft: '' };
  late.join([epoch, version, 'any']);
  await late.until(() => late.epoch === epoch);
  expect(late.client.texts.at(-1)).toContain('[1,"live",');
  expect(late.model).toEqual(page.model);
  late.client.send(JSON.stringify([1, 'leave']));
  late.join(['other', version, 'any']);
  await late.until(() => late.client.texts.at(-1)?.startsWith('[1,"model",') === true);
  expect(late.model).toEqual(page.model);
});

test('a persisted actor goes on with the same versions after a restart, and remembers what it refused', async () => {
  const store = memoryStore();
  let have: readonly [string, number, string];
  let model: unknown;
  {
    await using server = await serve({ persist: true }, store);
    const page = await open(server);
    page.press(rowPlace(row, 'r2'), raise);
    await page.until(() => rowsShown(page)[0] === 'r2');
    have = [page.epoch, page.version, 'any'];
    model = page.model;
  }
  await using server = await serve({ persist: true }, store);
  const page = new ModelPage(await server.connect());
  page.model = model;
  page.join(have);
  await page.until(() => page.epoch !== '');
  expect(page.client.texts.at(-1)).toMatch(/^\[1,"live",/);
  expect([page.epoch, page.version]).toEqual(have.slice(0, 2));
  page.press(rowPlace(row, 'r0'), raise);
  await page.until(() => rowsShown(page)[0] === 'r0');
});

test('with code of another name a page gets the tree', async () => {
  await using server = await startServer((app) =>
    app.islet.route('/ws/list', predictedList, { ...options, predict: { code: 'v2' } }),
  );
  const page = new ModelPage(await server.connect());
  page.join(['', 0, 'v1']);
  await page.client.next('mount', 1);
  const same = new ModelPage(await server.connect());
  same.join(['', 0, 'v2']);
  await same.until(() => same.model !== undefined);
});

test('a slow page that was told the tree, since its code is another, is sent what it is missing and not all', async () => {
  const predict = { code: 'v2' } as const;
  await using server = await startServer((app) => app.islet.route('/ws/list', predictedList, { ...options, predict }), {
    limits: { maxUnacknowledgedFrames: 64, maxEventsPerSecond: 10_000 },
  });
  const quick = await server.visit('/ws/list');
  const slow = await server.visit('/ws/list');
  slow.send(JSON.stringify([1, 'need', slow.version(), 'v1']));
  await slow.next('mount', 1);
  for (let count = 1; count <= 71; count++) {
    quick.click(2, { data: { value: `${count}` } });
    await quick.until(() => quick.slots()[1] === `${count}`);
  }
  await slow.handled();
  slow.rest();
  expect(slow.version()).toBeLessThan(quick.version());
  slow.send({ kind: 'ack', channel: 1, version: slow.version() });
  await slow.until(() => slow.slots()[1] === '71');
  expect(slow.rest().map(({ kind }) => kind)).toEqual(['live']);
  expect(slow.version()).toBe(quick.version());
});

test('a page asks for the model, and for the tree again', async () => {
  await using server = await serve();
  const client = await server.visit('/ws/list');
  client.send(JSON.stringify([1, 'need', 0, 'any']));
  await expect.poll(() => client.texts.at(-1)).toMatch(/^\[1,"model",/);
  client.send(JSON.stringify([1, 'need', 1, 0]));
  await expect.poll(() => client.texts.at(-1)).toMatch(/^\[1,"mount",/);
});

describe('a place in the view', () => {
  test('is found in the model of now, though nothing of it was rendered since; what is gone is refused', async () => {
    await using server = await serve();
    const page = await open(server);
    page.press(rowPlace(row, 'r2'), 6); // removed
    const second = page.press(rowPlace(row, 'r2'), raise);
    const third = page.press(rowPlace(row, 'r0'), raise);
    await page.until(() => page.client.texts.some((text) => text.endsWith(`,${third}]`)));
    expect(rowsShown(page)).toEqual(['r0', 'r1']);
    const refused = page.client.texts.flatMap((text) => [...text.matchAll(/\["refused",(\d+),"(\w+)"/g)]);
    expect(refused.map(([, number, code]) => [Number(number), code])).toEqual([
      [second, 'ISLET_ERR_EVENT_UNKNOWN_TARGET'],
    ]);
  });

  test('that nobody can press, or with what was not offered, is refused as in a tree', async () => {
    const form = component<number, { type: 'Chosen'; value: string }>({
      init: () => [0, effect.none],
      update: (count) => [count + 1, effect.none],
      view: (count) => html`
        <fieldset ?disabled=${count > 0}>
          <select @change=${({ value = '' }) => ({ type: 'Chosen', value })}><option value="a">a</option></select>
        </fieldset>
      `,
    });
    await using server = await startServer((app) =>
      app.islet.route('/ws/list', form, { shared: true, predict: true, keeps: [] }),
    );
    const page = await open(server);
    const signature = await signatureOf(form, 0);
    const forged = page.press({ a: [signature] }, 1, { value: 'b' });
    const chosen = page.press({ a: [signature] }, 1, { value: 'a' });
    const late = page.press({ a: [signature] }, 1, { value: 'a' });
    await page.until(() => page.client.texts.some((text) => text.endsWith(`,${late}]`)));
    expect(page.model).toBe(1);
    expect(chosen).toBe(2);
    const text = page.client.texts.join('\n');
    for (const number of [forged, late]) expect(text).toContain(`["refused",${number},"ISLET_ERR_EVENT_DISABLED"`);
  });

  test('that somebody made up harms nobody: it is refused, or the connection ends', async () => {
    await using server = await serve();
    const step = fc.oneof(fc.integer(), fc.string(), fc.constantFrom('__proto__', 'constructor', 4, 'r1'));
    await fc.assert(
      fc.asyncProperty(
        fc.jsonValue({ maxDepth: 2 }),
        fc.array(step, { maxLength: 70 }),
        fc.nat({ max: 12 }),
        async (any, steps, hole) => {
          const page = await open(server);
          const before = JSON.stringify(page.model);
          page.press({ a: [7, ...steps] }, hole);
          page.press({ a: any } as never, hole);
          page.press(any as never, hole);
          await Promise.race([
            page.client.closed,
            page.until(() => page.client.texts.some((text) => text.endsWith(',3]'))),
          ]);
          expect(JSON.stringify(page.model)).toBe(before);
          page.client.socket.terminate();
        },
      ),
      { numRuns: 40 },
    );
    expect(server.errors).toEqual([]);
  });

  test('says what new names are made of and when it happened; names are those of its client alone', async () => {
    await using server = await serve();
    const [page, other] = [await open(server), await open(server)];
    const signature = await signatureOf(predictedList, { rows: rowsOf(3), draft: '' });
    const add = (from: ModelPage): number =>
      from.press({ a: [signature], i: 'seed_1', t: Date.now() + 1e12 }, 0, { fields: { text: 'Milk' } });
    add(page);
    add(other);
    await page.until(() => rowsShown(page).length === 5);
    const [first, second] = rowsShown(page).slice(3) as [string, string];
    expect(first).toMatch(/^[\w-]{12}-seed_1-0$/);
    expect(second).not.toBe(first);
  });
});

test('a model that is no plain JSON is refused, and so is a machine, a route without keeps, and a list without keys in development', async () => {
  const dated = component<{ readonly at: unknown }, { type: 'Pressed' }>({
    init: () => [{ at: 1 }, effect.none],
    update: () => [{ at: new Date(0) }, effect.none],
    view: () => html`<button @click=${{ type: 'Pressed' }}></button>`,
  });
  await using server = await startServer((app) =>
    app.islet.route('/ws/list', dated, { shared: true, predict: true, keeps: [] }),
  );
  const page = await open(server);
  page.press({ a: [await signatureOf(dated, { at: 1 })] }, 0);
  await page.until(() => page.client.texts.join().includes('ISLET_ERR_MESSAGE_REFUSED'));
  expect(page.model).toEqual({ at: 1 });
  const { createMachine } = await import('xstate');
  const machine = component({ machine: createMachine({ initial: 'a', states: { a: {} } }), view: () => html`<p></p>` });
  await using another = await startServer((app) => {
    const declare = (made: typeof counter, more: object) => () => app.islet.route('/ws/x', made, more as never);
    expect(declare(machine as never, { predict: true, keeps: [] })).toThrow('predict is for components with init');
    expect(declare(counter, { predict: true })).toThrow('predict needs keeps');
    expect(declare(counter, { keeps: ['a'] })).toThrow('keeps and publicUser need predict');
    expect(declare(counter, { predict: { code: '' }, keeps: [] })).toThrow('predict is true or { code, offline }');
  });
  void another;
});

test('what only a browser can do is left to the page; a user is told as far as the app says', async () => {
  const asks = component<number, { type: 'Pressed' }>({
    init: () => [0, effect.none],
    update: (count) => [count + 1, effect.batch([focus('#x'), title('t'), effect.emit('done')])],
    view: (count) => html`<button @click=${{ type: 'Pressed' }}>${count}</button>`,
  });
  await using server = await startServer(
    (app) =>
      app.islet.route('/ws/list', asks, {
        shared: true,
        predict: true,
        keeps: [],
        publicUser: (user) => ({ name: (user as { readonly name: string }).name }),
      }),
    { authenticate: () => ({ name: 'Ann', secret: secretWord }) },
  );
  const page = await open(server);
  page.press({ a: [await signatureOf(asks, 0)] }, 0);
  await page.until(() => page.model === 1);
  expect(page.client.texts.at(-1)?.replace(/\["drawn",\d+\],/, '')).toBe('[1,["model",[[],1]],["emit","done",null],1]');
  expect(page.client.texts.join()).toMatch(/\["you","[\w-]{12}",\{"name":"Ann"\},\d+\]/);
  expect(page.client.texts.join()).not.toContain(secretWord);
  expect(server.errors).toEqual([]);
});

test.each([
  ['a page that knows no model', 0],
  ['a page that has the model of before', 1],
])('what is emitted is told once, while %s asks for the model', async (_, version) => {
  const emits = component<number, { type: 'Pressed' }>({
    init: () => [0, effect.none],
    update: (count) => [count + 1, effect.emit('done')],
    view: (count) => html`<button @click=${{ type: 'Pressed' }}>${count}</button>`,
  });
  await using server = await startServer((app) =>
    app.islet.route('/ws/list', emits, { shared: true, predict: true, keeps: [] }),
  );
  const page = new ModelPage(await server.visit('/ws/list'));
  await page.until(() => page.version === 1);
  // at once: the server reads the second before it has told what comes of the first
  page.client.send(JSON.stringify([1, 1, page.epoch, 1, 1, 0]));
  page.client.send(JSON.stringify([1, 'need', version, 'any']));
  await page.until(() => page.client.texts.join().includes('"you"'));
  const tellings = page.client.texts.filter((text) => text.includes('"emit","done"'));
  // whoever shows the model already leaves out the patch of the tree, and gets what it says once more with the model's
  expect(tellings.map((text) => text.includes('"you"'))).toEqual(version ? [false, true] : [false]);
});

test('the page of a route that is not predicted says nothing of a model', async () => {
  await using server = await startServer((app) => {
    app.islet.route('/ws/list', predictedList, { shared: true, props });
    app.get('/', (_, reply) =>
      reply.html(html`<!doctype html><title>x</title>${serverComponent({ route: '/ws/list' })}`),
    );
  });
  expect(await (await fetch(server.url)).text()).not.toContain('data-model');
  const page = new ModelPage(await server.connect());
  page.join();
  await page.until(() => page.epoch !== '');
  page.press(rowPlace(row, 'r2'), raise);
  await page.until(() => page.client.texts.join().includes('ISLET_ERR_EVENT_UNKNOWN_TARGET'));
});

/** The signature of a component's outermost instance. */
async function signatureOf(made: unknown, model: unknown): Promise<number> {
  const { addressOf } = await import('../shared/tree/address.ts');
  const { Rendering } = await import('../shared/tree/rendering.ts');
  const { TemplateTable } = await import('../shared/tree/encode.ts');
  const { compile } = await import('../server/html-parser.ts');
  const rendering = new Rendering(compile, new TemplateTable());
  rendering.render((made as { view(model: unknown): unknown }).view(model));
  return (addressOf({ instance: rendering.content as never, outer: [] }) as Address)[0];
}
