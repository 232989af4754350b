// Examples of docs/api.md, of what `islet/testing` exports.

import assert from 'node:assert/strict';
import fastify, { type FastifyInstance } from 'fastify';
import { islet, serverComponent } from '../../../server/index.ts';
import {
  createVisitor,
  type Emitted,
  type Locator,
  ManualClock,
  type Observed,
  observe,
  type Simulation,
  simulate,
  type Target,
  type TextMatch,
  type VisitedPage,
  type Visitor,
  type VisitorOptions,
  visit,
} from '../../../server/testing/index.ts';
import { component, effect, html } from '../../../shared/index.ts';

type Message = { type: 'UserClicked' } | { type: 'SecondWasOver' };

const counter = component<number, Message, undefined>({
  init: () => [0, effect.none],
  update: (count, { type }) => [
    count + 1,
    type === 'UserClicked'
      ? effect.batch([effect.emit('counted', count + 1), effect.after(1_000, { type: 'SecondWasOver' })])
      : effect.none,
  ],
  view: (count) => html`<button @click=${'UserClicked'}>Count</button><p>${count} clicks</p>`,
});

async function createApp(clock?: ManualClock): Promise<FastifyInstance> {
  const app = fastify();
  await app.register(islet, clock ? { clock } : {});
  app.islet.route('/ws/counter', counter);
  app.get('/', (_, reply) =>
    reply.html(
      html`<!doctype html><title>Clicks</title><script type="module" src="/islet/element.js"></script>${serverComponent({ route: '/ws/counter' })}`,
    ),
  );
  return app;
}

//// simulate, Simulation
export function counts(): void {
  const simulation: Simulation<number, Message> = simulate(counter, undefined);
  simulation.send({ type: 'UserClicked' }, { type: 'UserClicked' });
  assert.equal(simulation.model, 2);
  assert.match(simulation.html(), /<p>2 clicks<\/p>/);
}

//// observe, Observed
export function tells(): void {
  const { effects, send } = simulate(counter, undefined);
  send({ type: 'UserClicked' });
  const { events, delays, messages }: Observed<Message> = observe(effect.batch(effects));
  assert.deepEqual(events, [{ name: 'counted', detail: 1 }]);
  delays[0]?.run();
  assert.deepEqual(messages, [{ type: 'SecondWasOver' }]);
}

//// visit, VisitedPage, Locator, Target, TextMatch, Emitted
export async function clicks(): Promise<void> {
  await using app = await createApp();
  await using page: VisitedPage = await visit(app, '/');
  const button: Target = page.byRole('button', 'Count');
  await page.click(button);
  const count: TextMatch = /^1 click/;
  const shown: Locator = page.byText(count);
  assert.equal(shown.text, '1 clicks');
  assert.deepEqual(
    page.emitted.map(({ name }: Emitted) => name),
    ['counted'],
  );
}

//// createVisitor, Visitor, VisitorOptions
export async function twoPages(): Promise<void> {
  await using app = await createApp();
  const options: VisitorOptions = { headers: { 'x-user': 'ann' }, cookies: { theme: 'dark' } };
  const ann: Visitor = createVisitor(app, options);
  await using first = await ann.visit('/');
  await using second = await ann.visit('/');
  assert.deepEqual([first.status, second.status, ann.cookies], [200, 200, { theme: 'dark' }]);
}

//// ManualClock
export async function seconds(): Promise<void> {
  const clock = new ManualClock();
  await using app = await createApp(clock);
  await using page = await visit(app, '/');
  await page.click('Count');
  await clock.advance(1_000);
  await page.until('2 clicks');
}
