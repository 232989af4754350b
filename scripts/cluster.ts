// `npm run cluster`: three servers of the anime tracker on one PostgreSQL and one NATS, behind a proxy that gives each
// connection to the next of them. Input: DATABASE_URL and NATS_URL; where they are not given, those that are installed
// are started, with data that ends with them. Output: the address of the proxy. Ctrl-C stops all in order.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { resolve } from 'node:path';
import { freePort } from '../test/support/free-port.ts';
import { natsReason, startNats } from '../test/support/nats.ts';
import { ownPostgresReason, startOwnPostgres } from '../test/support/postgres.ts';

const count = 3;
const root = resolve(import.meta.dirname, '..');
const { DATABASE_URL, NATS_URL, PORT = '3000' } = process.env;

const missing: string[] = [];
if (!DATABASE_URL && ownPostgresReason !== undefined) {
  missing.push('PostgreSQL: apt-get install postgresql, or DATABASE_URL=postgres://user:password@host/name');
}
if (!NATS_URL && natsReason !== undefined) {
  missing.push('NATS: apt-get install nats-server, or NATS_URL=nats://host:4222');
}
if (missing.length > 0) {
  console.error(
    ['Servers of a cluster need a database and a bus. Install them, or say where they are.', ...missing].join('\n'),
  );
  process.exit(69);
}

await using stack = new AsyncDisposableStack();
const stop = Promise.withResolvers<void>();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.resolve());

// a Ctrl-C is for this program, which ends the others after the servers that need them
const given = DATABASE_URL || (await startOwn(() => startOwnPostgres({ isDetached: true }))).createDatabase();
const env = {
  ...process.env,
  HOST: '127.0.0.1',
  DATABASE_URL: await given,
  NATS_URL: NATS_URL || (await startOwn(() => startNats('', { isDetached: true }))).url,
  // the proxy below says of nobody who they are
  TRUST_PROXY: '',
};
const ports: number[] = [];
for (let index = 0; index < count; index++) {
  const port = await freePort();
  const child = spawn(process.execPath, ['server/anime/main.ts'], {
    cwd: root,
    env: { ...env, PORT: String(port) },
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  stack.defer(() => end(child));
  child.on('exit', (code, signal) => console.error(`the server at ${port} has ended with ${code ?? signal}`));
  ports.push(port);
  // the first one makes the tables
  while (child.exitCode === null && !(await isReady(port))) await new Promise((again) => setTimeout(again, 100));
  if (child.exitCode !== null) process.exit(child.exitCode);
}

let next = 0;
const proxy = createServer((client) => {
  // whoever is away is passed over
  const attempt = (left: number): void => {
    const server = connect(ports[next++ % count] as number, '127.0.0.1');
    server.once('connect', () => {
      server.off('error', again);
      client.pipe(server).pipe(client);
      for (const [one, other] of [
        [client, server],
        [server, client],
      ] as const) {
        one.on('error', () => other.destroy()).on('close', () => other.destroySoon());
      }
    });
    const again = (): void => void (left > 0 ? attempt(left - 1) : client.destroy());
    server.once('error', again);
  };
  client.on('error', () => {});
  attempt(count - 1);
});
proxy.listen(Number(PORT), 'localhost');
const listening = once(proxy, 'listening').catch(({ message }: Error) => {
  console.error(`nobody can be heard at port ${PORT}: ${message}. Give another one: PORT=3001`);
  process.exitCode = 1;
  stop.resolve();
});
await Promise.race([listening, stop.promise]);
if (proxy.listening) {
  console.log(
    `http://localhost:${PORT} is one of http://127.0.0.1:${ports.join(' and http://127.0.0.1:')} at each connection`,
  );
}
await stop.promise;
proxy.close();

async function startOwn<Server extends AsyncDisposable>(start: () => Promise<Server>): Promise<Server> {
  return stack.use(await start());
}

async function isReady(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/readyz`).then(
    ({ ok }) => ok,
    () => false,
  );
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}
