// Mistakes that everybody makes first: each of them is an error where whoever made it looks. Apps here have no logger,
// as those of beginners: what is said goes to the standard error. What a page shows of it is seen in a real browser.

import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type IsletOptions, islet, memoryStore, serverComponent } from '../server/index.ts';
import { visit } from '../server/testing/index.ts';
import {
  type AnyMessage,
  component,
  effect,
  html,
  Refused,
  type Template,
  title,
  unsafeHtml,
} from '../shared/index.ts';
import { counter } from './support/counter.ts';
import { documentWith } from './support/document.ts';
import { openPages } from './support/pages.ts';

interface Model {
  items: string[];
}

let app: FastifyInstance;
let said: string;

beforeEach(async () => {
  said = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said += text;
    return true;
  });
  app = Fastify();
  await app.register(islet, { development: true });
});

afterEach(async () => {
  await app.close();
  vi.restoreAllMocks();
});

/** A page with a component that has one button, which does what is wrong. */
function addWrong(update: (model: Model) => unknown, options: { shared?: true; persist?: true } = {}): void {
  const wrong = component<Model, AnyMessage>({
    init: () => [{ items: [] }, effect.none],
    update: update as () => readonly [Model, typeof effect.none],
    view: ({ items }) => html`<button @click=${{ type: 'UserClicked' }}>Do it</button><p>${items.length} items</p>`,
  });
  app.islet.route('/ws/wrong', wrong, options as { shared: true; persist: true });
  app.get('/', (_, reply) => reply.html(documentWith(serverComponent({ route: '/ws/wrong' }))));
}

async function clickIt(): Promise<void> {
  await using page = await visit(app, '/');
  await page.click('Do it').catch(() => {});
}

describe('said on the standard error without a logger, with the place in the app', () => {
  test.each<[string, (model: Model) => unknown, RegExp]>([
    ['update throws', () => fail(), /did not take the message UserClicked.*It went off\..*mistakes\.test\.ts:\d+/s],
    [
      'a case is missing',
      () => undefined,
      /did not take the message UserClicked.*update gave nothing for 'UserClicked'/s,
    ],
    [
      'only the model is returned',
      (model) => model,
      /did not take the message UserClicked.*must return \[model, effect\]/s,
    ],
    [
      'update is async',
      async (model) => [model, effect.none],
      /update is async, and a model cannot wait: return \[model, effect\.from/,
    ],
    [
      'the model is changed in place',
      (model) => {
        model.items.push('more');
        return [model, effect.none];
      },
      /Cannot add property 0, object is not extensible.*mistakes\.test\.ts:\d+/s,
    ],
    [
      'an effect throws',
      (model) => [model, effect.from(() => fail())],
      /an effect of \/ws\/wrong.* threw; the actor goes on.*It went off\./s,
    ],
    [
      'an effect of the browser on a server',
      (model) => [model, title('New')],
      /did not take the message UserClicked.*title is an effect of the browser, and this is a server/s,
    ],
  ])('%s', async (_, update, message) => {
    addWrong(update);
    await clickIt();
    await expect.poll(() => said).toMatch(message);
  });

  test.each<[string, () => unknown, string]>([
    ['gives nothing', () => {}, 'a handler must give a message or null; got undefined'],
    ['gives no message', () => true, 'a handler must give a message or null; got boolean'],
    ['is async', async () => fail(), 'a handler cannot wait: it gives a message or null at once'],
  ])('a handler that %s', async (_, handler, problem) => {
    const wrong = component<null, AnyMessage>({
      init: () => [null, effect.none],
      update: (model) => [model, effect.none],
      view: () => html`<button @click=${handler as () => null}>Do it</button>`,
    });
    app.islet.route('/ws/wrong', wrong);
    app.get('/', (_, reply) => reply.html(documentWith(serverComponent({ route: '/ws/wrong' }))));
    await clickIt();
    await expect.poll(() => said).toContain(problem);
  });

  test('a text in an event’s hole that is no message of the component', async () => {
    const wrong = component<number, { type: 'Up' }>({
      init: () => [0, effect.none],
      // as TypeScript lets it be written, with all cases
      update(count, message) {
        switch (message.type) {
          case 'Up':
            return [count + 1, effect.none];
        }
      },
      view: (count) => html`<button @click=${'Upp'}>Do it</button>${count}`,
    });
    app.islet.route('/ws/wrong', wrong);
    app.get('/', (_, reply) => reply.html(documentWith(serverComponent({ route: '/ws/wrong' }))));
    await clickIt();
    await expect.poll(() => said).toMatch(/did not take the message Upp.*update gave nothing for .Upp/s);
  });

  test.each([
    ['gives a text', () => '<p>no</p>', 'view gives a text; return html`...`'],
    ['returns nothing', () => {}, 'view gives nothing; return html`...`'],
  ])('a view that %s', async (_, view, problem) => {
    const wrong = component<null, AnyMessage>({
      init: () => [null, effect.none],
      update: (model) => [model, effect.none],
      view: view as unknown as () => Template<AnyMessage>,
    });
    app.islet.route('/ws/wrong', wrong);
    app.get('/', (_, reply) => reply.html(documentWith(serverComponent({ route: '/ws/wrong' }))));
    await app.inject('/');
    expect(said).toContain(problem);
  });

  test('a class in a model that is saved', async () => {
    addWrong(() => [{ items: [], at: new Date(0) }, effect.none], { shared: true, persist: true });
    await clickIt();
    expect(said).toContain('the model.at is a Date, which would not survive a restart: keep plain JSON');
  });

  test('chance in what pages predict, once', async () => {
    const dice = component<{ rolls: readonly { readonly id: number }[] }, AnyMessage>({
      init: () => [{ rolls: [] }, effect.none],
      update: ({ rolls }) => [{ rolls: [...rolls, { id: Math.random() }] }, effect.none],
      view: ({ rolls }) => html`<button @click=${{ type: 'UserRolled' }}>Do it</button><p>${rolls.length}</p>`,
    });
    app.islet.route('/ws/dice', dice, { shared: true, predict: true, keeps: [] });
    app.islet.route('/ws/plain', dice, { shared: true });
    const routes = ['dice', 'plain'];
    for (const route of routes)
      app.get(`/${route}`, (_, reply) => reply.html(documentWith(serverComponent({ route: `/ws/${route}` }))));
    for (const route of routes) {
      await using page = await visit(app, `/${route}`);
      for (let click = 0; click < 2; click++) await page.click('Do it');
    }
    const problem = "makes something else of 'UserRolled' each time (the model.rolls), and pages predict it";
    expect(said).toContain(`update of '/ws/dice' ${problem}`);
    expect(said.split(problem).length).toBe(2);
  });

  test('undefined in a model that is saved, once for each place', async () => {
    const rows = [
      { name: 'a', note: undefined },
      { name: 'b', note: undefined },
    ];
    addWrong(() => [{ items: [], rows, chosen: undefined }, effect.none], { shared: true, persist: true });
    await clickIt();
    expect(said).toContain('the model.chosen of what is kept is undefined, and no key any more after a restart: leave');
    expect(said.split('the model.rows[].note of what is kept').length).toBe(2);
  });

  test('an attribute of an island that nobody declares', async () => {
    addWrong((model) => [model, effect.none]);
    const attributes = { sorted: 'up', class: 'wide', 'data-row': '1', 'aria-label': 'Rows', hidden: '' };
    app.get('/more', (_, reply) => reply.html(documentWith(serverComponent({ route: '/ws/wrong', attributes }))));
    await app.inject('/more');
    const cure = "declare it in the component's attributes, or name it in the route's option attributes";
    expect(said).toContain(`nobody reads the attribute 'sorted' of the island '/ws/wrong': ${cure}`);
    for (const name of ['class', 'data-row', 'aria-label', 'hidden', 'route']) expect(said).not.toContain(`'${name}'`);
  });

  test('a misspelt route in serverComponent: the page says so too', async () => {
    app.get('/', (_, reply) => reply.html(documentWith(serverComponent({ route: '/ws/wrogn' }))));
    const { statusCode, body } = await app.inject('/');
    expect(statusCode).toBe(500);
    for (const text of [said, body]) expect(text).toContain("no component has the route '/ws/wrogn'");
  });

  test('a misspelt route in raw markup, and in a template', async () => {
    const island = unsafeHtml('<server-component route="/ws/wrogn"></server-component>');
    app.get('/', (_, reply) => reply.html(documentWith(island)));
    expect((await app.inject('/')).statusCode).toBe(200);
    expect(said).toContain("no component has the route '/ws/wrogn', which a page names: its island stays empty");
  });

  test('a page with islands and no script', async () => {
    app.islet.route('/ws/count', counter);
    app.get('/', (_, reply) =>
      reply.html(html`<!doctype html><title>No</title>${serverComponent({ route: '/ws/count' })}`),
    );
    await app.inject('/');
    expect(said).toContain(
      'a page with islands has no script for them, so that they are dead: write <script type="module"',
    );
  });

  test('assets that were not made yet: a test that asks for pages has no use for them, a browser has', async () => {
    const unbuilt = Fastify();
    await unbuilt.register(islet, { assets: '/nowhere/build' });
    unbuilt.islet.route('/ws/count', counter);
    unbuilt.get('/', (_, reply) =>
      reply.html(html`<!doctype html><title>No</title>${serverComponent({ route: '/ws/count' })}`),
    );
    await unbuilt.inject('/');
    expect(said).toBe('');
    await fetch(await unbuilt.listen({ host: '127.0.0.1', port: 0 }));
    await unbuilt.close();
    expect(said).toContain('/nowhere/build is not made yet, so that islands are dead: npx islet build');
  });

  test('reply.html that is not returned', async () => {
    app.islet.route('/ws/count', counter);
    app.get('/', async (_, reply) => {
      void reply.html(documentWith(serverComponent({ route: '/ws/count' })));
      return { ok: true };
    });
    await app.inject('/');
    await expect
      .poll(() => said)
      .toContain('a handler had answered before its page was rendered: return reply.html(...)');
  });

  test('a handler that returns a template', async () => {
    app.get('/', async () => html`<p>no</p>`);
    expect((await app.inject('/')).statusCode).toBe(500);
    expect(said).toContain('/ answers a template: return reply.html(template) for a page');
  });
});

test('an `authenticate` that throws is said on the standard error', async () => {
  const authenticate = async (): Promise<never> => fail();
  const unknown = Fastify();
  await unknown.register(islet, { authenticate });
  unknown.islet.route('/ws/count', counter);
  unknown.get('/', (_, reply) => reply.html(documentWith(serverComponent({ route: '/ws/count' }))));
  await visit(unknown, '/').catch(() => {});
  await unknown.close();
  expect(said).toMatch(
    /islet: authenticate failed; the connection was refused\n.*It went off.*mistakes\.test\.ts:\d+/s,
  );
});

test('an app with a logger is told there, and the standard error is left alone', async () => {
  const lines: string[] = [];
  const logged = Fastify({ logger: { level: 'error', stream: { write: (line: string) => void lines.push(line) } } });
  await logged.register(islet);
  logged.get('/', (_, reply) => reply.html(documentWith(serverComponent({ route: '/ws/wrogn' }))));
  await logged.inject('/');
  await logged.close();
  expect(lines.join('')).toContain("no component has the route '/ws/wrogn'");
  expect(said).toBe('');
});

describe('shown in the page in development', () => {
  const newPage = openPages({ pictures: true });

  test.each(['light', 'dark'] as const)(
    'what a component throws, and a join that is refused: an overlay (%s), a line in the console',
    async (colorScheme) => {
      addWrong(() => fail());
      app.get('/typo', (_, reply) =>
        reply.html(documentWith(unsafeHtml('<server-component route="/ws/wrogn"></server-component>'))),
      );
      const url = await app.listen({ host: '127.0.0.1', port: 0 });
      const page = await newPage({ colorScheme });
      const console: string[] = [];
      page.on('console', (message) => console.push(`${message.type()}: ${message.text()}`));
      await page.goto(url);
      await page.locator('server-component:state(live)').waitFor();
      await page.getByRole('button', { name: 'Do it' }).click();
      const overlay = page.locator('islet-problem');
      await overlay.getByRole('heading', { name: 'The message UserClicked was refused' }).waitFor();
      for (const fact of ['/ws/wrong', '{"type":"UserClicked"}', /mistakes\.test\.ts:\d+:\d+/])
        await overlay.getByText(fact).first().waitFor();
      await expect
        .poll(() => console.join('\n'))
        .toMatch(/error: islet: The message UserClicked was refused.*It went off\./s);
      expect(console.join('\n')).toContain('warning: islet:refused /ws/wrong');

      await page.goto(`${url}/typo`);
      await overlay.getByRole('heading', { name: 'An island has failed: ISLET_ERR_JOIN_UNKNOWN_ROUTE' }).waitFor();
      expect(console.join('\n')).toContain('warning: islet:state /ws/wrogn failed ISLET_ERR_JOIN_UNKNOWN_ROUTE');
      await page.close();
    },
  );

  test('what nothing throws for is a warning in the console: a misspelt event, an element that nobody defines', async () => {
    const wrong = component<null, AnyMessage>({
      init: () => [null, effect.none],
      update: (model) => [model, effect.none],
      view: () => html`<button @clik=${{ type: 'UserClicked' }}>Do it</button><no-such-element></no-such-element>`,
    });
    app.islet.route('/ws/wrong', wrong);
    app.get('/', (_, reply) => reply.html(documentWith(serverComponent({ route: '/ws/wrong' }))));
    const page = await newPage();
    const console: string[] = [];
    page.on('console', (message) => console.push(`${message.type()}: ${message.text()}`));
    await page.goto(await app.listen({ host: '127.0.0.1', port: 0 }));
    // the overlay, too, which stays
    await page.evaluate(() =>
      dispatchEvent(new CustomEvent('islet:problem', { detail: { title: 'No', facts: [], text: '' } })),
    );
    await page.locator('islet-problem').waitFor();
    const warnings = (text: string): number => console.filter((line) => line.includes(text)).length;
    await expect.poll(() => warnings("warning: islet: no browser fires an event 'clik': did you mean @click?")).toBe(1);
    await expect.poll(() => warnings('warning: islet: no script of this page defines <no-such-element>')).toBe(1);
    // as long again as it took: it is said once, and of nothing that is there
    await page.waitForTimeout(2_500);
    expect(console.filter((line) => line.startsWith('warning: islet: no'))).toHaveLength(2);
    await page.close();
  });

  test('what `authenticate` throws: an overlay with the cause and the line, while the page itself is there', async () => {
    const unknown = Fastify();
    await unknown.register(islet, { development: true, authenticate: async () => fail() });
    unknown.islet.route('/ws/count', counter);
    unknown.get('/', (_, reply) => reply.html(documentWith(serverComponent({ route: '/ws/count' }))));
    const page = await newPage();
    await page.goto(await unknown.listen({ host: '127.0.0.1', port: 0 }));
    const overlay = page.locator('islet-problem');
    await overlay.getByRole('heading', { name: 'authenticate failed; the connection was refused' }).waitFor();
    await overlay.getByText(/It went off\./).waitFor();
    await overlay.getByText(/^test\/mistakes\.test\.ts:\d+:\d+$/).waitFor();
    await page.close();
    await unknown.close();
  });

  const stored = component<number, AnyMessage>({
    init: () => [0, effect.none],
    update: (count) => [count + 1, effect.none],
    view: (count) => html`<button @click=${'UserAdded'}>Add</button>${count}`,
  });
  test.each<[string, IsletOptions, object, string]>([
    ['authorize', { authorize: () => fail() }, {}, 'authorize failed; the island was refused'],
    ['props', {}, { props: () => fail() }, 'a join failed'],
    ['props, later', {}, { props: async () => fail() }, 'a join failed'],
    ['migrate', {}, { shared: true, persist: true }, 'a join failed'],
  ])(
    'what `%s` throws when a page comes: an overlay with the route, the cause and the line',
    async (_, given, options, title) => {
      const store = memoryStore();
      const before = Fastify();
      await before.register(islet, { store });
      before.islet.route('/ws/stored', stored, { shared: true, persist: true });
      before.get('/', (_, reply) => reply.html(documentWith(serverComponent({ route: '/ws/stored' }))));
      {
        await using page = await visit(before, '/');
        await page.click('Add');
      }
      await before.close();
      const asking = Fastify();
      await asking.register(islet, { development: true, store, ...given });
      asking.islet.route('/ws/stored', { ...stored, schema: 1, migrate: () => fail() }, options);
      asking.get('/', (_, reply) => reply.html(documentWith(serverComponent({ route: '/ws/stored' }))));
      const page = await newPage();
      await page.goto(await asking.listen({ host: '127.0.0.1', port: 0 }));
      const overlay = page.locator('islet-problem');
      await overlay.getByRole('heading', { name: title }).waitFor();
      await overlay.getByText('/ws/stored', { exact: true }).waitFor();
      await overlay.getByText(/It went off\./).waitFor();
      await overlay.getByText(/^test\/mistakes\.test\.ts:\d+:\d+$/).waitFor();
      await page.close();
      await asking.close();
    },
  );

  test.each<[string, () => unknown, string]>([
    ['nothing', () => {}, 'nothing'],
    ['nothing, later', async () => {}, 'nothing'],
    ['an object', () => ({ isAllowed: true }), 'a value of type object'],
  ])('an `authorize` that gives %s: the log and the console say what to return', async (_, answer, given) => {
    const asking = Fastify();
    await asking.register(islet, { development: true, authorize: answer as () => boolean });
    asking.islet.route('/ws/count', counter);
    asking.get('/', (_, reply) => reply.html(documentWith(serverComponent({ route: '/ws/count' }))));
    const page = await newPage();
    const console: string[] = [];
    page.on('console', (message) => console.push(`${message.type()}: ${message.text()}`));
    await page.goto(await asking.listen({ host: '127.0.0.1', port: 0 }));
    await page.locator('islet-problem').getByText('authorize did not give true for this user').waitFor();
    const warning = `islet: authorize gave ${given} for /ws/count, which is taken for no: return true or false`;
    await expect.poll(() => console).toContain(`warning: ${warning}`);
    expect(said).toContain(warning);
    await page.close();
    await asking.close();
  });

  test('an `authorizeEvent` that gives nothing is said, too; an answer is not', async () => {
    const asking = Fastify();
    const answers = [true, false, undefined, true];
    await asking.register(islet, { authorizeEvent: () => answers.shift() as boolean });
    asking.islet.route('/ws/count', counter);
    asking.get('/', (_, reply) => reply.html(documentWith(serverComponent({ route: '/ws/count' }))));
    {
      await using page = await visit(asking, '/');
      for (const count of ['0', '1', '1', '1']) await page.click(count).catch(() => {});
    }
    await asking.close();
    expect(answers).toEqual([]);
    expect(said.match(/authorizeEvent gave nothing for \/ws\/count/g)).toHaveLength(1);
  });

  test('what is refused on purpose is no fault: no page has an overlay of it, and whoever did it has it in the console', async () => {
    const ballot = component<null, AnyMessage>({
      init: () => [null, effect.none],
      update(_, { type }) {
        throw type === 'UserVoted' ? new Refused('You have voted already.') : new Error('It went off.');
      },
      view: () => html`<button @click=${'UserVoted'}>Vote</button><button @click=${'UserBroke'}>Break</button>`,
    });
    app.islet.route('/ws/ballot', ballot, { shared: true });
    app.get('/', (_, reply) => reply.html(documentWith(serverComponent({ route: '/ws/ballot' }))));
    const url = await app.listen({ host: '127.0.0.1', port: 0 });
    const open = async () => {
      const page = await newPage();
      const console: string[] = [];
      page.on('console', (message) => console.push(message.text()));
      await page.goto(url);
      await page.locator('server-component:state(live)').waitFor();
      return { page, console };
    };
    const [voter, other] = [await open(), await open()];
    await voter.page.getByRole('button', { name: 'Vote' }).click();
    await expect.poll(() => voter.console.join('\n')).toContain('islet:refused /ws/ballot');
    expect(await voter.page.locator('islet-problem').count()).toBe(0);
    // a fault after it reaches both, so that they have heard by then of all that came before
    await voter.page.getByRole('button', { name: 'Break' }).click();
    for (const { page, console } of [voter, other]) {
      await page.getByRole('heading', { name: 'The message UserBroke was refused' }).waitFor();
      expect(console.join('\n')).not.toContain('The message UserVoted was refused');
      await page.close();
    }
    expect(said).not.toContain('UserVoted');
  });

  test('a refused event and a refused join are in the console of production, too', async () => {
    const production = Fastify();
    await production.register(islet, { development: false });
    production.islet.route('/ws/count', counter);
    production.islet.route(
      '/ws/wrong',
      component<null, AnyMessage>({
        init: () => [null, effect.none],
        update: () => fail(),
        view: () => html`<button @click=${'UserClicked'}>Do it</button>`,
      }),
    );
    const islands = unsafeHtml(
      '<server-component route="/ws/wrong"></server-component><server-component route="/ws/wrogn"></server-component>',
    );
    production.get('/', (_, reply) => reply.html(documentWith(islands)));
    const page = await newPage();
    const console: string[] = [];
    page.on('console', (message) => console.push(`${message.type()}: ${message.text()}`));
    await page.goto(await production.listen({ host: '127.0.0.1', port: 0 }));
    await page.getByRole('button', { name: 'Do it' }).click();
    await expect.poll(() => console.join('\n')).toContain('warning: islet:refused /ws/wrong ISLET_ERR_MESSAGE_REFUSED');
    expect(console.join('\n')).toContain('warning: islet:state /ws/wrogn failed ISLET_ERR_JOIN_UNKNOWN_ROUTE');
    expect(console.join('\n')).not.toContain('It went off.');
    await page.close();
    await production.close();
  });

  test('and to nobody in production', async () => {
    const production = Fastify();
    await production.register(islet, { development: false });
    production.get('/', (_, reply) => reply.html(documentWith(serverComponent({ route: '/ws/wrogn' }))));
    const { body } = await production.inject('/');
    await production.close();
    expect(body).not.toContain('wrogn');
    expect((await production.inject('/islet/dev').catch(() => ({ statusCode: 404 }))).statusCode).toBe(404);
  });
});

function fail(): never {
  throw new Error('It went off.');
}
