// The log says what went wrong with which actor, and says the same thing ten times a minute at most: what anybody can
// make fail fills no log.

import { describe, expect, test } from 'vitest';
import type { Log } from '../server/inspect/log.ts';
import { logHappenings } from '../server/inspect/log-happenings.ts';
import { component, effect, html } from '../shared/index.ts';
import { type Happening, Inspector } from '../shared/runtime/inspect.ts';
import { ManualClock } from './support/clock.ts';
import { startServer } from './support/server.ts';

interface Line {
  readonly level: keyof Log;
  readonly text: string;
  readonly details: object;
}

function start() {
  const clock = new ManualClock();
  const inspector = new Inspector();
  const lines: Line[] = [];
  const write = (level: keyof Log) => (details: object, text: string) => void lines.push({ level, text, details });
  const end = logHappenings(inspector, { error: write('error'), warn: write('warn'), info: write('info') }, clock);
  return {
    clock,
    inspector,
    lines,
    end,
    tell(happening: Happening, times = 1) {
      for (let time = 0; time < times; time++) inspector.tell(happening);
    },
  };
}

const error = new Error('boom');
const refusal = (actor: string): Happening => ({
  kind: 'refused',
  actor,
  code: 'ISLET_ERR_MESSAGE_REFUSED',
  message: { type: 'UserClicked' },
  error,
});
const failure = (actor: string): Happening => ({
  kind: 'failure',
  actor,
  component: 'test-room',
  error,
  decision: { kind: 'restart', waitMs: 100, failures: [1_000] },
});
const runFailure = (actor: string): Happening => ({ kind: 'run failed', actor, error, isStray: false });
const slow = (actor: string): Happening => ({
  kind: 'slow',
  actor,
  component: 'test-room',
  message: 'UserClicked',
  ms: 150.4,
});

/** What is told of a connection that has ended, and written as it is. */
const closing = {
  client: 'a',
  routes: ['/ws/x'],
  frames: 12,
  events: 9,
  joins: 1,
  refused: 1,
  code: 4400,
  why: 'ISLET_ERR_FRAME_MALFORMED',
  problem: undefined,
  ms: 1_234,
} as const;

describe('a line', () => {
  test.each<[string, Happening, Partial<Line>]>([
    [
      'of a message',
      refusal('/ws/x'),
      {
        level: 'error',
        text: '/ws/x did not take the message UserClicked: This could not be done. Nothing was changed.',
      },
    ],
    [
      'of an event that made no message',
      { kind: 'refused', actor: '/ws/x', code: 'ISLET_ERR_MESSAGE_REFUSED', message: undefined, error },
      { level: 'error', text: '/ws/x did not take an event: This could not be done. Nothing was changed.' },
    ],
    ['of an effect', runFailure('/ws/x'), { level: 'error', text: 'an effect of /ws/x threw; the actor goes on' }],
    [
      'of an effect of an actor that is no more',
      { kind: 'run failed', actor: '/ws/x#1', error, isStray: true },
      { level: 'error', text: 'an effect of /ws/x#1 threw after it was stopped' },
    ],
    ['of a failure', failure('/ws/x'), { level: 'error', text: 'actor /ws/x failed. Restarting in 100 ms' }],
    [
      'of a failure too many',
      {
        kind: 'failure',
        actor: '/ws/x',
        component: undefined,
        error,
        decision: { kind: 'give up', waitMs: 60_000, failures: [1, 2, 3] },
      },
      { level: 'error', text: 'actor /ws/x failed 3 times and was stopped. Trying again in 60000 ms' },
    ],
    ['of a slow message', slow('/ws/x'), { level: 'warn', text: 'handling UserClicked in /ws/x took 150 ms' }],
    [
      'of a slow view',
      { kind: 'slow', actor: '/ws/x', component: 'test-room', message: undefined, ms: 150.4 },
      { level: 'warn', text: 'rendering in /ws/x took 150 ms' },
    ],
    [
      'of a connection that has ended',
      { kind: 'closed', ...closing },
      { level: 'info', text: 'connection closed', details: closing },
    ],
  ])('%s says what, whose, and why', (_, happening, line) => {
    const { tell, lines } = start();
    tell(happening);
    expect(lines).toMatchObject([line]);
    if ('error' in happening) expect(lines[0]?.details).toMatchObject({ err: error, actor: happening.actor });
  });

  test('is not written of what a page did too late: the page is told', () => {
    const { tell, lines } = start();
    tell({
      kind: 'refused',
      actor: '/ws/x',
      code: 'ISLET_ERR_EVENT_UNKNOWN_TARGET',
      message: undefined,
      error: undefined,
    });
    expect(lines).toEqual([]);
  });
});

describe('what is repeated', () => {
  test.each([
    ['refusals', refusal],
    ['failed effects', runFailure],
    ['failures', failure],
    ['slow turns', slow],
  ] as const)('such as %s, is written ten times and then counted, until the minute is over', async (what, make) => {
    const { tell, lines, clock } = start();
    tell(make('/ws/x'), 4);
    await clock.advance(59_000);
    tell(make('/ws/x'), 1_000);
    expect(lines).toHaveLength(10);
    await clock.advance(999);
    expect(lines).toHaveLength(10);
    await clock.advance(1);
    expect(lines).toHaveLength(11);
    expect(lines[10]).toEqual({
      level: 'warn',
      text: `994 more lines about ${what} of /ws/x were left out`,
      details: { lines: 994 },
    });
    tell(make('/ws/x'), 11);
    expect(lines).toHaveLength(21);
  });

  test('leaves no timer behind where nothing was left out', async () => {
    const { tell, lines, clock } = start();
    tell(refusal('/ws/x'), 10);
    expect(clock.waits).toEqual([]);
    await clock.advance(60_000);
    tell(refusal('/ws/x'), 10);
    expect(lines.map(({ level }) => level)).toEqual(Array.from({ length: 20 }, () => 'error'));
  });

  test('is told at the end, when the server stops', () => {
    const { tell, lines, clock, end } = start();
    tell(refusal('/ws/x'), 12);
    end();
    expect(lines.at(-1)?.text).toBe('2 more lines about refusals of /ws/x were left out');
    expect(clock.waits).toEqual([]);
    tell(refusal('/ws/x'));
    expect(lines).toHaveLength(11);
  });

  test('is counted for all actors of a route together, whatever parameters and numbers they have', () => {
    const { tell, lines } = start();
    for (let id = 0; id < 100; id++) {
      tell(refusal(`/ws/:id?id=${id}`));
      tell(refusal(`/ws/:id?id=${id}#${id}`));
      tell(refusal(`/ws/own#${id}`));
      tell(refusal(`/ws/:id%3F?id=%0A${id}`));
    }
    expect(lines).toHaveLength(30);
  });

  test('of one kind, or of one route, leaves room for the others', () => {
    const { tell, lines } = start();
    tell(refusal('/ws/x'), 100);
    for (const make of [runFailure, failure, slow]) tell(make('/ws/x'));
    tell(refusal('/ws/y'));
    expect(lines).toHaveLength(14);
  });
});

test('of a server’s real rooms that clients make up, each failing, ten lines are written', async () => {
  const clock = new ManualClock();
  const room = component<null, { readonly type: 'UserClicked' }>({
    init: () => [null, effect.none],
    update() {
      throw error;
    },
    view: () => html`<button @click=${{ type: 'UserClicked' }}></button>`,
  });
  await using server = await startServer(
    (app) => {
      app.islet.route('/ws/room/:id/:of', room, { shared: true });
      app.islet.route('/ws/own/:id', room);
    },
    { clock },
  );
  const page = await server.connect();
  for (let id = 1; id <= 20; id++) {
    for (const route of [`/ws/room/${id}%23%3F%0A/x`, `/ws/own/${id}%3Fa`]) {
      await page.join(route);
      page.click();
      await page.next('patch');
      page.send({ kind: 'leave', channel: 1 });
    }
  }
  expect(server.errors).toHaveLength(20);
  expect(server.errors[0]?.err?.message).toBe('boom');
  await clock.advance(60_000);
  expect(server.log.flatMap(({ level, msg }) => (level === 40 ? [msg] : []))).toEqual([
    '10 more lines about refusals of /ws/room/:id/:of were left out',
    '10 more lines about refusals of /ws/own/:id were left out',
  ]);
});
