// While an app is written, `islet dev` starts its server anew after each change, and names a store for it: what people
// see stays, whatever kind of island it is, for code that is not the same any more.

import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { memoryStore, type RouteOptions } from '../server/index.ts';
import { developmentStore } from '../server/options.ts';
import { component, effect, html, type Template } from '../shared/index.ts';
import type { TestClient } from './support/client.ts';
import { startServer, type TestServer } from './support/server.ts';

type Message = { readonly type: 'UserClicked' };

interface Code {
  readonly step?: number;
  readonly schema?: number;
  readonly migrate?: (old: unknown) => { readonly count: number };
  readonly start?: number;
  view?(model: { readonly count: number }): Template<Message>;
  update?(model: { readonly count: number }): [{ readonly count: number }, typeof effect.none];
}

const show = ({ count }: { readonly count: number }): Template<Message> =>
  html`<button @click=${{ type: 'UserClicked' }}>${count}</button>`;

/** One version of a component. */
function counterOf({ step = 1, start = 0, view = show, ...more }: Code) {
  return component<{ readonly count: number }, Message>({
    init: () => [{ count: start }, effect.none],
    update: ({ count }) => [{ count: count + step }, effect.none],
    view,
    ...more,
  });
}

/** What kinds of islands there are: all of them stay. */
const kinds: readonly (readonly [name: string, options: RouteOptions])[] = [
  ['shared', { shared: true }],
  ['shared and persisted', { shared: true, persist: true }],
  ['one’s own', {}],
  ['one’s own, over a crash', { survive: 'crash' }],
];

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'islet-models-'));
  vi.stubEnv('NODE_ENV', 'development');
  vi.stubEnv(developmentStore, join(folder, 'models.db'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

/** A page that stays open while servers come and go. */
class OpenPage {
  private session: string | null = null;
  private client: TestClient | undefined;
  private number = 0;

  /** Joins the next server. */
  async join(server: TestServer): Promise<this> {
    const { client } = this;
    this.client = await server.open().opened();
    this.session = await this.client.hello(this.session);
    if (client) this.client.goOn(client);
    await this.client.join('/ws/counter', client ? { have: client.have(), settled: this.number } : {});
    return this;
  }

  press(): void {
    this.client?.click(0, { number: ++this.number });
  }

  async click(): Promise<void> {
    const client = this.client as TestClient;
    const before = this.shown;
    this.press();
    await client.until(() => this.shown !== before);
  }

  get shown(): unknown {
    return this.client?.slots()[1];
  }
}

const start = (code: Code, options: RouteOptions): Promise<TestServer> =>
  startServer(
    (app) => app.islet.route('/ws/counter', counterOf(code), options),
    // what cannot be shown is tried again in a moment, not for seconds
    { restart: { maxFailures: 1 } },
  );

test.each(kinds)(
  '%s: a model stays over each change of view and update, however many there are',
  async (_, options) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ step: fc.integer({ min: 1, max: 9 }), clicks: fc.nat(2) }), {
          minLength: 2,
          maxLength: 4,
        }),
        async (lives) => {
          vi.stubEnv(developmentStore, join(folder, `${Math.random()}.db`));
          const page = new OpenPage();
          let count = 0;
          for (const [life, { step, clicks }] of lives.entries()) {
            // a view with another literal each time
            const view = ({ count }: { readonly count: number }) =>
              life % 2 ? show({ count }) : html`<button @click=${{ type: 'UserClicked' }}>${count}</button><hr>`;
            const server = await start({ step, view }, options);
            await page.join(server);
            expect(page.shown).toBe(count);
            for (let click = 0; click < clicks; click++) {
              await page.click();
              count += step;
            }
            expect(page.shown).toBe(count);
            await server.app.close();
          }
        },
      ),
      {
        numRuns: 6,
        // lives in which nobody does anything
        examples: [[[1, 0, 0].map((clicks) => ({ step: 2, clicks }))]],
      },
    );
  },
  60_000,
);

test.each(kinds)('%s: a model of another shape is migrated', async (_, options) => {
  const page = new OpenPage();
  {
    await using server = await start({}, options);
    await page.join(server);
    await page.click();
  }
  await using server = await start(
    { schema: 1, migrate: (old) => ({ count: 100 * (old as { count: number }).count }) },
    options,
  );
  await page.join(server);
  expect(page.shown).toBe(100);
});

const broken = (): never => {
  throw new Error('the view is broken');
};

test.each(kinds)('%s: a model waits for a view that is broken to be mended', async (_, options) => {
  const page = new OpenPage();
  {
    await using server = await start({}, options);
    await page.join(server);
    await page.click();
  }
  for (let times = 0; times < 2; times++) {
    await using server = await start({ view: broken }, options);
    await page.join(server);
    expect(server.log.some(({ err }) => err?.message.includes('the view is broken'))).toBe(true);
  }
  await using server = await start({}, options);
  await page.join(server);
  expect(page.shown).toBe(1);
});

test.each(kinds.filter(([, { persist, survive }]) => !persist && survive !== 'crash'))(
  '%s: what the new code cannot show begins anew, and the log says so',
  async (_, options) => {
    const page = new OpenPage();
    {
      await using server = await start({}, options);
      await page.join(server);
      await page.click();
    }
    const view = (model: { count: number; words?: string[] }): Template<Message> =>
      model.count === 1 ? html`<p>${model.words?.[0]?.length ?? broken()}</p>` : show(model);
    await using server = await start({ start: 7, view }, options);
    await page.join(server);
    expect(page.shown).toBe(7);
    expect(server.errors.map(({ msg }) => msg)).toContain(
      'what was kept of an island cannot be shown by the code of now; if its model has another shape now, raise `schema` and write `migrate(old, from)`',
    );
  },
);

test.each(['development', 'production'])(
  'in %s, a persisted model that the new code cannot show is said to be one for `schema` and `migrate`, and stays',
  async (mode) => {
    vi.stubEnv('NODE_ENV', mode);
    const options = { shared: true, persist: true } as const;
    const store = memoryStore();
    const run = (code: Code): Promise<TestServer> =>
      startServer(
        (app) => app.islet.route('/ws/counter', counterOf(code), options),
        // it outlives its servers, as a database does
        { restart: { maxFailures: 1 }, store: { ...store, close: async () => undefined } },
      );
    const page = new OpenPage();
    {
      await using server = await run({});
      await page.join(server);
      await page.click();
    }
    // of another shape: nothing of what it has is there
    const view = (model: object): Template<Message> => show({ count: (model as { counts: number[] }).counts.length });
    {
      await using server = await run({ view });
      const told: unknown[] = [];
      server.app.islet.inspect(['failure'], ({ error }) => told.push((error as Error).message));
      await page.join(server);
      expect(told[0]).toMatch(/^ISLET_ERR_STATE: what is kept under \/ws\/counter: the code of now cannot show it/);
      expect(told[0]).toContain('raise `schema`, which is 0, and write `migrate(old, from)` (Cannot read properties');
      expect(told[0]).toContain('npx islet state show');
      expect(server.log.some(({ err }) => err?.message.startsWith(String(told[0])))).toBe(true);
    }
    await using server = await run({ schema: 1, migrate: (old) => ({ count: (old as { count: number }).count + 10 }) });
    await page.join(server);
    expect(page.shown).toBe(11);
  },
);

test.each([
  ['persisted', { shared: true, persist: true }],
  ['one’s own', {}],
  ['one’s own, over a crash', { survive: 'crash' }],
] as const)(
  'an update that a kept model does not fit is said to be one for `schema` and `migrate`: %s',
  async (_, options) => {
    const page = new OpenPage();
    {
      await using server = await start({}, options);
      await page.join(server);
      await page.click();
    }
    // it reads what code of before did not write; the view shows what there is
    const update: Code['update'] = (model) => [
      { count: (model as unknown as { last: { count: number } }).last.count },
      effect.none,
    ];
    await using server = await start({ update }, options);
    const told: string[] = [];
    server.app.islet.inspect(['refused'], ({ error }) => told.push((error as Error).message));
    await page.join(server);
    expect(page.shown).toBe(1);
    page.press();
    await expect.poll(() => told, { timeout: 60_000 }).toHaveLength(1);
    expect(told[0]).toMatch(/^Cannot read properties of undefined.*\. The actor goes on from what is kept under /);
    expect(told[0]).toContain('raise `schema`, which is 0, and write `migrate(old, from)`');
    expect(server.log.some(({ err }) => err?.message.startsWith(String(told[0])))).toBe(true);
  },
);

test('an update that throws in an actor that began here is told as it is', async () => {
  const update = (): never => {
    throw new TypeError('this is meant to fail');
  };
  await using server = await start({ update }, { shared: true, persist: true });
  const told: unknown[] = [];
  server.app.islet.inspect(['refused'], ({ error }) => told.push((error as Error).message));
  const page = new OpenPage();
  await page.join(server);
  page.press();
  await expect.poll(() => told, { timeout: 60_000 }).toEqual(['this is meant to fail']);
});

test('a shared actor that has never changed begins anew: a new init shows', async () => {
  const page = new OpenPage();
  {
    await using server = await start({}, { shared: true });
    await page.join(server);
    expect(page.shown).toBe(0);
  }
  await using server = await start({ start: 5 }, { shared: true });
  await page.join(server);
  expect(page.shown).toBe(5);
});

test('those who look are counted once, whoever comes back; who does not is told of as gone', async () => {
  type Visit = { readonly type: 'UserCame' | 'UserLeft' };
  const presence = component<number, Visit>({
    init: () => [0, effect.none],
    update: (count, { type }) => [type === 'UserCame' ? count + 1 : count - 1, effect.none],
    view: (count) => html`<p @click=${{ type: 'UserCame' }}>${count}</p>`,
    onConnect: () => ({ type: 'UserCame' }),
    onDisconnect: () => ({ type: 'UserLeft' }),
  });
  const declare = (): Promise<TestServer> =>
    startServer((app) => app.islet.route('/ws/counter', presence, { shared: true }), { sessionMs: 300 });
  const [page, other] = [new OpenPage(), new OpenPage()];
  {
    await using server = await declare();
    await page.join(server);
    await other.join(server);
    await expect.poll(() => page.shown).toBe(2);
  }
  {
    await using server = await declare();
    await page.join(server);
    await other.join(server);
    await expect.poll(() => page.shown).toBe(2);
  }
  await using server = await declare();
  await page.join(server);
  await expect.poll(() => page.shown).toBe(1);
});

test('a shared model that is not plain JSON begins anew, and the log says why', async () => {
  const tags = component<Set<string>, Message>({
    init: () => [new Set<string>(), effect.none],
    update: (all) => [new Set([...all, `${all.size}`]), effect.none],
    view: (all) => html`<button @click=${{ type: 'UserClicked' }}>${all.size}</button>`,
  });
  const declare = (): Promise<TestServer> =>
    startServer((app) => app.islet.route('/ws/counter', tags, { shared: true }));
  const page = new OpenPage();
  const server = await declare();
  await page.join(server);
  await page.click();
  await server.app.close();
  expect(server.log.map(({ msg }) => msg)).toContain(
    'a model is not plain JSON: it begins anew with each change of the code',
  );
  await using next = await declare();
  await page.join(next);
  expect(page.shown).toBe(0);
});

test.each(['production', 'test', ''])('nothing of this holds where NODE_ENV is %j', async (mode) => {
  vi.stubEnv('NODE_ENV', mode);
  const page = new OpenPage();
  {
    await using server = await start({}, { shared: true });
    await page.join(server);
    await page.click();
  }
  await using server = await start({}, { shared: true });
  await page.join(server);
  expect(page.shown).toBe(0);
});

test('a process that listens to its parent for other reasons, as a test runner’s does, stays for them', async () => {
  const unref = vi.spyOn(process.channel as NonNullable<typeof process.channel>, 'unref');
  await using server = await startServer(() => {}, { development: true });
  expect(server.url).toBeTruthy();
  expect(unref).not.toHaveBeenCalled();
});
