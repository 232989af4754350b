// Fields: what a person types goes to the server, what the server says comes back later, and in between nothing that
// was typed may be lost. A proxy makes the way long enough for the two to cross.

import type { Locator, Page } from 'playwright';
import { expect, test } from 'vitest';
import { serverComponent } from '../../server/index.ts';
import { component, type EventData, effect, html, keyed, on, type Template } from '../../shared/index.ts';
import { documentWith } from '../support/document.ts';
import { type Frames, readFrames } from '../support/frames.ts';
import { openPages } from '../support/pages.ts';
import { startProxy, type TestProxy } from '../support/proxy.ts';
import { startServer, type TestServer } from '../support/server.ts';

const newPage = openPages();

type FieldsMessage =
  | { type: 'UserTyped'; data: EventData }
  | { type: 'UserSubmitted'; data: EventData }
  | { type: 'UserPressedReset' };

interface FieldsModel {
  readonly text: string;
  /** All data of events so far. */
  readonly log: readonly EventData[];
}

/** Shows its text in upper case where `shout` says so; writes down what its events tell. */
function fields(view: (text: string) => Template<FieldsMessage>, toText = (text: string): string => text) {
  return component<FieldsModel, FieldsMessage>({
    init: () => [{ text: '', log: [] }, effect.none],
    update: ({ text, log }, message) => {
      if (message.type === 'UserPressedReset') return [{ text: '', log }, effect.none];
      const next = message.type === 'UserTyped' ? toText(message.data.value ?? '') : text;
      return [{ text: next, log: [...log, message.data] }, effect.none];
    },
    view: ({ text, log }) => html`${view(text)}<output>${JSON.stringify(log)}</output>`,
  });
}

const typed = (data: EventData): FieldsMessage => ({ type: 'UserTyped', data });
const submitted = (data: EventData): FieldsMessage => ({ type: 'UserSubmitted', data });

test('an older value from the server does not overwrite what was typed since, and the caret stays', async () => {
  await using scene = await open(fields((text) => html`<input .value=${text} @input=${typed}>`));
  const { page, proxy } = scene;
  const input = page.locator('input');
  proxy.delayMs = 60;
  await input.pressSequentially('held', { delay: 15 });
  await input.press('Home');
  await input.press('ArrowRight');
  const seen = await watchValues(input);
  await input.pressSequentially('ands on s', { delay: 15 });
  await expect.poll(() => lastValue(page)).toBe('hands on seld');
  expect(await seen()).toEqual(Array.from('ands on s', (_, index) => `h${'ands on s'.slice(0, index + 1)}eld`));
  expect(await caret(input)).toBe(10);
});

test('a value that the server makes of what was typed is shown when the server has seen all of it', async () => {
  const shouting = fields(
    (text) => html`<input .value=${text} @input=${typed}>`,
    (text) => text.toUpperCase(),
  );
  await using scene = await open(shouting);
  const { page, proxy } = scene;
  proxy.delayMs = 40;
  const input = page.locator('input');
  const seen = await watchValues(input);
  await input.pressSequentially('abc', { delay: 10 });
  await expect.poll(() => input.inputValue()).toBe('ABC');
  expect(await seen()).toEqual(['a', 'ab', 'abc', 'ABC']);
});

test('a word that is being composed is left alone until it is done', async () => {
  const shouting = fields(
    (text) => html`<input .value=${text} @input=${typed}>`,
    (text) => text.toUpperCase(),
  );
  await using scene = await open(shouting);
  const { page } = scene;
  const input = page.locator('input');
  await input.focus();
  const keyboard = await page.context().newCDPSession(page);
  for (const text of ['k', 'ka', 'kan']) {
    await keyboard.send('Input.imeSetComposition', { text, selectionStart: text.length, selectionEnd: text.length });
    await expect.poll(() => lastValue(page)).toBe(text);
    expect(await input.inputValue()).toBe(text);
  }
  await keyboard.send('Input.insertText', { text: 'kan' });
  await expect.poll(() => input.inputValue()).toBe('KAN');
  await input.pressSequentially('a');
  await expect.poll(() => input.inputValue()).toBe('KANA');
});

test('a value from somebody else waits until a field that is being typed in has been reported', async () => {
  const titled = fields((text) => html`<input .value=${text} @change=${typed}>`);
  await using scene = await open(titled, { isShared: true });
  const other = await scene.another();
  const input = scene.page.locator('input');
  await input.pressSequentially('mine');
  await other.locator('input').fill('theirs');
  await other.locator('input').blur();
  await expect.poll(() => scene.page.locator('output').textContent()).toContain('theirs');
  expect(await input.inputValue()).toBe('mine');
  await input.blur();
  await expect.poll(() => other.locator('input').inputValue()).toBe('mine');
  expect(await input.inputValue()).toBe('mine');
});

test('what was typed last is what a form sends, however late the server is', async () => {
  const form = fields(
    (text) => html`
      <form @submit=${submitted}>
        <input name="title" .value=${text} @input=${typed}>
        <button name="act" value="save">Save</button>
      </form>
    `,
  );
  await using scene = await open(form);
  const { page, proxy, frames } = scene;
  proxy.hold('toClient');
  await page.locator('input').press('d');
  const served = (): number => scene.server.app.islet.counters.views;
  await expect.poll(served).toBe(2);
  proxy.hold('toServer');
  await page.locator('input').pressSequentially('raft');
  const before = frames.received.length;
  proxy.release('toClient');
  await expect.poll(() => frames.received.length).toBeGreaterThan(before);
  await page.getByRole('button').click();
  proxy.release();
  await expect.poll(() => log(page)).toHaveLength(6);
  expect((await log(page)).at(-1)).toEqual({
    fields: { title: 'draft', act: 'save' },
    files: [],
    submitter: { name: 'act', value: 'save' },
  });
  expect(await page.locator('input').inputValue()).toBe('draft');
});

test('typing that the server never answers is told anew in a new session, and does not keep its values away', async () => {
  const resettable = fields(
    (text) => html`<input .value=${text} @input=${typed}><button @click=${{ type: 'UserPressedReset' }}>Reset</button>`,
  );
  await using scene = await open(resettable, { isShared: true, sessionMs: 0 });
  const { page, proxy } = scene;
  const input = page.locator('input');
  await input.pressSequentially('one');
  await expect.poll(() => lastValue(page)).toBe('one');
  proxy.hold('toServer');
  await input.press('!');
  proxy.cut();
  proxy.release();
  await page.locator(':state(offline)').waitFor();
  await page.locator(':state(live)').waitFor();
  // it is told anew
  await expect.poll(() => lastValue(page)).toBe('one!');
  expect(await input.inputValue()).toBe('one!');
  await page.getByRole('button').click();
  await expect.poll(() => input.inputValue()).toBe('');
});

test('what is chosen and typed by turns while the connection is away is told in that order, and what is typed in a row once', async () => {
  const form = fields(
    (text) => html`
      <form @input=${typed}>
        ${['a', 'b', 'c'].map(
          (value) => html`<input type="radio" name="choice" value=${value} .checked=${value === text} @input=${typed}>`,
        )}
        <input name="one" @input=${typed}>
        <input name="other" @input=${typed}>
      </form>
    `,
  );
  await using scene = await open(form);
  const { page, proxy } = scene;
  proxy.refuse();
  await page.locator('server-component:state(offline)').waitFor();
  for (const value of ['c', 'b', 'c']) await page.locator(`[value=${value}]`).click();
  for (const [name, text] of [
    ['one', 'abc'],
    ['other', 'd'],
    ['one', 'ef'],
  ]) {
    await page.locator(`[name=${name}]`).pressSequentially(text as string);
  }
  proxy.accept();
  const values = async () => (await log(page)).map(({ value }) => value);
  // by the field, and by the form around it; who comes to a field again by focus() types at its start
  const wanted = ['c', 'b', 'c', 'abc', 'd', 'efabc'].flatMap((value) => [value, value]);
  await expect.poll(values).toEqual(wanted);
});

test('debounced typing is reported once, when it has ended, and before a click that follows', async () => {
  const search = fields(
    (text) => html`
      <input .value=${text} @input=${on(typed, { debounceMs: 60_000 })}>
      <button @click=${on(submitted, { include: ['type'] })}>Go</button>
    `,
  );
  await using scene = await open(search);
  await scene.page.locator('input').pressSequentially('abc');
  await scene.page.getByRole('button').click();
  await expect.poll(() => log(scene.page)).toEqual([{ value: 'abc' }, { value: '', type: 'click' }]);
});

test('debounced typing is reported by itself after its time', async () => {
  await using scene = await open(
    fields((text) => html`<input .value=${text} @input=${on(typed, { debounceMs: 50 })}>`),
  );
  await typeAtOnce(scene.page, ['a', 'ab', 'abc']);
  await expect.poll(() => log(scene.page)).toEqual([{ value: 'abc' }]);
});

test('throttled events are reported at once, then at most one in the time, and the last one always', async () => {
  await using scene = await open(fields(() => html`<input @input=${on(typed, { throttleMs: 150 })}>`));
  await typeAtOnce(scene.page, ['a', 'ab', 'abc']);
  await expect.poll(() => log(scene.page)).toEqual([{ value: 'a' }, { value: 'abc' }]);
});

test('debounced typing in a row that is removed meanwhile is refused, and nothing else is hurt', async () => {
  const rows = component<readonly number[], { type: 'UserRemoved' } | { type: 'UserTyped' }>({
    init: () => [[1, 2], effect.none],
    update: (model, { type }) => [type === 'UserRemoved' ? model.slice(1) : model, effect.none],
    view: (model) => html`
      <ul>${keyed(
        model,
        (row) => row,
        // long enough for the other page to be faster, on any machine
        (row) => html`<li>${row}<input @input=${on({ type: 'UserTyped' }, { debounceMs: 1_500 })}></li>`,
      )}</ul>
      <button @click=${{ type: 'UserRemoved' }}>Remove</button>
    `,
  });
  await using scene = await open(rows, { isShared: true });
  const other = await scene.another();
  const { page } = scene;
  const refused = page.evaluate(
    () => new Promise((tell) => addEventListener('islet:refused', (event) => tell((event as CustomEvent).detail.code))),
  );
  await page.locator('input').first().press('x');
  await other.getByRole('button').click();
  expect(await refused).toBe('ISLET_ERR_EVENT_UNKNOWN_TARGET');
  await page.getByRole('button').click();
  await expect.poll(() => page.locator('li').count()).toBe(0);
});

test.each([70_000, 200_000])(
  '%i characters are too many: they are not sent, and stay where they are while the page goes on',
  async (length) => {
    await using scene = await open(fields((text) => html`<textarea .value=${text} @input=${typed}></textarea>`));
    const { page } = scene;
    const refused = page.evaluate(
      () => new Promise((tell) => addEventListener('islet:refused', (event) => tell((event as CustomEvent).detail))),
    );
    await page.locator('textarea').fill('x'.repeat(length));
    expect(await refused).toEqual({ code: 'ISLET_ERR_FRAME_TOO_BIG' });
    expect(await page.locator('textarea').inputValue()).toHaveLength(length);
    await page.locator(':state(live)').waitFor();
    await page.locator('textarea').fill('short');
    await expect.poll(() => log(page)).toEqual([{ value: 'short' }]);
  },
);

test('check boxes, selects and text areas say what they hold', async () => {
  const all = fields(
    () => html`
      <input type="checkbox" value="yes" @change=${typed}>
      <select @change=${typed}><option value="1">One</option><option value="2">Two</option></select>
      <textarea @input=${typed}></textarea>
    `,
  );
  await using scene = await open(all);
  const { page } = scene;
  await page.locator('[type=checkbox]').check();
  await page.locator('select').selectOption('2');
  await page.locator('textarea').fill('words');
  await expect.poll(() => log(page)).toEqual([{ value: 'yes', checked: true }, { value: '2' }, { value: 'words' }]);
});

test('a page shows the values of its fields when it is adopted, also those that HTML cannot say', async () => {
  const preset = fields(
    () => html`
      <input type="checkbox" .checked=${true}>
      <select .value=${'b'}>${['a', 'b'].map((value) => html`<option value=${value}>${value}</option>`)}</select>
      <textarea .value=${'preset'}></textarea>
    `,
  );
  await using scene = await open(preset);
  expect(await scene.page.locator('[type=checkbox]').isChecked()).toBe(true);
  expect(await scene.page.locator('select').inputValue()).toBe('b');
  expect(await scene.page.locator('textarea').inputValue()).toBe('preset');
  expect(scene.frames.received.map((frame) => frame[1])).toEqual(['hello', 'live']);
});

test('what was typed before the script ran stays', async () => {
  await using scene = await open(
    fields((text) => html`<input .value=${text} @input=${typed}>`),
    { isScriptLate: true },
  );
  const input = scene.page.locator('input');
  await input.pressSequentially('early');
  scene.allowScript();
  await scene.page.locator(':state(live)').waitFor();
  expect(await input.inputValue()).toBe('early');
  await input.press('!');
  await expect.poll(() => lastValue(scene.page)).toBe('early!');
});

test('a form gives its fields, repeated names as lists, and does not navigate', async () => {
  const form = fields(
    () => html`
      <form @submit=${submitted}>
        <input name="tag" value="a"><input name="tag" value="b"><input name="tag" value="c">
        <input name="title" value="t"><input type="checkbox" name="off">
        <button>Send</button>
      </form>
    `,
  );
  await using scene = await open(form);
  await scene.page.getByRole('button').click();
  await expect.poll(() => log(scene.page)).toEqual([{ fields: { tag: ['a', 'b', 'c'], title: 't' }, files: [] }]);
});

test('keys, and what `include` asks for, come with the event', async () => {
  const keys = fields(
    () => html`
      <input value="v" @keydown=${typed}>
      <button value="b" @click=${on(typed, { include: ['ctrlKey', 'target.dataset.id', 'currentTarget', 'no.such'] })}>
        <b data-id="7">Inner</b>
      </button>
    `,
  );
  await using scene = await open(keys);
  const { page } = scene;
  await page.locator('input').press('Shift+K');
  await page.locator('b').click();
  const modifiers = { altKey: false, ctrlKey: false, metaKey: false };
  await expect
    .poll(() => log(page))
    .toEqual([
      { value: 'v', key: 'Shift', ...modifiers, shiftKey: true },
      { value: 'v', key: 'K', ...modifiers, shiftKey: true },
      { value: 'b', ctrlKey: false, 'target.dataset.id': '7', currentTarget: null, 'no.such': null },
    ]);
});

interface Scene extends AsyncDisposable {
  readonly page: Page;
  readonly proxy: TestProxy;
  readonly frames: Frames;
  readonly server: TestServer;
  another(): Promise<Page>;
  allowScript(): void;
}

interface SceneOptions {
  readonly isShared?: boolean;
  readonly sessionMs?: number;
  readonly isScriptLate?: boolean;
}

/** Serves a component, and opens its page through a proxy. */
async function open(shown: Parameters<typeof serve>[0], options: SceneOptions = {}): Promise<Scene> {
  const server = await serve(shown, options);
  const proxy = await startProxy(server.url);
  const script = Promise.withResolvers<void>();
  const openPage = async (): Promise<[Page, Frames]> => {
    const page = await newPage();
    const frames = readFrames(page);
    if (options.isScriptLate) {
      await page.route('**/element.js', async (route) => {
        await script.promise;
        await route.continue();
      });
      await page.goto(proxy.url, { waitUntil: 'commit' });
    } else {
      await page.goto(proxy.url);
      await page.locator('server-component:state(live)').waitFor();
    }
    return [page, frames];
  };
  const [page, frames] = await openPage();
  return {
    page,
    proxy,
    frames,
    server,
    another: async () => (await openPage())[0],
    allowScript: () => script.resolve(),
    async [Symbol.asyncDispose]() {
      await page.context().close();
      await proxy[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

function serve(
  shown: Parameters<TestApp['islet']['route']>[1],
  { isShared = false, sessionMs = 60_000 }: SceneOptions,
) {
  return startServer(
    (app) => {
      app.islet.route('/ws/fields', shown, isShared ? { shared: true } : {});
      app.get('/', (_, reply) => reply.html(documentWith(serverComponent({ route: '/ws/fields' }))));
    },
    { sessionMs },
  );
}

type TestApp = Parameters<Parameters<typeof startServer>[0]>[0];

async function log(page: Page): Promise<EventData[]> {
  return JSON.parse((await page.locator('output').textContent()) ?? '[]');
}

async function lastValue(page: Page): Promise<unknown> {
  return (await log(page)).at(-1)?.value;
}

function caret(input: Locator): Promise<number | null> {
  return input.evaluate((element) => (element as HTMLInputElement).selectionStart);
}

/** Notes each value that a field has had from now on, looking at each frame; the returned function tells them. */
async function watchValues(input: Locator): Promise<() => Promise<string[]>> {
  await input.evaluate((element) => {
    const field = element as HTMLInputElement;
    const values = [field.value];
    const note = (): void => {
      if (field.value !== values.at(-1)) values.push(field.value);
    };
    const look = (): void => {
      note();
      requestAnimationFrame(look);
    };
    field.addEventListener('input', note);
    look();
    // what is there now counts too: a busy machine may not have drawn it yet
    const read = (): string[] => {
      note();
      return values.slice(1);
    };
    Object.assign(window, { read });
  });
  return () => input.evaluate(() => (window as unknown as { read(): string[] }).read());
}

/** Types in one task: on a busy machine keys come further apart than the times that are tested. */
function typeAtOnce(page: Page, values: readonly string[]): Promise<void> {
  return page.locator('input').evaluate((input: HTMLInputElement, all) => {
    for (const value of all) {
      input.value = value;
      input.dispatchEvent(new Event('input', { bubbles: true }));
    }
  }, values);
}
