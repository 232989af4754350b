// One of several servers of a cluster that is to be faulted. Input: the environment, and steps at which it is to end or
// hang. It says where it listens, and at which step it is; `/turns` says how many turns of shared actors it has
// committed, since who owns an actor commits its turns.

import { appendFileSync } from 'node:fs';
import Fastify from 'fastify';
import { stopOnSignals } from '../../server/anime/stop.ts';
import { islet, natsBus, postgresStore } from '../../server/index.ts';
import { fasterClock } from './faster-clock.ts';
import { watchBus, watchStore } from './steps.ts';
import { routes, tallyOf } from './tally.ts';

const {
  CLUSTER_PORT,
  CLUSTER_DATABASE = '',
  CLUSTER_NATS = '',
  CLUSTER_VIEW,
  CLUSTER_APPLIED = '',
  CLUSTER_SPEED = '1',
} = process.env;

/** Where it is to end or hang, and how often it passes that before. */
let armed: { readonly step: string; readonly signal: string; passes: number } | undefined;

function pass(step: string): void {
  if (armed?.step !== step || --armed.passes > 0) return;
  const { signal } = armed;
  armed = undefined;
  // a pipe takes it at once
  process.stdout.write(`at ${step}\n`);
  process.kill(process.pid, signal);
}

const app = Fastify({ logger: { level: 'error' } });
const limits = { maxConnectionsPerAddress: 100_000, maxBytesPerClient: 2 ** 30, maxEventsPerSecond: 10_000 };
await app.register(islet, {
  store: watchStore(await postgresStore(CLUSTER_DATABASE), pass),
  bus: watchBus(await natsBus({ url: CLUSTER_NATS }), pass),
  clock: fasterClock(Number(CLUSTER_SPEED)),
  limits,
});
let turns = 0;
app.islet.inspect(['committed'], ({ actor }) => {
  if (actor.startsWith(routes.shared)) turns++;
});
app.get('/turns', () => turns);
app.get('/arm', ({ query }) => {
  const { step, signal, passes } = query as { readonly [name: string]: string };
  armed = step && signal ? { step, signal, passes: Number(passes) } : undefined;
  return 'yes';
});
const isAnew = CLUSTER_VIEW === 'anew';
app.islet.route(`${routes.shared}/:key`, tallyOf(isAnew), { shared: true, persist: true });
app.islet.route(routes.own, tallyOf(isAnew), { survive: 'crash' });
const loose = tallyOf(isAnew, (sender, id) => appendFileSync(CLUSTER_APPLIED, `${sender} ${id} ${process.pid}\n`));
app.islet.route(`${routes.loose}/:key`, loose, { shared: true });
stopOnSignals(app);
await app.listen({ host: '127.0.0.1', port: Number(CLUSTER_PORT) });
process.stdout.write('listening\n');
