// Pages without a browser hear events as browsers do: what `on` says of keys, targets and fields holds, as do attributes
// of an object, and what is done while the store does not answer or the connection is cut is told as it is.

import Fastify, { type FastifyInstance } from 'fastify';
import { describe, expect, test } from 'vitest';
import { type IsletOptions, islet, type RouteOptions, serverComponent } from '../server/index.ts';
import { createVisitor, ManualClock, type VisitedPage, visit } from '../server/testing/index.ts';
import { component, effect, html, keyed, on, type Template } from '../shared/index.ts';
import type { AnyComponent } from '../shared/language/component.ts';
import { documentWith } from './support/document.ts';
import { fragileStore } from './support/kept.ts';

type Heard = { readonly type: 'Heard'; readonly text: string };

/** A component that lists what was heard. */
function hearing(view: () => Template<Heard>): AnyComponent {
  return component<readonly string[], Heard>({
    init: () => [[], effect.none],
    update: (all, { text }) => [[...all, text], effect.none],
    view: (all) => html`${view()}<output>${all.join(' ')}</output>`,
  });
}

async function appWith(
  shown: AnyComponent,
  options: IsletOptions = {},
  route: RouteOptions = {},
): Promise<FastifyInstance> {
  const app = Fastify();
  await app.register(islet, options);
  app.islet.route('/ws/shown', shown as never, route);
  app.get('/', (_, reply) => reply.html(documentWith(serverComponent({ route: '/ws/shown' }))));
  return app;
}

const heard = (page: VisitedPage): string => page.byRole('status').text;
const say = (text: string): Heard => ({ type: 'Heard', text });

describe('a listener hears what its conditions say', () => {
  test('keys, with what is held', async () => {
    const view = () => html`
      <input aria-label="A" @keydown=${on(({ key = '' }) => say(key), { key: ['Enter', 'Escape'] })}>
      <input aria-label="B" @keydown=${on(() => say('saved'), { key: 'Ctrl+s' })}>
    `;
    await using app = await appWith(hearing(view));
    await using page = await visit(app, '/');
    for (const key of ['x', 'Enter', 'Escape', 'Shift+Enter']) await page.press('A', key);
    for (const key of ['s', 'Ctrl+s', 'Ctrl+Shift+s']) await page.press('B', key);
    expect(heard(page)).toBe('Enter Escape saved');
    await expect(page.press('B', 'Strg+s')).rejects.toThrow("'Strg' is no key to hold: Ctrl, Alt, Shift, Meta are.");
  });

  test('targets: one listener for many rows, whatever of them is clicked', async () => {
    const view = () => html`
      <ul @click=${on((data) => say(`row ${data['target.dataset.row']}`), { target: '[data-row]', include: ['target.dataset.row'] })}>
        ${keyed(
          [1, 2],
          (row) => row,
          (row) => html`<li data-row=${row}>Row <b>${`cell ${row}`}</b></li>`,
        )}
        <li>Footer</li>
      </ul>
      <div @click=${on(() => say('self'), { self: true })}>Frame <i>inner</i></div>
    `;
    await using app = await appWith(hearing(view));
    await using page = await visit(app, '/');
    await page.click(page.byText('cell 2'));
    await expect(page.click(page.byText('Footer'))).rejects.toThrow('Nothing hears a click on <li>');
    await expect(page.click(page.byText('inner'))).rejects.toThrow('Nothing hears a click on <i>');
    await page.click(page.byText(/^Frame/));
    expect(heard(page)).toBe('row 2 self');
  });

  test('fields: only those that are asked for are told', async () => {
    const view = () => html`
      <form @submit=${on(({ fields = {} }) => say(JSON.stringify(fields)), { fields: ['name'] })}>
        <label>Name <input name="name"></label><label>Other <input name="other"></label><button>Send</button>
      </form>
    `;
    await using app = await appWith(hearing(view));
    await using page = await visit(app, '/');
    await page.type('Name', 'Ada');
    await page.type('Other', 'secret');
    await page.click('Send');
    expect(heard(page)).toBe('{"name":"Ada"}');
  });

  test('once; outside; at the window; and not what another has stopped', async () => {
    const view = () => html`
      <button @click=${on(() => say('once'), { once: true })}>Once</button>
      <div @click=${on(() => say('outside'), { outside: true })}><button @click=${say('inside')}>Inside</button></div>
      <p @keydown=${on(() => say('window'), { window: true, key: 'Escape' })}></p>
      <button @click=${on(() => say('stopped'), { stopPropagation: true })}>Stop</button>
      <input aria-label="Field">
    `;
    await using app = await appWith(hearing(view));
    await using page = await visit(app, '/');
    await page.click('Once');
    expect(heard(page)).toBe('once outside');
    await page.click('Once');
    expect(heard(page)).toBe('once outside outside');
    await page.click('Inside');
    await page.click('Stop');
    await page.press('Field', 'Escape');
    expect(heard(page)).toBe('once outside outside inside stopped window');
  });
});

test('attributes of an object come, change and go', async () => {
  const shown = component<number, { type: 'UserClicked' }>({
    init: () => [0, effect.none],
    update: (count) => [count + 1, effect.none],
    view: (count) => html`
      <button ...=${{ title: `${count} clicks`, disabled: count > 1, 'data-odd': count % 2 ? 'yes' : null }} @click=${{ type: 'UserClicked' }}>Go</button>
    `,
  });
  await using app = await appWith(shown);
  await using page = await visit(app, '/');
  const button = page.byRole('button', 'Go');
  const attributes = () => ['title', 'data-odd', 'disabled'].map((name) => button.attribute(name));
  expect(attributes()).toEqual(['0 clicks', null, null]);
  await page.click('Go');
  expect(attributes()).toEqual(['1 clicks', 'yes', null]);
  await page.click('Go');
  expect(attributes()).toEqual(['2 clicks', null, '']);
  await expect(page.click('Go')).rejects.toThrow('disabled');
});

const counter = component<number, { type: 'UserClicked' }>({
  init: () => [0, effect.none],
  update: (count) => [count + 1, effect.none],
  view: (count) => html`<button @click=${{ type: 'UserClicked' }}>Count ${count}</button>`,
});

test('what is done while the store does not answer is being saved, and then done', async () => {
  const store = fragileStore();
  const clock = new ManualClock();
  await using app = await appWith(counter, { store, clock }, { shared: true, persist: true });
  await using page = await visit(app, '/');
  const answers: (() => void)[] = [];
  store.broken.commit = (writes) =>
    new Promise((resolve) => {
      answers.push(() => resolve(writes.map(() => true)));
    });
  const clicking = page.click('Count 0');
  await expect.poll(() => answers.length).toBeGreaterThan(0);
  await clock.advance(1_500);
  await expect.poll(() => page.isSaving).toBe(true);
  expect(page.text()).toContain('Count 0');
  store.broken = {};
  for (const answer of answers) answer();
  await clicking;
  expect([page.text(), page.isSaving]).toEqual([expect.stringContaining('Count 1'), false]);
});

test('several visitors, each with a connection of its own to lose', async () => {
  await using app = await appWith(counter, {}, { shared: true });
  const visitors = Array.from({ length: 5 }, () => createVisitor(app));
  const pages = await Promise.all(visitors.map((each) => each.visit('/')));
  const [first, second, ...others] = pages as [VisitedPage, VisitedPage, ...VisitedPage[]];
  await first.click('Count 0');
  second.cut();
  const waiting = second.click(/^Count/);
  await first.click('Count 1');
  for (const page of others) await page.until('Count 2');
  expect(second.text()).not.toContain('Count 3');
  await second.restore();
  await waiting;
  for (const page of pages) await page.until('Count 3');
  for (const page of pages) await page.close();
});
