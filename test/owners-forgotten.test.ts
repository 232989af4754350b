// What was sent so long ago that the store has forgotten which events it has had: it is told as unknown, and never
// applied again. The store's clock is the time of day, and is moved by hand.

import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Outcome } from '../server/testing/light-island.ts';
import { component, effect, html } from '../shared/index.ts';
import type { AnyComponent } from '../shared/language/component.ts';
import { Scene } from './owners/scene.ts';

const route = '/ws/board';

const board = component<readonly string[], { readonly type: 'added'; readonly text: string }>({
  name: 'forgotten-board',
  init: () => [[], effect.none],
  update: (texts, { text }) => [[...texts, text], effect.none],
  view: (texts) => html`
    <button @click=${({ detail }) => ({ type: 'added', text: String(detail) })}>add</button>
    <p>${texts.join(' ')}</p>
  `,
}) as AnyComponent;

let scene: Scene;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
  scene = new Scene((registry) => registry.add(route, board, { shared: true, persist: true }));
});
afterEach(() => {
  scene.end();
  vi.useRealTimers();
});

test.each([
  { hours: 22, first: 'applied', shown: 'first second' },
  { hours: 25, first: 'dropped', shown: 'first second' },
])('a page that sleeps for $hours hours before it hears what became of its event: $first', async (each) => {
  const one = scene.start('one');
  const ann = await scene.person(one, route);
  const outcomes: Promise<Outcome>[] = [ann.act(0, 'first')];
  // it arrives, and is kept; nothing comes back
  ann.client.cut();
  const eve = await scene.person(one, route);
  expect(await scene.until(() => eve.shown === 'first')).toBe(true);
  one.kill();
  // made while it is asleep
  outcomes.push(ann.act(0, 'second'));
  vi.setSystemTime(Date.now() + each.hours * 3_600_000);
  ann.moveTo(scene.start('two'));
  expect(await scene.until(() => ann.island.isQuiet)).toBe(true);
  expect((await Promise.all(outcomes)).map(({ kind }) => kind)).toEqual([each.first, 'applied']);
  expect(ann.shown).toBe(each.shown);
});
