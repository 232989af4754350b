// Laws of a conversation whose connections are cut: after every frame, between every two frames that the server writes,
// and in both directions. Whatever was said, both sides agree again at once: trees are equal, each event was applied
// once or told as refused, in order, and what was acknowledged is in the model.

import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { cutComponent, holes, type Kind, kinds, unwritten } from './support/cut-component.ts';
import { type CutIsland, CutPage } from './support/cut-page.ts';
import { type Cut, type FrameRelay, never, startRelay } from './support/frame-relay.ts';
import { startServer } from './support/server.ts';

const routes = ['/ws/shared', '/ws/own'];
const pageCount = 3;

/** What a person does, or what happens to the connection. */
interface Step {
  readonly page: number;
  readonly channel: number;
  readonly what: Kind | 'label' | 'cut';
  /** Which of the buttons that are there. */
  readonly at: number;
  readonly pauseMs: number;
}

interface Conversation {
  readonly steps: readonly Step[];
  /** Of each page, one connection after the other. */
  readonly cuts: readonly (readonly Cut[])[];
  /** Of each page, which event loses its place at each lost connection. */
  readonly giveUps?: readonly (readonly number[])[];
  readonly maxHistoryBytes?: number;
  readonly maxFramesPerSecond?: number;
  /** Whether pages ask for all that is shown when they come back, to compare. */
  readonly isComparing: boolean;
  /** Whether pages send their events again before the answer to the join, and after that once more. */
  readonly isHasty?: boolean;
}

/** Leads a conversation to its end. @throws Error when a law does not hold. */
async function converse(conversation: Conversation): Promise<void> {
  const { steps, cuts, giveUps = [], isComparing, isHasty = false } = conversation;
  const { maxHistoryBytes = 32_768, maxFramesPerSecond = Number.POSITIVE_INFINITY } = conversation;
  await using server = await startServer(
    (app) => {
      app.islet.route('/ws/shared', cutComponent, { shared: true });
      app.islet.route('/ws/own', cutComponent);
    },
    { maxFramesPerSecond, limits: { maxHistoryBytes, maxEventsPerSecond: 10_000, maxIslands: 1_000 } },
  );
  await using stack = new AsyncDisposableStack();
  const relays: FrameRelay[] = [];
  const pages: CutPage[] = [];
  /** What each event was to do, by page, channel and number. */
  const made = new Map<string, Kind>();
  for (let index = 0; index < pageCount; index++) {
    const relay = stack.use(await startRelay(server.url));
    relay.cuts = [...(cuts[index] ?? [])];
    const page = new CutPage(relay.url, routes, isComparing, (island) => checkFrame(island, index, made));
    page.isHasty = isHasty;
    page.giveUps = [...(giveUps[index] ?? [])];
    stack.defer(() => page.end());
    relays.push(relay);
    pages.push(page);
  }
  for (const { page: index, channel, what, at, pauseMs } of steps) {
    const page = pages[index] as CutPage;
    if (what === 'cut') relays[index]?.cut();
    else if (what === 'label') page.setLabel(channel, String(at));
    else {
      page.press(channel, at, (number) => {
        made.set(`${index}.${channel}.${number}`, what);
        return { detail: { what, by: `${index}.${channel}.${number}` } };
      });
    }
    await (pauseMs === 0 ? new Promise(setImmediate) : new Promise((resolve) => setTimeout(resolve, pauseMs)));
  }
  // from here on the network is good
  const hadSilent = cuts.flat().some(({ isSilent }) => isSilent);
  for (const relay of relays) {
    relay.cuts = [];
    if (hadSilent) relay.cut();
  }
  const end = Date.now() + 20_000;
  while (!pages.every((page) => page.isQuiet || page.error) && Date.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  for (const { error } of pages) if (error) throw error;
  const waiting = pages.flatMap(({ islands }) => islands.filter((island) => !island.isQuiet));
  expect(waiting.map(({ channel, outbox }) => ({ channel, outbox }))).toEqual([]);
  // what runs have dispatched may come later
  await vi.waitFor(() => checkEnd(pages, made), { timeout: 30_000, interval: 2 });
  expect(server.app.islet.counters.failures).toBe(0);
}

/** What holds after each frame. */
function checkFrame(island: CutIsland, page: number, made: ReadonlyMap<string, Kind>): void {
  const { channel, settled, refused, voided, provided, heard } = island;
  const log = logOf(island);
  const mine = log.filter((by) => by.startsWith(`${page}.${channel}.`)).map((by) => Number(by.split('.')[2]));
  mine.forEach((number, at) => {
    if (at > 0 && number <= (mine[at - 1] as number)) throw new Error(`${mine.join()}: not each once, in order`);
    if (refused.has(number)) throw new Error(`event ${number} was refused, but applied`);
  });
  for (let number = 1; number <= settled; number++) {
    const what = made.get(`${page}.${channel}.${number}`) as Kind;
    const isTold = mine.includes(number) || refused.has(number) || voided.has(number) || unwritten.includes(what);
    if (!isTold) throw new Error(`event ${number} (${what}) has an outcome, but was neither applied nor refused`);
  }
  if (provided.get('theme') !== island.shown(holes.theme)) throw new Error('what is provided is not what is shown');
  const said = heard.map(({ name, detail }) => `${name} ${detail}`);
  if (new Set(said).size < said.length) throw new Error(`heard twice: ${said.join()}`);
  for (const each of said) {
    const by = each.split(' ')[1] as string;
    if (by.startsWith(`${page}.${channel}.`) && refused.has(Number(by.split('.')[2]))) {
      throw new Error(`${each}, but that event was refused`);
    }
    const [first, then] = [said.indexOf(`said ${by}`), said.indexOf(`ran ${by}`)];
    if (first >= 0 && then >= 0 && then < first) throw new Error(`${by} ran before it was said`);
  }
}

/** What holds when all is quiet. */
function checkEnd(pages: readonly CutPage[], made: ReadonlyMap<string, Kind>): void {
  const shared = pages.map(({ islands: [island] }) => island as CutIsland);
  const states = shared.map(({ version, tree }) => JSON.stringify([version, tree?.nextId, tree?.toPlain()]));
  expect(new Set(states).size, states.join('\n')).toBe(1);
  for (const [index, { islands }] of pages.entries()) {
    for (const island of islands) {
      const log = logOf(island);
      for (const [by, what] of made) {
        const [page, channel, number] = by.split('.').map(Number) as [number, number, number];
        if (page !== index || channel !== island.channel || island.voided.has(number)) continue;
        expect(log.includes(by), `${by} ${what}`).toBe(!island.refused.has(number) && !unwritten.includes(what));
        if (!what.endsWith('throws')) continue;
        const code = island.refused.get(number) as string;
        expect(refusals).toContain(code);
      }
      if (island.remounts > 0) continue;
      // what a page's own events have said reaches it, too; others may have spoken before it came
      const isMine = (by: string): boolean => by.startsWith(`${index}.${island.channel}.`);
      const said = log.filter((by) => isMine(by) && made.get(by) === 'say').sort();
      for (const name of ['said', 'ran']) {
        const heard = island.heard.filter((each) => each.name === name).map(({ detail }) => String(detail));
        expect(heard.filter(isMine).sort()).toEqual(said);
      }
    }
    const own = islands[1] as CutIsland;
    expect(own.shown(holes.label) ?? '').toBe(own.label);
  }
}

/** The last is for what there was no time to try again, after a view had thrown. */
const refusals = ['ISLET_ERR_MESSAGE_REFUSED', 'ISLET_ERR_EVENT_UNKNOWN_TARGET', 'ISLET_ERR_NOT_TRIED'];

function logOf(island: CutIsland): string[] {
  const items = (island.shown(holes.log) ?? []) as readonly { readonly slots: readonly string[] }[];
  return items.map(({ slots: [by] }) => by as string);
}

const step = fc.record({
  page: fc.nat(pageCount - 1),
  channel: fc.constantFrom(1, 1, 2),
  what: fc.constantFrom(...kinds, ...kinds, 'label' as const, 'cut' as const),
  at: fc.nat(20),
  pauseMs: fc.constantFrom(0, 0, 0, 2),
});
const cut = fc.oneof(
  fc.nat(12).map((toClient) => ({ ...never, toClient })),
  fc.nat(12).map((toServer) => ({ ...never, toServer })),
  fc.nat(12).map((toClient) => ({ ...never, toClient, isSilent: true })),
);
const conversations: fc.Arbitrary<Conversation> = fc.record({
  steps: fc.array(step, { minLength: 5, maxLength: 40 }),
  cuts: fc.array(fc.array(cut, { maxLength: 8 }), { minLength: pageCount, maxLength: pageCount }),
  giveUps: fc.array(fc.array(fc.nat(5), { maxLength: 4 }), { minLength: pageCount, maxLength: pageCount }),
  maxHistoryBytes: fc.constantFrom(32_768, 32_768, 300),
  maxFramesPerSecond: fc.constantFrom(Number.POSITIVE_INFINITY, 60),
  isComparing: fc.boolean(),
  isHasty: fc.boolean(),
});

/**
 * Somebody does all that there is, while others do something too; in the middle the connection is cut, if it still is.
 */
const busy: readonly Step[] = [
  ...kinds.flatMap((what, at) => [
    { page: 0, channel: 1, what, at, pauseMs: 0 },
    { page: 1, channel: 1, what: kinds[(at + 3) % 6] as Kind, at: at + 2, pauseMs: at % 3 },
    { page: 0, channel: 2, what, at: at + 1, pauseMs: 0 },
  ]),
  { page: 0, channel: 2, what: 'label', at: 5, pauseMs: 2 },
  { page: 2, channel: 1, what: 'add', at: 3, pauseMs: 2 },
  { page: 0, channel: 1, what: 'cut', at: 0, pauseMs: 1 },
  { page: 0, channel: 1, what: 'view throws', at: 0, pauseMs: 0 },
  { page: 2, channel: 1, what: 'vary', at: 0, pauseMs: 3 },
  { page: 0, channel: 1, what: 'say', at: 4, pauseMs: 0 },
];

/** `CUTS=500 npx vitest run --project node test/cuts.test.ts` tries so many conversations, and all places to cut at. */
const runs = Number(process.env.CUTS ?? 0);

/** Counts up to a number, in bigger steps unless there is time. */
function upTo(last: number, step: number): number[] {
  return Array.from({ length: last + 1 }, (_, index) => index).filter((index) => runs > 0 || index % step === 0);
}

test('whatever was said and wherever it was cut, both sides agree again', { timeout: 600_000 }, async () => {
  const seed = runs > 0 ? {} : { seed: 7 };
  await fc.assert(fc.asyncProperty(conversations, converse), { numRuns: runs || 50, ...seed, endOnFailure: true });
});

test('cut after each frame that came, and the next connection after another', { timeout: 120_000 }, async () => {
  for (const toClient of upTo(14, 1)) {
    const cuts = [
      [
        { ...never, toClient },
        { ...never, toClient: (toClient * 3) % 7 },
      ],
      [],
      [],
    ];
    await converse({ steps: busy, cuts, isComparing: toClient % 2 === 0 });
  }
});

test('cut after frames that it did not read, and again after each that brings them', { timeout: 120_000 }, async () => {
  for (const toClient of upTo(9, 3)) {
    for (const next of upTo(5, 1)) {
      const cuts = [
        [
          { ...never, toClient, isSilent: true },
          { ...never, toClient: next },
        ],
        [],
        [],
      ];
      await converse({ steps: busy, cuts, isComparing: next % 2 === 1 });
    }
  }
});

test('cut after each frame that it sent', { timeout: 120_000 }, async () => {
  for (const toServer of upTo(30, 2)) {
    const cuts = [
      [
        { ...never, toServer },
        { ...never, toServer: (toServer * 7) % 11 },
      ],
      [],
      [],
    ];
    await converse({ steps: busy, cuts, isComparing: true });
  }
});
