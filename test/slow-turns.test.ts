// A message or a view that keeps the event loop for long is named in the log: its component, the message's type, and the
// time. Real time: what is slow here works for as long as it says.

import { describe, expect, test } from 'vitest';
import { component, effect, html } from '../shared/index.ts';
import { ManualClock } from './support/clock.ts';
import { outcomeOf, refusedTo } from './support/outcomes.ts';
import { type LogLine, startServer, type TestServer } from './support/server.ts';

type Message = { readonly type: 'UserAsked' | 'UserGlanced'; readonly workMs: number };

/** Keeps the event loop. */
function work(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

const [slowUpdate, slowView, slowHandler] = [0, 1, 2];

/** Its buttons say how long it is to work, and where. */
const oracle = component<number, Message>({
  name: 'test-oracle',
  init: () => [0, effect.none],
  update(viewMs, { type, workMs }) {
    if (type === 'UserGlanced') return [workMs, effect.none];
    work(workMs);
    return [viewMs, effect.none];
  },
  view(viewMs) {
    work(viewMs);
    const ms = ({ value = '' }): number => Number(value);
    return html`
      <button @click=${(data) => ({ type: 'UserAsked', workMs: ms(data) })}></button>
      <button @click=${(data) => ({ type: 'UserGlanced', workMs: ms(data) })}></button>
      <button @click=${(data) => work(ms(data))}></button>
      ${viewMs}
    `;
  },
});

const slowLines = ({ log }: TestServer): LogLine[] => log.filter(({ msg }) => /took \d+ ms/.test(msg));

async function ask(options: object, ...asked: [hole: number, ms: number][]): Promise<LogLine[]> {
  await using server = await startServer((app) => app.islet.route('/ws/oracle', oracle, { shared: true }), options);
  const page = await server.visit('/ws/oracle');
  for (const [hole, ms] of asked) page.click(hole, { data: { value: String(ms) } });
  await outcomeOf(page, asked.length);
  await page.handled();
  expect(refusedTo(page)).toEqual([]);
  expect(server.app.islet.counters.failures).toBe(0);
  return slowLines(server);
}

describe('the log names', () => {
  test('a message whose update took 150 ms, its component, and the time', async () => {
    const lines = await ask({}, [slowUpdate, 150]);
    expect(lines).toHaveLength(1);
    const [line] = lines;
    expect(line).toMatchObject({ level: 40, actor: '/ws/oracle', component: 'test-oracle', message: 'UserAsked' });
    expect(line?.msg).toBe(`handling UserAsked in /ws/oracle took ${line?.ms} ms`);
    expect(line?.ms).toBeGreaterThanOrEqual(149);
  });

  test('a view that took 150 ms, its component, and the time', async () => {
    const lines = await ask({}, [slowView, 150]);
    expect(lines).toHaveLength(1);
    const [line] = lines;
    expect(line).toMatchObject({ level: 40, actor: '/ws/oracle', component: 'test-oracle' });
    expect(line?.msg).toBe(`rendering in /ws/oracle took ${line?.ms} ms`);
    expect(line?.ms).toBeGreaterThanOrEqual(149);
  });

  test('a handler that took 150 ms', async () => {
    const lines = await ask({}, [slowHandler, 150]);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({ level: 40, component: 'test-oracle' });
  });

  test('what the setting says is slow', async () => {
    expect(await ask({ slowTurnMs: 20 }, [slowUpdate, 30], [slowView, 30])).toHaveLength(2);
    expect(await ask({ slowTurnMs: 1_000 }, [slowUpdate, 150], [slowView, 150])).toEqual([]);
  });
});

describe('it says nothing', () => {
  test('of what is fast', async () => {
    // a slow machine may take its time for anything, but not so long
    expect(await ask({ slowTurnMs: 500 }, [slowUpdate, 0], [slowView, 1], [slowHandler, 0])).toEqual([]);
  });

  test('more than ten times a minute, however many are slow, and then how many there were', async () => {
    const clock = new ManualClock();
    await using server = await startServer((app) => app.islet.route('/ws/:id', oracle, { shared: true }), {
      clock,
      slowTurnMs: 0,
    });
    for (const room of ['a', 'b']) {
      const page = await server.visit(`/ws/${room}`);
      for (let time = 0; time < 30; time++) page.click(slowUpdate, { data: { value: '0' } });
      await outcomeOf(page, 30);
    }
    expect(slowLines(server)).toHaveLength(10);
    await clock.advance(60_000);
    expect(server.log.at(-1)?.msg).toMatch(/^\d+ more lines about slow turns of \/ws\/:id were left out$/);
    expect(slowLines(server)).toHaveLength(10);
  });

  test('if it is never to be said', async () => {
    expect(await ask({ slowTurnMs: Number.POSITIVE_INFINITY }, [slowUpdate, 150])).toEqual([]);
  });
});
