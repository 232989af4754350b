// The anime tracker on two machines, with a real PostgreSQL and a real nats-server: people at both rate, type and see
// each other. One machine dies, the one that runs what they share: both go on, on the pages that they have.

import type { Page } from 'playwright';
import { expect, test } from 'vitest';
import { type NatsServer, natsReason, startNats } from '../support/nats.ts';
import { openPages } from '../support/pages.ts';
import { type PostgresServer, postgresReason, startPostgres } from '../support/postgres.ts';
import { type Program, startProgram } from '../support/program.ts';
import { startProxy, type TestProxy } from '../support/proxy.ts';
import { hearRoutedFrames } from '../support/routed-frames.ts';
import { isLive, people } from '../support/tracker.ts';

const newPage = openPages();
/** A machine is busy, and waits are long where the owner was silent before. */
const patience = { timeout: 60_000 };

/** Pages of one person, and the trees that they were sent, by route. */
class Person {
  readonly list: Page;
  readonly detail: Page;
  readonly proxy: TestProxy;
  readonly trees: string[];
  readonly errors: string[];

  private constructor(pages: Pick<Person, 'list' | 'detail' | 'proxy' | 'trees' | 'errors'>) {
    ({ list: this.list, detail: this.detail, proxy: this.proxy, trees: this.trees, errors: this.errors } = pages);
  }

  /** @param proxy What a load balancer is: it knows which machine the person's pages are at. */
  static async open(proxy: TestProxy): Promise<Person> {
    const list = await newPage();
    const detail = await list.context().newPage();
    const trees: string[] = [];
    const errors: string[] = [];
    for (const page of [list, detail]) {
      page.on('pageerror', ({ message }) => errors.push(message));
      countTrees(page, trees);
    }
    for (const [page, path] of [
      [list, '/anime'],
      [detail, '/anime/1'],
    ] as const) {
      await page.goto(proxy.url + path);
      await isLive(page);
      await page.evaluate(() => Object.assign(window, { isSamePage: true }));
    }
    return new Person({ list, detail, proxy, trees, errors });
  }

  async click(...names: readonly ('up' | 'down')[]): Promise<void> {
    for (const name of names) await this.list.locator(`.of-list .rating-${name}`).click();
  }

  score(): Promise<string | null> {
    return this.list.locator('.of-list .rating-score').textContent();
  }

  async type(text: string): Promise<void> {
    // Playwright puts the caret at the beginning
    await this.list.locator('#search').press('End');
    await this.list.keyboard.type(text);
  }

  typed(): Promise<string> {
    return this.list.locator('#search').inputValue();
  }

  /** Whether nobody has loaded its pages again. */
  async isSame(): Promise<boolean> {
    const are = await Promise.all(
      [this.list, this.detail].map((page) => page.evaluate(() => Reflect.get(window, 'isSamePage') === true)),
    );
    return are.every(Boolean);
  }
}

/** Notes the route of each tree that a page is sent from its first frame on. */
function countTrees(page: Page, trees: string[]): void {
  hearRoutedFrames(page, (text, route) => {
    const [channel, kind] = JSON.parse(text) as [number, unknown];
    if (kind === 'mount') trees.push(route ?? `channel ${channel}`);
  });
}

async function startMachine(postgres: string, nats: NatsServer): Promise<{ program: Program; url: string }> {
  const program = startProgram(['server/anime/main.ts'], { DATABASE_URL: postgres, NATS_URL: nats.url });
  return { program, url: await program.listening() };
}

test.runIf(postgresReason === undefined && natsReason === undefined)(
  'people on two machines share what they see; one dies, and nobody reloads, nothing typed is lost, each click counts once',
  async () => {
    await using postgres: PostgresServer = await startPostgres();
    await using nats = await startNats();
    const database = await postgres.createDatabase();
    const one = await startMachine(database, nats);
    await using first = one.program;
    const two = await startMachine(database, nats);
    await using _second = two.program;
    await using annsProxy = await startProxy(one.url);
    await using bensProxy = await startProxy(two.url);
    // who joins first has the actors at the machine that they are at
    const ann = await Person.open(annsProxy);
    const ben = await Person.open(bensProxy);
    const everyone = [ann, ben];
    const allShow = async (score: string): Promise<void> => {
      for (const person of everyone) await expect.poll(() => person.score(), patience).toBe(score);
    };

    for (const { detail } of everyone) await expect.poll(() => people(detail), patience).toBe('2 people are looking');
    await ann.click('down');
    await ben.click('down');
    await allShow('3');
    await ann.type('cow');
    await ben.type('me');
    expect([...ann.trees, ...ben.trees]).toEqual([]);

    // Ann's click is applied and kept, and she does not hear of it any more
    annsProxy.hold('toClient');
    await ann.click('up');
    await expect.poll(() => ben.score(), patience).toBe('4');
    first.process.kill('SIGKILL');
    await first.ended;
    annsProxy.cut();
    annsProxy.release();
    await ben.click('up');
    await ann.click('up');
    await ben.type('cha');
    annsProxy.target = two.url;
    await allShow('6');
    await ann.type('boy');

    // all of it works as before, on the machine that is left
    await ann.click('up');
    await allShow('7');
    await ben.click('down', 'down');
    await allShow('5');
    for (const { detail } of everyone) {
      await expect.poll(() => people(detail), patience).toBe('2 people are looking');
      await isLive(detail);
    }
    expect(await Promise.all(everyone.map((person) => person.typed()))).toEqual(['cowboy', 'mecha']);
    expect(await Promise.all(everyone.map((person) => person.isSame()))).toEqual([true, true]);
    // of what is kept nobody was sent a tree; what is not kept has begun anew, and was sent once
    for (const { trees, errors } of everyone) {
      expect(trees.toSorted()).toEqual(['/ws/rate/1', '/ws/ratings', '/ws/ratings']);
      expect(errors).toEqual([]);
    }
  },
  240_000,
);
