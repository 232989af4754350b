// What the search field of the admin page asks for while somebody types, and what it knows by itself.

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  type Answer,
  AskError,
  createSuggester,
  type Suggester,
  type SuggestionState,
  typingMs,
} from '../client-runtime/anime/suggestions.ts';
import { AdminVisitor, createAdminApp } from './support/admin.ts';
import { openUsers } from './support/users.ts';

const people = [
  { id: 1, name: 'Aiko Mori', email: 'aiko@example.com' },
  { id: 2, name: 'Akira Sato', email: 'akira@example.com' },
  { id: 3, name: 'Anna Mörike', email: 'anna@example.com' },
];

/** A server that answers when the test lets it. */
class Server {
  readonly asked: string[] = [];
  readonly given: string[] = [];
  private readonly waiting = new Map<string, { resolve(answer: Answer): void; reject(error: unknown): void }>();

  readonly ask = (text: string, signal: AbortSignal): Promise<Answer> => {
    this.asked.push(text);
    signal.addEventListener('abort', () => this.given.push(text));
    return new Promise((resolve, reject) => this.waiting.set(text, { resolve, reject }));
  };

  async answer(text: string, answer: Answer): Promise<void> {
    this.waiting.get(text)?.resolve(answer);
    await vi.advanceTimersByTimeAsync(0);
  }

  async fail(text: string, error: unknown): Promise<void> {
    this.waiting.get(text)?.reject(error);
    await vi.advanceTimersByTimeAsync(0);
  }
}

describe('the field', () => {
  let server: Server;
  let states: SuggestionState[];
  let suggester: Suggester;

  beforeEach(() => {
    vi.useFakeTimers();
    server = new Server();
    states = [];
    suggester = createSuggester({ ask: server.ask, onState: (state) => states.push(state) });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const type = async (...texts: string[]): Promise<void> => {
    for (const text of texts) {
      suggester.type(text);
      await vi.advanceTimersByTimeAsync(typingMs - 1);
    }
    await vi.advanceTimersByTimeAsync(1);
  };
  const names = (): unknown => {
    const state = states.at(-1);
    return state && 'users' in state ? [state.kind, ...state.users.map(({ name }) => name)] : state;
  };

  test('asks once somebody stops typing, not for each letter', async () => {
    await type('a', 'ai', 'aik', 'aiko');
    expect(server.asked).toEqual(['aiko']);
    await server.answer('aiko', { users: people.slice(0, 1), isComplete: true });
    expect(names()).toEqual(['found', 'Aiko Mori']);
  });

  test('answers a longer text by itself when an answer had everything, whatever case and accents', async () => {
    await type('a');
    await server.answer('a', { users: people, isComplete: true });
    await type('A', 'An', 'AN M', 'an mor');
    expect(names()).toEqual(['found', 'Anna Mörike']);
    await type('an mori', 'ann', 'a');
    expect(names()).toEqual(['found', 'Aiko Mori', 'Akira Sato', 'Anna Mörike']);
    await type('ak x');
    expect(names()).toEqual(['found']);
    expect(server.asked).toEqual(['a']);
  });

  test('asks for a longer text when an answer had more than it told, and shows meanwhile what fits', async () => {
    await type('a');
    await server.answer('a', { users: people, isComplete: false });
    await type('ak');
    expect(names()).toEqual(['waiting', 'Akira Sato']);
    expect(server.asked).toEqual(['a', 'ak']);
    await type('a'); // this very text was answered
    expect(names()).toEqual(['found', 'Aiko Mori', 'Akira Sato', 'Anna Mörike']);
    expect(server.asked).toEqual(['a', 'ak']);
  });

  test('gives up what is not wanted any more, and takes no answer to it', async () => {
    await type('a');
    await type('m');
    expect(server.given).toEqual(['a']);
    await server.answer('m', { users: [], isComplete: true });
    await server.answer('a', { users: people, isComplete: true });
    expect(names()).toEqual(['found']);
    await server.fail('a', new Error('aborted'));
    expect(names()).toEqual(['found']);
  });

  test('says why it cannot answer, and answers when it can again', async () => {
    await type('a');
    await server.fail('a', new AskError('offline'));
    expect(states.at(-1)).toEqual({ kind: 'failed', why: 'offline' });
    suggester.retry();
    await vi.advanceTimersByTimeAsync(0);
    expect(server.asked).toEqual(['a', 'a']);
    await server.fail('a', new TypeError('no JSON'));
    expect(states.at(-1)).toEqual({ kind: 'failed', why: 'failed' });
    await type('ak');
    await server.answer('ak', { users: people.slice(1, 2), isComplete: true });
    expect(names()).toEqual(['found', 'Akira Sato']);
  });

  test('asks nothing for nothing, and forgets what it knew when it is left', async () => {
    await type('', ' ', '--');
    expect(server.asked).toEqual([]);
    await type('a');
    await server.answer('a', { users: people, isComplete: true });
    await type('');
    expect(states.at(-1)).toEqual({ kind: 'idle' });
    suggester.reset();
    await type('a');
    expect(server.asked).toEqual(['a', 'a']);
  });
});

describe('the server', () => {
  const start = async () => {
    const database = await openUsers();
    const app = await createAdminApp({}, { database });
    const visitor = await new AdminVisitor(await app.listen({ host: '127.0.0.1', port: 0 })).logIn();
    const ask = async (prefix: string) => {
      const { status, headers, text } = await visitor.get(
        `/admin/users/suggestions?prefix=${encodeURIComponent(prefix)}`,
        { accept: 'application/json' },
      );
      return { status, cache: headers.get('cache-control'), text, body: JSON.parse(text) };
    };
    return { ask, [Symbol.asyncDispose]: () => app.close() };
  };

  test('answers with a few, says whether these are all, and has no cache keep it', async () => {
    await using server = await start();
    const many = await server.ask('mo');
    expect(many).toMatchObject({ status: 200, cache: 'no-store', body: { isComplete: false } });
    expect(many.body.users).toHaveLength(8);
    expect(Object.keys(many.body.users[0])).toEqual(['id', 'name', 'email']);
    expect(many.text.length).toBeLessThan(1_000);
    const few = await server.ask('4321 EXAMPLE');
    expect(few.body).toMatchObject({ isComplete: true, users: [{ id: 4_321 }] });
  });

  test.each(['', '  ', '%_', 'x'.repeat(101)])('refuses "%s"', async (prefix) => {
    await using server = await start();
    expect(await server.ask(prefix)).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining('prefix') },
    });
  });
});
