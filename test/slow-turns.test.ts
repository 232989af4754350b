// A message or a view that keeps the event loop for long is named in the log: its component, the message's type, and
// the time. Where the time is moved by hand, code is slow that moves it.

import { describe, expect, test } from 'vitest';
import { component, type EventData, effect, html } from '../shared/index.ts';
import type { AnyComponent } from '../shared/language/component.ts';
import { ManualClock } from './support/clock.ts';
import { outcomeOf } from './support/outcomes.ts';
import { type LogLine, startServer, type TestServer } from './support/server.ts';

interface Message {
  readonly type: 'UserAsked' | 'UserGlanced' | 'UserWaited';
  readonly workMs: number;
}

const [slowUpdate, slowView, slowRun, slowHandler, idleHandler, brokenHandler] = [0, 1, 2, 3, 4, 5];

const boom = (): never => {
  throw new Error('boom');
};

/** Its events say how long it is to work, and their listeners where. */
function createOracle(work: (ms: number) => void): AnyComponent {
  return component<number, Message>({
    name: 'test-oracle',
    init: () => [0, effect.none],
    update(viewMs, { type, workMs }) {
      if (type === 'UserGlanced') return [workMs, effect.none];
      if (type === 'UserWaited') return [viewMs, effect.from(() => work(workMs))];
      work(workMs);
      return [viewMs, effect.none];
    },
    view(viewMs) {
      work(viewMs);
      const ms = ({ value = '' }: EventData): number => Number(value);
      const toil = (data: EventData, then: () => Message | null): Message | null => {
        work(ms(data));
        return then();
      };
      return html`
        <button @click=${(data) => ({ type: 'UserAsked', workMs: ms(data) })}></button>
        <button @click=${(data) => ({ type: 'UserGlanced', workMs: ms(data) })}></button>
        <button @click=${(data) => ({ type: 'UserWaited', workMs: ms(data) })}></button>
        <button @click=${(data) => toil(data, () => ({ type: 'UserAsked', workMs: 0 }))}></button>
        <button @click=${(data) => toil(data, () => null)}></button>
        <input @keyup=${(data) => toil(data, boom)}>
        ${viewMs}
      `;
    },
  });
}

const slowLines = ({ log }: TestServer): LogLine[] => log.filter(({ msg }) => /took \d+ ms/.test(msg));

/** Has an oracle work, and gives what the log says of that. */
async function ask(asked: readonly [hole: number, ms: number][], slowTurnMs?: number): Promise<LogLine[]> {
  const clock = new ManualClock();
  const oracle = createOracle((ms) => clock.pass(ms));
  await using server = await startServer((app) => app.islet.route('/ws/oracle', oracle, { shared: true }), {
    clock,
    ...(slowTurnMs !== undefined && { slowTurnMs }),
  });
  const page = await server.visit('/ws/oracle');
  for (const [hole, ms] of asked) page.click(hole, { data: { value: String(ms) } });
  await outcomeOf(page, asked.length);
  await page.handled();
  expect(server.app.islet.counters.failures).toBe(0);
  return slowLines(server);
}

describe('the log names', () => {
  test.each([
    ['a message whose update took long', slowUpdate, 'UserAsked', 'handling UserAsked'],
    ['a message whose effect took long', slowRun, 'UserWaited', 'handling UserWaited'],
    ['a message whose handler took long', slowHandler, 'UserAsked', 'handling UserAsked'],
    ['an event whose handler took long and made no message', idleHandler, '@click', 'handling @click'],
    ['an event whose handler took long and threw', brokenHandler, '@keyup', 'handling @keyup'],
    ['a view that took long', slowView, undefined, 'rendering'],
  ] as const)('%s, its component, and the time', async (_, hole, message, what) => {
    const [line, ...others] = await ask([[hole, 150]]);
    expect(others).toEqual([]);
    expect(line).toMatchObject({ level: 40, actor: '/ws/oracle', component: 'test-oracle', ms: 150 });
    expect(line?.message).toBe(message);
    expect(line?.msg).toBe(`${what} in /ws/oracle took 150 ms`);
  });

  test('a start that took long', async () => {
    const clock = new ManualClock();
    const slow = component<null, Message>({
      init() {
        clock.pass(150);
        return [null, effect.none];
      },
      update: () => [null, effect.none],
      view: () => html`<p></p>`,
    });
    await using server = await startServer((app) => app.islet.route('/ws/slow', slow), { clock });
    await server.visit('/ws/slow');
    expect(slowLines(server).map(({ msg }) => msg)).toEqual(['handling init in /ws/slow#1 took 150 ms']);
  });

  test('what really takes the processor’s time', async () => {
    const oracle = createOracle((ms) => {
      const end = performance.now() + ms;
      while (performance.now() < end);
    });
    await using server = await startServer((app) => app.islet.route('/ws/oracle', oracle, { shared: true }));
    const page = await server.visit('/ws/oracle');
    page.click(slowUpdate, { data: { value: '150' } });
    page.click(slowView, { data: { value: '150' } });
    await outcomeOf(page, 2);
    await page.handled();
    const found = slowLines(server);
    for (const message of ['UserAsked', undefined]) {
      expect(found.find((line) => line.message === message)?.ms).toBeGreaterThanOrEqual(149);
    }
  });
});

describe('what is slow', () => {
  test('is what takes a tenth of a second', async () => {
    expect(await ask([[slowUpdate, 99]])).toEqual([]);
    expect(await ask([[slowView, 99]])).toEqual([]);
    expect(await ask([[slowUpdate, 100]])).toHaveLength(1);
  });

  test('is said by a setting', async () => {
    expect(await ask([[slowUpdate, 20]], 20)).toHaveLength(1);
    expect(await ask([[slowView, 20]], 20)).toHaveLength(1);
    expect(await ask([[slowUpdate, 999]], 1_000)).toEqual([]);
    expect(await ask([[slowUpdate, 10_000]], Number.POSITIVE_INFINITY)).toEqual([]);
  });

  test('is named ten times a minute, however often it is slow, and then counted', async () => {
    const clock = new ManualClock();
    const oracle = createOracle((ms) => clock.pass(ms));
    await using server = await startServer((app) => app.islet.route('/ws/:id', oracle, { shared: true }), {
      clock,
    });
    for (const room of ['a', 'b']) {
      const page = await server.visit(`/ws/${room}`);
      for (let time = 0; time < 30; time++) page.click(slowUpdate, { data: { value: '150' } });
      await outcomeOf(page, 30);
    }
    expect(slowLines(server)).toHaveLength(10);
    await clock.advance(60_000);
    expect(server.log.at(-1)?.msg).toBe('50 more lines about slow turns of /ws/:id were left out');
    expect(slowLines(server)).toHaveLength(10);
  });
});
