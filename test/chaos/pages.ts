// Real pages in the same bad network, which are loaded before it turns bad. Each presses the buttons of its two islands
// all the time; the element keeps what it cannot send yet, and tells what is lost.

import { setTimeout as pause } from 'node:timers/promises';
import type { Page } from 'playwright';
import { launchBrowser } from '../support/browser.ts';
import { routes } from './client.ts';
import type { Ledger } from './ledger.ts';
import type { Book } from './report.ts';

/** What a page says of one of its islands. */
interface PageBook {
  readonly sender: string;
  made: number;
  told: number;
  /** How many of these were told why; a name for each reason. */
  readonly reasons: Record<string, number>;
  disconnects: number;
  /** Whether the island is live. */
  isLive: boolean;
  words: string;
}

export interface ChaosPages extends AsyncDisposable {
  /** How often a page's connection was lost, as of the last `read`. */
  readonly disconnects: number;
  readonly books: readonly Book[];
  /** Why events were told: events for each reason. */
  readonly reasons: readonly Record<string, number>[];
  /** Errors that the pages' scripts did not catch. */
  readonly errors: readonly string[];
  /** Asks the pages how they are. */
  read(): Promise<void>;
  /** No more events. */
  stop(): Promise<void>;
  /** Whether the islands are live, and each event is applied or told. */
  isQuiet(ledgers: readonly Ledger[]): boolean;
  differences(wordsFor: (sender: string) => string | undefined): Promise<string[]>;
  close(): Promise<void>;
}

/** Opens pages at an address, which must be good as yet. */
export async function openChaosPages(count: number, address: string): Promise<ChaosPages> {
  const browser = await launchBrowser();
  const errors: string[] = [];
  const pages: Page[] = [];
  for (let index = 0; index < count; index++) {
    const page = await browser.newPage();
    page.on('pageerror', (error) => errors.push(error.message));
    await page.goto(address);
    await page.evaluate(keepPressing, { name: `page${index}`, routes });
    pages.push(page);
  }
  let found: PageBook[] = [];
  const read = async (): Promise<void> => {
    found = (await Promise.all(pages.map((page) => page.evaluate(() => window.chaos.read())))).flat();
  };
  return {
    get disconnects() {
      return found.reduce((sum, { disconnects }) => sum + disconnects, 0);
    },
    get books() {
      return found.map(({ sender, made, told }) => ({ sender, made, told: new Set<number>(), toldUnnamed: told }));
    },
    get reasons() {
      return found.map(({ reasons }) => reasons);
    },
    errors,
    read,
    async stop() {
      for (const page of pages) await page.evaluate(() => window.chaos.stop());
      await read();
    },
    isQuiet: (ledgers) =>
      found.every(({ sender, made, told, isLive }) => {
        const applied = ledgers.flat().filter((entry) => entry.sender === sender).length;
        return isLive && applied + told >= made;
      }),
    async differences(wordsFor) {
      const end = performance.now() + 5_000;
      for (;;) {
        await read();
        const wrong = found.filter(({ sender, words }) => words !== (wordsFor(sender) ?? words));
        if (wrong.length === 0 || performance.now() > end) {
          return wrong.map(({ sender, words }) => `differs: ${sender} reads ${words}, not ${wordsFor(sender)}`);
        }
        await pause(50);
      }
    },
    close: () => browser.close(),
    [Symbol.asyncDispose]: () => browser.close(),
  };
}

declare global {
  interface Window {
    chaos: { read(): PageBook[]; stop(): void };
  }
}

/** Runs in the page. */
function keepPressing({ name, routes }: { readonly name: string; readonly routes: Record<string, string> }): void {
  const books: PageBook[] = [];
  const timers: number[] = [];
  const mostWaiting = 60;
  for (const [kind, route] of Object.entries(routes)) {
    const element = document.querySelector(`server-component[route="${route}"]`) as HTMLElement;
    const book: PageBook = {
      sender: `${name}.${kind}`,
      made: 0,
      told: 0,
      reasons: {},
      disconnects: 0,
      isLive: false,
      words: '',
    };
    books.push(book);
    element.addEventListener('islet:state', (event) => {
      const { state } = (event as CustomEvent<{ state: string }>).detail;
      // both islands have one connection
      if (state === 'offline' && kind === 'shared') book.disconnects++;
    });
    element.addEventListener('islet:dropped', (event) => {
      tell('dropped', (event as CustomEvent<{ events: number }>).detail.events);
    });
    element.addEventListener('islet:refused', (event) => {
      tell((event as CustomEvent<{ code: string }>).detail.code, 1);
    });
    const tell = (reason: string, events: number): void => {
      book.told += events;
      book.reasons[reason] = (book.reasons[reason] ?? 0) + events;
    };
    const press = (): void => {
      // the element takes only so many that wait; nobody goes on pressing when nothing happens
      const applied = Number(element.querySelector(`[title="${book.sender}"]`)?.textContent ?? 0);
      if (book.made - book.told - applied >= mostWaiting) return;
      const detail = { sender: book.sender, id: ++book.made };
      element.querySelector('button')?.dispatchEvent(new CustomEvent('send', { detail, bubbles: true }));
    };
    timers.push(window.setInterval(press, kind === 'shared' ? 30 : 45));
  }
  const wordsIn = (element: Element): string => {
    const words = [...element.querySelectorAll('output, ol li, ul li, p')].map((each) => each.textContent?.trim());
    return words.filter((text) => text !== '' && text !== 'seven').join(' ');
  };
  window.chaos = {
    read() {
      for (const [index, element] of [...document.querySelectorAll('server-component')].entries()) {
        const book = books[index] as PageBook;
        book.isLive = element.matches(':state(live)');
        book.words = wordsIn(element);
      }
      return books;
    },
    stop() {
      for (const timer of timers) clearInterval(timer);
    },
  };
}
