/*
 * What a person and their network notice of prediction, in Chromium: from a click (or a typed letter) to the painted
 * change, near and far from the server, also with a slow processor; and the bytes of the frames both ways. Each event
 * is the only one under way. A change that is shown before anything has come from the server is counted as foreseen.
 */

import type { Browser, Page } from 'playwright';
import { startDelayProxy } from '../browser/proxy.ts';
import type { Figures } from '../driver/loops.ts';
import { median } from '../driver/statistics.ts';
import { type BoardAction, boardActions } from './board.ts';

export interface Distance {
  readonly roundTripMs: number;
  /** The processor is so many times as slow. */
  readonly slowdown: number;
}

export const distances: readonly Distance[] = [
  { roundTripMs: 0, slowdown: 1 },
  { roundTripMs: 100, slowdown: 1 },
  { roundTripMs: 300, slowdown: 1 },
  { roundTripMs: 0, slowdown: 6 },
  { roundTripMs: 300, slowdown: 6 },
];

export const nameOf = ({ roundTripMs, slowdown }: Distance): string => `${roundTripMs}x${slowdown}`;

/** One event: how long until it was painted, and what went over the wire until it had its outcome. */
export interface BoardEvent {
  readonly paintedMs: number;
  readonly up: number;
  readonly down: number;
  readonly framesUp: number;
  readonly framesDown: number;
  /** Nothing had come from the server when it was shown. */
  readonly isForeseen: boolean;
}

export type BoardEvents = { readonly [action in BoardAction]: readonly BoardEvent[] };

/** Opens a page of the board and does each action so many times. */
export async function actOnBoard(
  newPage: () => Promise<Page>,
  options: { readonly port: number; readonly predicts: boolean; readonly repetitions: number } & Distance,
): Promise<BoardEvents> {
  const { port, predicts, repetitions, roundTripMs, slowdown } = options;
  const proxy = await startDelayProxy(port, roundTripMs / 2);
  const page = await newPage();
  try {
    await page.addInitScript(weighFrames);
    await page.goto(`http://127.0.0.1:${proxy.port}/bench/page/${predicts ? 'predicted' : 'plain'}`);
    await page.waitForFunction(isReady, predicts);
    const session = await page.context().newCDPSession(page);
    await session.send('Emulation.setCPUThrottlingRate', { rate: slowdown });
    return await page.evaluate(act, { actions: boardActions, repetitions });
  } finally {
    await page.close();
    proxy.close();
  }
}

/** Figures are named `action.medianMs`, `worstMs`, `up` and `down` (bytes), `foreseen` (a share). */
export async function measureLatency(
  browser: Browser,
  options: Parameters<typeof actOnBoard>[1],
): Promise<{ readonly [figure: string]: number }> {
  const newPage = () => browser.newPage({ permissions: ['local-network-access'] });
  const figures: [string, number][] = [];
  for (const [action, events] of Object.entries(await actOnBoard(newPage, options))) {
    const times = events.map(({ paintedMs }) => paintedMs);
    const found: Figures = {
      medianMs: median(times),
      worstMs: Math.max(...times),
      up: median(events.map(({ up }) => up)),
      down: median(events.map(({ down }) => down)),
      foreseen: events.filter(({ isForeseen }) => isForeseen).length / events.length,
    };
    for (const [name, value] of Object.entries(found)) figures.push([`${action}.${name}`, value]);
  }
  return Object.fromEntries(figures);
}

// What follows runs in the page: it may use nothing from outside its own function.

interface Wire {
  up: number;
  down: number;
  framesUp: number;
  framesDown: number;
  /** The server has said as whom the page's handlers are called: it tells the model. */
  isPredicted: boolean;
}

/** Frames of this app are ASCII: a character is a byte. Those of the connection itself belong to no event. */
function weighFrames(): void {
  const wire: Wire = { up: 0, down: 0, framesUp: 0, framesDown: 0, isPredicted: false };
  Object.assign(globalThis, { wire });
  const Native = globalThis.WebSocket;
  globalThis.WebSocket = class extends Native {
    constructor(...all: ConstructorParameters<typeof Native>) {
      super(...all);
      this.addEventListener('message', ({ data }: MessageEvent<string>) => {
        if (data.startsWith('[0,')) return;
        wire.down += data.length;
        wire.framesDown++;
        if (data.includes('["you",')) wire.isPredicted = true;
      });
    }
    override send(data: string): void {
      super.send(data);
      if (data.startsWith('[0,')) return;
      wire.up += data.length;
      wire.framesUp++;
    }
  };
}

function isReady(predicts: boolean): boolean {
  const { wire } = globalThis as unknown as { wire: Wire };
  return document.querySelector('server-component:state(live)') !== null && wire.isPredicted === predicts;
}

async function act(options: {
  readonly actions: readonly BoardAction[];
  readonly repetitions: number;
}): Promise<BoardEvents> {
  const { wire } = globalThis as unknown as { wire: Wire };
  const island = document.querySelector('server-component') as Element;
  const doIt = (action: BoardAction, row: number): void => {
    if (action === 'text') {
      const field = island.querySelector('input') as HTMLInputElement;
      field.value += 'x';
      field.dispatchEvent(new InputEvent('input', { bubbles: true }));
    } else {
      const scope = action === 'up' ? island : (island.querySelectorAll('li')[row] as Element);
      scope.querySelector<HTMLButtonElement>(`.${action}`)?.click();
    }
  };
  const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  const found = {} as { [action in BoardAction]: BoardEvent[] };
  for (const action of options.actions) {
    found[action] = [];
    // the first ones are not counted: the code has yet to be compiled
    for (let repetition = -2; repetition < options.repetitions; repetition++) {
      // clicks come at any time between two frames
      await wait(20 + Math.random() * 20);
      const before = { ...wire };
      const [paintedMs, isForeseen] = await new Promise<[number, boolean]>((resolve, reject) => {
        const started = performance.now();
        const late = setTimeout(() => reject(new Error(`nothing changed after ${action}`)), 60_000);
        const observer = new MutationObserver(() => {
          observer.disconnect();
          clearTimeout(late);
          const isForeseen = wire.framesDown === before.framesDown;
          requestAnimationFrame(() => {
            // a message posted before a frame arrives after it has been painted
            const { port1, port2 } = new MessageChannel();
            port1.onmessage = () => resolve([performance.now() - started, isForeseen]);
            port2.postMessage(null);
          });
        });
        const what = { subtree: true, childList: true, characterData: true, attributeFilter: ['class'] };
        observer.observe(island, what);
        doIt(action, 100 + (((repetition + 3) * 37) % 800));
      });
      while (island.matches(':state(pending)') || wire.framesDown === before.framesDown) await wait(5);
      if (repetition < 0) continue;
      found[action].push({
        paintedMs,
        isForeseen,
        up: wire.up - before.up,
        down: wire.down - before.down,
        framesUp: wire.framesUp - before.framesUp,
        framesDown: wire.framesDown - before.framesDown,
      });
    }
  }
  return found;
}
