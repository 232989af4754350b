// One page in a real browser, and the books of its person: what was typed, ticked, pressed and opened in each island,
// where the focus and the caret are. Input: acts. Output: what the page shows otherwise.

import { setTimeout as pause } from 'node:timers/promises';
import type { Page } from 'playwright';
import type { Random } from '../chaos/random.ts';
import { hearRoutedFrames } from '../support/routed-frames.ts';
import { type Desk, deskRoutes, desks } from './desk.ts';

/** What an island must show. */
interface Book {
  note: string;
  free: string;
  isDone: boolean;
  count: number;
  caret: number;
}

/** What it does show. */
interface Shown extends Book {
  readonly said: string;
  readonly isOpen: boolean;
  readonly hasFocus: boolean;
  readonly isSameNode: boolean;
  readonly isLive: boolean;
  readonly told: number;
}

export interface RoutedFrame {
  readonly route: string | undefined;
  readonly text: string;
  /** How many versions the page had missed of an island whose tree this is. */
  readonly missed: number;
}

export interface KillPage {
  /** Frames that came, with the route of the island that they are for. */
  readonly frames: readonly RoutedFrame[];
  readonly errors: readonly string[];
  readonly acts: number;
  forgetFrames(): void;
  /** Moves the focus to an island's field, and waits until all that was done is settled. */
  settleDown(desk: Desk): Promise<void>;
  /** Types a letter, ticks, or presses. */
  act(random: Random): Promise<void>;
  /** What is not shown as it was left, once the islands are live. @param lost Islands whose model may begin anew. */
  compare(lost: readonly Desk[]): Promise<string[]>;
}

// a page that has waited for its server a few times in vain tries again after half a minute
const settleMs = 60_000;

export async function openKillPage(page: Page, address: string): Promise<KillPage> {
  let frames: RoutedFrame[] = [];
  const errors: string[] = [];
  let acts = 0;
  page.on('pageerror', (error) => errors.push(error.message));
  hearRoutedFrames(page, (text, route, missed) => frames.push({ route, text, missed }));
  // what keeps nodes over a mount is loaded once a page has been shown for a while
  const isPrepared = page.waitForResponse(/\/repair-/);
  await page.goto(address);
  await isPrepared;
  await page.evaluate(keepNodes, { ...deskRoutes });
  const books = Object.fromEntries(desks.map((desk) => [desk, newBook()])) as Record<Desk, Book>;
  let focused: Desk = 'shared';

  const shown = (desk: Desk): Promise<Shown> => page.evaluate(readDesk, deskRoutes[desk]);
  const differencesOf = async (desk: Desk): Promise<string[]> => {
    const { caret, ...book } = books[desk];
    const seen = await shown(desk);
    const wanted = { ...book, said: book.note, isOpen: true, isSameNode: true, isLive: true, told: 0 };
    const focus = desk === focused ? { hasFocus: true, caret } : { hasFocus: false };
    return Object.entries({ ...wanted, ...focus }).flatMap(([name, value]) => {
      const found = seen[name as keyof Shown];
      return found === value ? [] : [`${name} of ${desk} is ${JSON.stringify(found)}, not ${JSON.stringify(value)}`];
    });
  };
  const compare = async (): Promise<string[]> => {
    const end = performance.now() + settleMs;
    for (;;) {
      const found = (await Promise.all(desks.map(differencesOf))).flat();
      if (found.length === 0 || performance.now() > end) return found;
      await pause(50);
    }
  };

  const self: KillPage = {
    get frames() {
      return frames;
    },
    errors,
    get acts() {
      return acts;
    },
    forgetFrames() {
      frames = [];
    },
    async settleDown(desk) {
      focused = desk;
      books[desk].caret = await page.evaluate(focusDesk, deskRoutes[desk]);
      const found = await compare();
      if (found.length > 0) throw new Error(`before a server was ended: ${found.join('; ')}`);
    },
    async act(random) {
      acts++;
      const desk = random.oneOf(desks);
      const kind = random.oneOf(['letter', 'letter', 'tick', 'press']);
      if (kind === 'letter') {
        const book = books[focused];
        const letter = random.oneOf(['a', 'b', 'c', 'd', 'e']);
        book.note = book.note.slice(0, book.caret) + letter + book.note.slice(book.caret);
        book.caret++;
        await page.keyboard.type(letter);
      } else {
        const book = books[desk];
        if (kind === 'tick') book.isDone = !book.isDone;
        else book.count++;
        await page.evaluate(press, { route: deskRoutes[desk], what: kind === 'tick' ? '[name=done]' : 'button' });
      }
    },
    async compare(lost) {
      for (const desk of lost) await begunAnew(desk);
      return compare();
    },
  };

  /** An island whose model was lost begins anew: its person sees that, and goes on from what it shows. */
  async function begunAnew(desk: Desk): Promise<void> {
    const end = performance.now() + settleMs;
    for (let last = ''; performance.now() < end; await pause(100)) {
      const seen = await shown(desk);
      const { note, isDone, count, caret } = seen;
      const text = JSON.stringify(seen);
      // it is live, has settled, and stays as it is
      if (seen.isLive && seen.said === note && text === last) {
        Object.assign(books[desk], { note, isDone, count, caret });
        await page.evaluate(forgetTold, deskRoutes[desk]);
        return;
      }
      last = text;
    }
  }

  for (const desk of desks) books[desk].free = `of ${desk}`;
  await self.settleDown('shared');
  return self;
}

function newBook(): Book {
  return { note: '', free: '', isDone: false, count: 0, caret: 0 };
}

// What follows runs in the page.

interface Kept extends HTMLElement {
  kept: { readonly note: Element; told: number };
}

function keepNodes(routes: Record<string, string>): void {
  for (const [desk, route] of Object.entries(routes)) {
    const island = document.querySelector(`server-component[route^="${route}"]`) as Kept;
    island.kept = { note: island.querySelector('[name=note]') as Element, told: 0 };
    (island.querySelector('details') as HTMLDetailsElement).open = true;
    (island.querySelector('[name=free]') as HTMLInputElement).value = `of ${desk}`;
    const tell = (events: number): void => {
      island.kept.told += events;
    };
    island.addEventListener('islet:dropped', (event) => tell((event as CustomEvent).detail.events));
    island.addEventListener('islet:refused', () => tell(1));
  }
}

function focusDesk(route: string): number {
  const note = document.querySelector(`server-component[route^="${route}"] [name=note]`) as HTMLInputElement;
  note.focus();
  // in the middle: a field that is filled anew has its caret at the end
  const caret = Math.floor(note.value.length / 2);
  note.setSelectionRange(caret, caret);
  return caret;
}

function press({ route, what }: { readonly route: string; readonly what: string }): void {
  (document.querySelector(`server-component[route^="${route}"] ${what}`) as HTMLElement).click();
}

function forgetTold(route: string): void {
  (document.querySelector(`server-component[route^="${route}"]`) as Kept).kept.told = 0;
}

function readDesk(route: string): Shown {
  const island = document.querySelector(`server-component[route^="${route}"]`) as Kept;
  const field = (name: string): HTMLInputElement => island.querySelector(`[name=${name}]`) as HTMLInputElement;
  const note = field('note');
  return {
    note: note.value,
    free: field('free').value,
    isDone: field('done').checked,
    count: Number(field('count').value),
    said: field('said').value,
    caret: note.selectionStart ?? -1,
    isOpen: (island.querySelector('details') as HTMLDetailsElement).open,
    hasFocus: document.activeElement === note,
    isSameNode: note === island.kept.note,
    isLive: island.matches(':state(live)') && !island.matches(':state(pending)'),
    told: island.kept.told,
  };
}
