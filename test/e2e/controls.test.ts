// Controls as browsers, libraries and people really use them, on both sides: one server and one page for all of them.

import { basename } from 'node:path';
import Fastify from 'fastify';
import type { Page } from 'playwright';
import { describe, expect, test } from 'vitest';
import { buildBundles } from '../../scripts/build.ts';
import { clientApp, islet, serverComponent } from '../../server/index.ts';
import { html, unsafeHtml } from '../../shared/index.ts';
import { type ControlName, controls } from '../support/control-components.ts';
import type { Told } from '../support/field-components.ts';
import { servePages } from '../support/pages.ts';

const sides = ['server', 'client'] as const;

const site = servePages(
  async () => {
    const bundles = await buildBundles({ entries: ['test/support/start-controls.ts'], write: false });
    const app = Fastify({ forceCloseConnections: true });
    await app.register(islet);
    for (const [name, shown] of Object.entries(controls)) {
      app.islet.route(`/ws/server/${name}`, shown);
      app.islet.route(`/ws/shared/${name}`, shown, { shared: true });
    }
    for (const [index, { path, code }] of bundles.entries())
      app.get(index ? `/${basename(path)}` : '/start.js', (_, reply) => reply.type('text/javascript').send(code));
    app.get<{ Params: { name: ControlName; side: string }; Querystring: { script?: string } }>(
      '/:side/:name',
      ({ params: { name, side }, query: { script = '' } }, reply) =>
        reply.html(html`
          <!doctype html>
          <html lang="en">
            <head>
              <title>Controls</title>
              <script type="module" src=${side === 'client' ? '/start.js' : '/islet/element.js'}></script>
            </head>
            <body data-name=${name}>
              <div id="outer">
                ${side === 'client' ? clientApp(controls[name], {}) : serverComponent({ route: `/ws/${side}/${name}` })}
              </div>
              <div id="elsewhere"></div>
              ${unsafeHtml(`<script>${script}</script>`)}
            </body>
          </html>
        `),
    );
    app.addHook('onSend', async ({ query }, _, payload) =>
      (query as { way?: string }).way === 'minified'
        ? String(payload)
            .replace(/<!--.*?-->/g, '')
            .replace(/\s+/g, ' ')
            .replaceAll('> <', '><')
        : payload,
    );
    return app;
  },
  { appFor: 'all tests' },
);

/**
 * @param script Runs before the components' own.
 * @param way How the page comes: as it is, or without comments and white space between tags, as a proxy may send it.
 */
async function open(side: string, name: ControlName, script = '', way = ''): Promise<Page> {
  const page = await site.open(`/${side}/${name}?way=${way}&script=${encodeURIComponent(script)}`);
  await isLive(page, side);
  return page;
}

const isLive = (page: Page, side: string): Promise<void> =>
  page
    .locator(side === 'client' ? '#app:not(:has(> script))' : 'server-component:state(live)')
    .first()
    .waitFor();

const log = async (page: Page): Promise<readonly Told[]> =>
  JSON.parse((await page.locator('output').first().textContent()) ?? '');

/** What was told, as `type name: value`. */
const told = async (page: Page): Promise<string[]> =>
  (await log(page)).map(({ type, name, data: { fields, values, checked, open, value } }) =>
    `${type} ${name}: ${fields ? JSON.stringify(fields) : (values ?? checked ?? open ?? value ?? '')}`.replace(
      ' :',
      ':',
    ),
  );

const shownIn = (page: Page, selector: string): Promise<string> => page.locator(selector).first().inputValue();
const pressByScript = (page: Page, name: string): Promise<void> =>
  page.locator(`button[name=${name}]`).evaluate((each) => (each as HTMLElement).click());
/** Long enough for what should not happen. */
const rest = (page: Page): Promise<void> => page.waitForTimeout(100);

describe.each(sides)('on the %s', (side) => {
  test('what a browser makes of the model’s value counts as that value', async () => {
    const page = await open(side, 'values');
    await rest(page);
    await pressByScript(page, 'nothing');
    await expect.poll(() => told(page)).toEqual(['pressed nothing: ']);
  });

  test('a date of which a part is typed stays while the model changes', async () => {
    const page = await open(side, 'date');
    await page.locator('input').focus();
    for (const part of ['12', '24', '2026']) {
      await page.keyboard.type(part);
      await pressByScript(page, 'nothing');
    }
    await expect.poll(async () => (await told(page)).slice(-2)).toEqual(['input: 2026-12-24', 'pressed nothing: ']);
    expect(await shownIn(page, 'input')).toBe('2026-12-24');
  });

  test('a modal dialog that the model closes leaves the page as it was', async () => {
    const page = await open(side, 'dialog');
    await page.locator('[name=open]').click();
    await expect.poll(() => page.locator('dialog[open]').count()).toBe(1);
    await page.evaluate(() => {
      const dialog = document.querySelector('dialog') as HTMLDialogElement;
      dialog.removeAttribute('open');
      dialog.showModal();
    });
    await page.locator('[name=shut]').click();
    await expect.poll(() => page.locator('dialog[open]').count()).toBe(0);
    await page.locator('[name=nothing]').click();
    await expect.poll(async () => (await told(page)).at(-1)).toBe('pressed nothing: ');
    expect(await page.locator('dialog:modal').count()).toBe(0);
  });

  test('of a group of disclosures one is open, the one of the model in the end', async () => {
    const page = await open(side, 'group');
    const openOnes = () => page.locator('details[open]').evaluateAll((all) => all.map(({ id }) => id).join(''));
    for (const [id, wanted] of [
      ['b', 'b'],
      ['c', 'c'],
      ['c', ''],
    ] as const) {
      await page.locator(`#${id} summary`).click();
      await expect.poll(openOnes).toBe(wanted);
      await rest(page);
      expect(await openOnes()).toBe(wanted);
    }
    await page.goto(`${site.address}/${side}/refusingGroup`);
    await isLive(page, side);
    await page.locator('#b summary').click();
    await expect.poll(async () => (await log(page)).length).toBeGreaterThan(1);
    await expect.poll(openOnes).toBe('a');
    await rest(page);
    const { length } = await log(page);
    await rest(page);
    expect(await log(page)).toHaveLength(length);
  });

  test('what the page is translated into is no choice of anybody', async () => {
    const page = await open(side, 'texts');
    const chosen = () => page.locator('select').evaluate((list) => (list as HTMLSelectElement).selectedIndex);
    await page.evaluate(() => {
      for (const option of document.querySelectorAll('option')) {
        const font = document.createElement('font');
        font.append(Object.assign(document.createElement('font'), { textContent: `[${option.text}]` }));
        option.firstChild?.replaceWith(font);
      }
    });
    await rest(page);
    expect(await chosen()).toBe(1);
    await page.locator('button').click();
    await expect.poll(() => page.locator('select').evaluate((list) => (list as HTMLSelectElement).value)).toBe('B');
    expect([await chosen(), await told(page)]).toEqual([1, ['pressed capitals: ']]);
  });

  test('a page that lost its comments and white space on the way is adopted, with what was typed', async () => {
    const page = await open(side, 'form', `document.querySelector('[name=text]').value = 'early'`, 'minified');
    await expect.poll(() => told(page)).toEqual(['text: early']);
    await page.locator('[name=box]').click();
    await expect.poll(() => told(page)).toEqual(['text: early', 'box: true']);
    expect(await page.locator('h2,b').allTextContents()).toEqual(['Told 2 times', 'bold 2']);
    expect(await shownIn(page, '[name=text]')).toBe('early');
  });

  test('radio buttons of one name are one control in each form, wherever they stand', async () => {
    const page = await open(side, 'radios');
    const on = () =>
      page
        .locator(':checked')
        .evaluateAll((all) =>
          all.map((each) => `${(each as HTMLInputElement).form?.id} ${(each as HTMLInputElement).value}`),
        );
    await page.locator('#one [value=b]').click();
    await expect.poll(() => told(page)).toEqual(['one: true']);
    await page.locator('#two [value=b]').click();
    await expect.poll(on).toEqual(['one b', 'two a', 'three a']);
    await page.locator('[form=three][value=b]').click();
    await page.locator('[name=nothing]').click();
    await expect.poll(async () => (await log(page)).length).toBe(3);
    await rest(page);
    expect(await on()).toEqual(['one b', 'two a', 'three b']);
    await page.locator('#three button').click();
    await expect.poll(async () => (await told(page)).at(-1)).toBe('three: {"r":"b"}');
    await expect.poll(on).toEqual(['one b', 'two a', 'three a']);
  });

  test('what was typed stays in a group that the model disables meanwhile, and is sent when it may be', async () => {
    const page = await open(side, 'disabled');
    await page.locator('input').pressSequentially('ab');
    await pressByScript(page, 'turn');
    await expect.poll(() => page.locator('input').isDisabled()).toBe(true);
    // what is disabled is not told with its form
    await page.locator('.other').click();
    await expect.poll(async () => (await told(page)).at(-1)).toBe('submit: {}');
    await rest(page);
    expect(await shownIn(page, 'input')).toBe('ab');
    await pressByScript(page, 'turn');
    await expect.poll(() => page.locator('input').isDisabled()).toBe(false);
    await page.locator('input').press('End');
    await page.locator('input').pressSequentially('c');
    await page.locator('input').press('Enter');
    await expect.poll(async () => (await told(page)).at(-1)).toBe('submit: {"text":"abc"}');
    await expect.poll(() => shownIn(page, 'input')).toBe('');
  });

  test('a press is heard whatever stands in the button, and whatever node it is said to have happened at', async () => {
    const page = await open(side, 'words');
    await page.evaluate(() => {
      const texts: Text[] = [];
      const walker = document.createTreeWalker(document.querySelector('button') as Node, NodeFilter.SHOW_TEXT);
      for (let node = walker.nextNode(); node; node = walker.nextNode()) texts.push(node as Text);
      for (const text of texts) {
        const font = document.createElement('font');
        font.append(Object.assign(document.createElement('font'), { textContent: text.data }));
        text.replaceWith(font);
      }
    });
    await page.locator('font font').first().click();
    await expect.poll(() => page.locator('i').textContent()).toBe('1');
    await page.evaluate(() => {
      document.querySelector('i')?.firstChild?.dispatchEvent(new Event('click', { bubbles: true }));
      for (const target of [document, window]) target.dispatchEvent(new Event('click', { bubbles: true }));
    });
    await expect.poll(() => page.locator('i').textContent()).toBe('2');
    await page.locator('i').click();
    await expect.poll(() => page.locator('button').textContent()).toBe('Pressed 3 times');
  });

  test('a login that is filled in at once, by events of no kind of key, is told before it is sent', async () => {
    const page = await open(side, 'login');
    await page.evaluate(() => {
      for (const [name, value] of [
        ['user', 'me'],
        ['pass', 'secret'],
      ]) {
        const field = document.querySelector(`[name=${name}]`) as HTMLInputElement;
        field.focus();
        field.dispatchEvent(new Event('keydown', { bubbles: true }));
        field.value = value as string;
        for (const type of ['keyup', 'input', 'change']) field.dispatchEvent(new Event(type, { bubbles: true }));
      }
      document.querySelector('form')?.requestSubmit();
    });
    const all = '{"user":"me","pass":"secret"}';
    await expect.poll(async () => (await told(page)).slice(-2)).toEqual([`input: ${all}`, `submit: ${all}`]);
    expect([await shownIn(page, '[name=user]'), await shownIn(page, '[name=pass]')]).toEqual(['me', 'secret']);
  });

  test('Enter presses the first button, and what a button says of where to send is the model’s affair', async () => {
    const page = await open(side, 'buttons');
    await page.locator('[value=second]').click();
    await page.locator('input').press('Enter');
    await page.locator('input').fill('x');
    await page.locator('input').press('Enter');
    await expect
      .poll(async () => (await log(page)).map(({ data }) => data.fields))
      .toEqual([
        { text: '', do: 'second' },
        { text: 'x', do: 'first' },
      ]);
    expect(page.url()).toContain('/buttons');
  });

  test('a text that is dragged from one field into another is told by both', async () => {
    const page = await open(side, 'two');
    await page.locator('[name=one]').evaluate((field) => {
      (field as HTMLInputElement).focus();
      (field as HTMLInputElement).setSelectionRange(0, 4);
    });
    const [from, to] = await Promise.all(['one', 'two'].map((name) => page.locator(`[name=${name}]`).boundingBox()));
    if (!from || !to) throw Error('not shown');
    await page.mouse.move(from.x + 15, from.y + from.height / 2);
    await page.mouse.down();
    await page.mouse.move(to.x + 30, to.y + to.height / 2, { steps: 8 });
    await page.mouse.up();
    await expect.poll(async () => (await told(page)).map((each) => each.split(':')[0])).toEqual(['one', 'two']);
    await rest(page);
    expect([await shownIn(page, '[name=one]'), await shownIn(page, '[name=two]')]).toEqual([' words', 'some']);
  });

  test('a list of choices may have a button and elements in its options, and offers what they stand for', async () => {
    const page = await open(side, 'rich');
    for (const choice of ['b', 'c']) {
      await page.locator('select').selectOption(choice);
      await expect.poll(async () => (await told(page)).at(-1)).toBe(`change: ${choice}`);
    }
    await expect.poll(() => shownIn(page, 'select')).toBe('b');
  });

  test('of several choices those of the model are chosen, in whatever order they are offered', async () => {
    const page = await open(side, 'several');
    const chosen = () =>
      page.locator('select').evaluateAll((all) =>
        all.map((each) =>
          Array.from((each as HTMLSelectElement).selectedOptions, ({ text }) => text)
            .sort()
            .join(''),
        ),
      );
    await page.locator('button').click();
    await expect.poll(() => page.locator('option').allTextContents()).toEqual(['c', 'b', 'a', 'c', 'b', 'a']);
    expect(await chosen()).toEqual(['ac', 'ac']);
    await page.locator('select').first().selectOption(['b']);
    await expect.poll(chosen).toEqual(['b', 'b']);
    await page.locator('button').click();
    await page.locator('select').last().selectOption(['a', 'b']);
    await expect.poll(chosen).toEqual(['ab', 'ab']);
  });

  test('a slider stays in the hand that holds it while the model changes', async () => {
    const page = await open(side, 'slider');
    const box = await page.locator('input').boundingBox();
    if (!box) throw Error('not shown');
    const move = (part: number) => page.mouse.move(box.x + box.width * part, box.y + box.height / 2, { steps: 4 });
    await move(0.15);
    await page.mouse.down();
    await move(0.5);
    const held = await shownIn(page, 'input');
    await pressByScript(page, 'ninety');
    await expect.poll(async () => (await log(page)).length).toBe(1);
    await rest(page);
    expect(await shownIn(page, 'input')).toBe(held);
    await page.mouse.up();
    await expect.poll(async () => (await told(page)).at(-1)).toBe(`change: ${held}`);
    expect(await shownIn(page, 'input')).toBe(held);
  });

  test('what the browser opens and finds by itself is told, and a key that is held says so', async () => {
    const page = await open(side, 'native');
    await page.evaluate(() => {
      const hidden = document.querySelector('p') as HTMLElement;
      hidden.dispatchEvent(new Event('beforematch', { bubbles: true }));
      hidden.removeAttribute('hidden');
    });
    await page.locator('[popovertarget]').click();
    await expect.poll(() => told(page)).toEqual(['found: ', 'toggle: true']);
    await page.keyboard.press('Escape');
    await expect.poll(async () => (await told(page)).at(-1)).toBe('toggle: false');
    await page.locator('input').focus();
    for (const _ of 'aa') await page.keyboard.down('a');
    await expect
      .poll(async () => (await log(page)).map(({ data }) => data.repeat ?? data.open))
      .toEqual([undefined, true, false, false, true]);
    expect(await page.locator('p[hidden]').count()).toBe(0);
  });

  test('a widget that draws itself is told nothing, and its fields are sent', async () => {
    const page = await open(
      side,
      'widget',
      `const field = Object.assign(document.createElement('input'), { name: 'theirs' });
      document.querySelector('#widget').append(field);
      field.value = 'theirs';
      heard = 0;
      field.addEventListener('input', () => heard++);`,
    );
    await rest(page);
    expect([await page.evaluate('heard'), await told(page)]).toEqual([0, []]);
    await page.locator('[name=text]').fill('ours');
    await page.locator('[name=text]').blur();
    await expect.poll(async () => (await log(page)).at(-1)?.data.fields?.text).toBe('ours');
    expect(await shownIn(page, '[name=theirs]')).toBe('theirs');
  });

  test('what is undone and done again after a correction is told, and what is shown is the model', async () => {
    const page = await open(side, 'digits');
    await page.locator('input').pressSequentially('12ab');
    await expect.poll(() => shownIn(page, 'input')).toBe('12');
    for (const keys of ['ControlOrMeta+z', 'ControlOrMeta+Shift+z', '3']) {
      await page.keyboard.press(keys);
      await rest(page);
      const last = (await log(page)).at(-1)?.data.value ?? '';
      await expect.poll(() => shownIn(page, 'input')).toBe(last.replace(/\D/g, ''));
    }
  });

  test('an island goes on where elements have names that hide members of the page', async () => {
    const names = ['body', 'head', 'title', 'hidden', 'activeElement', 'forms', 'readyState'];
    const forms = names.map((name) => `<form name="${name}"></form>`).join('');
    const ids = ['history', 'trustedTypes'].map((id) => `<form id="${id}"></form>`).join('');
    const page = await open(side, 'form', `document.body.insertAdjacentHTML('beforeend', '${forms}${ids}')`);
    await page.locator('[name=text]').pressSequentially('ab');
    await page.locator('[name=box]').click();
    await expect.poll(async () => (await told(page)).at(-1)).toBe('box: true');
  });
});

describe.each([
  ['a copy of it', 'elsewhere'],
  ['the markup of what is around it, set again', 'outer'],
] as const)('of an island that has changed, %s', (_, place) => {
  test('shows what the actor has, now and later', async () => {
    const page = await open('shared', 'rows');
    const other = await site.newPage();
    await other.goto(`${site.address}/shared/rows`);
    await isLive(other, 'shared');
    const rowsIn = (each: Page, id: string) => each.locator(`#${id} li`).allTextContents();
    const count = async () => Number(await other.locator('h1').textContent());
    const press = async (each: Page, name: string): Promise<void> => {
      const before = await count();
      await each.locator(`#outer [name=${name}]`).click();
      await expect.poll(count).toBe(before + 1);
    };
    for (const name of ['shift', 'push']) await press(page, name);
    await expect.poll(() => rowsIn(page, 'outer')).toEqual(await rowsIn(other, 'outer'));
    await page.evaluate((id) => {
      const outer = document.querySelector('#outer') as Element;
      if (id === 'elsewhere')
        document.querySelector('#elsewhere')?.append(outer.firstElementChild?.cloneNode(true) as Node);
      // biome-ignore lint/correctness/noSelfAssign: its nodes become others
      else outer.innerHTML = outer.innerHTML;
    }, place);
    await page.locator(`#${place} server-component:state(live)`).waitFor();
    for (const name of ['push', 'shift']) {
      await press(other, name);
      await expect.poll(() => rowsIn(page, place)).toEqual(await rowsIn(other, 'outer'));
    }
  });
});

test('a form around an island, in a shadow root, that is reset shows the model', async () => {
  const page = await open('server', 'form');
  await page.evaluate(() => {
    const root = document.querySelector('#elsewhere')?.attachShadow({ mode: 'open' }) as ShadowRoot;
    root.innerHTML = '<form><server-component route="/ws/server/digits"></server-component></form>';
  });
  await page.locator('#elsewhere server-component:state(live)').waitFor();
  await page.locator('#elsewhere input').fill('12');
  await expect.poll(() => page.locator('#elsewhere output').textContent()).toContain('12');
  await rest(page);
  await page.locator('#elsewhere form').evaluate((form) => (form as HTMLFormElement).reset());
  await expect.poll(() => shownIn(page, '#elsewhere input')).toBe('12');
});
