// What controls show, on both sides: what their person did until that has been reported and settled, then the model,
// also when the model refused. Real keys and clicks, real sockets.

import { describe, expect, test } from 'vitest';
import type { Name, Told } from '../support/field-components.ts';
import { openFields, type SceneOptions, type Side } from '../support/fields-page.ts';
import { openPages } from '../support/pages.ts';

const newPage = openPages({ pictures: true });

const types = (log: readonly Told[]): string[] => log.map(({ type, name }) => (name ? `${type} ${name}` : type));
const values = (log: readonly Told[]): unknown[] => log.map(({ data }) => data.value);

describe.each<Side>(['server', 'client'])('on the %s', (side) => {
  const open = (name: Name, options?: SceneOptions) => openFields(newPage, side, name, options);

  test.each<Name>(['boxByClick', 'boxInRow'])(
    'a box that is told by its click (%s) follows the model afterwards',
    async (name) => {
      await using scene = await open(name);
      const box = scene.find('[type=checkbox]');
      await box.click();
      await expect.poll(async () => (await scene.log()).length).toBe(1);
      expect(await box.isChecked()).toBe(true);
      await scene.page.getByRole('button').click();
      await expect.poll(() => box.isChecked()).toBe(false);
      await scene.page.getByRole('button').click();
      await expect.poll(() => box.isChecked()).toBe(true);
    },
  );

  test('a box that the model never turns on is off again after each click', async () => {
    await using scene = await open('refusedBox');
    const box = scene.find('[type=checkbox]');
    scene.proxy.delayMs = 400;
    await box.click();
    await box.click();
    await box.click();
    await expect.poll(async () => (await scene.log()).length).toBe(3);
    await expect.poll(() => box.isChecked()).toBe(false);
    expect((await scene.log()).map(({ data }) => data.checked)).toEqual(
      side === 'server' ? [true, false, true] : expect.anything(),
    );
  });

  test('a field that nobody hears belongs to the model', async () => {
    await using scene = await open('unheard');
    const input = scene.find('input');
    await input.fill('mine');
    await scene.page.getByRole('button', { name: 'set' }).click();
    await expect.poll(() => input.inputValue()).toBe('v2');
    await input.fill('mine');
    await scene.page.getByRole('button', { name: 'nothing' }).click();
    await expect.poll(() => input.inputValue()).toBe('v2');
  });

  test('debounced typing is told before the form that is sent, and the field is empty each time', async () => {
    await using scene = await open('debounced');
    const input = scene.find('input');
    const shown: string[] = [];
    // on a busy machine keys are so far apart that a part of a text is told, too
    const whole = async (): Promise<string[]> =>
      (await scene.log())
        .map(({ data }) => String(data.fields?.text ?? data.value))
        .filter((text) => text.length === 4);
    for (const [index, text] of ['abc0', 'abc1', 'abc2'].entries()) {
      await input.pressSequentially(text);
      await input.press('Enter');
      await expect.poll(async () => (await whole()).length).toBe(2 * index + 2);
      await expect.poll(() => input.inputValue()).toBe('');
      shown.push(await input.inputValue());
    }
    expect(await whole()).toEqual(['abc0', 'abc0', 'abc1', 'abc1', 'abc2', 'abc2']);
    expect(shown).toEqual(['', '', '']);
  });

  test('of two quick choices the last one stays', async () => {
    await using scene = await open('options');
    scene.proxy.delayMs = 200;
    const select = scene.find('select');
    await select.evaluate((element) => {
      const seen: string[] = [];
      const look = (): void => {
        const { value } = element as HTMLSelectElement;
        if (value !== seen.at(-1)) seen.push(value);
        requestAnimationFrame(look);
      };
      look();
      Object.assign(window, { seen });
    });
    await select.selectOption('b');
    await select.selectOption('c');
    await expect.poll(async () => values(await scene.log())).toEqual(['b', 'c']);
    await scene.page.waitForTimeout(300);
    const seen = await scene.page.evaluate(() => (window as unknown as { seen: string[] }).seen);
    expect(seen.join('').replace('b', '')).toBe('ac');
  });

  test('what the model strips is taken out of the field', async () => {
    await using scene = await open('digits');
    const input = scene.find('input');
    await input.pressSequentially('12ab');
    await expect.poll(async () => (await scene.log()).length).toBe(4);
    await expect.poll(() => input.inputValue()).toBe('12');
  });

  test('a correction leaves the caret where it is in what one types', async () => {
    await using scene = await open('capitals');
    const input = scene.find('input');
    await input.pressSequentially('held');
    await expect.poll(() => input.inputValue()).toBe('HELD');
    await input.press('Home');
    await input.press('ArrowRight');
    for (const [letter, text] of [
      ['x', 'HXELD'],
      ['y', 'HXYELD'],
    ] as const) {
      await input.press(letter);
      await expect.poll(() => input.inputValue()).toBe(text);
    }
    expect(await input.evaluate((element) => (element as HTMLInputElement).selectionStart)).toBe(3);
  });

  test('white space at the end stays until the field is left', async () => {
    await using scene = await open('trimmed');
    const input = scene.find('input');
    await input.pressSequentially('a b ');
    await expect.poll(async () => (await scene.log()).length).toBe(4);
    expect(await input.inputValue()).toBe('a b ');
    await input.blur();
    await expect.poll(() => input.inputValue()).toBe('a b');
  });

  test('choices that the model refuses go back', async () => {
    await using scene = await open('refusing');
    await scene.find('[value=b]').click();
    await scene.find('select').selectOption('c');
    await scene.find('[type=checkbox]').click();
    await scene.find('[type=range]').fill('70');
    await expect.poll(async () => types(await scene.log())).toEqual(['radio', 'select', 'box', 'range']);
    await expect.poll(() => scene.find('[value=a]').isChecked()).toBe(true);
    expect(await scene.find('[value=b]').isChecked()).toBe(false);
    await expect.poll(() => scene.find('select').inputValue()).toBe('a');
    await expect.poll(() => scene.find('[type=checkbox]').isChecked()).toBe(false);
    await expect.poll(() => scene.find('[type=range]').inputValue()).toBe('50');
  });

  test('a field of a chat is empty after each submit', async () => {
    await using scene = await open('chat');
    const input = scene.find('input');
    for (const [index, text] of ['one', 'two'].entries()) {
      await input.pressSequentially(text);
      await input.press('Enter');
      await expect.poll(() => scene.find('p').textContent()).toBe(`${index + 1}`);
      await expect.poll(() => input.inputValue()).toBe('');
    }
    expect((await scene.log()).map(({ data }) => data.fields?.text)).toEqual(['one', 'two']);
  });

  test('a select shows its value when its options arrive, and when they change', async () => {
    await using scene = await open('lateOptions');
    const select = scene.find('select');
    await scene.page.getByRole('button', { name: 'load' }).click();
    await expect.poll(() => select.inputValue()).toBe('b');
    await scene.page.getByRole('button', { name: 'reverse' }).click();
    await expect.poll(() => select.locator('option').allTextContents()).toEqual(['c', 'b', 'a']);
    await expect.poll(() => select.inputValue()).toBe('b');
  });

  test('a select of several shows all values of the model, also when its options arrive', async () => {
    await using scene = await open('several');
    const select = scene.find('select');
    const chosen = (): Promise<string[]> =>
      select.evaluate((element) => Array.from((element as HTMLSelectElement).selectedOptions, ({ value }) => value));
    await scene.page.getByRole('button', { name: 'load' }).click();
    await expect.poll(chosen).toEqual(['a', 'c']);
    await scene.page.getByRole('button', { name: 'others' }).click();
    await expect.poll(chosen).toEqual(['b', 'c']);
    await select.selectOption(['a']);
    await expect.poll(async () => types(await scene.log())).toContain('change');
    await expect.poll(chosen).toEqual(['b', 'c']);
  });

  test('a number is typed digit by digit, sign and zeros as well', async () => {
    await using scene = await open('number');
    const input = scene.find('input');
    const type = async (...keys: string[]): Promise<void> => {
      for (const key of keys) {
        const before = (await scene.log()).length;
        await input.press(key);
        await expect.poll(async () => (await scene.log()).length).toBeGreaterThan(before);
        await scene.page.waitForTimeout(30);
      }
    };
    await input.press('ControlOrMeta+a');
    await type('1', '.', '0', '5', 'Backspace', '2');
    expect(await input.inputValue()).toBe('1.02');
    await input.press('ControlOrMeta+a');
    await type('-', '7');
    expect(await input.inputValue()).toBe('-7');
    expect((await scene.log()).at(-1)?.data.value).toBe('-7');
  });

  test.each(['a button', 'a script'])('a form that %s resets shows the model', async (by) => {
    await using scene = await open('reset');
    await scene.find('[name=text]').fill('second');
    await scene.find('[name=box]').click();
    await scene.find('select').selectOption('c');
    await expect.poll(async () => (await scene.log()).length).toBe(3);
    await scene.page.waitForTimeout(50);
    if (by === 'a button') await scene.page.getByRole('button').click();
    else await scene.page.evaluate(() => document.querySelector('form')?.reset());
    await scene.page.waitForTimeout(50);
    expect(await scene.find('[name=text]').inputValue()).toBe('second');
    expect(await scene.find('[name=box]').isChecked()).toBe(true);
    expect(await scene.find('select').inputValue()).toBe('c');
  });

  test('a text area with its text as content shows the model after typing', async () => {
    await using scene = await open('area');
    const area = scene.find('textarea');
    expect(await area.inputValue()).toBe('first');
    await area.fill('typed');
    await area.blur();
    await expect.poll(async () => values(await scene.log())).toEqual(['typed']);
    await scene.page.getByRole('button').click();
    await expect.poll(() => area.inputValue()).toBe('from the model');
  });

  test('what attributes say of a control is what it shows, however it was touched', async () => {
    await using scene = await open('attributes');
    const chosen = ['[name=box]', '[name=plain]', '[value=b]'];
    for (const selector of chosen) await scene.find(selector).click();
    for (const name of ['options', 'value']) await scene.find(`select[name=${name}]`).selectOption('b');
    await scene.find('[name=text]').press('End');
    await scene.find('[name=text]').pressSequentially('2x');
    for (const selector of ['[name=part]', '[name=spread]', 'textarea']) await scene.find(selector).fill('mine');
    await expect.poll(async () => (await scene.log()).length).toBe(8);
    const shown = () =>
      scene.page.evaluate(() => {
        const find = <E = HTMLInputElement>(selector: string): E => document.querySelector(selector) as E;
        return [
          ...['text', 'part', 'spread', 'options', 'value'].map((name) => find(`[name=${name}]`).value),
          find('textarea').value,
          ...['[name=box]', '[name=plain]', '[value=a]', '[value=c]'].map((selector) => find(selector).checked),
          find<HTMLDetailsElement>('details').open,
        ];
      });
    const [a, c] = ['a', 'c'];
    await expect.poll(shown).toEqual(['12', 'Mr 12', '12', a, a, '12', false, false, true, false, false]);
    await scene.page.getByRole('button').click();
    await expect.poll(shown).toEqual(['77', 'Mr 77', '77', c, c, '77', true, true, false, true, true]);
  });

  test('what can be edited shows its text, and the caret stays in it, in its line as well', async () => {
    await using scene = await open('editable');
    const { page } = scene;
    const edited = scene.find('[contenteditable]');
    await edited.focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowRight');
    for (const letter of 'xy') {
      const before = (await scene.log()).length;
      await page.keyboard.press(letter);
      await expect.poll(async () => (await scene.log()).length).toBe(before + 1);
      await expect.poll(() => edited.textContent()).not.toContain(letter);
    }
    expect(await edited.textContent()).toBe('AXYB');
    await page.keyboard.press('End');
    await page.keyboard.press('Enter');
    await page.keyboard.type('z');
    await expect.poll(() => edited.evaluate((element) => (element as HTMLElement).innerText)).toBe('AXYB\nZ');
    await scene.page.getByRole('button').click();
    await expect.poll(() => edited.textContent()).toBe('FROM THE MODEL');
    await edited.fill('');
    await expect.poll(async () => (await scene.log()).at(-1)?.data.value?.trim()).toBe('');
    await scene.page.getByRole('button').click();
    await expect.poll(() => edited.textContent()).toBe('FROM THE MODEL');
  });

  test('what bounds a control may change with its value, and stand behind it', async () => {
    await using scene = await open('bounds');
    const shown = () => Promise.all(['range', 'type'].map((name) => scene.find(`[name=${name}]`).inputValue()));
    expect(await shown()).toEqual(['150', '12']);
    for (const values of [
      ['250', 'words'],
      ['150', '12'],
      ['250', 'words'],
    ]) {
      await scene.page.getByRole('button').click();
      await expect.poll(shown).toEqual(values);
    }
  });

  test('what was typed before the script into what can be edited stays, and is told once', async () => {
    await using scene = await open('editable', { isScriptLate: true });
    await scene.find('[contenteditable]').focus();
    await scene.page.keyboard.press('End');
    await scene.page.keyboard.type('CD');
    await scene.allowScript();
    await expect.poll(async () => values(await scene.log())).toEqual(['ABCD']);
    expect(await scene.find('[contenteditable]').textContent()).toBe('ABCD');
  });

  test.each(['a list', 'the end mark'])(
    'what was done before the script stays and is told where a page without %s cannot be adopted',
    async (what) => {
      await using scene = await open('formHears', { isScriptLate: true });
      await scene.find('[name=text]').fill('early');
      await scene.find('[name=box]').click();
      await scene.page.evaluate(
        (isMark) => {
          const island = document.querySelector('server-component,#app');
          if (isMark) island?.querySelector(':scope > script')?.remove();
          else island?.querySelector('details')?.remove();
        },
        what === 'the end mark' && side === 'server',
      );
      await scene.allowScript();
      await expect
        .poll(async () => (await scene.log()).map(({ data }) => data.fields))
        .toEqual([{ text: 'early', box: 'on' }]);
      expect(await scene.find('[name=text]').inputValue()).toBe('early');
      expect(await scene.find('[name=box]').isChecked()).toBe(true);
      expect(await scene.page.locator('details').count()).toBe(1);
    },
  );

  test('letters that are told by keys stay, and Enter empties the field', async () => {
    await using scene = await open('keys');
    const input = scene.find('input');
    await input.pressSequentially('abc');
    await expect.poll(async () => (await scene.log()).length).toBe(3);
    await scene.page.waitForTimeout(50);
    expect(await input.inputValue()).toBe('abc');
    await input.press('Enter');
    await expect.poll(() => input.inputValue()).toBe('');
  });

  test('other controls show the model again when it refuses', async () => {
    await using scene = await open('others');
    const { page } = scene;
    await page.evaluate(() =>
      customElements.define(
        'test-field',
        class extends HTMLElement {
          value: unknown = '';
        },
      ),
    );
    await scene.find('summary').click();
    await scene.find('[contenteditable]').pressSequentially('x');
    await scene.find('[type=checkbox]').click();
    await scene.find('[type=file]').setInputFiles({ name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('a') });
    await scene.find('[type=color]').fill('#ffffff');
    await scene.find('[type=date]').fill('2027-01-01');
    await scene.find('[type=date]').blur();
    await scene.find('test-field').evaluate((field) => {
      Object.assign(field, { value: 'mine' });
      for (const type of ['input', 'change']) field.dispatchEvent(new Event(type, { bubbles: true }));
    });
    await expect
      .poll(async () => [...new Set(types(await scene.log()))].sort())
      .toEqual(['box', 'color', 'custom', 'date', 'edit', 'file', 'toggle']);
    const shown = () =>
      page.evaluate(() => {
        const find = (selector: string) => document.querySelector(selector) as HTMLInputElement & HTMLDetailsElement;
        return [
          find('details').open,
          find('[contenteditable]').textContent,
          find('[type=checkbox]').indeterminate,
          find('[type=file]').value,
          find('[type=color]').value,
          find('[type=date]').value,
          find('test-field').value,
        ];
      });
    await expect.poll(shown).toEqual([false, 'first', true, '', '#112233', '2026-01-02', 'first']);
  });

  test('what somebody opened stays open until the model says something else', async () => {
    await using scene = await open('folded');
    const press = async (name: string) => {
      const before = (await scene.log()).length;
      await scene.page.getByRole('button', { name }).click();
      await expect.poll(async () => (await scene.log()).length).toBe(before + 1);
      await scene.page.waitForTimeout(20);
    };
    const isOpen = () => scene.find('details').evaluate((details) => (details as HTMLDetailsElement).open);
    await scene.find('summary').click();
    await press('nothing');
    expect(await isOpen()).toBe(true);
    await press('open');
    await press('close');
    expect(await isOpen()).toBe(false);
  });

  test('what the browser did at a click before the script is not done twice, and all of it is told once', async () => {
    await using scene = await open('native', { isScriptLate: true, isEarly: true });
    await scene.find('button').click();
    await scene.find('b').click();
    await scene.find('summary').click();
    await scene.allowScript();
    await expect
      .poll(async () => types(await scene.log()).sort())
      .toEqual(['box', 'button', 'label', 'label', 'submit', 'summary']);
    await scene.page.waitForTimeout(100);
    expect(await scene.log()).toHaveLength(6);
    expect(await scene.find('[type=checkbox]').isChecked()).toBe(true);
    expect(await scene.find('details').getAttribute('open')).toBe('');
  });

  test('of two fields that one debounced listener hears, both are told', async () => {
    await using scene = await open('twoDebounced');
    await scene.find('[name=a]').pressSequentially('one');
    await scene.find('[name=b]').pressSequentially('two');
    await expect.poll(async () => values(await scene.log())).toEqual(['one', 'two']);
    expect(await scene.find('[name=a]').inputValue()).toBe('one');
    expect(await scene.find('[name=b]').inputValue()).toBe('two');
  });

  test('what was done before the script ran stays, and is told once', async () => {
    await using scene = await open('form', { isScriptLate: true });
    await scene.find('[name=text]').pressSequentially('early');
    await scene.find('[name=box]').click();
    await scene.find('[value=b]').click();
    await scene.find('select').selectOption('c');
    await scene.allowScript();
    await expect
      .poll(async () => types(await scene.log()).sort())
      .toEqual(['change box', 'change choice', 'change radio', 'change text', 'input text']);
    const held = Object.fromEntries(
      (await scene.log()).map(({ type, name, data }) => [`${type} ${name}`, data.checked ?? data.value]),
    );
    expect(held).toEqual({
      'change box': true,
      'change choice': 'c',
      'change radio': true,
      'change text': 'early',
      'input text': 'early',
    });
    expect((await scene.log()).find(({ name }) => name === 'radio')?.data.value).toBe('b');
    await scene.page.getByRole('button').click();
    await expect
      .poll(async () => (await scene.log()).at(-1)?.data.fields)
      .toEqual({ text: 'early', box: 'on', r: 'b', choice: 'c' });
    await scene.page.waitForTimeout(50);
    expect(await scene.find('[name=text]').inputValue()).toBe('early');
    expect(await scene.find('[name=box]').isChecked()).toBe(true);
    expect(await scene.find('[value=b]').isChecked()).toBe(true);
    expect(await scene.find('select').inputValue()).toBe('c');
  });

  test('a text that has the focus is told as input at once, and as change by the browser when it is left', async () => {
    await using scene = await open('form', { isScriptLate: true });
    await scene.find('[name=text]').pressSequentially('early');
    await scene.allowScript();
    await expect.poll(async () => types(await scene.log())).toEqual(['input text']);
    await scene.find('[name=text]').blur();
    await expect.poll(async () => types(await scene.log())).toEqual(['input text', 'change text']);
  });

  test('a focused box that was ticked before the script is told once', async () => {
    await using scene = await open('box', { isScriptLate: true });
    await scene.find('[type=checkbox]').focus();
    await scene.page.keyboard.press('Space');
    await scene.allowScript();
    await expect.poll(async () => (await scene.log()).map(({ data }) => data.checked)).toEqual([true]);
    expect(await scene.find('[type=checkbox]').isChecked()).toBe(true);
  });

  test.each([true, false])(
    'images that failed or were loaded before the script are told (early.js: %s)',
    async (isEarly) => {
      await using scene = await open('image', { isScriptLate: true, isEarly });
      await scene.page.waitForTimeout(300);
      await scene.allowScript();
      await expect.poll(async () => types(await scene.log()).sort()).toEqual(['error', 'load there']);
      await scene.page.waitForTimeout(100);
      expect(await scene.log()).toHaveLength(2);
    },
  );

  test.each([true, false])(
    'a click before the script on a box that is told by clicks counts once (early.js: %s)',
    async (isEarly) => {
      await using scene = await open('boxByClick', { isScriptLate: true, isEarly });
      await scene.find('[type=checkbox]').click();
      await scene.allowScript();
      await expect.poll(async () => types(await scene.log())).toEqual(['click']);
      await scene.page.waitForTimeout(50);
      expect(await scene.find('[type=checkbox]').isChecked()).toBe(true);
    },
  );

  test('fields that the browser restores are told, or show the model', async () => {
    await using scene = await open('form');
    await scene.find('[name=text]').fill('kept');
    await scene.find('[name=box]').click();
    await expect.poll(async () => (await scene.log()).length).toBe(3);
    await scene.page.goto(`${scene.proxy.url}/other`);
    await scene.page.goBack();
    await scene.page.locator('output').waitFor();
    await expect
      .poll(async () => {
        const log = await scene.log();
        const told = log.findLast(({ name }) => name === 'text')?.data.value ?? '';
        const isOn = log.findLast(({ name }) => name === 'box')?.data.checked ?? false;
        return [
          told === (await scene.find('[name=text]').inputValue()),
          isOn === (await scene.find('[name=box]').isChecked()),
        ];
      })
      .toEqual([true, true]);
  });
});

test('an adopted box without a value follows the model', async () => {
  await using scene = await openFields(newPage, 'server', 'box', { isShared: true });
  const other = await scene.another();
  await other.getByRole('button').click();
  await expect.poll(() => scene.find('[type=checkbox]').isChecked()).toBe(true);
});

test('what was typed and opened is told to the actor after a restart, by the form once', async () => {
  await using scene = await openFields(newPage, 'server', 'formHears');
  await scene.find('[name=text]').fill('typed');
  await scene.find('[name=box]').click();
  await scene.find('summary').click();
  await expect.poll(async () => (await scene.log()).length).toBe(2);
  await scene.restart();
  await expect.poll(async () => (await scene.log()).length).toBe(1);
  expect(await scene.find('[name=text]').inputValue()).toBe('typed');
  expect(await scene.find('details').getAttribute('open')).toBe('');
});

test('what was typed and told is told to the actor after a restart', async () => {
  await using scene = await openFields(newPage, 'server', 'form');
  await scene.find('[name=text]').fill('typed');
  await scene.find('[name=box]').click();
  await scene.find('[value=b]').click();
  await scene.find('select').selectOption('c');
  await expect.poll(async () => (await scene.log()).length).toBe(5);
  await scene.restart();
  await expect
    .poll(async () => types(await scene.log()).sort())
    .toEqual(['change box', 'change choice', 'change radio', 'change text', 'input text']);
  expect(await scene.find('[name=text]').inputValue()).toBe('typed');
  expect(await scene.find('[name=box]').isChecked()).toBe(true);
  expect(await scene.find('[value=b]').isChecked()).toBe(true);
  expect(await scene.find('select').inputValue()).toBe('c');
});

test('what was typed and told stays over a restart, though what was done after it was never heard', async () => {
  await using scene = await openFields(newPage, 'server', 'form');
  await scene.find('[name=text]').fill('typed');
  await scene.find('[name=text]').blur();
  await expect.poll(async () => (await scene.log()).length).toBe(2);
  scene.proxy.hold('toServer');
  await scene.find('[name=box]').click();
  scene.proxy.refuse();
  scene.proxy.release();
  await scene.restart();
  await expect.poll(async () => types(await scene.log()).sort()).toEqual(['change box', 'change text', 'input text']);
  expect(await scene.find('[name=text]').inputValue()).toBe('typed');
  expect(await scene.find('[name=box]').isChecked()).toBe(true);
});

test('257 letters of which 250 were typed offline are all there, as few events', async () => {
  await using scene = await openFields(newPage, 'server', 'typing');
  const input = scene.find('input');
  await input.pressSequentially('online ');
  await expect.poll(async () => (await scene.log()).length).toBe(7);
  scene.proxy.refuse();
  await scene.page.locator(':state(offline)').waitFor();
  await input.pressSequentially('x'.repeat(250));
  const before = scene.frames.sent.length;
  scene.proxy.accept();
  await expect.poll(async () => (await scene.log()).at(-1)?.data.value).toBe(`online ${'x'.repeat(250)}`);
  expect(scene.frames.sent.slice(before).filter(([, kind]) => typeof kind === 'number')).toHaveLength(1);
  expect(await input.inputValue()).toBe(`online ${'x'.repeat(250)}`);
});

test('what six islands could not tell for a while is told in order, and none of it is refused', async () => {
  await using scene = await openFields(newPage, 'server', 'steps', { islands: 6 });
  const { page } = scene;
  scene.proxy.refuse();
  await page.locator(':state(offline)').nth(5).waitFor();
  await page.evaluate(() => {
    const heard: unknown[] = [];
    Object.assign(window, { heard });
    for (const name of ['refused', 'dropped'])
      addEventListener(`islet:${name}`, (event) => heard.push((event as CustomEvent).detail));
    for (let click = 0; click < 150; click++) {
      for (const button of document.querySelectorAll('button')) button.click();
    }
  });
  scene.proxy.accept();
  await expect
    .poll(() => page.getByRole('button').allTextContents(), { timeout: 30_000 })
    .toEqual(Array(6).fill('150'));
  expect(await page.evaluate(() => (window as unknown as { heard: unknown[] }).heard)).toEqual([]);
}, 20_000);

test('ticks in rows without names or texts survive a restart, and their form is told', async () => {
  await using scene = await openFields(newPage, 'server', 'rows');
  await scene.find('ul [value=b]').click();
  await scene.find('form [value=c]').click();
  await expect.poll(async () => (await scene.log()).length).toBe(1);
  await scene.restart();
  await expect.poll(async () => (await scene.log()).map(({ data }) => data.fields)).toEqual([{ r: 'c' }]);
  const checked = () => scene.page.locator(':checked').evaluateAll((all) => all.map((each) => each.outerHTML));
  expect((await checked()).map((html) => /value="(.)"/.exec(html)?.[1])).toEqual(['b', 'c']);
});

test('clicks that could not be told are said to be lost when their island is taken out of the page', async () => {
  await using scene = await openFields(newPage, 'server', 'steps');
  const { page } = scene;
  await page.evaluate(() => {
    const heard: unknown[] = [];
    Object.assign(window, { heard });
    addEventListener('islet:dropped', (event) => heard.push((event as CustomEvent).detail));
  });
  const heard = () => page.evaluate(() => (window as unknown as { heard: unknown[] }).heard);
  await scene.find('button').click();
  await expect.poll(() => scene.find('button').textContent()).toBe('1');
  scene.proxy.refuse();
  await page.locator(':state(offline)').waitFor();
  await scene.find('button').click();
  await scene.find('button').click();
  await page.evaluate(() => document.querySelector('server-component')?.remove());
  await expect.poll(heard).toEqual([expect.objectContaining({ events: 2, why: 'gone' })]);
});
