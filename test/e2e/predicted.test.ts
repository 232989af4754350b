// Predicted islands in Chromium: what a person does is shown before the server can have heard of it, and afterwards it
// is what the server has.

import type { Page } from 'playwright';
import { expect, test } from 'vitest';
import { Line } from '../support/line.ts';
import { openPages } from '../support/pages.ts';
import {
  expectSame,
  openPredicted,
  predictedScripts,
  secretWord,
  servePredicted,
  shown,
  untilPredicted,
} from '../support/predicted-page.ts';

const newPage = openPages();

const texts = (page: Page): Promise<string[]> => page.locator('b').allTextContents();

/** Everything that the page has done has an outcome, also what was done to rows that are not shown. */
const settled = (page: Page): Promise<void> =>
  expect.poll(() => page.locator('server-component:state(pending)').count()).toBe(0);

/** Writes down what the page is told. */
const heard = (page: Page): Promise<unknown> =>
  page.evaluate(() => {
    Object.assign(globalThis, { heard: [] });
    for (const name of ['islet:refused', 'islet:dropped', 'islet:recovered'])
      addEventListener(name, ({ type, detail }: CustomEventInit & Event) =>
        (globalThis as never as { heard: unknown[] }).heard.push([type, detail.code ?? detail.why ?? detail.reason]),
      );
  });
const told = (page: Page): Promise<unknown[]> =>
  page.evaluate(() => (globalThis as never as { heard: unknown[] }).heard);

test('a click is shown while nothing reaches the server, and is the same once it has', async () => {
  await using scene = await openPredicted(newPage);
  const { page, proxy, open } = scene;
  const other = await open('/plain');
  proxy.hold('toServer');
  await page.locator('.toggle').nth(2).click();
  await page.locator('.raise').nth(4).click();
  expect(await texts(page)).toEqual(['Thing 4', 'Thing 0', 'Thing 1', 'Thing 2', 'Thing 3']);
  expect(await page.locator('li').nth(3).getAttribute('class')).toBe('done');
  expect(await page.locator('[data-pending]').count()).toBe(2);
  expect((await texts(other))[0]).toBe('Thing 0');
  const before = await page.locator('li').first().elementHandle();
  proxy.release();
  await expect.poll(async () => (await texts(other))[0]).toBe('Thing 4');
  await settled(page);
  expect(await shown(page)).toBe(await shown(other));
  expect(
    await page
      .locator('li')
      .first()
      .evaluate((now, then) => now === then, before),
  ).toBe(true);
});

test('what the server refuses comes back, what was done since stays, and the page is told', async () => {
  await using scene = await openPredicted(newPage);
  const { page, proxy, open } = scene;
  const other = await open('/plain');
  await heard(page);
  proxy.hold('toServer');
  // the server alone knows that this one is locked
  await page.locator('.remove').nth(1).click();
  await page.locator('.toggle').nth(1).click();
  expect(await texts(page)).toEqual(['Thing 0', 'Thing 2', 'Thing 3', 'Thing 4']);
  proxy.release();
  await settled(page);
  expect(await texts(page)).toEqual(['Thing 0', 'Thing 1', 'Thing 2', 'Thing 3', 'Thing 4']);
  expect(await page.locator('li').nth(2).getAttribute('class')).toBe('done');
  await expectSame(page, other);
  expect(await told(page)).toEqual([['islet:refused', 'ISLET_ERR_MESSAGE_REFUSED']]);
});

test('a refusal alone is no version: what others do while the page is away is not missed afterwards', async () => {
  await using scene = await openPredicted(newPage);
  const { page, proxy, server } = scene;
  await page.locator('.remove').nth(1).click();
  await settled(page);
  proxy.refuse();
  const other = await newPage();
  await other.goto(`${server.url}/plain`);
  await other.locator('server-component:state(live)').waitFor();
  await other.locator('.raise').nth(4).click();
  await expect.poll(async () => (await texts(other))[0]).toBe('Thing 4');
  proxy.accept();
  await expect.poll(async () => (await texts(page))[0]).toBe('Thing 4');
  await expectSame(page, other);
});

test('a row that is added has the name that the server gives it: its nodes stay, and its form is empty at once', async () => {
  await using scene = await openPredicted(newPage);
  const { page, proxy, open } = scene;
  const other = await open();
  proxy.hold('toServer');
  await page.locator('[name=text]').fill('Milk');
  await page.locator('.add').click();
  await expect.poll(() => page.locator('[name=text]').inputValue()).toBe('');
  expect((await texts(page)).at(-1)).toBe('Milk');
  const row = await page.locator('li').last().elementHandle();
  await page.locator('.toggle').last().click();
  await page.locator('.name').last().focus();
  proxy.release();
  await settled(page);
  await expectSame(page, other);
  expect(
    await page
      .locator('li')
      .last()
      .evaluate((now, then) => now === then, row),
  ).toBe(true);
  expect(await page.evaluate(() => document.activeElement?.className)).toBe('name');
  // the same to somebody else: the next one comes from there
  await other.locator('.remove').last().click();
  await expect.poll(async () => (await texts(page)).at(-1)).toBe('Thing 4');
});

test('of ten that wait those in the middle are refused: the others stay, in their order, and each refusal is told', async () => {
  await using scene = await openPredicted(newPage);
  const { page, proxy, open } = scene;
  const other = await open('/plain');
  await heard(page);
  proxy.hold('toServer');
  const press = (selector: string): Promise<void> =>
    page.evaluate((each) => (document.querySelector(each) as HTMLElement).click(), selector);
  for (const selector of ['.raise', 'li:nth-child(3) .raise', '.toggle']) await press(selector);
  expect(await texts(page)).toEqual(['Thing 2', 'Thing 0', 'Thing 1', 'Thing 3', 'Thing 4']);
  // the server alone knows that this one is locked: what follows is done to a row that is shown, and to one that is not
  await press('li:nth-child(3) .remove');
  await press('li:nth-child(4) .raise');
  await press('li:nth-child(2) .toggle');
  await page.locator('[name=text]').fill('Milk');
  await press('.add');
  await press('li:nth-child(5) .raise');
  await press('.toggle');
  await press('li:nth-child(2) .remove');
  expect(await texts(page)).toEqual(['Milk', 'Thing 2', 'Thing 0', 'Thing 3']);
  proxy.release();
  await settled(page);
  expect(await told(page)).toEqual([['islet:refused', 'ISLET_ERR_MESSAGE_REFUSED']]);
  expect(await texts(page)).toEqual(['Milk', 'Thing 2', 'Thing 0', 'Thing 1', 'Thing 3']);
  await expectSame(page, other);
});

test('code that could not be loaded is loaded later, while the island stays what it was', async () => {
  await using scene = await openPredicted(newPage, '/later');
  const { page, frames } = scene;
  await page.evaluate(() => {
    const all = Object.assign(globalThis, { why: [] as string[] }) as never as {
      why: string[];
      isletPredictLater(failures: number): void;
    };
    addEventListener('islet:unpredicted', (event) => all.why.push((event as CustomEvent).detail.why));
    all.isletPredictLater(2);
  });
  await page.locator('.toggle').nth(2).click();
  await settled(page);
  await expect.poll(() => JSON.stringify(frames.received)).toContain('["you",');
  expect(await page.evaluate(() => (globalThis as never as { why: string[] }).why)).toEqual(['code', 'code']);
  expect(await page.locator('li').nth(2).getAttribute('class')).toBe('done');
});

test('what two pages do at once ends the same in both', async () => {
  await using scene = await openPredicted(newPage);
  const { page, proxy, open } = scene;
  const other = await open();
  const plain = await open('/plain');
  proxy.delayMs = 40;
  // at once, whatever comes meanwhile
  const press = (where: Page, selector: string): Promise<void> =>
    where.evaluate((each) => (document.querySelector(each) as HTMLElement).click(), selector);
  for (let round = 0; round < 4; round++) {
    await Promise.all([
      press(page, 'li:nth-child(2) .raise'),
      press(other, 'li:last-child .remove'),
      press(other, 'li:first-child .toggle'),
    ]);
  }
  await settled(page);
  await settled(other);
  await expectSame(page, other, plain);
  expect((await texts(page)).length).toBeLessThan(5);
});

test('code that comes later takes the island over in place: nodes, focus and what is typed stay', async () => {
  await using scene = await openPredicted(newPage, '/later');
  const { page, proxy, frames } = scene;
  await page.locator('.toggle').nth(2).click();
  await settled(page);
  await page.locator('.name').nth(3).press('End');
  await page.keyboard.type('!');
  const row = await page.locator('li').nth(3).elementHandle();
  await page.evaluate(() => (globalThis as never as { isletPredict(): void }).isletPredict());
  await expect.poll(() => JSON.stringify(frames.received)).toContain('["you",');
  expect(
    await page
      .locator('li')
      .nth(3)
      .evaluate((now, then) => now === then, row),
  ).toBe(true);
  expect(await page.evaluate(() => (document.activeElement as HTMLInputElement).value)).toBe('Thing 3!');
  proxy.hold('toServer');
  await page.keyboard.press('Enter');
  await page.locator('.raise').nth(3).click();
  expect((await texts(page))[0]).toBe('Thing 3!');
  proxy.release();
  await settled(page);
  expect((await texts(page))[0]).toBe('Thing 3!');
});

test('code that comes while a join is under way answers when that is through, as does what is shown', async () => {
  const line = new Line();
  const throughLine = async (): Promise<Page> => {
    const page = await newPage();
    await page.routeWebSocket(/islet/, (socket) => line.connect(socket));
    return page;
  };
  await using scene = await openPredicted(throughLine);
  const { page } = scene;
  line.question = '"join"';
  const joins = (): number => line.sent.filter((frame) => frame.includes('"join"')).length;
  expect(joins()).toBe(1);
  await line.cut();
  await expect.poll(joins).toBe(2);
  await page.evaluate(() => (globalThis as never as { isletPredict(): void }).isletPredict());
  line.release('toPage');
  await expect.poll(() => line.received.filter((frame) => frame.includes('["you",')).length).toBe(3);
  await settled(page);
  line.hold('toServer');
  await page.locator('.raise').nth(4).click();
  expect((await texts(page))[0]).toBe('Thing 4');
  line.release('toServer');
  await settled(page);
  expect((await texts(page))[0]).toBe('Thing 4');
});

test('what the server draws before it knows that the page predicts is not drawn twice', async () => {
  await using scene = await openPredicted(newPage, '/later');
  const { page, proxy, server } = scene;
  const other = await newPage();
  await other.goto(`${server.url}/plain`);
  await other.locator('server-component:state(live)').waitFor();
  await heard(page);
  // the scripts that it loads come all the same
  await page.route(/(repair|special)-/, (route) =>
    route.continue({ url: route.request().url().replace(proxy.url, server.url) }),
  );
  proxy.hold('toServer');
  await page.evaluate(() => (globalThis as never as { isletPredict(): void }).isletPredict());
  // it is predicted when a click is shown
  await expect
    .poll(async () => {
      await page.locator('.toggle').nth(3).click();
      return page.locator('li.done').count();
    })
    .toBe(1);
  await other.locator('.raise').nth(4).click();
  // else it is the row that was clicked that is removed
  await expect.poll(async () => (await texts(other))[0]).toBe('Thing 4');
  await other.locator('.remove').nth(3).click();
  await other.locator('[name=text]').fill('Milk');
  await other.locator('.add').click();
  await expect.poll(async () => (await texts(other)).at(-1)).toBe('Milk');
  proxy.release();
  await settled(page);
  await expectSame(other, page);
  await page.locator('.raise').nth(2).click();
  await settled(page);
  await expectSame(other, page);
  // nothing had to be put right
  expect(await told(page)).toEqual([]);
});

test('a page with code of another name shows what the server draws', async () => {
  await using scene = await openPredicted(newPage, '/later', {}, { code: 'v2' });
  const { page, proxy, frames } = scene;
  await page.evaluate(() => (globalThis as never as { isletPredict(code: string): void }).isletPredict('v1'));
  await expect.poll(() => frames.received.some(([channel, kind]) => channel === 1 && kind === 'mount')).toBe(true);
  proxy.hold('toServer');
  await page.locator('.raise').nth(4).click();
  expect((await texts(page))[0]).toBe('Thing 0');
  proxy.release();
  await expect.poll(async () => (await texts(page))[0]).toBe('Thing 4');
});

test('what is done without a connection is shown, and done when there is one', async () => {
  await using scene = await openPredicted(newPage);
  const { page, proxy, open } = scene;
  const other = await open();
  proxy.refuse();
  await page.locator('.raise').nth(4).click();
  await page.locator('[name=text]').fill('Bread');
  await page.locator('.add').click();
  await page.locator('.remove').nth(2).click();
  expect(await texts(page)).toEqual(['Thing 4', 'Thing 0', 'Thing 2', 'Thing 3', 'Bread']);
  proxy.accept();
  await settled(page);
  // the second row was the locked one
  expect(await texts(page)).toEqual(['Thing 4', 'Thing 0', 'Thing 1', 'Thing 2', 'Thing 3', 'Bread']);
  await expectSame(page, other);
});

test('an actor that begins anew is shown; what was not sent yet is done in it', async () => {
  await using scene = await openPredicted(newPage);
  const { page, proxy } = scene;
  proxy.refuse();
  await page.locator('.toggle').nth(3).click();
  await using second = await servePredicted();
  proxy.target = second.url;
  proxy.accept();
  await settled(page);
  expect(await page.locator('li').nth(3).getAttribute('class')).toBe('done');
  const other = await newPage();
  await other.goto(`${second.url}/plain`);
  await expectSame(page, other);
});

test('an element that comes when its code is there is predicted, too', async () => {
  await using scene = await openPredicted(newPage);
  const { page, proxy, open } = scene;
  const predicted = untilPredicted(await open('/'));
  void predicted;
  await page.evaluate(() => {
    const element = document.createElement('server-component');
    element.setAttribute('route', '/ws/list/second');
    document.body.append(element);
  });
  const second = page.locator('[route="/ws/list/second"]');
  await second.locator('li').first().waitFor();
  await expect
    .poll(async () => {
      proxy.hold('toServer');
      await second.locator('.raise').last().click();
      const first = await second.locator('b').first().textContent();
      proxy.release();
      return first !== 'Thing 0';
    })
    .toBe(true);
});

test('all islands of the page go on with the code that comes next: in a shadow root, and out of the page as well', async () => {
  await using scene = await openPredicted(newPage, '/later');
  const { page, proxy } = scene;
  await page.evaluate(() => {
    const islands = ['a', 'shadow', 'apart'].map((name) => {
      const island = document.createElement('server-component');
      island.setAttribute('route', `/ws/list/${name}`);
      return island;
    });
    const host = document.body.appendChild(document.createElement('div'));
    host.attachShadow({ mode: 'closed' }).append(islands[1] as Element);
    document.body.append(islands[2] as Element);
    islands[0] = document.querySelector('server-component') as HTMLElement;
    Object.assign(globalThis, { islands });
  });
  const call = (name: string): Promise<void> =>
    page.evaluate((each) => (globalThis as never as Record<string, () => void>)[each]?.(), name);
  const isAllLive = (): Promise<boolean> =>
    page.evaluate(() =>
      (globalThis as never as { islands: Element[] }).islands.every((each) => each.matches(':state(live)')),
    );
  /** Ticks the last row of each that shows rows; says how many are ticked before the server can have said so. */
  const tick = async (): Promise<number[]> => {
    proxy.hold('toServer');
    const counts = await page.evaluate(async () => {
      const { islands } = globalThis as never as { islands: Element[] };
      for (const each of islands) [...each.querySelectorAll<HTMLElement>('.toggle')].at(-1)?.click();
      for (let turn = 0; turn < 10; turn++) await undefined;
      return islands.map((each) => each.querySelectorAll('.done').length);
    });
    proxy.release();
    await expect
      .poll(() =>
        page.evaluate(() =>
          (globalThis as never as { islands: Element[] }).islands.some((each) => each.matches(':state(pending)')),
        ),
      )
      .toBe(false);
    return counts;
  };
  await expect.poll(isAllLive).toBe(true);
  await call('isletPredict');
  // each click ticks the row, or takes the tick away
  await expect.poll(tick).toEqual([1, 1, 1]);

  await page.evaluate(() => (globalThis as never as { islands: Element[] }).islands[2]?.remove());
  await call('isletPredictNext');
  await page.evaluate(() =>
    document.body.append((globalThis as never as { islands: Element[] }).islands[2] as Element),
  );
  await expect.poll(isAllLive).toBe(true);
  await expect.poll(tick).toEqual([5, 5, 5]);
});

test('what is kept on the server is in no HTML, no frame and no script', async () => {
  await using scene = await openPredicted(newPage);
  const { page, frames, open } = scene;
  const later = await open('/later');
  await page.locator('.remove').nth(1).click();
  await settled(page);
  const sources = [
    await (await fetch(`${scene.server.url}/`)).text(),
    await later.content(),
    JSON.stringify(frames),
    ...(await predictedScripts()).map(({ code }) => code),
  ];
  expect(sources.join('\n')).toContain('Thing 3');
  expect(sources.join('\n')).not.toContain(secretWord);
  expect(sources.join('\n')).not.toContain('"locked"');
});
