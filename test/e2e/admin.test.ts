// The admin page as administrators meet it: one alone with keyboard or mouse, and two at the same time, in real
// browsers over 10,000 users.

import type { BrowserContextOptions, JSHandle, Locator, Page } from 'playwright';
import { describe, expect, test } from 'vitest';
import { AdminVisitor, createAdminApp, password } from '../support/admin.ts';
import { readFrames } from '../support/frames.ts';
import { servePages } from '../support/pages.ts';
import { startProxy } from '../support/proxy.ts';
import { openUsers } from '../support/users.ts';
import { type WatchedDatabase, watchDatabase } from '../support/watched-database.ts';

let database: WatchedDatabase;
const undoMs = 600_000;

const site = servePages(async () => {
  database = watchDatabase(await openUsers());
  return createAdminApp({ undoMs }, { database });
});

describe('the table', () => {
  test('is there before its script and is taken over as it is, without complaint', async () => {
    const plain = await open('/admin', { javaScriptEnabled: false });
    expect(await plain.getByRole('row').count()).toBe(1 + 25);
    expect(await plain.getByRole('status').first().textContent()).toBe('1–25 of 10,000 users');

    const complaints: string[] = [];
    const page = await site.newPage();
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    await logIn(page);
    const frames = readFrames(page);
    await page.goto(`${site.address}/admin`);
    await live(page);
    expect(await names(page)).toEqual(await names(plain));
    expect(frames.received.map(([, kind]) => kind)).not.toContain('mount');
    // as whom its handlers are called is told besides
    expect(sizeOf(frames.received)).toBeLessThan(180);
    expect(complaints).toEqual([]);
  });

  test('can be sorted, filtered and paged without scripts', async () => {
    const page = await open('/admin', { javaScriptEnabled: false });
    await page.getByRole('button', { name: 'Email' }).click();
    await page.getByRole('button', { name: 'Email' }).click();
    expect(await header(page, 'Email').getAttribute('aria-sort')).toBe('descending');
    await page.getByLabel('Filter by name or email').fill('mor');
    await page.getByLabel('Role').selectOption('moderator');
    await page.getByRole('button', { name: 'Show' }).click();
    expect(await header(page, 'Email').getAttribute('aria-sort')).toBe('descending');
    const found = await page.getByRole('row').count();
    expect(found).toBeGreaterThan(1);
    expect(await page.getByRole('cell', { name: 'moderator' }).count()).toBe(found - 1);
    await page.goto(`${site.address}/admin`);
    await page.getByRole('button', { name: 'Last' }).click();
    expect(await page.getByRole('status').first().textContent()).toBe('9,976–10,000 of 10,000 users');
    await expect.poll(() => page.getByRole('button', { name: 'Delete' }).first().isVisible()).toBe(false);
  });

  test('is sorted by each column, up and down, and says so', async () => {
    const page = await open();
    expect(await header(page, 'Name').getAttribute('aria-sort')).toBe('ascending');
    for (const column of ['Email', 'Role', 'Country', 'Joined', 'Name']) {
      await page.getByRole('button', { name: column }).click();
      await expect.poll(() => header(page, column).getAttribute('aria-sort')).toBe('ascending');
      const first = await firstRow(page).textContent();
      await page.getByRole('button', { name: column }).click();
      await expect.poll(() => header(page, column).getAttribute('aria-sort')).toBe('descending');
      await expect.poll(() => firstRow(page).textContent()).not.toBe(first);
    }
    expect(await page.locator('[aria-sort]').count()).toBe(1);
  });

  test('filters while one types, and keeps what is shown in the address', async () => {
    const page = await open();
    await page.getByLabel('Filter by name or email').pressSequentially('Mori Ai');
    await shows(page, /^1–\d+ of \d+ users$/);
    await expect.poll(async () => new Set(await names(page))).toEqual(new Set(['Aiko Mori']));
    await page.getByLabel('Country').selectOption('DE');
    await expect.poll(() => new URL(page.url()).search).toBe('?q=Mori+Ai&country=DE');
    const shown = await names(page);
    await page.reload();
    await live(page);
    expect(await names(page)).toEqual(shown);
    expect(await page.getByLabel('Filter by name or email').inputValue()).toBe('Mori Ai');
    await page.getByLabel('Filter by name or email').fill('nobody is called this');
    await page.getByRole('button', { name: 'Show all users' }).press('Enter');
    await expect.poll(() => page.locator('#users-table').evaluate(isFocused)).toBe(true);
    await shows(page, '1–25 of 10,000 users');
    expect(await page.getByLabel('Filter by name or email').inputValue()).toBe('');
    await expect.poll(() => page.getByLabel('Country').inputValue()).toBe('');
  });

  test('turns pages of several sizes to the end and back', async () => {
    const page = await open();
    await page.getByLabel('Rows').selectOption('100');
    await shows(page, '1–100 of 10,000 users');
    for (const [button, range] of [
      ['Next', '101–200'],
      ['Last', '9,901–10,000'],
      ['Previous', '9,801–9,900'],
      ['First', '1–100'],
    ] as const) {
      await page.getByRole('button', { name: button }).click();
      await shows(page, `${range} of 10,000 users`);
      expect(await page.getByRole('row').count()).toBe(101);
    }
    expect(await page.getByRole('button', { name: 'First' }).getAttribute('aria-disabled')).toBe('true');
  });

  test('sends what has changed, and reads no more than it shows', async () => {
    const page = await site.newPage();
    await logIn(page);
    const frames = readFrames(page);
    await page.goto(`${site.address}/admin`);
    await live(page);
    const costOf = async (act: () => Promise<void>) => {
      const [sent, received] = [frames.sent.length, frames.received.length];
      database.takeRows();
      await act();
      // the page shows it before the server has answered
      await page.waitForFunction(() => !document.querySelector('server-component:state(pending)'));
      await page.waitForFunction(() => document.querySelector('.users')?.getAttribute('aria-busy') === 'false');
      return {
        sent: sizeOf(frames.sent.slice(sent)),
        received: sizeOf(frames.received.slice(received)),
        rows: database.takeRows(),
      };
    };

    const turned = await costOf(async () => {
      await page.getByRole('button', { name: 'Next' }).click();
      await shows(page, '26–50 of 10,000 users');
    });
    expect(turned.rows).toBe(25 + 1);
    expect(turned.sent).toBeLessThan(200);
    expect(turned.received).toBeLessThan(25 * 170);

    const typed = await costOf(async () => {
      await page.getByLabel('Filter by name or email').fill('aiko mori 2890');
      await shows(page, '1–1 of 1 users');
    });
    expect(typed.rows).toBe(1 + 1);
    expect(typed.sent).toBeLessThan(100);
    expect(typed.received).toBeLessThan(800);

    const again = await costOf(async () => {
      await page.getByLabel('Filter by name or email').fill('aiko mori 2890 example');
      await expect.poll(() => new URL(page.url()).search).toContain('example');
    });
    expect(again.rows).toBe(1 + 1);
    expect(again.received).toBeLessThan(600); // the row stays

    // the forms' templates come with the first one
    await edit(cell(page, 'Aiko Mori'), 'Aiko Mori');
    const opened = await costOf(async () => {
      await cell(page, 'Aiko Mori').click();
      await page.getByLabel('Name of Aiko Mori').waitFor();
    });
    expect(opened.rows).toBe(0);
    expect(opened.received).toBeLessThan(500);
    const stored = await costOf(async () => {
      await page.getByLabel('Name of Aiko Mori').fill('Aiko Morita');
      await page.keyboard.press('Enter');
      await cell(page, 'Aiko Morita').waitFor();
      await expect.poll(() => JSON.stringify(frames.received)).toContain('"Saved."');
    });
    expect(stored.rows).toBe(1); // of the transaction, which looks at the revision
    expect(stored.sent).toBeLessThan(150);
    expect(stored.received).toBeLessThan(600);
  });

  test('is for reading and touching on a phone of 360 pixels', async () => {
    const page = await open('/admin', { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
    for (const control of await page.locator('.admin :is(button, select, input:not([type="hidden"])):visible').all()) {
      const box = await control.boundingBox();
      expect(Math.min(box?.width ?? 0, box?.height ?? 0)).toBeGreaterThanOrEqual(44);
    }
    expect(await page.getByRole('table').count()).toBe(1);
    expect(await page.getByRole('row').count()).toBe(1 + 25);
    await page.locator('.email .cell').first().tap();
    await page.getByRole('textbox', { name: /^Email of/ }).fill('nobody');
    await page.getByRole('button', { name: 'Save' }).tap();
    await expect.poll(() => page.getByRole('alert').textContent()).toContain('no email address');
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
  });

  test('says that the connection is lost, keeps what is done meanwhile, and goes on where it was', async () => {
    await using proxy = await startProxy(site.address);
    const page = await open('/admin?q=mori&page=2', { address: proxy.url });
    const shown = await names(page);
    proxy.refuse();
    await page.locator('server-component:state(offline)').waitFor();
    expect(await names(page)).toEqual(shown);
    await page.getByRole('button', { name: 'Next' }).click();
    proxy.accept();
    await shows(page, /^51–75 of \d+ users$/);

    // and on a server that knows nothing of this page any more
    site.app.islet.disconnect(() => true);
    await page.locator('server-component:state(offline)').waitFor();
    await live(page);
    await shows(page, /^51–75 of \d+ users$/);
    await page.getByRole('button', { name: 'Next' }).click();
    await shows(page, /^76–100 of \d+ users$/);
  });
});

test('whoever may have been cut off in the middle of something is told to look', async () => {
  await using proxy = await startProxy(site.address);
  const page = await open('/admin?q=aiko+mori', { address: proxy.url });
  const notice = page.getByText('Look whether it was stored');
  expect(await notice.isVisible()).toBe(false);
  proxy.hold('toServer');
  await page.getByRole('button', { name: 'Delete' }).first().click();
  site.app.islet.disconnect(() => true);
  proxy.cut();
  proxy.release();
  await notice.waitFor();
  await live(page);
  await cell(page, 'Aiko Mori').first().click();
  await expect.poll(() => notice.isVisible()).toBe(false);

  await page.locator('.edit input').fill('Aiko of nobody');
  proxy.refuse();
  site.app.islet.disconnect(() => true);
  const grace = await open('/admin?q=aiko+mori', { name: 'grace' });
  await edit(cell(grace, 'Aiko Mori').first(), 'Aiko of Grace');
  proxy.accept();
  await notice.waitFor();
  expect(await page.locator('.edit').count()).toBe(0);
});

test('whoever types when the server is replaced goes on typing', async () => {
  const page = await open('/admin?q=aiko+mori');
  await cell(page, 'Aiko Mori').first().click();
  const name = page.locator('.edit input');
  await name.fill('Aiko of nobody');
  await page.locator('tbody .role .cell').nth(1).click();
  await page.locator('.edit select').selectOption('admin');
  await name.focus();
  const mounted = page.locator('server-component').evaluate(
    (island) =>
      new Promise((resolve) => {
        island.addEventListener('islet:state', (event) => {
          if (event instanceof CustomEvent && event.detail.state === 'live') resolve(null);
        });
      }),
  );
  const before = await name.elementHandle();
  site.app.islet.disconnect(() => true);
  await mounted;
  await expect.poll(() => name.inputValue()).toBe('Aiko of nobody');
  await expect.poll(() => page.locator('.edit select').inputValue()).toBe('admin');
  expect(await before?.evaluate((field) => field.isConnected)).toBe(false);
  await name.press('Enter');
  await cell(page, 'Aiko of nobody').waitFor();
  expect(await page.locator('#dropped').isVisible()).toBe(false);
});

test.each(['before the connection is lost', 'after it'])(
  'whoever types %s goes on typing on a new server',
  async (when) => {
    await using proxy = await startProxy(site.address);
    const page = await open('/admin?q=aiko+mori', { address: proxy.url });
    await cell(page, 'Aiko Mori').first().click();
    await page.locator('tbody .role .cell').nth(1).click();
    const [name, role] = [page.locator('.edit input'), page.locator('.edit select')];
    await role.waitFor();
    // the page shows it before the server has answered
    await page.locator('server-component:not(:state(pending))').waitFor();
    const lose = async (): Promise<void> => {
      proxy.refuse();
      await page.locator('server-component:state(offline)').waitFor();
      // the server that they come back to knows nothing of them
      site.app.islet.disconnect(() => true);
    };
    if (when === 'after it') await lose();
    await name.fill('Aiko of nobody');
    await role.selectOption('admin');
    if (when !== 'after it') await lose();
    const before = await name.elementHandle();
    proxy.accept();
    await page.locator('server-component:state(live)').waitFor({ timeout: 30_000 });
    await expect.poll(() => before?.evaluate((field) => field.isConnected)).toBe(false);
    await expect.poll(() => name.inputValue()).toBe('Aiko of nobody');
    await expect.poll(() => role.inputValue()).toBe('admin');
    expect(await page.locator('#dropped').isVisible()).toBe(false);
    await name.press('Enter');
    await cell(page, 'Aiko of nobody').waitFor();
  },
);

test('what is typed without a connection is told as lost where somebody else has changed it meanwhile', async () => {
  await using proxy = await startProxy(site.address);
  const page = await open('/admin?q=aiko+mori', { address: proxy.url });
  await cell(page, 'Aiko Mori').first().click();
  await page.locator('.edit input').waitFor();
  proxy.refuse();
  await page.locator('server-component:state(offline)').waitFor();
  await page.locator('.edit input').fill('Aiko of nobody');
  site.app.islet.disconnect(() => true);
  const grace = await open('/admin?q=aiko+mori', { name: 'grace' });
  await edit(cell(grace, 'Aiko Mori').first(), 'Aiko of Grace');
  proxy.accept();
  await page.getByText('Look whether it was stored').waitFor({ timeout: 30_000 });
});

test('a double click opens a cell, and deletes one user, as a click does', async () => {
  await using proxy = await startProxy(site.address);
  const page = await open('/admin?q=aiko+mori', { address: proxy.url });
  // the second click is on its way before the first is answered
  proxy.delayMs = 200;
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  const shown = await names(page);
  await cell(page, 'Aiko Mori').first().dblclick();
  await page.locator('.edit input').waitFor();
  await page.getByRole('button', { name: 'Delete' }).last().dblclick();
  await expect.poll(async () => (await names(page)).length).toBeLessThan(shown.length);
  await page.locator('.edit input').press('Escape');
  await expect.poll(() => page.locator('.edit').count()).toBe(0);
  expect(complaints).toEqual([]);
});

describe('an edit', () => {
  test('is made by keyboard alone, and the focus comes back', async () => {
    const page = await open();
    await cell(page, 'Aiko Abe').first().focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('F2');
    const field = page.getByRole('textbox', { name: /^Email of/ });
    await field.waitFor();
    await expect.poll(() => focused(page)).toMatchObject({ label: await field.getAttribute('aria-label') });

    await page.keyboard.type('not an address'); // what was there is selected
    await page.keyboard.press('Enter');
    await expect.poll(() => page.getByRole('alert').textContent()).toContain('no email address');
    expect(await field.getAttribute('aria-invalid')).toBe('true');
    expect(await field.inputValue()).toBe('not an address');

    await field.fill('another@example.org');
    await page.keyboard.press('Enter');
    await cell(page, 'another@example.org').waitFor();
    await expect.poll(() => focused(page)).toMatchObject({ text: 'another@example.org' });
    expect(await said(page)).toBe('Saved.');

    await page.keyboard.press('Enter');
    await field.waitFor();
    await page.keyboard.type('never stored');
    await page.keyboard.press('Escape');
    await expect.poll(() => focused(page)).toMatchObject({ text: 'another@example.org' });
    expect(await page.getByText('never stored').count()).toBe(0);
  });

  test('is one stop of the tab key away: arrows lead from cell to cell', async () => {
    const page = await open();
    await page.getByRole('button', { name: 'Joined' }).focus();
    await page.keyboard.press('Tab');
    const [first, , third] = await names(page);
    expect(await focused(page)).toMatchObject({ text: first });
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    expect(await focused(page)).toMatchObject({ text: third });
    await page.keyboard.press('End');
    expect(await focused(page)).toMatchObject({ text: 'Delete' });
    await page.keyboard.press('Tab');
    expect(await focused(page)).toMatchObject({ text: 'First' });
    await page.keyboard.press('Shift+Tab');
    expect(await focused(page)).toMatchObject({ text: 'Delete', row: (await emails(page))[2] });
    await page.getByRole('button', { name: 'Next' }).click();
    await shows(page, '26–50 of 10,000 users');
    await page.keyboard.press('Shift+Tab'); // from Next to Previous, First, and into other rows now
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Shift+Tab');
    expect(await focused(page)).toMatchObject({ text: (await names(page))[0] });
    await page.keyboard.press('ArrowUp');
    expect(await focused(page)).toMatchObject({ text: 'Name' });
  });

  test('of a role chooses from a list, that of a country takes its code', async () => {
    const page = await open('/admin?q=aiko+mori+2890');
    await cell(page, 'member').click();
    await page.getByRole('combobox', { name: 'Role of Aiko Mori' }).focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await cell(page, 'moderator').waitFor();
    await page.locator('.country .cell').click();
    await page.getByLabel('Country of Aiko Mori').fill('zz');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.getByRole('alert').textContent()).toContain('two letters');
    await page.getByLabel('Country of Aiko Mori').fill('is');
    await page.keyboard.press('Enter');
    await cell(page, 'IS').waitFor();
  });

  test('to an address that is taken says whose it is; two cells can be open at once', async () => {
    const page = await open('/admin?q=aiko+abe');
    const [first, second] = [page.locator('.email .cell').nth(0), page.locator('.email .cell').nth(1)];
    const taken = (await second.textContent()) ?? '';
    await first.click();
    await page.getByRole('textbox', { name: /^Email of/ }).fill(taken);
    await page.locator('.name .cell').nth(2).click();
    await page.getByRole('textbox', { name: /^Name of/ }).fill('Somebody Else');
    await page.getByRole('textbox', { name: /^Email of/ }).press('Enter');
    await expect.poll(() => page.getByRole('alert').textContent()).toBe('This address belongs to Aiko Abe already.');
    await page.getByRole('textbox', { name: /^Name of/ }).press('Enter');
    await cell(page, 'Somebody Else').waitFor();
    expect(await page.getByRole('textbox', { name: /^Email of/ }).inputValue()).toBe(taken);
  });
});

test('whoever opens a cell and goes on to another before that is seen stays in the other', async () => {
  const page = await open('/admin?q=aiko+abe');
  await page.locator('.email .cell').first().click();
  await page.locator('.name .cell').nth(2).focus();
  // frames are far apart on a busy device
  await page.evaluate(() => {
    const frames: FrameRequestCallback[] = [];
    const { requestAnimationFrame } = window;
    window.requestAnimationFrame = (frame) => frames.push(frame);
    Object.assign(window, {
      showFrame: () => {
        window.requestAnimationFrame = requestAnimationFrame;
        for (const frame of frames) frame(0);
      },
    });
  });
  await page.keyboard.press('Enter');
  await page.locator('.name .edit input').fill('Somebody Else');
  await page.locator('.email .edit input').focus();
  await page.evaluate('showFrame()');
  await page.keyboard.type('taken');
  expect(await page.locator('.email .edit input').inputValue()).toContain('taken');
  expect(await page.locator('.name .edit input').inputValue()).toBe('Somebody Else');
});

describe('two administrators', () => {
  const query = '/admin?q=aiko+mori&size=10';

  test('see each other’s edits at once, each with who made it', async () => {
    const [ada, grace] = await both(query);
    await edit(cell(ada, 'Aiko Mori').first(), 'Aiko Moriyama');
    const row = grace.getByRole('row', { name: 'Aiko Moriyama' });
    await row.waitFor();
    expect(await row.getByText('changed by ada').isVisible()).toBe(true);
    expect(await ada.getByText(/changed by/).count()).toBe(0);
    const frames = readFrames(grace);
    await grace.reload();
    await live(grace);
    await edit(cell(ada, 'Aiko Moriyama'), 'Aiko Morita'); // brings the template of the mark
    await grace.getByText('changed by ada').waitFor();
    const before = frames.received.length;
    await edit(cell(ada, 'Aiko Morita'), 'Aiko Moriarty');
    await cell(grace, 'Aiko Moriarty').waitFor();
    // the name, the number of the change, whose it is, and the number of what the server has drawn
    expect(sizeOf(frames.received.slice(before))).toBeLessThan(115);
    await grace.getByRole('button', { name: 'Email' }).click();
    await expect.poll(() => grace.getByText(/changed by/).count()).toBe(0);
  });

  test('are told when both change the same: nothing that one types is lost, and both values are shown', async () => {
    const [ada, grace] = await both(query);
    await cell(ada, 'Aiko Mori').first().click();
    await ada.getByLabel('Name of Aiko Mori').fill('Aiko of Ada');
    await edit(cell(grace, 'Aiko Mori').first(), 'Aiko of Grace');

    const note = ada.getByRole('alert').filter({ hasText: 'grace changed this to Aiko of Grace meanwhile' });
    await note.waitFor();
    expect(await ada.getByLabel(/^Name of/).inputValue()).toBe('Aiko of Ada');
    await ada.getByRole('button', { name: 'Keep theirs' }).click();
    await expect.poll(() => focused(ada)).toMatchObject({ text: 'Aiko of Grace' });

    await ada.keyboard.press('Enter');
    await ada.getByLabel('Name of Aiko of Grace').fill('Aiko of both');
    await edit(cell(grace, 'Aiko of Grace').first(), 'Aiko of nobody');
    await ada.getByRole('button', { name: 'Save mine' }).click();
    await cell(ada, 'Aiko of both').waitFor();
    await cell(grace, 'Aiko of both').waitFor();
  });

  test('may change different cells of a row at the same time', async () => {
    const [ada, grace] = await both(query);
    await ada.locator('.country .cell').first().click();
    await ada.getByLabel('Country of Aiko Mori').fill('IS');
    await edit(cell(grace, 'Aiko Mori').first(), 'Aiko of Grace');
    await cellText(ada, '.edit', 'Save');
    await ada.getByLabel('Country of Aiko of Grace').press('Enter');
    await cell(ada, 'IS').waitFor();
    expect(await ada.getByRole('alert').count()).toBe(0);
    await cell(grace, 'IS').waitFor();
  });

  test('see deletions and their undoing, several at once, whoever does it', async () => {
    const [ada, grace] = await both('/admin?q=aiko+mori');
    const before = await emails(ada);
    expect(before.length).toBeGreaterThan(2);
    await ada.getByRole('button', { name: 'Delete' }).nth(0).click();
    await expect.poll(() => emails(grace)).toEqual(before.slice(1));
    await ada.getByRole('button', { name: 'Delete' }).nth(0).click();
    await expect.poll(() => emails(ada)).toEqual(before.slice(2));
    expect(await said(ada)).toBe('Aiko Mori was deleted.');

    const notes = grace.getByRole('region', { name: 'Deleted users' });
    await expect.poll(() => notes.getByRole('listitem').count()).toBe(2);
    expect(await notes.getByRole('listitem').first().textContent()).toContain('Aiko Mori was deleted by ada.');
    await notes.getByRole('button', { name: 'Undo' }).last().click(); // the first of the two
    await expect.poll(() => emails(ada)).toEqual([before[0], ...before.slice(2)]);
    await expect.poll(() => said(grace)).toBe('Aiko Mori is back.');
    await ada.getByRole('button', { name: 'Undo' }).click();
    await expect.poll(() => emails(grace)).toEqual(before);
    await expect.poll(() => ada.getByRole('button', { name: 'Undo' }).count()).toBe(0);
  });

  test('keep what they type when the other deletes the user, and get it back when that is undone', async () => {
    const [ada, grace] = await both('/admin?q=aiko+mori+2890');
    await cell(ada, 'Aiko Mori').click();
    await ada.getByLabel('Name of Aiko Mori').fill('Aiko of Ada');
    await grace.getByRole('button', { name: 'Delete' }).click();
    await ada.getByText('grace deleted this user. Nothing can be stored any more.').waitFor();
    expect(await ada.getByRole('button', { name: 'Save' }).count()).toBe(0);
    expect(await ada.getByLabel('Name of Aiko Mori').inputValue()).toBe('Aiko of Ada');
    await grace.getByRole('button', { name: 'Undo' }).click();
    await ada.getByRole('button', { name: 'Save' }).click();
    await cell(grace, 'Aiko of Ada').waitFor();
  });

  test('are told of a deletion once: it is said where it can be undone, and the number of users stays right', async () => {
    const page = await open();
    const counts = await watchTexts(page, '.users-count');
    await page.getByRole('button', { name: 'Delete' }).first().click();
    await expect.poll(() => said(page)).toBe('Aiko Abe was deleted.');
    await expect.poll(() => page.getByRole('row').count()).toBe(26);
    await expect.poll(() => page.locator('.users-count').textContent()).toBe('1–25 of 9,999 users');
    expect(await counts.evaluate((texts) => texts)).toEqual(['1–25 of 9,999 users']);
    expect(await page.locator('.users-said').evaluate((element) => getComputedStyle(element).opacity)).toBe('0');
    const covered = await page.evaluate(() => {
      const { top = 0, height = 0 } = document.querySelector('.users-said')?.getBoundingClientRect() ?? {};
      return document.elementFromPoint(innerWidth / 2, top + height / 2)?.closest('.users-table') !== null;
    });
    expect(covered, 'what stands behind the notice can be pressed').toBe(true);
  });

  test('find the focus at the next deletion, or at the table, when one is undone by keyboard', async () => {
    const page = await open();
    await page.getByRole('button', { name: 'Delete' }).first().click();
    await expect.poll(() => said(page)).toBe('Aiko Abe was deleted.');
    await page.keyboard.press('Enter');
    const undo = page.getByRole('button', { name: 'Undo' });
    await expect.poll(() => undo.count()).toBe(2);
    await undo.first().press('Enter');
    await expect.poll(() => undo.count()).toBe(1);
    await expect.poll(() => undo.evaluate(isFocused)).toBe(true);
    await undo.press('Enter');
    await expect.poll(() => undo.count()).toBe(0);
    await expect.poll(() => page.locator('#users-table').evaluate(isFocused)).toBe(true);
  });

  test('see who changed a row, and no row moves for it', async () => {
    const [ada, grace] = await both('/admin?q=aiko+mori');
    const heights = () => ada.locator('tbody tr').evaluateAll((rows) => rows.map((row) => row.clientHeight));
    const before = await heights();
    await edit(cell(grace, 'Aiko Mori').first(), 'Aiko Moriyama');
    await ada.getByText('changed by grace').waitFor();
    expect(await heights()).toEqual(before);
  });

  test('find the focus on the next row when one is gone', async () => {
    const page = await open('/admin?q=aiko+mori&size=10');
    const [, second] = await emails(page);
    await page.getByRole('button', { name: 'Delete' }).first().focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => focused(page)).toMatchObject({ text: 'Delete', row: second });
  });
});

describe('the search field', () => {
  test('asks little while one types, and shows who is chosen, wherever that is', async () => {
    const page = await open('/admin?role=admin');
    const asked: string[] = [];
    page.on('request', (request) => {
      if (request.url().includes('/suggestions')) asked.push(new URL(request.url()).searchParams.get('prefix') ?? '');
    });
    const frames = readFrames(page);
    const field = page.getByRole('combobox', { name: 'Find a user' });
    // 20 ms lie between two keys, however busy the machine is
    await page.clock.install();
    const type = async (text: string): Promise<void> => {
      const before = asked.length;
      await page.clock.pauseAt((await page.evaluate(() => Date.now())) + 1_000);
      for (const key of text) {
        await field.press(key === ' ' ? 'Space' : key);
        await page.clock.runFor(20);
      }
      expect(asked).toHaveLength(before);
      await page.clock.resume();
    };
    await type('zoe yama');
    await suggestions(page).first().waitFor();
    expect(asked).toEqual(['zoe yama']);
    const count = await suggestions(page).count();
    await type('da 3');
    await expect.poll(() => suggestions(page).count()).toBeLessThanOrEqual(count);
    expect(asked.length).toBeLessThanOrEqual(2);
    expect(frames.sent).toEqual([]);

    await field.fill('4321 example');
    await suggestions(page).first().waitFor();
    expect(await page.getByText('1 user', { exact: true }).isVisible()).toBe(true);
    const email = (await suggestions(page).first().textContent())?.trim().split(' ').at(-1);
    await page.keyboard.press('Enter');
    const found = page.locator('[data-state="found"]');
    await expect.poll(() => found.locator('.email').textContent()).toBe(email);
    await expect.poll(() => focused(page)).toMatchObject({ row: email });
    await shows(page, /of 10,000 users$/); // the filter is gone, the user stands among the others
    expect(await field.inputValue()).toBe('');
  });

  test('is a combobox: arrows mark, escape closes, the focus stays in the field', async () => {
    const page = await open();
    const field = page.getByRole('combobox', { name: 'Find a user' });
    await field.fill('mo');
    await suggestions(page).first().waitFor();
    expect(await field.getAttribute('aria-expanded')).toBe('true');
    const options = await suggestions(page).all();
    expect(options).toHaveLength(8);
    const marked = async () => {
      const id = await field.getAttribute('aria-activedescendant');
      const selected = await page.locator('user-search [aria-selected="true"]').all();
      expect(selected).toHaveLength(id === null ? 0 : 1);
      return id === null ? null : page.locator(`#${id}`).textContent();
    };
    expect(await marked()).toBeNull();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    expect(await marked()).toBe(await options[1]?.textContent());
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('ArrowUp');
    expect(await marked()).toBeNull();
    await page.keyboard.press('ArrowUp');
    expect(await marked()).toBe(await options[7]?.textContent());
    expect(await focused(page)).toMatchObject({ id: 'user-search-field' });
    await page.keyboard.press('Escape');
    expect(await field.getAttribute('aria-expanded')).toBe('false');
    expect(await field.inputValue()).toBe('mo');
    await page.keyboard.press('Escape');
    expect(await field.inputValue()).toBe('');
  });

  test('keeps what is typed in it whatever happens around it, and says when it is offline', async () => {
    const [page, grace] = await both('/admin?q=aiko+mori&size=10');
    const field = page.getByRole('combobox', { name: 'Find a user' });
    await field.fill('mo');
    await suggestions(page).first().waitFor();
    await edit(cell(grace, 'Aiko Mori').first(), 'Aiko Morita');
    await cell(page, 'Aiko Morita').waitFor();
    expect(await field.inputValue()).toBe('mo');
    expect(await suggestions(page).count()).toBe(8);
    await page.context().setOffline(true);
    await field.fill('sat');
    await page.getByText('You are offline').waitFor();
    await page.context().setOffline(false);
    await suggestions(page).first().waitFor();
  });
});

describe('a session that ends', () => {
  test('takes its users off every open page, which says so', async () => {
    const page = await open();
    const other = await page.context().newPage();
    await other.goto(`${site.address}/admin`);
    await live(other);
    await other.getByRole('button', { name: 'Log out' }).click();
    await other.getByText('You are logged out.').waitFor();
    await page.getByText('You are not logged in any more.').waitFor();
    expect(await page.getByText('@example.com').count()).toBe(0);
    expect(await focused(page)).toMatchObject({ text: 'Log in again' });
    await page.keyboard.press('Enter');
    await page.getByLabel('Password').waitFor();
  });

  test('opens nothing by the back button', async () => {
    const page = await open();
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByText('You are logged out.').waitFor();
    await page.goBack();
    await page.getByLabel('Password').waitFor();
    expect(await page.getByText('@example.com').count()).toBe(0);
  });
});

describe('the login', () => {
  test('says above its fields that one is logged out', async () => {
    const page = await site.open('/admin/login?ended');
    const top = async (selector: string): Promise<number> => (await page.locator(selector).boundingBox())?.y ?? 0;
    const [heading, notice, field] = [await top('h1'), await top('[role="status"]'), await top('#name')];
    expect(notice).toBeGreaterThan(heading);
    expect(notice).toBeLessThan(field);
  });

  test('works without scripts and by keyboard, and says what is wrong', async () => {
    const page = await site.open('/admin', { javaScriptEnabled: false });
    expect(new URL(page.url()).pathname).toBe('/admin/login');
    await expect.poll(() => focused(page)).toMatchObject({ id: 'name' });
    await page.keyboard.type('ada');
    await page.keyboard.press('Tab');
    await page.keyboard.type('wrong');
    await page.keyboard.press('Enter');
    expect(await page.getByRole('alert').textContent()).toBe('Name or password is wrong.');
    expect(await page.getByLabel('Name').inputValue()).toBe('ada');
    await expect.poll(() => focused(page)).toMatchObject({ id: 'password' });
    await page.keyboard.type(password);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Users' }).waitFor();
  });
});

/** Gives a page the cookie of a login. */
async function logIn(page: Page, { name = 'ada', address = site.address } = {}): Promise<void> {
  const { cookie = '' } = await new AdminVisitor(site.address).logIn(name);
  const [key = '', value = ''] = cookie.split('=', 2);
  await page.context().addCookies([{ name: key, value, url: address, httpOnly: true, sameSite: 'Strict' }]);
}

interface OpenOptions extends BrowserContextOptions {
  /** Who logs in. Default: `ada`. */
  readonly name?: string;
  readonly address?: string;
}

async function open(path = '/admin', options: OpenOptions = {}): Promise<Page> {
  const { name = 'ada', address = site.address, ...context } = options;
  const page = await site.newPage(context);
  await logIn(page, { name, address });
  await page.goto(address + path);
  if (options.javaScriptEnabled !== false) await live(page);
  return page;
}

async function both(path: string): Promise<[ada: Page, grace: Page]> {
  return [await open(path), await open(path, { name: 'grace' })];
}

async function live(page: Page): Promise<void> {
  await page.locator('server-component:state(live)').waitFor();
}

async function shows(page: Page, range: string | RegExp): Promise<void> {
  const wanted = typeof range === 'string' ? expect.stringContaining(range) : expect.stringMatching(range);
  await expect.poll(() => page.locator('.users-count').textContent()).toEqual(wanted);
}

async function edit(button: Locator, text: string): Promise<void> {
  const page = button.page();
  await button.click();
  const field = page.locator('.edit [name="value"]');
  await field.fill(text);
  await field.press('Enter');
  await expect.poll(() => field.count()).toBe(0);
}

async function cellText(page: Page, selector: string, text: string): Promise<void> {
  await page.locator(selector).getByText(text, { exact: true }).waitFor();
}

const cell = (page: Page, text: string): Locator => page.getByRole('button', { name: text, exact: true });
const suggestions = (page: Page): Locator => page.locator('user-search [role="option"]');
const header = (page: Page, name: string): Locator => page.getByRole('columnheader', { name });
const firstRow = (page: Page): Locator => page.locator('tbody tr').first();
const names = (page: Page): Promise<string[]> => page.locator('.name .cell').allTextContents();
const emails = (page: Page): Promise<string[]> => page.locator('.email .cell').allTextContents();
const isFocused = (element: Element): boolean => element === document.activeElement;

/** All texts that an element has from now on. */
function watchTexts(page: Page, selector: string): Promise<JSHandle<string[]>> {
  return page.evaluateHandle((selector) => {
    const texts: string[] = [];
    const element = document.querySelector(selector);
    const watch = () => texts.push(element?.textContent ?? '');
    if (element) new MutationObserver(watch).observe(element, { childList: true, characterData: true, subtree: true });
    return texts;
  }, selector);
}

const said = (page: Page): Promise<string | null> => page.locator('.users-said').textContent();
const sizeOf = (frames: readonly unknown[]): number =>
  frames.reduce<number>((sum, frame) => sum + JSON.stringify(frame).length, 0);

/** What has the focus. */
function focused(page: Page): Promise<{ id: string; text: string; label: string | null; row: string }> {
  return page.evaluate(() => {
    const element = document.activeElement;
    return {
      id: element?.id ?? '',
      text: element?.textContent ?? '',
      label: element?.getAttribute('aria-label') ?? null,
      row: element?.closest('tr')?.querySelector('.email')?.textContent ?? '',
    };
  });
}
