// `visit` of `islet/testing`: pages without a browser. What a person would do there goes the way that it goes from a
// browser, over a socket; what a person could not do fails and says why.

import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type IsletOptions, islet, serverComponent } from '../server/index.ts';
import { createVisitor, ManualClock, visit } from '../server/testing/index.ts';
import { component, effect, html, keyed, on, svg, unsafeHtml } from '../shared/index.ts';
import { counter } from './support/counter.ts';
import { documentWith } from './support/document.ts';

interface Form {
  readonly name: string;
  readonly size: string;
  readonly isGift: boolean;
  readonly kind: string;
  readonly sent: string;
  readonly keys: string;
}

type FormMessage =
  | { type: 'UserTyped'; text: string }
  | { type: 'UserChose'; size: string }
  | { type: 'UserTicked'; isGift: boolean }
  | { type: 'UserPicked'; kind: string }
  | { type: 'UserPressed'; key: string }
  | { type: 'UserSent'; fields: object };

const order = component<Form, FormMessage>({
  init: () => [{ name: '', size: 'm', isGift: false, kind: '', sent: '', keys: '' }, effect.none],
  update(model, message) {
    switch (message.type) {
      case 'UserTyped':
        if (message.text === 'bad') throw new Error('no');
        return [{ ...model, name: message.text.toUpperCase() }, effect.none];
      case 'UserChose':
        return [{ ...model, size: message.size }, effect.none];
      case 'UserTicked':
        return [{ ...model, isGift: message.isGift }, effect.none];
      case 'UserPicked':
        return [{ ...model, kind: message.kind }, effect.none];
      case 'UserPressed':
        return [{ ...model, keys: model.keys + message.key }, effect.none];
      case 'UserSent':
        return [{ ...model, sent: JSON.stringify(message.fields) }, effect.emit('sent', message.fields)];
    }
  },
  view: ({ name, size, isGift, kind, sent, keys }) => html`
    <form @submit=${({ fields = {} }) => ({ type: 'UserSent', fields })} @keydown=${({ key = '' }) => ({ type: 'UserPressed', key })}>
      <label for="name">Your name</label>
      <input id="name" name="name" required .value=${name} @input=${on(({ value = '' }) => ({ type: 'UserTyped', text: value }), { debounceMs: 10_000 })}>
      <label>Size <select name="size" @change=${({ value = '' }) => ({ type: 'UserChose', size: value })}>
        <option value="s" .selected=${size === 's'}>Small</option>
        <option value="m" .selected=${size === 'm'}>Medium</option>
        <option value="l" disabled>Large</option>
      </select></label>
      <label><input type="checkbox" name="gift" .checked=${isGift} @change=${({ checked = false }) => ({ type: 'UserTicked', isGift: checked })}> Gift</label>
      <fieldset><legend>Kind</legend>
        <label><input type="radio" name="kind" value="tea" @change=${({ value = '' }) => ({ type: 'UserPicked', kind: value })}> Tea</label>
        <label><input type="radio" name="kind" value="coffee" @change=${({ value = '' }) => ({ type: 'UserPicked', kind: value })}> Coffee</label>
      </fieldset>
      <textarea name="note" aria-label="Note">as ever</textarea>
      <button name="by" value="post">Send</button>
      <button disabled>Later</button>
    </form>
    <p data-testid="model">${`${name} ${size} ${isGift} ${kind}`}</p>
    <output>${sent}</output><i>${keys}</i>
    <svg viewBox="0 0 1 1">${svg`<path d=${'M0 0'}></path>`}</svg>
    <p hidden>secret</p>${unsafeHtml('<em>raw</em>')}${null}
  `,
});

type ListMessage = { type: 'UserAdded' } | { type: 'UserRemoved'; id: number } | { type: 'UserReversed' };
const list = component<readonly number[], ListMessage>({
  init: () => [[1, 2], effect.none],
  update(ids, message) {
    if (message.type === 'UserRemoved') return [ids.filter((id) => id !== message.id), effect.none];
    return [message.type === 'UserReversed' ? ids.toReversed() : [...ids, Math.max(0, ...ids) + 1], effect.none];
  },
  view: (ids) => html`
    <ul>${keyed(
      ids,
      (id) => id,
      (id) =>
        html`<li>Row ${id} <input aria-label=${`Note ${id}`}> <button @click=${{ type: 'UserRemoved', id }}>Remove</button></li>`,
    )}</ul>
    <button @click=${{ type: 'UserAdded' }}>Add</button><button @click=${{ type: 'UserReversed' }}>Reverse</button>
    ${ids.length > 2 && html`<server-component route="/ws/own" @changed=${{ type: 'UserAdded' }}></server-component>`}
  `,
});

const emitting = component<number, { type: 'UserClicked' }>({
  init: () => [0, effect.none],
  update: (count) => [count + 1, effect.emit('changed', count + 1)],
  view: (count) => html`<button @click=${{ type: 'UserClicked' }}>Inner ${count}</button>`,
});

const waiting = component<string, { type: 'UserClicked' } | { type: 'TimeCame' }>({
  init: () => ['idle', effect.none],
  update: (_, { type }) =>
    type === 'UserClicked' ? ['waiting', effect.after(60_000, { type: 'TimeCame' })] : ['done', effect.none],
  view: (text) => html`<button @click=${{ type: 'UserClicked' }}>Wait</button><p>${text}</p>`,
});

let app: FastifyInstance;

async function createApp(options: IsletOptions = {}): Promise<FastifyInstance> {
  const created = Fastify();
  await created.register(islet, { authenticate: ({ headers }) => userOf(headers.cookie), ...options });
  created.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_, body, done) =>
    done(null, Object.fromEntries(new URLSearchParams(String(body)))),
  );
  created.islet.route('/ws/order', order);
  created.islet.route('/ws/list', list);
  created.islet.route('/ws/own', emitting);
  created.islet.route('/ws/waiting', waiting);
  created.islet.route('/ws/count', counter, { shared: true });
  const named = component<string, { type: 'None' }, { user: string; at: string }>({
    init: ({ user, at }) => [`Hello ${user} at ${at}`, effect.none],
    update: (model) => [model, effect.none],
    view: (text) => html`<h1>${text}</h1>`,
  });
  created.islet.route('/ws/named/:at', named, {
    props: ({ user, params: { at } }) => ({ user: String(user ?? 'nobody'), at }),
  });
  for (const name of ['order', 'list', 'waiting', 'count', 'named/home']) {
    created.get(`/${name}`, (_, reply) => reply.html(documentWith(serverComponent({ route: `/ws/${name}` }))));
  }
  created.get('/login', (_, reply) =>
    reply.html(
      documentWith(html`<form method="post"><label>Name <input name="name"></label><button>Log in</button></form>`),
    ),
  );
  created.post('/login', (request, reply) => {
    const { name } = request.body as { name: string };
    return reply.header('set-cookie', `user=${name}; HttpOnly`).redirect('/named/home', 303);
  });
  created.get('/links', (_, reply) =>
    reply.html(documentWith(html`<a href="/login?from=links">To the login</a><p>Here</p>`)),
  );
  return created;
}

function userOf(cookie: string | undefined): string | null {
  return /user=(\w+)/.exec(cookie ?? '')?.[1] ?? null;
}

beforeEach(async () => {
  app = await createApp();
});

afterEach(() => app.close());

describe('a page without a browser', () => {
  test('has the content of its islands, joined, without the app listening', async () => {
    await using page = await visit(app, '/count');
    expect([page.status, page.title, page.path]).toEqual([200, 'Test', '/count']);
    expect(app.islet.size).toMatchObject({ actors: 1, connections: 1 });
    expect(app.server.listening).toBe(false);
    expect(page.html()).toContain('<server-component route="/ws/count"><button>');
  });

  test('takes what is typed, chosen, ticked and picked to the model, and shows it', async () => {
    await using page = await visit(app, '/order');
    await page.type('Your name', 'ann');
    await page.choose('Size', 'Small');
    await page.check('Gift');
    await page.choose('Coffee');
    expect(page.byTestId('model').text).toBe('ANN s true coffee');
    expect([page.byLabel('Your name').value, page.byLabel('Size').value, page.byLabel('Gift').isChecked]).toEqual([
      'ANN',
      's',
      true,
    ]);
    expect([page.byLabel('Coffee').isChecked, page.byLabel('Tea').isChecked]).toEqual([true, false]);
    await page.uncheck('Gift');
    expect(page.byTestId('model').text).toBe('ANN s false coffee');
  });

  test('sends a form with all its fields and the button, and tells what was emitted', async () => {
    await using page = await visit(app, '/order');
    await page.type('Your name', 'ann');
    await page.type('Note', 'quickly');
    await page.check('Gift');
    await page.click('Send');
    const fields = { name: 'ANN', size: 'm', gift: 'on', note: 'quickly', by: 'post' };
    expect(page.byRole('status').text).toBe(JSON.stringify(fields));
    expect(page.emitted).toEqual([{ route: '/ws/order', name: 'sent', detail: fields }]);
    await page.press('Your name', 'Enter');
    expect(page.emitted.at(-1)?.detail).toEqual({ name: 'ANN', size: 'm', gift: 'on', note: 'quickly' });
    expect(page.text()).toContain('Enter');
  });

  test('keeps what was typed with its row, when rows come, go and move', async () => {
    await using page = await visit(app, '/list');
    await page.type('Note 2', 'second').catch(() => {});
    await page.click('Reverse');
    await page.click('Add');
    expect(page.byRole('listitem').texts).toEqual(['Row 2 Remove', 'Row 1 Remove', 'Row 3 Remove']);
    await page.byRole('listitem').having('Row 1').byRole('button', 'Remove').click();
    expect(page.byRole('listitem').texts).toEqual(['Row 2 Remove', 'Row 3 Remove']);
    expect(page.byLabel('Note 2').value).toBe('second');
  });

  test('joins islands inside of islands, whose events bubble, and leaves them when they go', async () => {
    await using page = await visit(app, '/list');
    await page.click('Add');
    await page.until('Inner 0');
    await page.click('Inner 0');
    expect(page.emitted).toEqual([{ route: '/ws/own', name: 'changed', detail: 1 }]);
    await page.until(() => page.byRole('listitem').count === 4);
    expect(app.islet.size.actors).toBe(2);
    for (const row of ['Row 1', 'Row 2']) await page.byRole('listitem').having(row).byRole('button').click();
    expect(page.html()).not.toContain('Inner');
    await page.settled();
    expect(app.islet.size.actors).toBe(1);
  });

  test('finds what people perceive: by role and name, label, text; hidden parts are not there', async () => {
    await using page = await visit(app, '/order');
    expect(page.byRole('textbox', 'Your name').count).toBe(1);
    expect(page.byRole('group', 'Kind').byRole('radio').count).toBe(2);
    expect(page.byRole('combobox', 'Size').value).toBe('m');
    expect(page.byText('raw').html).toBe('<em>raw</em>');
    expect(page.byText(/^secret$/).count).toBe(0);
    expect(page.text()).not.toContain('secret');
    expect(page.html()).toContain('<svg viewBox="0 0 1 1"><path d="M0 0"></path></svg>');
  });
});

describe('several people', () => {
  test('see what the others do', async () => {
    await using ann = await visit(app, '/count');
    await using ben = await visit(app, '/count');
    await ann.byRole('button').click();
    await ben.until(() => ben.text() === ann.text());
    expect(ben.byRole('button').text).toContain('1');
  });

  test('have their own cookies, which all pages of one share: login by a form, redirect included', async () => {
    const ann = createVisitor(app);
    await using page = await ann.visit('/links');
    await page.click('To the login');
    expect(page.path).toBe('/login?from=links');
    await page.type('Name', 'ann');
    await page.click('Log in');
    expect([page.path, page.text()]).toEqual(['/named/home', 'Hello ann at home']);
    expect(ann.cookies).toEqual({ user: 'ann' });
    await using second = await ann.visit('/named/home');
    expect(second.text()).toBe('Hello ann at home');
    await using stranger = await visit(app, '/named/home');
    expect(stranger.text()).toBe('Hello nobody at home');
    await using known = await visit(app, '/named/home', { cookies: { user: 'ben' } });
    expect(known.byRole('heading').text).toBe('Hello ben at home');
  });
});

test('a visit costs what a page costs, and no program, port or timer besides', async () => {
  {
    await using page = await visit(app, '/count');
    await page.byRole('button').click();
  }
  const kinds = (): string[] => process.getActiveResourcesInfo().filter((kind) => /^(Process|TCP|Pipe)/.test(kind));
  const before = { ...app.islet.counters, kinds: kinds() };
  let texts = 0;
  for (let visits = 0; visits < 20; visits++) {
    await using page = await visit(app, '/count');
    await page.byRole('button').click();
    texts += page.text().length;
  }
  const after = app.islet.counters;
  expect(texts).toBeGreaterThan(0);
  expect(app.server.listening).toBe(false);
  expect(kinds()).toEqual(before.kinds);
  expect(after.joins - before.joins).toBe(20);
  // a greeting, the island, and what the click has changed
  expect(after.frames - before.frames).toBeLessThanOrEqual(3 * 20);
  expect(app.islet.size.connections).toBe(0);
});

describe('the network and the time', () => {
  test('an action that is awaited while it is cut says so, and a test does not hang', { timeout: 30_000 }, async () => {
    await using page = await visit(app, '/order');
    page.cut();
    await expect(page.type('Your name', 'ann')).rejects.toThrow(
      /input is not known while the connection is cut: .*call restore\(\)/,
    );
  });

  test('a lost connection is resumed: what was done meanwhile is done once', async () => {
    await using page = await visit(app, '/list');
    page.cut();
    await expect.poll(() => app.islet.size.connections).toBe(0);
    const clicks = [page.click('Add'), page.click('Add')];
    expect(page.byRole('listitem').count).toBe(2);
    await page.restore();
    await Promise.all(clicks);
    expect(page.byRole('listitem').count).toBe(4);
    expect(app.islet.size).toMatchObject({ sessions: 1, connections: 1 });
  });

  test('a clock that is moved by hand is the server’s', async () => {
    await app.close();
    const clock = new ManualClock();
    app = await createApp({ clock });
    await using page = await visit(app, '/waiting');
    await page.click('Wait');
    expect(page.byText('waiting').count).toBe(1);
    await clock.advance(59_999);
    await page.settled();
    expect(page.byText('waiting').count).toBe(1);
    await clock.advance(1);
    await page.until('done');
  });
});

describe('what fails says why', () => {
  test.each([
    [
      'there is no such thing',
      (page: Page) => page.click('Nothing'),
      'There is no element with name Nothing. The page:',
    ],
    ['there are several', (page: Page) => page.byRole('radio').click(), 'There are 2 elements with role radio: <input'],
    ['it is disabled', (page: Page) => page.click('Later'), '<button disabled=""> is disabled.'],
    ['nothing hears a click', (page: Page) => page.click('raw'), 'Nothing hears a click on <em>: it has no @click.'],
    [
      'an option is not offered',
      (page: Page) => page.choose('Size', 'Huge'),
      'There is no option Huge among: Small, Medium',
    ],
    ['an option is disabled', (page: Page) => page.choose('Size', 'Large'), 'The option Large is disabled.'],
    [
      'a required field is empty',
      (page: Page) => page.click('Send'),
      'A browser does not send the form: <input id="name"',
    ],
    [
      'the server refuses it',
      (page: Page) => page.type('Your name', 'bad'),
      'ISLET_ERR_MESSAGE_REFUSED: This could not be',
    ],
  ])('%s', async (_, act, message) => {
    await using page = await visit(app, '/order');
    await expect(act(page)).rejects.toThrow(message);
  });

  test('a field that nobody hears and no form sends', async () => {
    await using page = await visit(app, '/list');
    await expect(page.type('Note 1', 'x')).rejects.toThrow(
      'Nothing hears input or change of <input aria-label="Note 1">',
    );
  });

  test('a refused field shows the model again', async () => {
    await using page = await visit(app, '/order');
    await page.type('Your name', 'ann');
    await page.type('Your name', 'bad').catch(() => {});
    expect(page.byLabel('Your name').value).toBe('ANN');
  });

  test('a page whose socket is refused', async () => {
    await app.close();
    app = await createApp({
      authenticate() {
        throw new Error('nobody');
      },
    });
    await expect(visit(app, '/order')).rejects.toThrow('the socket was refused: HTTP/1.1 401 Unauthorized');
  });
});

type Page = Awaited<ReturnType<typeof visit>>;

test('a page whose island is taken away goes where the app sends it', async () => {
  const app = Fastify();
  await app.register(islet);
  app.islet.route('/ws/count', counter, { shared: true });
  app.get('/', (_, reply) => reply.html(documentWith(serverComponent({ route: '/ws/count' }))));
  app.get('/login', (request, reply) => reply.html(documentWith(html`<p>Log in, from ${request.url}</p>`)));
  await using page = await visit(app, '/');
  await using other = await visit(app, '/');
  app.islet.revoke(() => true, { redirect: '/login?from=/' });
  await page.until('Log in, from /login?from=/');
  expect(page.path).toBe('/login?from=/');
  await other.settled();
  expect(other.path).toBe('/login?from=/');
  await app.close();
});
