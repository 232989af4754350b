// A server in a process of its own, with a small heap, for clients that mean harm: `fork(..., { execArgv:
// ['--max-old-space-size=256'] })`. It says its address first; whatever it is sent, it answers with how it is.

import Fastify from 'fastify';
import { islet, memoryStore } from '../../server/index.ts';
import { component, effect, html } from '../../shared/index.ts';
import { counter } from './counter.ts';

/** How a server is. */
export interface Health {
  readonly size: { readonly actors: number; readonly sessions: number; readonly connections: number };
  readonly counters: {
    readonly joins: number;
    readonly connections: { readonly opened: number; readonly closed: { readonly [code: string]: number } };
    readonly refusals: { readonly [code: string]: number };
  };
  /** Lines of the log that are no requests, and those that say what became of a connection. */
  readonly lines: number;
  readonly closings: number;
  readonly errors: number;
  readonly rows: number;
  readonly heapMegabytes: number;
}

const poster = component<number, { readonly type: 'UserClicked' }>({
  init: () => [0, effect.none],
  update: (clicks) => [clicks + 1, effect.none],
  view: (clicks) => html`<button @click=${{ type: 'UserClicked' }}>${String(clicks).padEnd(200_000, '.')}</button>`,
});

/** Changes as soon as somebody joins. */
const guests = component<number, { readonly type: 'ClientConnected' }>({
  init: () => [0, effect.none],
  update: (count) => [count + 1, effect.none],
  view: (count) => html`<p>${count}</p>`,
  onConnect: () => ({ type: 'ClientConnected' }),
});

const lines = { all: 0, closings: 0, errors: 0 };
const stream = {
  write(line: string) {
    const { level, msg } = JSON.parse(line);
    lines.all++;
    if (msg === 'connection closed') lines.closings++;
    if (level >= 50) lines.errors++;
  },
};
const app = Fastify({ logger: { level: 'info', stream }, disableRequestLogging: true });
const store = memoryStore();
const rows = new Set<string>();
await app.register(islet, {
  idleMs: 600_000,
  // longer than any attack
  sessionMs: 600_000,
  store: {
    ...store,
    commit(writes) {
      for (const { key } of writes) rows.add(key);
      return store.commit(writes);
    },
  },
});
app.islet.route('/ws/board', counter, { shared: true });
app.islet.route('/ws/own', counter);
app.islet.route('/ws/room/:id', counter, { shared: true });
app.islet.route('/ws/guests/:id', guests, { shared: true });
app.islet.route('/ws/saved/:id', counter, { shared: true, persist: true });
app.islet.route('/ws/poster', poster, { shared: true });
const url = await app.listen({ host: '127.0.0.1', port: 0 });

process.on('message', () => {
  const { size, counters } = app.islet;
  const { heapUsed } = process.memoryUsage();
  const { all, closings, errors } = lines;
  const health: Health = {
    size,
    counters,
    lines: all,
    closings,
    errors,
    rows: rows.size,
    heapMegabytes: Math.round(heapUsed / 2 ** 20),
  };
  process.send?.(health);
});
process.on('disconnect', () => process.exit());
process.send?.(url);
