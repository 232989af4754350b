// What handlers are told of events, and what is never told: the same for a component on the server and in the browser.

import Fastify from 'fastify';
import type { Page } from 'playwright';
import { describe, expect, test } from 'vitest';
import { islet, serverComponent } from '../../server/index.ts';
import { documentWith } from '../support/document.ts';
import { type Frames, readFrames } from '../support/frames.ts';
import { heard } from '../support/heard.ts';
import { servePageScript } from '../support/page-script.ts';
import { servePages } from '../support/pages.ts';

type Entry = readonly [at: string, data: { readonly [name: string]: unknown }];

const site = servePages(
  async () => {
    const app = Fastify({ forceCloseConnections: true });
    await app.register(islet);
    for (const shown of heard) app.islet.route(`/ws/${shown.name}`, shown);
    await servePageScript(app, '/page.js', 'test/support/heard-page.ts');
    app.get('/server/:name', (request, reply) => {
      const { name } = request.params as { name: string };
      return reply.html(documentWith(serverComponent({ route: `/ws/heard-${name}` })));
    });
    app.get('/browser/:name', (request, reply) => {
      const { name } = request.params as { name: string };
      const body = `<!doctype html><title>Test</title><heard-${name}></heard-${name}><script type="module" src="/page.js"></script>`;
      return reply.type('text/html').send(body);
    });
    app.get('/sent', (request, reply) => reply.type('text/html').send(`got ${JSON.stringify(request.query)}`));
    app.get('/good.svg', (_, reply) =>
      reply.type('image/svg+xml').send('<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'),
    );
    return app;
  },
  { appFor: 'all tests', pictures: true },
);

interface Scene {
  readonly page: Page;
  readonly frames: Frames;
  readonly problems: string[];
  /** What handlers were told, once it is so many. */
  told(count: number): Promise<Entry[]>;
}

describe.each(['server', 'browser'])('in a component that runs on the %s,', (side) => {
  async function open(name: string): Promise<Scene> {
    const page = await site.newPage();
    const frames = readFrames(page);
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(error.message));
    await page.goto(`${site.address}/${side}/${name}`);
    await page.locator('output').waitFor({ state: 'attached' });
    if (side === 'server') await page.locator('server-component:state(live)').waitFor();
    const read = async (): Promise<Entry[]> => JSON.parse((await page.locator('output').textContent()) ?? '');
    return {
      page,
      frames,
      problems,
      async told(count) {
        await expect.poll(async () => (await read()).length).toBeGreaterThanOrEqual(count);
        return read();
      },
    };
  }

  const names = (entries: readonly Entry[]): string[] => entries.map(([at]) => at);

  test('Enter sends and Shift+Enter makes a line, but no key counts while a word is composed', async () => {
    const { page, told, frames, problems } = await open('keys');
    const area = page.locator('textarea');
    await area.pressSequentially('a');
    await area.press('Shift+Enter');
    await area.press('b');
    const before = frames.sent.length;
    await area.evaluate((element) => {
      for (const init of [{ isComposing: true }, { keyCode: 229 }, { ctrlKey: true }]) {
        element.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true, ...init }));
      }
      // browsers that fill in a field tell of keys that have no name
      element.dispatchEvent(new Event('keydown', { bubbles: true }));
    });
    expect(frames.sent.length).toBe(before);
    await area.press('Enter');
    expect(await told(1)).toMatchObject([['send', { key: 'Enter', value: 'a\nb' }]]);
    expect(await area.inputValue()).toBe('a\nb');
    expect(problems).toEqual([]);
  });

  test('keys are named with their modifiers, and signs as they are written', async () => {
    const { page, told } = await open('keys');
    const input = page.locator('input');
    for (const key of ['ArrowUp', 'Shift+ArrowUp', 'Control+s', 'Control+Shift+s', 's', 'F2', 'Shift+F2', 'Shift+?']) {
      await input.press(key);
    }
    await input.press('Space');
    const keys = (await told(5)).map(([, { key }]) => key);
    expect(keys).toEqual(['ArrowUp', 's', 'F2', '?', ' ']);
    expect(await input.inputValue()).toBe('s');
  });

  test('what is asked of the place decides: self, an element inside, once, on the way down', async () => {
    const { page, told } = await open('places');
    await page.locator('#all b').click();
    await page.locator('#all').click({ position: { x: 1, y: 5 } });
    await page.locator('hr').click();
    await page.locator('li i').last().click();
    await page.locator('#once').click();
    await page.locator('#once').click();
    await page.locator('#inner').click();
    const entries = await told(5);
    expect(names(entries)).toEqual(['self', 'row', 'once', 'captured', 'inner']);
    expect(entries[1]?.[1]).toEqual({ 'target.dataset.row': 'b' });
  });

  test('a passive listener hears what scrolls', async () => {
    const { page, told } = await open('places');
    await page.locator('#slow').hover();
    await page.mouse.wheel(0, 7);
    expect(await told(1)).toEqual([['wheel', { deltaY: 7 }]]);
  });

  test('window, document and clicks outside are heard while the element is there, not the click that made it', async () => {
    const { page, told } = await open('places');
    await page.keyboard.press('Escape');
    await page.locator('#switch').click();
    await page.locator('#menu i').click();
    await page.keyboard.press('Escape');
    await page.evaluate(() => {
      location.hash = 'x';
      document.dispatchEvent(new CustomEvent('note', { detail: 1 }));
    });
    await told(3);
    await page.locator('#slow').click();
    expect(names(await told(4)).sort()).toEqual(['escape', 'hash', 'note', 'outside']);
    await page.locator('#switch').click();
    await page.locator('#menu').waitFor({ state: 'detached' });
    await page.keyboard.press('Escape');
    await page.locator('#slow').click();
    await page.locator('#once').click();
    await expect.poll(async () => names(await told(5)).at(-1)).toBe('once');
    // the click that took the menu away was one outside of it, if it was still there
    expect(['outside', 'once']).toContain(names(await told(5))[4]);
    expect((await told(5)).length).toBeLessThanOrEqual(6);
  });

  test('no listener stays at the window or the document: with its row, or the whole island, it ends', async () => {
    const { page } = await open('rows');
    const session = await page.context().newCDPSession(page);
    const count = async (): Promise<number> => {
      const types = ['pointermove', 'scroll', 'pointerup'];
      let found = 0;
      for (const expression of ['window', 'document']) {
        const { result } = await session.send('Runtime.evaluate', { expression });
        const { listeners } = await session.send('DOMDebugger.getEventListeners', { objectId: result.objectId ?? '' });
        found += listeners.filter(({ type }) => types.includes(type)).length;
      }
      return found;
    };
    expect(await count()).toBe(0);
    await page.locator('#switch').click();
    await page.locator('p').last().waitFor();
    expect(await count()).toBe(9);
    await page.locator('#switch').click();
    await expect.poll(count).toBe(0);
    await page.locator('#switch').click();
    await expect.poll(count).toBe(9);
    const island = side === 'server' ? 'server-component' : 'heard-rows';
    await page.evaluate((name) => {
      const element = document.querySelector(name) as Element;
      Object.assign(window, { element });
      element.remove();
    }, island);
    await expect.poll(count).toBe(0);
    await page.evaluate(() => document.body.append((window as unknown as { element: Element }).element));
    // on the server it is another actor by then, or the same
    await page.locator('output').waitFor({ state: 'attached' });
    if (side === 'browser') await expect.poll(count).toBe(9);
  });

  test('a change heard at a form brings all of its fields, whatever they are called, and which one changed', async () => {
    const { page, told, problems } = await open('forms');
    await page.locator('[value=drama]').check();
    await page.locator('[value=comedy]').check();
    await page.locator('[value=two]').check();
    await page.locator('[name=closest]').selectOption('b');
    await page.locator('[name=many]').selectOption(['x', 'z']);
    await page.locator('[name=elements]').fill('y');
    await page.locator('[name=elements]').blur();
    const entries = await told(6);
    expect(entries.map(([, { name, value, checked, values }]) => [name, value, checked, values])).toEqual([
      ['genre', 'drama', true, undefined],
      ['genre', 'comedy', true, undefined],
      ['target', 'two', true, undefined],
      ['closest', 'b', undefined, undefined],
      ['many', 'x', undefined, ['x', 'z']],
      ['elements', 'y', undefined, undefined],
    ]);
    expect(entries[0]?.[1].fields).toEqual({ elements: 'x', genre: 'drama', closest: 'a', addEventListener: 'r' });
    expect(entries[5]?.[1].fields).toEqual({
      elements: 'y',
      genre: ['drama', 'comedy'],
      target: 'two',
      closest: 'b',
      many: ['x', 'z'],
      addEventListener: 'r',
    });
    await page.locator('[name=genre]').first().uncheck();
    await page.locator('[name=genre]').last().uncheck();
    expect((await told(8))[7]?.[1]).toMatchObject({ name: 'genre', checked: false });
    expect((await told(8))[7]?.[1].fields).not.toHaveProperty('genre');
    expect(problems).toEqual([]);
  });

  test('a submission brings the fields and its button, and an invalid form none', async () => {
    const { page, told, problems } = await open('forms');
    const field = page.locator('[name=addEventListener]');
    await field.fill('');
    await page.locator('#all button').click();
    await field.fill('full');
    await field.press('Enter');
    const entries = (await told(3)).filter(([at]) => at === 'submit');
    const fields = { elements: 'x', closest: 'a', addEventListener: 'full', act: 'save' };
    expect(entries).toEqual([['submit', { fields, files: [], submitter: { name: 'act', value: 'save' } }]]);
    expect(problems).toEqual([]);
  });

  test('a list of which several can be chosen gives all of them', async () => {
    const { page, told } = await open('forms');
    await page.locator('#list').selectOption(['y', 'z']);
    await page.locator('#list').selectOption([]);
    expect(await told(2)).toEqual([
      ['list', { value: 'y', values: ['y', 'z'] }],
      ['list', { value: '', values: [] }],
    ]);
  });

  test('only fields that are named count, where some are', async () => {
    const { page, told, frames } = await open('forms');
    await page.locator('#few button').click();
    expect(await told(1)).toEqual([['few', { fields: { a: '1' }, files: [] }]]);
    expect(JSON.stringify(frames.sent)).not.toContain('"b"');
  });

  test('a custom event that is called submit is told as what it is', async () => {
    const { page, told, problems } = await open('forms');
    await page.evaluate(() => {
      const dispatch = (target: string, event: Event) => document.querySelector(target)?.dispatchEvent(event);
      dispatch('#custom', new CustomEvent('submit', { detail: 5 }));
      dispatch('#plain', new CustomEvent('submit', { detail: 6 }));
      dispatch('#custom', new Event('submit'));
      dispatch('#plain', new Event('submit', { cancelable: true }));
    });
    expect(await told(4)).toEqual([
      ['custom', { detail: 5 }],
      ['sent', { detail: 6 }],
      ['custom', {}],
      ['sent', { fields: { q: '' }, files: [] }],
    ]);
    expect(problems).toEqual([]);
  });

  test('a form is sent by the browser where nobody hears of it, or where that is asked for', async () => {
    const { page, told } = await open('forms');
    const frame = page.frameLocator('iframe');
    await page.locator('#unheard button').click();
    await frame.getByText('got {"q":"unheard"}').waitFor();
    await page.locator('#native button').click();
    await frame.getByText('got {"q":"native"}').waitFor();
    expect(names(await told(1))).toEqual(['native']);
  });

  test('a form that closes its dialog does, and is told of', async () => {
    const { page, told } = await open('dialogs');
    const show = (id: string) => page.locator(id).evaluate((element) => (element as HTMLDialogElement).showModal());
    await show('#one');
    await page.getByRole('button', { name: 'Yes' }).click();
    await page.locator('#one').waitFor({ state: 'hidden' });
    const submitter = { name: 'answer', value: 'yes' };
    expect(await told(2)).toEqual([
      ['submit', { fields: { answer: 'yes' }, files: [], submitter }],
      ['close', { open: false, returnValue: 'yes' }],
    ]);
    await show('#two');
    await page.getByRole('button', { name: 'Keep' }).click();
    await told(3);
    expect(await page.locator('#two').isVisible()).toBe(true);
    await page.getByRole('button', { name: 'Leave' }).click();
    await page.locator('#two').waitFor({ state: 'hidden' });
    await told(5);
    await show('#two');
    await page.locator('#far').evaluate((button) => (button as HTMLButtonElement).click());
    await page.locator('#two').waitFor({ state: 'hidden' });
    expect(names(await told(7)).slice(2)).toEqual(['submit', 'submit', 'close', 'submit', 'close']);
    expect((await told(7))[6]?.[1]).toEqual({ open: false, returnValue: 'far' });
  });

  test('what opens says so, and what closes', async () => {
    const { page, told } = await open('dialogs');
    await page.locator('summary').click();
    await told(1);
    await page.locator('summary').click();
    await told(2);
    await page.locator('#pop').evaluate((element) => (element as HTMLElement).showPopover());
    expect((await told(3)).map(([at, { open }]) => [at, open])).toEqual([
      ['toggle', true],
      ['toggle', false],
      ['popover', true],
    ]);
  });

  test('what is pasted, dropped and chosen is told: texts, and files', async () => {
    const { page, told, frames } = await open('transfer');
    const before = frames.sent.length;
    const allowed = await page.evaluate(() => {
      const transfer = new DataTransfer();
      transfer.setData('text/plain', 'a text');
      transfer.items.add(new File(['abc'], 'a.txt', { type: 'text/plain' }));
      const init = { bubbles: true, cancelable: true };
      const zone = document.querySelector('#zone');
      const over = new DragEvent('dragover', { ...init, dataTransfer: transfer });
      for (let count = 0; count < 50; count++) zone?.dispatchEvent(over);
      return over.defaultPrevented;
    });
    expect(allowed).toBe(true);
    expect(frames.sent.length).toBe(before);
    await page.evaluate(() => {
      const transfer = new DataTransfer();
      transfer.setData('text/plain', 'a text');
      transfer.items.add(new File(['abc'], 'a.txt', { type: 'text/plain' }));
      const init = { bubbles: true, cancelable: true };
      document.querySelector('#zone')?.dispatchEvent(new DragEvent('drop', { ...init, dataTransfer: transfer }));
      document.querySelector('input')?.dispatchEvent(new ClipboardEvent('paste', { ...init, clipboardData: transfer }));
    });
    const files = [['', { name: 'a.txt', size: 3, type: 'text/plain' }]];
    expect(await told(2)).toEqual([
      ['drop', { text: 'a text', files }],
      ['paste', { text: 'a text', files, value: '' }],
    ]);
    await page
      .locator('[type=file]')
      .setInputFiles([{ name: 'b.txt', mimeType: 'text/plain', buffer: Buffer.from('x') }]);
    expect((await told(3))[2]?.[1].files).toEqual([['doc', { name: 'b.txt', size: 1, type: 'text/plain' }]]);
  });

  test('what can be edited has its text as its value', async () => {
    const { page, told } = await open('transfer');
    await page.locator('#free').pressSequentially('ab');
    await page.locator('#wrapped').pressSequentially('c');
    expect((await told(3)).map(([at, { value }]) => [at, value])).toEqual([
      ['free', 'a'],
      ['free', 'ab'],
      ['wrapped', 'c'],
    ]);
  });

  test('images tell that they came, or that they did not', async () => {
    const { page, told } = await open('images');
    await page.evaluate(() => {
      // again, now that somebody hears it
      for (const image of document.images) image.src = `${image.src}?again`;
    });
    const entries = await told(2);
    expect([...new Set(names(entries))].sort()).toEqual(['error', 'load']);
  });

  test('what waits in a form is told before it is submitted, in order, also of fields that stand elsewhere', async () => {
    const { page, told } = await open('waiting');
    await page.locator('[name=b]').pressSequentially('12');
    await page.locator('[name=a]').pressSequentially('xy');
    await page.locator('[name=a]').press('Enter');
    const entries = await told(4);
    expect(entries.map(([at, { value }]) => [at, value])).toEqual([
      ['b', '1'],
      ['b', '12'],
      ['a', 'xy'],
      ['submit', undefined],
    ]);
    await page.locator('#far').fill('far');
    await page.getByRole('button', { name: 'Search' }).click();
    await page.frameLocator('iframe').getByText('got {"c":"far"}').waitFor();
    expect((await told(5))[4]).toEqual(['c', { value: 'far' }]);
  });

  test('typing in one field does not replace what was typed in another, though one listener hears both', async () => {
    const { page, told } = await open('waiting');
    await page.locator('[name=d]').pressSequentially('12');
    await page.locator('[name=e]').pressSequentially('34');
    await page.getByRole('button', { name: 'Search' }).click();
    expect(await told(2)).toEqual([
      ['group', { value: '12', name: 'd' }],
      ['group', { value: '34', name: 'e' }],
    ]);
  });

  test('a field that appears with autofocus has the focus, once, unless somebody types elsewhere', async () => {
    const { page } = await open('forms');
    const focused = (): Promise<string | undefined> => page.evaluate(() => document.activeElement?.id);
    await page.locator('#switch').click();
    await expect.poll(focused).toBe('late');
    await page.locator('#switch').click();
    await page.locator('#late').waitFor({ state: 'detached' });
    const field = page.locator('[name=elements]');
    await field.focus();
    await page.locator('#switch').evaluate((button) => (button as HTMLButtonElement).click());
    await page.locator('#late').waitFor();
    expect(await field.evaluate((element) => element === document.activeElement)).toBe(true);
  });
});
