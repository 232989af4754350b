// The REST API through real HTTP, on SQLite and PostgreSQL.

import { type IncomingHttpHeaders, request } from 'node:http';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { brotliDecompressSync } from 'node:zlib';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { problems } from '../components/schema/problem.ts';
import { createApp } from '../server/anime/app.ts';
import { type Database, openDatabase } from '../server/anime/data/database.ts';
import { DatabaseError } from '../server/anime/data/failures.ts';
import { inMemory } from '../server/anime/data/location.ts';
import { readSeed } from '../server/anime/data/seed.ts';
import { type Answer, type ApiServer, startApi, Visitor } from './support/api.ts';
import { describeDatabases } from './support/databases.ts';

const rating = '/api/anime/3/rating';

describeDatabases((place) => {
  let database: Database;
  let api: ApiServer;
  let ann: Visitor;
  let ben: Visitor;

  beforeAll(async () => {
    database = await openDatabase(await place.fresh());
    api = await startApi(database, { requestsPerMinute: 100_000, votesPerMinute: 100_000 });
    [ann, ben] = [new Visitor(api.url), new Visitor(api.url)];
  });
  afterAll(async () => {
    await api[Symbol.asyncDispose]();
    await database.close();
  });

  test('the list is an array of anime; its headers lead through the pages', async () => {
    const first = await ann.get('/api/anime?limit=100');
    expect(first.status).toBe(200);
    expect(first.body).toHaveLength(100);
    expect(first.body[0]).toEqual({ ...readSeed()[0], rating: { average: null, votes: 0 } });
    expect(first.headers.get('x-total-count')).toBe(String(readSeed().length));
    const titles: string[] = [];
    let page = first;
    for (;;) {
      titles.push(...page.body.map(({ title }: { title: string }) => title));
      const next = linkOf(page.headers, 'next');
      if (next === undefined) break;
      page = await ann.get(next);
    }
    expect(titles).toEqual(readSeed().map(({ title }) => title));
    const back = await ann.get(linkOf(page.headers, 'prev') ?? '');
    expect(back.body.at(-1).id).toBe(page.body[0].id - 1);
    expect(linkOf(first.headers, 'prev')).toBeUndefined();
    expect((await ann.get(linkOf(page.headers, 'first') ?? '')).text).toBe(first.text);
  });

  test('search, genre, year and sort work together, and links keep them', async () => {
    const found = await ann.get('/api/anime?search=GHIBLI&genre=Fantasy&sort=-year&limit=2');
    expect(found.body.map(({ year }: { year: number }) => year)).toEqual([2013, 2008]);
    const next = new URL(linkOf(found.headers, 'next') ?? '', api.url);
    expect(Object.fromEntries(next.searchParams)).toMatchObject({ search: 'GHIBLI', genre: 'Fantasy', sort: '-year' });
    expect((await ann.get('/api/anime?year=1979&sort=title')).body.map(({ id }: { id: number }) => id)).toHaveLength(2);
    expect((await ann.get('/api/anime?ids=9,2,100000,5')).body.map(({ id }: { id: number }) => id)).toEqual([2, 5, 9]);
    expect((await ann.get('/api/genres')).body).toContainEqual({ name: 'Mecha', anime: 10 });
  });

  test('a search finds what is written, whatever signs mean to a database', async () => {
    const found = async (search: string) => (await ann.get(`/api/anime?search=${encodeURIComponent(search)}`)).body;
    for (const search of ['%', '_', '\\', 'cowboy%bebop', 'b_bop', "'; DROP TABLE anime; --", '🦊', '\u202e']) {
      expect(await found(search), search).toEqual([]);
    }
    expect(await found('cowboy\0')).toEqual([expect.objectContaining({ id: 1 })]);
    expect((await ann.get('/api/anime?genre=Dra%00ma')).body).toEqual([]);
  });

  test('a cursor that somebody made up is a place in the list, or none: never a failure', async () => {
    const statusOf = async (sort: string, value: unknown, id: number) => {
      const cursor = Buffer.from(JSON.stringify([sort, 'after', value, id])).toString('base64url');
      return (await ann.get(`/api/anime?sort=${sort}&cursor=${cursor}`)).status;
    };
    expect(await statusOf('id', 1, 2 ** 31)).toBe(400);
    expect(await statusOf('year', Number.MIN_SAFE_INTEGER, 1)).toBe(400);
    expect(await statusOf('title', 'a\0', 1)).toBe(400);
    expect(await statusOf('title', '\ud800', 1)).toBe(200);
    expect(await statusOf('votes', 2 ** 31 - 1, 1)).toBe(200);
  });

  test('pages of each sort and filter have everything once, forwards and backwards', async () => {
    for (const [at, sort] of sorts.entries()) {
      for (const filter of ['limit=100', 'limit=7&genre=Drama', 'limit=1&year=1988&search=a']) {
        const address = `/api/anime?sort=${sort}&${filter}`;
        const [forwards, last] = await follow(ann, address, 'next');
        const total = Number(last.headers.get('x-total-count'));
        expect(new Set(forwards).size, address).toBe(total);
        expect(forwards, address).toHaveLength(total);
        const [pages] = await follow(ann, linkOf(last.headers, 'prev') ?? '', 'prev', (ids) => ids.reverse());
        expect([...pages.reverse(), ...last.body.map(idOf)], address).toEqual(forwards);
      }
      // the next sort is followed over other votes
      await new Visitor(api.url).put(`/api/anime/${20 + at}/rating`, { score: 1 + at });
    }
  });

  test('votes that are given while somebody pages neither hide nor double any other anime', async () => {
    for (const sort of ['votes', '-votes', 'rating', '-rating', 'title', '-year']) {
      const changed = new Set<number>();
      const vote = async (): Promise<void> => {
        const id = 100 + changed.size;
        changed.add(id);
        await new Visitor(api.url).put(`/api/anime/${id}/rating`, { score: 1 + (id % 10) });
      };
      const [ids] = await follow(ann, `/api/anime?sort=${sort}&limit=20`, 'next', undefined, vote);
      const others = ids.filter((id) => !changed.has(id));
      expect(new Set(others).size, sort).toBe(readSeed().length - changed.size);
      expect(others, sort).toHaveLength(readSeed().length - changed.size);
    }
  });

  test('one anime is what the list says of it; another address is 404', async () => {
    const list = await ann.get('/api/anime?limit=3');
    expect((await ann.get('/api/anime/3')).body).toEqual(list.body[2]);
    for (const path of ['/api/anime/100000', '/api/anime/100000/rating', '/api/nothing', '/api/anime/3/nothing']) {
      const { status, headers, body } = await ann.get(path);
      expect([status, headers.get('content-type'), body.status]).toEqual([404, 'application/problem+json', 404]);
    }
  });

  test('each visitor has one vote: given, changed, taken back', async () => {
    expect((await ann.get(rating)).body).toEqual({ average: null, votes: 0, vote: null });
    const given = await ann.put(rating, { score: 7 });
    expect(given.body).toEqual({ average: 7, votes: 1, vote: 7 });
    expect(given.headers.getSetCookie()[0]).toMatch(/^visitor=[^;]+; .*HttpOnly; SameSite=Lax$/);
    expect((await ben.put(rating, { score: 10 })).body).toEqual({ average: 8.5, votes: 2, vote: 10 });
    expect((await ann.put(rating, { score: 8 })).body).toEqual({ average: 9, votes: 2, vote: 8 });
    expect((await ann.get('/api/anime/3')).body.rating).toEqual({ average: 9, votes: 2 });
    expect((await ann.send('DELETE', rating)).body).toEqual({ average: 10, votes: 1, vote: null });
    expect((await ann.get(rating)).body).toEqual({ average: 10, votes: 1, vote: null });
    const again = await ann.send('DELETE', rating);
    expect([again.status, again.body.type]).toEqual([404, '/api/problems#vote-not-found']);
    expect((await ben.send('DELETE', rating)).body).toEqual({ average: null, votes: 0, vote: null });
  });

  test('a cookie that was changed is nobody’s', async () => {
    const cat = new Visitor(api.url);
    await cat.put('/api/anime/4/rating', { score: 3 });
    const dan = new Visitor(api.url);
    dan.cookie = cat.cookie?.replace(/.$/, (end) => (end === 'A' ? 'B' : 'A'));
    expect((await dan.get('/api/anime/4/rating')).body.vote).toBeNull();
    expect((await dan.put('/api/anime/4/rating', { score: 9 })).body).toEqual({ average: 6, votes: 2, vote: 9 });
    expect((await cat.get('/api/anime/4/rating')).body.vote).toBe(3);
  });

  test('a vote that was changed meanwhile is a conflict that says which vote there is', async () => {
    const eve = new Visitor(api.url);
    await eve.put('/api/anime/6/rating', { score: 7, replaces: null });
    const { status, body } = await eve.put('/api/anime/6/rating', { score: 9, replaces: 3 });
    expect([status, body]).toEqual([409, { ...problem('vote-conflict'), vote: 7 }]);
    expect((await eve.put('/api/anime/6/rating', { score: 9, replaces: 7 })).body.vote).toBe(9);
  });

  test('a vote is heard by subscribers of the service that the route uses', async () => {
    const heard: unknown[] = [];
    const stop = api.ratings.changes.subscribe(({ animeId, vote }) => heard.push([animeId, vote]));
    await ann.put('/api/anime/8/rating', { score: 4 });
    await ann.send('DELETE', '/api/anime/8/rating');
    stop();
    expect(heard).toEqual([
      [8, 4],
      [8, null],
    ]);
  });
});

describe('requests that cannot be answered', () => {
  let database: Database;
  let api: ApiServer;
  let ann: Visitor;
  beforeAll(async () => {
    database = await openDatabase(inMemory);
    api = await startApi(database, { requestsPerMinute: 100_000, votesPerMinute: 100_000 });
    ann = new Visitor(api.url);
  });
  afterAll(() => api[Symbol.asyncDispose]());

  const json = { 'content-type': 'application/json' };

  test.each([
    ['?limit=0', [['/limit', 'must be >= 1']]],
    ['?limit=101', [['/limit', 'must be <= 100']]],
    ['?year=soon', [['/year', 'must be integer']]],
    ['?limt=5', [['/limt', 'must NOT have additional properties']]],
    ['?sort=best', [['/sort', expect.stringContaining('allowed values: id, title, -title')]]],
    [
      '?year=1.5&limit=no',
      [
        ['/year', 'must be integer'],
        ['/limit', 'must be integer'],
      ],
    ],
    [`?search=${'x'.repeat(101)}`, [['/search', 'must NOT have more than 100 characters']]],
    ['?year=1999&year=2000', [['/year', 'must be integer']]],
    ['?ids=', [['/ids', expect.stringContaining('must match pattern')]]],
    ['?ids=1,,2', [['/ids', expect.stringContaining('must match pattern')]]],
    [`?ids=${'1,'.repeat(100)}1`, [['/ids', expect.stringContaining('must match pattern')]]],
    ['/three', [['/id', 'must be integer']]],
    ['/0/rating', [['/id', 'must be >= 1']]],
    ['/99999999999', [['/id', 'must be <= 2147483647']]],
    ['/01', [['/id', 'must be integer']]],
    ['/0x3', [['/id', 'must be integer']]],
    ['/3e0/rating', [['/id', 'must be integer']]],
    ['/+3', [['/id', 'must be integer']]],
    ['/%203', [['/id', 'must be integer']]],
    ['?limit=', [['/limit', 'must be integer']]],
    ['?limit=1e1', [['/limit', 'must be integer']]],
  ])('400: %s', async (path, errors) => {
    const { status, headers, body } = await ann.get(`/api/anime${path}`);
    expect([status, headers.get('content-type')]).toEqual([400, 'application/problem+json']);
    const place = path.startsWith('?') ? 'query' : 'path';
    const fields = errors.map(([pointer, detail]) => ({ in: place, pointer, detail }));
    expect(body).toEqual({ ...problem('invalid-parameters'), errors: expect.arrayContaining(fields) });
    expect(body.errors).toHaveLength(fields.length);
  });

  test('400: a cursor of another list', async () => {
    for (const cursor of ['x', Buffer.from('["title","after","a",1]').toString('base64url')]) {
      const { status, body } = await ann.get(`/api/anime?cursor=${cursor}`);
      expect([status, body]).toEqual([400, problem('invalid-cursor')]);
    }
  });

  test.each([
    ['JSON that ends early', '{"score":'],
    ['nothing at all', ''],
    ['a key that would reach the prototype', '{"__proto__":{"score":7},"score":7}'],
  ])('400: %s in the body', async (_, body) => {
    const answer = await ann.send('PUT', rating, { body, headers: json });
    expect([answer.status, answer.body]).toEqual([
      400,
      { ...problem('malformed-request'), detail: expect.any(String) },
    ]);
  });

  test.each([
    [{ score: 11 }, [['/score', 'must be <= 10']]],
    [{ score: 0 }, [['/score', 'must be >= 1']]],
    [{ score: 7.5 }, [['/score', 'must be integer']]],
    [{ score: '7' }, [['/score', 'must be integer']]],
    [{ score: null }, [['/score', 'must be integer']]],
    [{}, [['/score', "must have required property 'score'"]]],
    [{ score: 7, 'a/b~c': 1 }, [['/a~1b~0c', 'must NOT have additional properties']]],
    [7, [['', 'must be object']]],
    [null, [['', 'must be object']]],
  ])('422: %j as a vote', async (vote, errors) => {
    const { status, headers, body } = await ann.put(rating, vote);
    expect([status, headers.get('content-type')]).toEqual([422, 'application/problem+json']);
    const fields = errors.map(([pointer, detail]) => ({ in: 'body', pointer, detail }));
    expect(body).toEqual({ ...problem('invalid-body'), errors: fields });
    expect(headers.getSetCookie()).toEqual([]);
  });

  test.each(['POST', 'PATCH', 'DELETE', 'PUT'])(
    '405: %s of what can only be read says what is allowed',
    async (method) => {
      const { status, headers, body } = await ann.send(method, '/api/anime/3', {
        body: 'x',
        headers: { 'content-type': 'text/x' },
      });
      expect([status, headers.get('allow'), body]).toEqual([
        405,
        'GET, HEAD, OPTIONS',
        { ...problem('method-not-allowed'), detail: 'Allowed here: GET, HEAD, OPTIONS.' },
      ]);
    },
  );

  test.each(['TRACE', 'QUERY'])('405: %s, which fetch cannot send', async (method) => {
    const { status, headers, bytes } = await rawSend(method, `${api.url}/api/genres`, {});
    expect([status, headers.allow]).toEqual([405, 'GET, HEAD, OPTIONS']);
    expect(JSON.parse(String(bytes))).toMatchObject(problem('method-not-allowed'));
  });

  test('501: a method that no address knows', async () => {
    for (const path of ['/api/genres', '/api/nothing']) {
      const { status, headers, bytes } = await rawSend('PROPFIND', api.url + path, {});
      expect([status, headers['content-type']]).toEqual([501, 'application/problem+json']);
      expect(JSON.parse(String(bytes))).toEqual(problem('method-unknown'));
    }
  });

  test('OPTIONS says what is allowed, wherever it is asked from', async () => {
    await using open = await startApi(database, { corsOrigins: ['https://friend.example'] });
    for (const url of [api.url, open.url]) {
      for (const headers of [{}, { origin: 'https://friend.example' }]) {
        const answer = await new Visitor(url).send('OPTIONS', rating, { headers: headers as Record<string, string> });
        expect([answer.status, answer.headers.get('allow')]).toEqual([204, 'DELETE, GET, HEAD, OPTIONS, PUT']);
        expect((await new Visitor(url).send('OPTIONS', '/api/nothing')).status).toBe(404);
      }
    }
  });

  test('413: a body that is too large', async () => {
    const { status, body } = await ann.put(rating, { score: 7, more: 'x'.repeat(2_000) });
    expect([status, body]).toEqual([413, { ...problem('body-too-large'), detail: expect.any(String) }]);
  });

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'application/xml'])(
    '415: a body of %s',
    async (type) => {
      const { status, body } = await ann.send('PUT', rating, {
        body: '{"score":7}',
        headers: { 'content-type': type },
      });
      expect([status, body]).toEqual([415, { ...problem('unsupported-media-type'), detail: expect.any(String) }]);
    },
  );

  test('429: who asks or votes too often is told when to come again; others go on', async () => {
    await using strict = await startApi(database, { requestsPerMinute: 3, votesPerMinute: 2, trustProxy: true });
    const from = (address: string) => ({ headers: { 'x-forwarded-for': address } });
    const vote = { body: '{"score":7}', headers: { ...json, 'x-forwarded-for': '192.0.2.1' } };
    const eve = new Visitor(strict.url);
    const votes = [
      await eve.send('PUT', rating, vote),
      await eve.send('DELETE', rating, from('192.0.2.1')),
      await eve.send('PUT', rating, vote),
    ];
    expect(votes.map(({ status }) => status)).toEqual([200, 200, 429]);
    expect(votes[2]?.body).toEqual({
      ...problem('too-many-requests'),
      detail: expect.stringContaining('Try again in'),
    });
    expect(votes[2]?.headers.get('retry-after')).toMatch(/^\d+$/);
    // reads have a limit of their own, and what is not there counts too
    const reads = ['/api/anime', '/api/nothing', '/api/genres', '/api/anime'];
    const statuses: number[] = [];
    for (const path of reads) statuses.push((await eve.send('GET', path, from('192.0.2.1'))).status);
    expect(statuses).toEqual([200, 404, 200, 429]);
    expect((await eve.send('GET', '/api/anime', from('192.0.2.2'))).status).toBe(200);
  });

  test('what fails inside is 500 without a word about the cause', async () => {
    const broken = await openDatabase(inMemory);
    await using server = await startApi(broken);
    await broken.tables.schema.dropTable('anime_genres').execute();
    const { status, body, text } = await new Visitor(server.url).get('/api/genres');
    expect([status, body]).toEqual([500, problem('internal-error')]);
    expect(text).not.toContain('anime_genres');
  });

  test('every type of problem is listed where its address leads', async () => {
    const { body } = await ann.get('/api/problems');
    expect(body).toEqual(Object.keys(problems).map((code) => problem(code as keyof typeof problems)));
  });
});

describe('caching and transport', () => {
  let api: ApiServer;
  let ann: Visitor;
  beforeAll(async () => {
    api = await startApi(await openDatabase(inMemory), { requestsPerMinute: 100_000 });
    ann = new Visitor(api.url);
  });
  afterAll(() => api[Symbol.asyncDispose]());

  test('who has an answer already gets 304, until it changes', async () => {
    const first = await ann.get('/api/anime/5');
    const etag = first.headers.get('etag') ?? '';
    expect(etag).toMatch(/^W\/"/);
    for (const header of [etag, etag.replace('W/', ''), `"other", ${etag}`, '*']) {
      const { status, text } = await ann.get('/api/anime/5', { 'if-none-match': header });
      expect([status, text], header).toEqual([304, '']);
    }
    await ann.put('/api/anime/5/rating', { score: 7 });
    const changed = await ann.get('/api/anime/5', { 'if-none-match': etag });
    expect([changed.status, changed.body.rating]).toEqual([200, { average: 7, votes: 1 }]);
  });

  test('only answers that succeed have a tag, and a vote is never taken for known', async () => {
    expect((await ann.get('/api/anime/100000', { 'if-none-match': '*' })).status).toBe(404);
    const put = { body: '{"score":7}', headers: { 'content-type': 'application/json', 'if-none-match': '*' } };
    expect((await ann.send('PUT', '/api/anime/5/rating', put)).status).toBe(200);
  });

  test('HEAD and 304 say what GET would, without the body', async () => {
    for (const path of [
      '/api/anime?limit=5',
      '/api/anime',
      '/api/anime/5',
      '/api/anime/5/rating',
      '/api/genres',
      '/api/openapi.json',
      '/api/anime/100000',
      '/api/anime?limit=0',
    ]) {
      for (const encoding of ['identity', 'br', 'gzip;q=0.5', 'br;q=0', '*']) {
        const headers = { 'accept-encoding': encoding };
        const get = await rawSend('GET', api.url + path, headers);
        const head = await rawSend('HEAD', api.url + path, headers);
        const known = await rawSend('GET', api.url + path, { ...headers, 'if-none-match': get.headers.etag ?? '' });
        const place = `${path}, ${encoding}`;
        expect([head.status, head.bytes.length], place).toEqual([get.status, 0]);
        expect([known.status, known.bytes.length], place).toEqual(
          get.headers.etag ? [304, 0] : [get.status, get.bytes.length],
        );
        for (const name of ['etag', 'link', 'vary', 'cache-control', 'x-total-count']) {
          expect(head.headers[name], `${name} of ${place}`).toEqual(get.headers[name]);
          expect(known.headers[name], `${name} of ${place}`).toEqual(get.headers[name]);
        }
        expect(head.headers['content-type'], place).toBe(get.headers['content-type']);
        // no length may be said but the right one
        for (const { headers: said } of [get, head, known]) {
          expect([undefined, String(get.bytes.length)], place).toContain(said['content-length']);
        }
      }
    }
  });

  test('an own vote is never kept for others', async () => {
    const { headers } = await ann.get('/api/anime/5/rating');
    expect(headers.get('cache-control')).toBe('private, no-cache');
    expect(headers.get('vary')).toContain('cookie');
  });

  test('text is compressed for who can read it; small answers are not', async () => {
    const plain = await ann.get('/api/anime', { 'accept-encoding': 'identity' });
    const packed = await rawSend('GET', `${api.url}/api/anime`, { 'accept-encoding': 'br, gzip' });
    expect([packed.headers['content-encoding'], packed.headers.vary]).toEqual(['br', 'accept-encoding']);
    expect(brotliDecompressSync(packed.bytes).toString()).toBe(plain.text);
    expect(packed.bytes.length).toBeLessThan(plain.text.length / 2);
    expect(packed.headers.etag).toBe(plain.headers.get('etag'));
    const small = await rawSend('GET', `${api.url}/api/anime/5/rating`, { 'accept-encoding': 'br, gzip' });
    expect(small.headers['content-encoding']).toBeUndefined();
  });

  test('other origins read only where they are named, and never vote', async () => {
    const origin = { origin: 'https://friend.example' };
    expect((await ann.get('/api/anime', origin)).headers.get('access-control-allow-origin')).toBeNull();

    await using open = await startApi(await openDatabase(inMemory), { corsOrigins: ['https://friend.example'] });
    const friend = new Visitor(open.url);
    const read = await friend.get('/api/anime', origin);
    expect(read.headers.get('access-control-allow-origin')).toBe('https://friend.example');
    expect(read.headers.get('access-control-expose-headers')).toContain('link');
    expect(read.headers.get('vary')).toContain('Origin');
    const stranger = await friend.get('/api/anime', { origin: 'https://stranger.example' });
    expect(stranger.headers.get('access-control-allow-origin')).toBeNull();
    const preflight = { ...origin, 'access-control-request-method': 'PUT' };
    const asked = await friend.send('OPTIONS', rating, { headers: preflight });
    expect(asked.headers.get('access-control-allow-methods')).toBe('GET, HEAD');
    expect((await friend.get(rating, origin)).headers.get('access-control-allow-credentials')).toBeNull();
  });
});

describe('the description', () => {
  let api: ApiServer;
  let ann: Visitor;
  beforeAll(async () => {
    api = await startApi(await openDatabase(inMemory));
    ann = new Visitor(api.url);
  });
  afterAll(() => api[Symbol.asyncDispose]());

  test('names every route and method, and no other', async () => {
    const { body } = await ann.get('/api/openapi.json');
    expect(body.openapi).toBe('3.1.0');
    const named = Object.entries<object>(body.paths).map(([path, item]) => [path, ...Object.keys(item).sort()]);
    expect(named).toEqual([
      ['/api/anime', 'get'],
      ['/api/anime/{id}', 'get'],
      ['/api/genres', 'get'],
      ['/api/anime/{id}/rating', 'delete', 'get', 'put'],
    ]);
  });

  test.each([
    ['GET', '/api/anime', '/api/anime?limit=2', undefined, 200],
    ['GET', '/api/anime', '/api/anime?limit=x', undefined, 400],
    ['GET', '/api/anime/{id}', '/api/anime/3', undefined, 200],
    ['GET', '/api/anime/{id}', '/api/anime/100000', undefined, 404],
    ['GET', '/api/genres', '/api/genres', undefined, 200],
    ['PUT', '/api/anime/{id}/rating', rating, { score: 7 }, 200],
    ['PUT', '/api/anime/{id}/rating', rating, { score: 7, replaces: 1 }, 409],
    ['PUT', '/api/anime/{id}/rating', rating, { score: 70 }, 422],
    ['GET', '/api/anime/{id}/rating', rating, undefined, 200],
    ['DELETE', '/api/anime/{id}/rating', rating, undefined, 200],
    ['DELETE', '/api/anime/{id}/rating', rating, undefined, 404],
  ])('%s %s: the answer to %s %j (%i) is as described', async (method, route, path, body, status) => {
    const { body: description } = await ann.get('/api/openapi.json');
    const answer = body === undefined ? await ann.send(method, path) : await ann.put(path, body);
    expect(answer.status).toBe(status);
    const [type = ''] = (answer.headers.get('content-type') ?? '').split(';');
    const { schema } = description.paths[route][method.toLowerCase()].responses[status].content[type];
    const check = new Ajv2020({ strict: false }).compile(schema);
    check(answer.body);
    expect(check.errors).toBeNull();
  });

  test('names what each route answers while its data is away', async () => {
    const database = await openDatabase(inMemory);
    const explain = () => new DatabaseError('unreachable', 'anywhere', 'it is away');
    await using server = await startApi({ ...database, explain });
    const { body: description } = await new Visitor(server.url).get('/api/openapi.json');
    await database.tables.destroy();
    for (const [path, methods] of Object.entries<Record<string, { responses: object }>>(description.paths)) {
      for (const [method, { responses }] of Object.entries(methods)) {
        const init = method === 'put' ? { body: '{"score":7}', headers: { 'content-type': 'application/json' } } : {};
        const { status } = await new Visitor(server.url).send(method.toUpperCase(), path.replace('{id}', '3'), init);
        expect(status, `${method} ${path}`).toBe(503);
        expect(Object.keys(responses), `${method} ${path}`).toContain('503');
      }
    }
  });

  test('names what is answered to a body that nobody asked for', async () => {
    const { body: description } = await ann.get('/api/openapi.json');
    const described = Object.keys(description.paths['/api/anime/{id}/rating'].delete.responses);
    for (const [body, type, status] of [
      ['x'.repeat(2_000), 'application/json', 413],
      ['x', 'text/plain', 415],
    ] as const) {
      const answer = await ann.send('DELETE', rating, { body, headers: { 'content-type': type } });
      expect(answer.status).toBe(status);
      expect(described).toContain(String(status));
    }
  });

  test('the page for people comes with all its parts from here', async () => {
    const page = await ann.get('/api/docs');
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'self'");
    const parts = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address = '']) => address);
    expect(parts.length).toBeGreaterThan(3);
    for (const address of parts) {
      expect(address).toMatch(/^\/api\/docs\//);
      expect((await ann.get(address)).status, address).toBe(200);
    }
  });
});

describe('in the app', () => {
  let app: FastifyInstance;
  let url: string;
  let ann: Visitor;
  beforeAll(async () => {
    app = await createApp();
    url = await app.listen({ host: '127.0.0.1', port: 0 });
    ann = new Visitor(url);
  });
  afterAll(() => app.close());

  test('pages and API show the same anime and the same vote', async () => {
    await ann.put('/api/anime/2/rating', { score: 9 });
    expect((await ann.get('/api/anime/2')).body.rating).toEqual({ average: 9, votes: 1 });
    expect((await ann.get('/anime/2')).text).toContain((await ann.get('/api/anime/2')).body.synopsis);
    expect((await ann.get('/anime?q=nausicaa')).text).toContain('Nausicaä');
    const { status } = await ann.get(`/anime?q=${'a '.repeat(2_000)}`);
    expect(status).toBe(200);
    expect((await ann.get('/anime/99999999999')).status).toBe(404);
  });

  test('the page of the API keeps its own policy, the others theirs', async () => {
    const policies = await Promise.all(['/api/docs', '/'].map(async (path) => (await ann.get(path)).headers));
    expect(policies.map((headers) => headers.get('content-security-policy')?.includes('unsafe-inline'))).toEqual([
      true,
      false,
    ]);
  });

  test('an address that cannot be decoded, or that is far too long, is a problem like others', async () => {
    for (const id of ['%zz', '1'.repeat(10_000)]) {
      const { status, headers, text, body } = await ann.get(`/api/anime/${id}`);
      expect([status, headers.get('content-type')]).toEqual([400, 'application/problem+json']);
      expect(body).toEqual({ ...problem('malformed-request'), detail: expect.any(String) });
      expect(text).not.toContain(id);
    }
  });

  test.each([
    ['a line that is no HTTP', 'once upon a time\r\n\r\n', 'malformed-request'],
    ['a header that is none', 'GET /api/anime HTTP/1.1\r\nhost: x\r\nonce upon a time\r\n\r\n', 'malformed-request'],
    [
      'two lengths',
      'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n',
      'malformed-request',
    ],
    ['too many headers', `GET / HTTP/1.1\r\nhost: x\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`, 'headers-too-large'],
  ] as const)('%s is a problem like others, and the end of the connection', async (_, text, code) => {
    const { port, hostname } = new URL(url);
    const socket = connect(Number(port), hostname).end(text);
    const [head = '', body = ''] = (await new Response(Readable.toWeb(socket) as BodyInit).text()).split('\r\n\r\n');
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${problems[code].status} `));
    expect(head).toContain('content-type: application/problem+json');
    expect(JSON.parse(body)).toEqual(problem(code));
  });
});

const sorts = ['id', 'title', '-title', 'year', '-year', 'rating', '-rating', 'votes', '-votes'];

const idOf = ({ id }: { id: number }): number => id;

/** Follows the links of a list to its end. Gives the ids on all its pages, in the order met, and the last page. */
async function follow(
  visitor: Visitor,
  address: string,
  relation: 'next' | 'prev',
  order = (ids: number[]) => ids,
  between = async (): Promise<void> => {},
): Promise<[number[], Answer]> {
  let page = await visitor.get(address);
  const ids = order(page.body.map(idOf));
  for (;;) {
    const link = linkOf(page.headers, relation);
    if (link === undefined) return [ids, page];
    await between();
    page = await visitor.get(link);
    ids.push(...order(page.body.map(idOf)));
  }
}

function linkOf(headers: Headers, relation: string): string | undefined {
  return new RegExp(`<([^>]+)>; rel="${relation}"`).exec(headers.get('link') ?? '')?.[1];
}

function problem(code: keyof typeof problems) {
  return { type: `/api/problems#${code}`, ...problems[code] };
}

/** An answer as it is sent: `fetch` would decompress it. */
function rawSend(method: string, url: string, headers: Record<string, string>) {
  return new Promise<{ status: number | undefined; headers: IncomingHttpHeaders; bytes: Buffer }>((resolve, reject) => {
    request(url, { method, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => {
        resolve({ status: response.statusCode, headers: response.headers, bytes: Buffer.concat(chunks) });
      });
    })
      .on('error', reject)
      .end();
  });
}
