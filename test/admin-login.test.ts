// Who gets into the admin page, and for how long: through HTTP and sockets, on a real server.

import type { FastifyInstance } from 'fastify';
import { afterEach, describe, expect, test } from 'vitest';
import { readAccounts } from '../server/anime/admin/accounts.ts';
import type { AdminOptions } from '../server/anime/admin/admin.ts';
import { hashPassword, isPassword, parsePasswordHash } from '../server/anime/admin/password.ts';
import { createSessions } from '../server/anime/admin/sessions.ts';
import { createApp } from '../server/anime/app.ts';
import { openDatabase } from '../server/anime/data/database.ts';
import { inMemory } from '../server/anime/data/location.ts';
import { AdminVisitor, accounts, createAdminApp, password } from './support/admin.ts';
import { ManualClock } from './support/clock.ts';
import { describeDatabases } from './support/databases.ts';
import { eventOf } from './support/mounted.ts';
import { startProgram } from './support/program.ts';
import { createTopic } from './support/topics.ts';

const table = '/ws/admin/users';
const refused = { kind: 'error', code: 'ISLET_ERR_JOIN_FORBIDDEN' };
const eightHours = 8 * 3_600_000;

const apps: FastifyInstance[] = [];
afterEach(() => Promise.all(apps.splice(0).map((app) => app.close())));

async function start(...options: Parameters<typeof createAdminApp>): Promise<AdminVisitor> {
  return visit(await createAdminApp(...options));
}

async function visit(app: FastifyInstance): Promise<AdminVisitor> {
  apps.push(app);
  return new AdminVisitor(await app.listen({ host: '127.0.0.1', port: 0 }));
}

describe('without anybody who may log in', () => {
  test('nothing of the admin page is there', async () => {
    const visitor = await visit(await createApp());
    for (const path of ['/admin', '/admin/login', '/admin/users/suggestions?prefix=a', table]) {
      expect((await visitor.get(path)).status, path).toBe(404);
    }
    for (const path of ['/admin/login', '/admin/logout']) {
      expect((await visitor.post(path, { name: 'ada', password })).status, path).toBe(404);
    }
    const page = await visitor.connect();
    expect(await page.join(table)).toMatchObject({ kind: 'error', code: 'ISLET_ERR_JOIN_UNKNOWN_ROUTE' });
    await page.close();
    await expect(visitor.socket(table)).rejects.toThrow('404');
  });
});

describe('without a login', () => {
  test('the page leads to the login, and nothing else is told', async () => {
    const visitor = await start();
    const { status, headers } = await visitor.get('/admin?q=mori');
    expect([status, headers.get('location')]).toEqual([303, '/admin/login']);
    const suggestions = await visitor.get('/admin/users/suggestions?prefix=a', { accept: 'application/json' });
    expect([suggestions.status, JSON.parse(suggestions.text)]).toEqual([
      401,
      { message: 'You are not logged in any more.' },
    ]);
  });

  test('the table cannot be joined, neither by the page’s socket nor by one of its own', async () => {
    const visitor = await start();
    const page = await visitor.connect();
    expect(await page.join(table)).toMatchObject(refused);
    expect(await page.join('/ws/admin/users/')).toMatchObject({ kind: 'error' });
    const direct = await visitor.socket(table);
    expect(await direct.next('error')).toMatchObject(refused);
    expect([...page.texts, ...direct.texts].join()).not.toContain('@example.com');
    await page.close();
    await direct.close();
  });

  test.each([
    ['another signature', (cookie: string) => `${cookie.slice(0, -4)}AAAA`],
    ['no signature', (cookie: string) => cookie.split('.')[0] ?? ''],
    ['the visitor’s cookie', () => 'admin=somebody'],
    ['nothing in it', () => 'admin='],
  ])('a cookie with %s is none', async (_, forge) => {
    const visitor = await (await start()).logIn();
    visitor.cookie = forge(visitor.cookie ?? '');
    expect((await visitor.get('/admin')).status).toBe(303);
  });
});

describe('the login', () => {
  test('is a form without scripts, that no cache keeps', async () => {
    const visitor = await start();
    const { status, headers, text } = await visitor.get('/admin/login');
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(text).toContain('<form class="card login-card" method="post" action="/admin/login">');
    expect(text).not.toContain('<script');
  });

  test('gives a cookie that scripts cannot read, other sites cannot use, and that says nothing', async () => {
    const visitor = await start();
    const answer = await visitor.post('/admin/login', { name: ' ada ', password });
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/admin']);
    const [cookie = ''] = answer.headers.getSetCookie();
    expect(cookie).toMatch(/^admin=[\w-]{43}\.[\w%+/-]+; Max-Age=28800; Path=\/; HttpOnly; SameSite=Strict$/);
    const page = await visitor.get('/admin');
    expect([page.status, page.headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect(page.text).toContain('Logged in as </span><b>ada</b>');
    expect((await visitor.get('/admin/login')).headers.get('location')).toBe('/admin');
  });

  test('gives a cookie for https alone where that is spoken', async () => {
    const visitor = await start({}, { trustProxy: 'loopback' });
    const origin = visitor.url.replace('http', 'https');
    const answer = await visitor.post(
      '/admin/login',
      { name: 'ada', password },
      { origin, 'x-forwarded-proto': 'https' },
    );
    expect(answer.headers.getSetCookie()[0]).toContain('; Secure');
  });

  test('says of a wrong name and of a wrong password the same, and gives no cookie', async () => {
    const visitor = await start();
    const attempts = [
      { name: 'ada', password: 'wrong horse' },
      { name: 'nobody', password },
      { name: '', password: '' },
      { name: 'ada', password: `${password}\0` },
      { name: 'ada', password: password.repeat(100) },
      {},
    ];
    for (const fields of attempts) {
      const { status, headers, text } = await visitor.post('/admin/login', fields as Record<string, string>);
      expect(status).toBe(422);
      expect(text).toContain('Name or password is wrong.');
      expect(text).not.toContain(password);
      expect(headers.getSetCookie()).toEqual([]);
    }
  });

  test('shows what was typed as text', async () => {
    const visitor = await start();
    const { text } = await visitor.post('/admin/login', { name: '"><script>alert(1)</script>', password: 'x' });
    expect(text).toContain('value="&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"');
  });

  test('of one address can be tried so often a minute', async () => {
    const visitor = await start({ attemptsPerMinute: 3 });
    for (let attempt = 0; attempt < 3; attempt++) {
      expect((await visitor.post('/admin/login', { name: 'ada', password: 'wrong' })).status).toBe(422);
    }
    const { status, headers, text } = await visitor.post('/admin/login', { name: 'ada', password });
    expect(status).toBe(429);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    expect(text).toContain('Too many attempts.');
    expect(headers.getSetCookie()).toEqual([]);
    expect((await visitor.get('/admin/login')).status).toBe(200);
  });

  test('checks one password at a time, and refuses a crowd', async () => {
    const visitor = await start();
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => visitor.post('/admin/login', { name: 'ada', password: 'wrong' })),
    );
    const statuses = answers.map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([422, 429]));
    // 20 may wait; whoever comes when one has had an answer may take the place
    const checked = statuses.filter((status) => status === 422).length;
    expect(checked).toBeGreaterThanOrEqual(20);
    expect(checked).toBeLessThan(100);
  });

  test.each([
    ['another site', { origin: 'https://evil.example' }],
    ['a page without an origin', { origin: 'null' }],
    ['another port', { origin: 'http://127.0.0.1:1' }],
  ])('and the logout take no form of %s', async (_, headers) => {
    const visitor = await start();
    const login = await visitor.post('/admin/login', { name: 'ada', password }, headers);
    expect(login.status).toBe(403);
    expect(login.headers.getSetCookie()).toEqual([]);
    await visitor.logIn();
    expect((await visitor.post('/admin/logout', {}, headers)).status).toBe(403);
    expect((await visitor.get('/admin')).status).toBe(200);
  });

  test('takes forms alone, and small ones', async () => {
    const visitor = await start();
    const send = (body: string, type: string) =>
      fetch(`${visitor.url}/admin/login`, {
        method: 'POST',
        body,
        headers: { 'content-type': type, origin: visitor.url },
      });
    expect((await send(JSON.stringify({ name: 'ada', password }), 'application/json')).status).toBe(415);
    expect((await send('x'.repeat(10_000), 'application/x-www-form-urlencoded')).status).toBe(413);
  });
});

describe('a session', () => {
  test('ends with the logout: its cookie opens nothing any more, and another login gets another', async () => {
    const visitor = await (await start()).logIn();
    const stolen = new AdminVisitor(visitor.url);
    stolen.cookie = visitor.cookie;
    expect((await stolen.get('/admin')).status).toBe(200);
    const { status, headers } = await visitor.post('/admin/logout');
    expect([status, headers.get('location')]).toEqual([303, '/admin/login?ended']);
    expect(visitor.cookie).toBeUndefined();
    expect((await visitor.get('/admin/login?ended')).text).toContain('You are logged out.');

    expect((await stolen.get('/admin')).status).toBe(303);
    expect((await stolen.get('/admin/users/suggestions?prefix=a')).status).toBe(401);
    expect(await (await stolen.connect()).join(table)).toMatchObject(refused);
    await visitor.logIn();
    expect(visitor.cookie).not.toBe(stolen.cookie);
  });

  test('ends after eight hours, and not before', async () => {
    const clock = new ManualClock();
    const visitor = await (await start({ clock })).logIn();
    await clock.advance(eightHours - 1);
    expect((await visitor.get('/admin')).status).toBe(200);
    await clock.advance(1);
    expect((await visitor.get('/admin')).status).toBe(303);
    expect(clock.waits).toEqual([]);
  });

  test('ends when the same browser logs in as somebody else', async () => {
    const visitor = await (await start()).logIn('ada');
    const before = new AdminVisitor(visitor.url);
    before.cookie = visitor.cookie;
    await visitor.logIn('grace');
    expect((await visitor.get('/admin')).text).toContain('Logged in as </span><b>grace</b>');
    expect((await before.get('/admin')).status).toBe(303);
  });

  test('is one of a hundred at most: one more ends the oldest', async () => {
    const database = await openDatabase(inMemory);
    const ended: string[] = [];
    const sessions = await createSessions(database, {
      accounts,
      clock: new ManualClock(),
      sessionMs: eightHours,
      onEnd: ({ id }) => ended.push(id),
      onError: () => {},
      news: createTopic(),
    });
    const [ada] = accounts;
    if (ada === undefined) throw new Error('there is no account');
    const secrets: string[] = [];
    for (let count = 0; count < 101; count++) secrets.push(await sessions.open(ada));
    const isOpen = secrets.map((secret) => sessions.find(secret) !== undefined);
    expect(isOpen).toEqual([false, ...Array.from({ length: 100 }, () => true)]);
    expect(ended).toHaveLength(1);
    expect(await database.tables.selectFrom('admin_sessions').select('id').execute()).toHaveLength(100);
    await database.close();
  });
});

describeDatabases((place) => {
  test('a session survives a restart of the server, but not another password', async () => {
    const database = await place.open();
    const kept = { ...database, close: async () => {} };
    const visitor = await (await start({}, { database: kept })).logIn();
    await Promise.all(apps.splice(0).map((app) => app.close()));

    const again = await start({}, { database: kept });
    again.cookie = visitor.cookie;
    expect((await again.get('/admin')).status).toBe(200);
    await Promise.all(apps.splice(0).map((app) => app.close()));

    const [ada] = accounts;
    const changed = accounts.map((account) => (account === ada ? { ...account, credential: 'another' } : account));
    const third = await start({ accounts: changed }, { database: kept });
    third.cookie = visitor.cookie;
    expect((await third.get('/admin')).status).toBe(303);
    expect(await database.tables.selectFrom('admin_sessions').selectAll().execute()).toEqual([]);
  });

  test('a session is kept as a digest: who reads the database cannot log in by it', async () => {
    const database = await place.open();
    const visitor = await (await start({}, { database: { ...database, close: async () => {} } })).logIn();
    const secret =
      decodeURIComponent(visitor.cookie ?? '')
        .split('=')[1]
        ?.split('.')[0] ?? '';
    expect(secret).toHaveLength(43);
    const stored = JSON.stringify(await database.tables.selectFrom('admin_sessions').selectAll().execute());
    expect(stored).toContain('ada');
    expect(stored).not.toContain(secret);
  });
});

describe('an open table', () => {
  const open = async (admin: Partial<AdminOptions> = {}) => {
    const visitor = await (await start(admin)).logIn();
    const page = await visitor.connect();
    const mount = await page.join(table);
    expect(mount.kind).toBe('mount');
    return { visitor, page, mount };
  };

  test('can be joined by a socket of its own, too, with the cookie', async () => {
    const { visitor } = await open();
    const direct = await visitor.socket(table);
    expect(await direct.next('mount')).toMatchObject({ kind: 'mount' });
  });

  test('ends at once with its session: by a logout', async () => {
    const { visitor, page } = await open();
    const other = await new AdminVisitor(visitor.url).logIn('grace');
    const others = await other.connect();
    await others.join(table);
    const cookie = visitor.cookie;
    await visitor.post('/admin/logout');
    expect(await page.closed).toMatchObject({ reason: 'ISLET_ERR_DISCONNECTED' });
    expect(others.socket.readyState).toBe(others.socket.OPEN);
    // and who comes back is refused
    visitor.cookie = cookie;
    expect(await (await visitor.connect()).join(table)).toMatchObject(refused);
  });

  test('ends at once with its session: when its time is over', async () => {
    const clock = new ManualClock();
    const { page } = await open({ clock });
    await clock.advance(eightHours);
    expect(await page.closed).toMatchObject({ reason: 'ISLET_ERR_DISCONNECTED' });
  });

  test('does nothing in the name of a session whose time is over, even where no timer has noticed', async () => {
    const time = { now: 1_000 };
    const clock = { now: () => time.now, setTimeout: () => undefined, clearTimeout: () => {} };
    const { page, mount } = await open({ clock });
    time.now += eightHours;
    const data = { fields: { sort: 'email' } };
    const { hole, instance } = eventOf(mount, 'submit');
    page.click(hole, { instance, data });
    // the page may not even show the table any more
    expect(await page.next('error')).toMatchObject({ channel: 1, code: 'ISLET_ERR_FORBIDDEN_NOW' });
    await page.handled();
    expect(page.rest()).toEqual([]);
  });
});

describe('a password hash', () => {
  test('is of its password alone, however its letters are composed', async () => {
    const text = await hashPassword('pässword');
    expect(text).toMatch(/^scrypt:32768:8:3:[\w-]{22}:[\w-]{43}$/);
    expect(await hashPassword('pässword')).not.toBe(text);
    const parsed = parsePasswordHash(text);
    expect(await isPassword('pa\u0308ssword', parsed)).toBe(true);
    expect(await isPassword('password', parsed)).toBe(false);
  });

  test.each([
    ['a password', 'secret123'],
    ['another kind', '$2b$12$abcdefghijklmnopqrstuv'],
    ['weak', 'scrypt:1024:8:1:AAAAAAAAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'],
    ['no power of two', 'scrypt:32769:8:1:AAAAAAAAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'],
    ['too hungry', 'scrypt:16777216:8:1:AAAAAAAAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'],
    ['cut off', 'scrypt:32768:8:3:AAAAAAAAAAAAAAAAAAAAAA:AAAA'],
  ])('that is %s is refused, and not repeated', (_, hash) => {
    const read = () => readAccounts({ ADMIN_NAME: 'ada', ADMIN_PASSWORD_HASH: hash });
    expect(read).toThrow(/ADMIN_PASSWORD_HASH of ada: .*npm run admin:hash/);
    expect(read).not.toThrow(hash);
  });

  test.each([
    [{ ADMIN_NAME: 'ada' }, /ADMIN_PASSWORD_HASH is not/],
    [{ ADMIN_PASSWORD_HASH: 'x' }, /ADMIN_NAME is not/],
    [{ ADMIN_NAME: 'ada,grace', ADMIN_PASSWORD_HASH: 'x' }, /2 names and .* 1 hashes/],
    [{ ADMIN_NAME: 'ada,ada', ADMIN_PASSWORD_HASH: 'x,y' }, /twice/],
    [{ ADMIN_NAME: 'a'.repeat(51), ADMIN_PASSWORD_HASH: 'x' }, /1 to 50 characters/],
  ])('settings that cannot be meant are refused: %j', (env, message) => {
    expect(() => readAccounts(env)).toThrow(message);
  });

  test('comes from a command that shows no password, and starts a server that takes it', async () => {
    await using command = startProgram(['scripts/admin-hash.ts'], {});
    command.process.stdin?.end(`${password}\n`);
    const { code, stdout, stderr } = await command.ended;
    expect([code, stderr]).toEqual([0, '']);
    const [line = ''] = stdout.split('\n');
    expect(line).toMatch(/^ADMIN_PASSWORD_HASH=scrypt:/);
    expect(stdout).not.toContain(password);
    const hash = line.slice('ADMIN_PASSWORD_HASH='.length);

    const app = await createApp({
      admin: { accounts: readAccounts({ ADMIN_NAME: 'lin', ADMIN_PASSWORD_HASH: hash }) },
    });
    await (await visit(app)).logIn('lin');
  });

  test('that cannot be one ends the start with code 2', async () => {
    await using server = startProgram(['server/anime/main.ts'], { ADMIN_NAME: 'ada', ADMIN_PASSWORD_HASH: 'hunter2' });
    const { code, stderr, stdout } = await server.ended;
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^ADMIN_PASSWORD_HASH of ada: it is no hash.*\n$/);
    expect(stderr).not.toContain('hunter2');
  });
});
