// What is said in development about views: where, what is wrong, and what to write. Production pays nothing and says
// nothing.

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { toSettings } from '../server/options.ts';
import { startDevelopment } from '../shared/development/development.ts';
import { html, keyed, on, type Template } from '../shared/index.ts';
import { counter } from './support/counter.ts';
import { TestIsland, toHtml } from './support/render.ts';
import { startServer } from './support/server.ts';

const here = /, hole \d+ \(.*\) at \S*test\/development\.test\.ts:\d+:\d+$/;

let warnings: string[] = [];
let end = (): void => {};

beforeEach(() => {
  warnings = [];
  end = startDevelopment((text) => warnings.push(text));
});
afterEach(() => end());

describe('an error names the literal, the hole, the file and the line', () => {
  test.each<[string, string, () => Template<unknown>]>([
    ['a promise', 'a promise cannot be shown in a view: have an effect', () => html`<p>a ${Promise.resolve(1)}</p>`],
    ['a function', 'a function cannot be shown in a view: call it, or write @event', () => html`<p>${() => 1}</p>`],
    [
      'a promise as an attribute',
      'a promise cannot be the value of title',
      () => html`<p title=${Promise.resolve(1)}></p>`,
    ],
    [
      'a function for an element',
      "no element is handed out: give it an id, and write focus('#id')",
      () => html`<p ref=${() => 1}></p>`,
    ],
    ['a text as a handler', '@click takes a message', () => html`<p @click=${'go()'}></p>`],
    ['a name that runs', 'onclick would run its value as code', () => html`<p ...=${{ onclick: 'go()' }}></p>`],
    [
      'a key that is there twice',
      'two items of a keyed list have the key "a"',
      () =>
        html`<ul>${keyed(
          ['a', 'a'],
          (key) => key,
          (key) => html`<li>${key}</li>`,
        )}</ul>`,
    ],
  ])('%s', (_, problem, view) => {
    expect(() => new TestIsland(view())).toThrow(problem);
    expect(() => new TestIsland(view())).toThrow(here);
  });

  test('also one of the template itself', () => {
    expect(() => toHtml(html`<p><div></div></p>`)).toThrow(/near `.*` at \S*test\/development\.test\.ts:\d+:\d+$/);
  });
});

describe('a warning names the same, once', () => {
  const warningOf = (view: () => Template<unknown>): string => {
    for (let times = 0; times < 3; times++) new TestIsland(view());
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(here);
    return warnings[0] as string;
  };
  const click = { type: 'UserClicked' };

  test('of an event that no browser fires, with the nearest one', () => {
    expect(warningOf(() => html`<p @clik=${click}></p>`)).toContain("an event 'clik': did you mean @click?");
  });

  test('of an event of one’s own that is named like one of a browser', () => {
    expect(warningOf(() => html`<p @saved=${click}></p>`)).toContain('a name with a dash or a colon');
  });

  test('of a handler that is missing', () => {
    const { save } = {} as { save?: typeof click };
    expect(warningOf(() => html`<p @click=${save}></p>`)).toContain('@click has no handler: write null');
  });

  test('of an object that is shown as its data', () => {
    expect(warningOf(() => html`<p>${{ a: 1 }}</p>`)).toContain('an object is shown as its data: {"a":1}');
  });

  test('of a keyed list whose view reads more than its items', () => {
    const rows = [{ id: 1 }, { id: 2 }];
    const view = (selected: number, deps = {}): Template<unknown> =>
      html`<ul>${keyed(
        rows,
        'id',
        (row) => html`<li class=${{ on: row.id === selected }}><b>${row.id}</b></li>`,
        deps,
      )}</ul>`;
    const island = new TestIsland(view(0));
    for (let selected = 1; selected < 20; selected++) island.render(view(1));
    expect(warnings).toEqual([expect.stringMatching(here)]);
    expect(warnings[0]).toContain(
      'view reads more than its item, which stays as it was: class; give it by name in deps',
    );
    warnings = [];
    const named = new TestIsland(view(0, { selected: 0 }));
    for (let selected = 1; selected < 20; selected++) named.render(view(selected % 3, { selected: selected % 3 }));
    expect(warnings).toEqual([]);
  });

  test('and of nothing that is meant', () => {
    const rows = [{ id: 1 }, { id: 2 }];
    const view = (count: number): Template<unknown> => html`
      <p @click=${null} @focusin=${click} @input=${on(() => click, { debounceMs: 1 })} @a-b=${click} @islet:state=${click}>${count}</p>
      <x-own @saved=${click} title=${count}></x-own>
      <ul>${keyed(
        rows,
        'id',
        (row) => html`<li @click=${{ type: 'X', id: row.id }} @keyup=${() => click}>${[row.id]}</li>`,
      )}</ul>
      ${new URL('https://a.test')} ${new Date(0)}
    `;
    const island = new TestIsland(view(0));
    for (let count = 1; count < 20; count++) island.render(view(count));
    expect(warnings).toEqual([]);
  });
});

test('a server says it in its log, where that is asked for, and ends with it', async () => {
  end();
  const view = (): Template<unknown> => html`<p @clik=${{ type: 'X' }}></p>`;
  {
    await using server = await startServer((app) => app.islet.route('/ws/count', counter), { development: true });
    new TestIsland(view());
    expect(server.log.filter(({ level }) => level === 40).map(({ msg }) => msg)).toEqual([expect.stringMatching(here)]);
  }
  await using server = await startServer((app) => app.islet.route('/ws/count', counter));
  new TestIsland(html`<p @clik=${{ type: 'X' }}></p>`);
  expect(server.log.filter(({ level }) => level >= 40)).toEqual([]);
});

describe('what is on', () => {
  const all = { checksModels: true, watchesViews: true, showsErrors: true };
  const none = { checksModels: false, watchesViews: false, showsErrors: false };
  const modes = ['development', 'test', 'production', ''];
  afterEach(() => vi.unstubAllEnvs());

  test.each([
    ['development', all],
    ['test', { ...none, checksModels: true }],
    ['production', none],
    ['', { ...all, showsErrors: false }],
  ])("is for NODE_ENV '%s' to say", (mode, expected) => {
    vi.stubEnv('NODE_ENV', mode);
    expect(toSettings({}).development).toEqual(expected);
  });

  test.each(modes)("is all or nothing where the option says so, whatever NODE_ENV is ('%s')", (mode) => {
    vi.stubEnv('NODE_ENV', mode);
    expect(toSettings({ development: true }).development).toEqual(all);
    expect(toSettings({ development: false }).development).toEqual(none);
  });
});
