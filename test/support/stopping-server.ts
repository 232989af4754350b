// A process whose server was used, and then stopped: it has to end by itself. For `hygiene.test.ts`.

import Fastify from 'fastify';
import { islet } from '../../server/index.ts';
import { TestClient } from './client.ts';
import { counter } from './counter.ts';

const app = Fastify();
await app.register(islet);
app.islet.route('/ws/own', counter);
app.islet.route('/ws/shared', counter, { shared: true, persist: true });
const url = await app.listen({ host: '127.0.0.1', port: 0 });
const page = await new TestClient(`${url.replace('http', 'ws')}/islet`).opened();
await page.hello();
await page.join('/ws/own', { channel: 1 });
await page.join('/ws/shared', { channel: 2 });
page.click(0, { channel: 1 });
page.click(0, { channel: 2 });
await page.until(() => page.slots(1)[1] === 1 && page.slots(2)[1] === 1);
await app.close();
await page.closed;
setTimeout(() => {
  console.error(process.getActiveResourcesInfo());
  process.exit(1);
}, 5_000).unref();
