// A process that is told to stop and cannot: something of it never ends, or fails. For `stop.test.ts`.

import Fastify from 'fastify';
import { stopOnSignals } from '../../server/anime/stop.ts';

const app = Fastify({ logger: true });
app.addHook('onClose', async () => {
  if (process.env.CLOSE === 'fails') throw new Error('this is meant to fail');
  await new Promise(() => {});
});
stopOnSignals(app, 50);
await app.listen({ host: '127.0.0.1', port: 0 });
