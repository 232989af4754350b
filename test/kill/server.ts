// A server that ends when it is told to, at a named step: between the rendering of a turn and its commit, between the
// commit and its answer, between the answer and the frames, while runs start. Input: the environment. It says where it
// listens.

import { appendFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import Fastify from 'fastify';
import { stopOnSignals } from '../../server/anime/stop.ts';
import { islet, postgresStore, type Store, serverComponent, sqliteStore } from '../../server/index.ts';
import { documentWith } from '../support/document.ts';
import { boardOf, errand, type Variant } from './board.ts';
import { deskOf, deskRoutes } from './desk.ts';
import { routes } from './routes.ts';

const {
  KILL_PORT,
  KILL_STORE = '',
  KILL_VARIANT = 'first',
  KILL_SCHEMA = '0',
  KILL_AT = '',
  KILL_AFTER = '1',
  KILL_RUNS = '',
  KILL_CALLS = '',
} = process.env;

let count = 0;
/** This is a step; at the one that was asked for the process ends without another word. */
function step(name: string): void {
  if (name === KILL_AT && ++count === Number(KILL_AFTER)) process.kill(process.pid, 'SIGKILL');
}

const inner: Store = KILL_STORE.startsWith('postgres') ? await postgresStore(KILL_STORE) : sqliteStore(KILL_STORE);
const store: Store = {
  load: (key) => inner.load(key),
  async commit(writes) {
    step('commit sent');
    const kept = await inner.commit(writes);
    step('commit answered');
    return kept;
  },
  remove: (key, by) => inner.remove(key, by),
  due: (withinMs, limit) => inner.due(withinMs, limit),
  sweep: (limit) => inner.sweep(limit),
  close: () => inner.close(),
};

const app = Fastify({ logger: { level: 'error' } });
const limits = { maxConnectionsPerAddress: 100_000, maxBytesPerClient: 2 ** 30, maxEventsPerSecond: 10_000 };
await app.register(islet, { store, limits });
app.islet.inspect(['committing', 'committed', 'patch'], ({ kind }) => {
  if (kind === 'committing') step('rendered');
  else if (kind === 'committed') step('committed');
  else {
    step('frames encoded');
    setImmediate(() => step('frames written'));
  }
});
const parts = {
  variant: KILL_VARIANT as Variant,
  schema: Number(KILL_SCHEMA),
  runs: KILL_RUNS,
  onRun: () => step('run started'),
};
app.islet.inspect(['task'], ({ step: name }) => step(`task ${name}`));
app.islet.task(
  errand,
  async (key, { key: name, attempt }) => {
    appendFileSync(KILL_CALLS, `${name} ${key}\n`);
    step('task called');
    // one in three first tries fails, and some take their time
    if (attempt === 1 && name.charCodeAt(1) % 3 === 0) throw new Error('not now');
    if (name.charCodeAt(0) % 2 === 0) await setTimeout(20);
    step('task answers');
    return `${key} done`;
  },
  { timeoutMs: 2_000 },
);
app.islet.route(routes.shared, boardOf({ ...parts, hasTasks: true }), { shared: true, persist: true });
app.islet.route(routes.own, boardOf({ ...parts, hasTasks: false }), { survive: 'crash' });
const desk = deskOf(KILL_VARIANT === 'view');
app.islet.route(`${deskRoutes.shared}/:who`, desk, { shared: true, persist: true });
app.islet.route(deskRoutes.crash, desk, { survive: 'crash' });
app.islet.route(deskRoutes.deploy, desk);
app.get('/desk/:who', (request, reply) => {
  const { who } = request.params as { readonly who: string };
  const { shared, ...own } = deskRoutes;
  const islands = [`${shared}/${who}`, ...Object.values(own)].map((route) => serverComponent({ route }));
  return reply.html(documentWith(islands));
});
stopOnSignals(app);
await app.listen({ host: '127.0.0.1', port: Number(KILL_PORT) });
process.stdout.write('listening\n');
