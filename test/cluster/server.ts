// One of several servers of a cluster that is to be faulted. Input: the environment. It says where it listens; `/turns`
// says how many turns of shared actors it has committed, since who owns an actor commits its turns.

import Fastify from 'fastify';
import { stopOnSignals } from '../../server/anime/stop.ts';
import { islet, natsBus, postgresStore } from '../../server/index.ts';
import { routes, tallyOf } from './tally.ts';

const { CLUSTER_PORT, CLUSTER_DATABASE = '', CLUSTER_NATS = '', CLUSTER_VIEW } = process.env;

const app = Fastify({ logger: { level: 'error' } });
const limits = { maxConnectionsPerAddress: 100_000, maxBytesPerClient: 2 ** 30, maxEventsPerSecond: 10_000 };
const bus = await natsBus({ url: CLUSTER_NATS });
await app.register(islet, { store: await postgresStore(CLUSTER_DATABASE), bus, limits });
let turns = 0;
app.islet.inspect(['committed'], ({ actor }) => {
  if (actor.startsWith(routes.shared)) turns++;
});
app.get('/turns', () => turns);
const tally = tallyOf(CLUSTER_VIEW === 'anew');
app.islet.route(`${routes.shared}/:key`, tally, { shared: true, persist: true });
app.islet.route(routes.own, tally, { survive: 'crash' });
stopOnSignals(app);
await app.listen({ host: '127.0.0.1', port: Number(CLUSTER_PORT) });
process.stdout.write('listening\n');
