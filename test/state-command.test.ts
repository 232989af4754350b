// `npm run state`: what is kept of live components is listed, shown, exported and removed, in a SQLite file and in
// PostgreSQL, by the settings that the server has. One test starts the command as a process of its own; the others run
// what it runs.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openDatabase } from '../server/anime/data/database.ts';
import { type DatabaseLocation, databaseLocation } from '../server/anime/data/location.ts';
import { stateProgram } from '../server/anime/data/state-program.ts';
import { openStates } from '../server/anime/data/states.ts';
import { type ManagedStore, memoryStore } from '../server/index.ts';
import { accountInStore, accountOfUser } from '../server/limits/account.ts';
import { run } from '../server/upkeep/run.ts';
import { runState } from '../server/upkeep/state-program.ts';
import { toObject, toShown } from '../server/upkeep/texts.ts';
import { type PostgresServer, postgresReason, startPostgres } from './support/postgres.ts';
import { type Ending, startProgram } from './support/program.ts';
import { commitOne, first, next } from './support/store-laws.ts';

const hour = 3_600_000;
const hostile = '/room/\u001b[2J"\u202e\ud800';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'islet-state-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

type Environment = { readonly [name: string]: string };

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function state(env: Environment, ...args: string[]): Promise<Outcome> {
  const [stdout, stderr] = [new Said(), new Said()];
  const code = await runState(args, stateProgram(env), { stdout, stderr });
  return { code, stdout: stdout.text, stderr: stderr.text };
}

class Said extends Writable {
  text = '';
  override _write(chunk: Buffer, _: string, done: () => void): void {
    this.text += chunk;
    done();
  }
}

/** What people did on a server of this database. */
async function fill(location: DatabaseLocation): Promise<ManagedStore> {
  await (await openDatabase(location)).close();
  const store = await openStates(location);
  const client = (name: string, user?: string) => ({
    ...{ client: name, event: 4, endsInMs: hour },
    ...(user !== undefined && { account: accountInStore(accountOfUser(user)) }),
  });
  const one = await commitOne(
    store,
    first('/ws/rate', {
      ...{
        schema: 2,
        model: { base: '{"score":7}' },
        rendering: '{"epoch":"e"}',
        clients: [client('c1', 'ann'), client('c2')],
      },
      tasks: { json: '[{"name":"mail"}]', dead: 1 },
    }),
  );
  await commitOne(store, next(one, { schema: 2, model: { patch: '[[["score"],8]]' } }));
  await commitOne(store, first('own of ann', { user: 'ann', endsInMs: 10 * hour, clients: [client('c1', 'ann')] }));
  const broken = await commitOne(store, first(hostile, { model: { base: 'not JSON' } }));
  await commitOne(store, next(broken, { model: { patch: '7' } }));
  return store;
}

/** All that is kept, but for what counts and names writes. */
async function contentOf(store: ManagedStore): Promise<unknown> {
  const states: Record<string, unknown> = {};
  for (const { key } of await store.list(0, 100)) {
    const { by: _, seq: __, ageMs: ___, model, clients = [], ...rest } = (await store.load(key)) ?? {};
    const names = clients.map(({ client, event }) => `${client} ${event}`).sort();
    states[key] = { ...rest, model: model && toObject(key, { model } as never), clients: names };
  }
  return states;
}

function describeCommand(envOf: () => Environment | Promise<Environment>): void {
  let env: Environment;
  let store: ManagedStore;
  beforeEach(async () => {
    env = await envOf();
    store = await fill(databaseLocation(env));
  });
  afterEach(() => store.close());

  test('lists what there is, in a way that no terminal obeys', async () => {
    const { code, stdout, stderr } = await state(env, 'list');
    expect([code, stderr]).toEqual([0, '']);
    const [head, ...rows] = stdout.trimEnd().split('\n');
    expect(head?.trim().split(/\s{2,}/)).toEqual([
      'BYTES',
      'WRITES',
      'SCHEMA',
      'CLIENTS',
      'DEAD',
      'WRITTEN',
      'ENDS',
      'USER',
      'KEY',
    ]);
    const cells = rows.map((row) => row.trim().split(/\s{2,}/));
    const bytes = '{"score":7}[[["score"],8]]{"epoch":"e"}[{"name":"mail"}]'.length;
    const age = expect.stringMatching(/^\d+ (s|min) ago$/);
    expect(cells).toEqual([
      [String(bytes), '2', '2', '2', '1', age, 'never', '-', '/ws/rate'],
      ['1', '1', '1', '1', '0', age, expect.stringMatching(/^in (9|10) h$/), 'ann', 'own of ann'],
      ['9', '2', '1', '0', '0', age, 'never', '-', '/room/\\u001b[2J\\"\\u202e\\ud800'],
    ]);
  });

  test('lists what is a user’s own, and for programs', async () => {
    const { code, stdout } = await state(env, 'list', '--user', 'ann', '--json');
    expect(code).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ key: 'own of ann', user: 'ann', clients: 1, deadTasks: 0 });
    expect(await state(env, 'list', '--user', 'nobody')).toMatchObject({
      code: 0,
      stdout: '',
      stderr: 'Nothing is kept.\n',
    });
  });

  test('shows as model what migrate gets, and the rest of the snapshot apart', () => {
    const saved = { by: 'a.1', seq: 1, schema: 0, user: undefined, clients: [], ageMs: 0 };
    const parts = { rendering: undefined, instances: undefined, timers: undefined, tasks: undefined };
    const base = JSON.stringify({ status: 'active', value: 'open', context: { votes: 2 } });
    const shown = toShown('/ws/poll', { ...saved, ...parts, model: { base, patches: [] } });
    expect(shown).toMatchObject({ model: { votes: 2 }, snapshot: { status: 'active', value: 'open' } });
  });

  test('shows one as JSON, by its key or by what a list shows of it', async () => {
    const { code, stdout } = await state(env, 'show', '/ws/rate');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      ...{ key: '/ws/rate', seq: 2, schema: 2, model: { score: 8 } },
      ...{ rendering: { epoch: 'e' }, tasks: { dead: 1, json: [{ name: 'mail' }] } },
    });
    expect(JSON.parse(stdout).clients).toHaveLength(2);
    const shown = await state(env, 'show', '/room/\\u001b[2J\\"\\u202e\\ud800');
    expect(JSON.parse(shown.stdout)).toMatchObject({ key: hostile, base: 'not JSON', changes: [7] });
    expect(await state(env, 'show', '/nothing')).toMatchObject({
      ...{ code: 66, stdout: '', stderr: 'Nothing is kept under /nothing\n' },
    });
  });

  test('exports all, or some, to its output or to a file that was not there', async () => {
    const { code, stdout } = await state(env, 'export');
    expect(code).toBe(0);
    const keysOf = (text: string) =>
      text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).key);
    expect(keysOf(stdout)).toEqual(['/ws/rate', 'own of ann', hostile]);
    const file = join(folder, 'states.jsonl');
    expect(await state(env, 'export', 'own of ann', '/nothing', '--out', file)).toMatchObject({ code: 66, stdout: '' });
    expect(keysOf(await readFile(file, 'utf8'))).toEqual(['own of ann']);
    expect(await state(env, 'export', '--out', file)).toMatchObject({
      code: 73,
      stderr: `${file} is there already.\n`,
    });
    expect(keysOf(await readFile(file, 'utf8'))).toEqual(['own of ann']);
  });

  test('brings back what was exported, and overwrites only what it is told to', async () => {
    const file = join(folder, 'states.jsonl');
    expect(await state(env, 'export', '--out', file)).toMatchObject({ code: 0 });
    const before = await contentOf(store);
    expect(await state(env, 'remove', 'own of ann')).toMatchObject({ code: 0 });
    await commitOne(
      store,
      next({ ...first('/ws/rate'), by: (await store.load('/ws/rate'))?.by ?? '' }, { timers: '{"at":0,"timers":[]}' }),
    );
    const some = await state(env, 'import', file);
    expect(some).toMatchObject({ code: 73, stdout: 'own of ann is there.\n' });
    expect(some.stderr.split('\n').slice(0, 2)).toEqual([
      '/ws/rate is there already: --replace replaces it.',
      '/room/\\u001b[2J\\"\\u202e\\ud800 is there already: --replace replaces it.',
    ]);
    expect(await contentOf(store)).not.toEqual(before);
    const all = await state(env, 'import', file, '--replace');
    expect([all.code, all.stderr]).toEqual([0, '']);
    expect(await contentOf(store)).toEqual(before);
    // an end is an end again
    const ends = (await store.list(0, 10)).map(({ key, endsInMs }) => [key, endsInMs !== undefined]);
    expect(Object.fromEntries(ends)).toEqual({ '/ws/rate': false, 'own of ann': true, [hostile]: false });
  });

  test('brings back what is readable of a file, and says which lines are not', async () => {
    const file = join(folder, 'states.jsonl');
    await writeFile(file, 'no JSON\n\n{"key":"/a"}\n[]\n{"key":"/b","schema":1,"model":{"context":1}}\n');
    const { code, stdout, stderr } = await state(env, 'import', file);
    expect([code, stdout]).toEqual([65, '/b is there.\n']);
    expect(stderr.match(/^line \d+/gm)).toEqual(['line 1', 'line 3', 'line 4']);
    expect((await store.load('/b'))?.model).toEqual({ base: '{"context":1}', patches: [] });
    expect(await state(env, 'import', join(folder, 'nothing'))).toMatchObject({ code: 66, stdout: '' });
  });

  test('lists tasks, has dead ones tried again, and removes them', async () => {
    const task = (key: string, more: object) => ({ key, name: 'mail', args: {}, tries: 12, inMs: 0, ...more });
    const tasks = [
      task('t1', { state: 'dead', error: 'no such address' }),
      task('t2', { state: 'waiting', inMs: hour, tries: 1 }),
      task('t3', { state: 'dead', error: 'refused' }),
    ];
    const json = JSON.stringify({ at: Date.now(), tasks });
    await commitOne(store, first('/ws/orders', { tasks: { json, dead: 2 }, dueInMs: hour, endsInMs: 10 * hour }));
    expect((await state(env, 'tasks', '/ws/orders')).stdout.trimEnd().split('\n')).toEqual([
      'dead      12 tries  t1  mail  /ws/orders  no such address',
      'waiting    1 tries  t2  mail  /ws/orders',
      'dead      12 tries  t3  mail  /ws/orders  refused',
    ]);
    expect(await store.due(0, 10)).toEqual([]);
    expect(await state(env, 'retry', '/ws/orders', 't1')).toMatchObject({
      stdout: '1 tasks of /ws/orders are to be tried again.\n',
    });
    expect(await store.due(0, 10)).toEqual(['/ws/orders']);
    expect(await state(env, 'drop', '/ws/orders', 't3', 't2')).toMatchObject({
      stdout: '2 tasks of /ws/orders are removed.\n',
    });
    expect(JSON.parse((await store.load('/ws/orders'))?.tasks?.json ?? '').tasks).toMatchObject([
      { key: 't1', state: 'waiting', tries: 0 },
    ]);
    const listed = (await store.list(0, 10)).find(({ key }) => key === '/ws/orders');
    expect([listed?.deadTasks, listed?.endsInMs !== undefined]).toEqual([0, true]);
    expect(await state(env, 'drop', '/ws/orders', 'none')).toMatchObject({
      ...{ code: 66, stderr: 'There is no task none in /ws/orders\n' },
    });
  });

  test('removes by key, and says what it did not find', async () => {
    const { code, stdout, stderr } = await state(
      env,
      'remove',
      '/ws/rate',
      '/nothing',
      '/room/\\u001b[2J\\"\\u202e\\ud800',
    );
    expect([code, stderr]).toEqual([66, 'Nothing is kept under /nothing\n']);
    expect(stdout).toBe('/ws/rate is removed.\n/room/\\u001b[2J\\"\\u202e\\ud800 is removed.\n');
    expect((await store.list(0, 10)).map(({ key }) => key)).toEqual(['own of ann']);
  });

  test('removes what is kept of a user, and nothing of others', async () => {
    const { code, stdout } = await state(env, 'remove', '--user', 'ann');
    expect([code, stdout]).toEqual([0, '1 own islands and 1 numbers of clients of ann are removed.\n']);
    expect((await store.list(0, 10)).map(({ key }) => key)).toEqual(['/ws/rate', hostile]);
    expect((await store.load('/ws/rate'))?.clients).toEqual([{ client: 'c2', event: 4 }]);
  });

  test('removes what a server writes all the time', async () => {
    let isOver = false;
    const written = (async () => {
      let last = first('/busy');
      while (!isOver) {
        await store.commit([last]);
        const [isNext] = await store.commit([next(last)]);
        last = isNext ? next(last) : first('/busy');
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    })();
    await expect.poll(() => store.load('/busy')).toBeDefined();
    const { code } = await state(env, 'remove', '/busy');
    isOver = true;
    await written;
    expect(code).toBe(0);
  });
}

describe('in a SQLite file', () => describeCommand(() => ({ DATA_DIR: folder })));

test('the command is a process that says on which stream, and with which exit code, how it went', async () => {
  const command = (...args: string[]): Promise<Ending> =>
    startProgram(['scripts/state.ts', ...args], { DATABASE_URL: '', DATA_DIR: folder }).ended;
  await (await fill(databaseLocation({ DATA_DIR: folder }))).close();
  const shown = await command('show', '/ws/rate');
  expect(shown).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(shown.stdout)).toMatchObject({ key: '/ws/rate', model: { score: 8 } });
  expect(await command('show', '/nothing')).toMatchObject({
    ...{ code: 66, stdout: '', stderr: 'Nothing is kept under /nothing\n' },
  });
  expect(await command('destroy')).toMatchObject({ code: 2, stdout: '' });
});

describe.runIf(postgresReason === undefined)('in PostgreSQL', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server?.[Symbol.asyncDispose]());
  describeCommand(async () => ({ DATABASE_URL: await server.createDatabase() }));
});

describe('what it cannot do', () => {
  test.each([
    [['list', '/a'], "list takes no keys; got '/a'. One state is shown by: show KEY"],
    [['show'], 'Which one? show KEY'],
    [['show', '/a', '/b'], 'Which one? show KEY'],
    [['show', '/a', '--user', 'ann'], 'show takes no --user.'],
    [['import'], 'From where? import FILE'],
    [['retry'], 'Of which state? retry KEY ...'],
    [['drop', '/a'], 'Which tasks? drop KEY TASK ...'],
    [['remove'], 'Which ones? remove KEY ..., or remove --user USER'],
    [['remove', '/a', '--user', 'ann'], 'remove takes keys or --user, not both.'],
    [['destroy'], "'destroy' is no command: there are list, show, export, import, tasks, retry, drop and remove."],
    [['list', '--all'], "Unknown option '--all'"],
  ])('is told with what it can: %s', async (args, message) => {
    const { code, stdout, stderr } = await state({ DATA_DIR: folder }, ...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
    expect(stderr).toContain('npm run state -- list');
  });

  test('is nothing where one asks for help', async () => {
    for (const args of [[], ['--help']]) {
      expect(await state({ DATA_DIR: folder }, ...args)).toMatchObject({
        ...{ code: 0, stdout: expect.stringContaining('npm run state -- remove --user USER'), stderr: '' },
      });
    }
  });

  test('is to make a database where there is none, or to find one that is not there', async () => {
    expect(await state({ DATA_DIR: folder }, 'list')).toMatchObject({
      ...{ code: 66, stderr: `There is no database ${join(folder, 'anime.db')}. Name its folder: DATA_DIR\n` },
    });
    const nowhere = { DATABASE_URL: 'postgres://test:secret@127.0.0.1:1/none' };
    const { code, stderr } = await state(nowhere, 'list');
    expect([code, stderr]).toEqual([
      69,
      expect.stringMatching(/^The database postgres:\/\/127.0.0.1:1\/none cannot be used: .*ECONNREFUSED/),
    ]);
    expect(stderr).not.toContain('secret');
    expect(await state({ DATABASE_URL: 'mysql://x' }, 'list')).toMatchObject({
      ...{ code: 2, stderr: expect.stringContaining('DATABASE_URL must begin with postgres://') },
    });
  });
});

test.each([
  [3, 0, '/busy is removed.'],
  [100, 75, '/busy is written all the time, and was not removed. Try again.'],
])('a state that is written %i times while it is removed: exit code %i', async (writes, code, line) => {
  const memory = memoryStore();
  let last = await commitOne(memory, first('/busy'));
  let left = writes;
  const store: ManagedStore = {
    ...memory,
    async remove(key, by) {
      // a server was first
      if (left-- > 0) last = await commitOne(memory, next(last));
      return memory.remove(key, by);
    },
  };
  const lines: string[] = [];
  const output = { print: (text: string) => lines.push(text), warn: (text: string) => lines.push(text) };
  expect(await run(store, { kind: 'remove', keys: ['/busy'] }, output)).toBe(code);
  expect(lines).toEqual([line]);
});
