// Leads clients and pages through many lost connections and compares at the end what they sent, what the server applied
// and what everybody sees. `const report = await runChaos({ disconnects: 50, seed: 1 });`

import { setTimeout as pause } from 'node:timers/promises';
import Fastify, { type FastifyInstance } from 'fastify';
import { islet, serverComponent } from '../../server/index.ts';
import { documentWith } from '../support/document.ts';
import { keepActing, until } from './acting.ts';
import { Client, routes } from './client.ts';
import { LeapingClock } from './clock.ts';
import { type Ledger, ledgerComponent, shownEntries } from './ledger.ts';
import { type ChaosPages, openChaosPages } from './pages.ts';
import { randomOf } from './random.ts';
import { type Book, type ChaosReport, outcomeOf, wordsOf } from './report.ts';
import { startStorm } from './storm.ts';

export interface ChaosOptions {
  /** How many connections are lost before clients may settle. */
  readonly disconnects: number;
  readonly seed: number;
  /** Light clients. Default 20. */
  readonly clients?: number;
  /** Pages in a real browser. Default none. */
  readonly pages?: number;
  /** How long the server keeps a session, in milliseconds. Default 60,000: longer than anybody is away. */
  readonly sessionMs?: number;
  /** Told about once a second. */
  onProgress?(disconnects: number, events: number): void;
}

const defaultSessionMs = 60_000;
const idleMs = 300_000;
/** How long clients may take to settle, through a good network. */
const settleMs = 20_000;

export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const { disconnects, seed, clients: count = 20, pages: pageCount = 0, sessionMs = defaultSessionMs } = options;
  const started = performance.now();
  const ledgers: Ledger[] = [[], []];
  const [shared, own] = ledgers as [Ledger, Ledger];
  const clock = new LeapingClock();
  const errors: string[] = [];
  const details: string[] = [];
  const app = await startApp({ shared, own, clock, sessionMs, errors });
  await using stack = new AsyncDisposableStack();
  stack.defer(() => app.close());
  const port = (app.server.address() as { port: number }).port;
  const storm = stack.use(await startStorm(port, seed));

  const pages: ChaosPages | undefined =
    pageCount > 0 ? await openChaosPages(pageCount, `http://127.0.0.1:${storm.port}/`) : undefined;
  if (pages) stack.use(pages);
  storm.begin();
  const url = `ws://127.0.0.1:${storm.port}/islet`;
  const clients: Client[] = [];
  for (let index = 0; index < count; index++) {
    const client = new Client({ name: `client${index}`, random: randomOf(seed + 1, index), url });
    clients.push(client);
    stack.defer(() => client.end());
    client.start();
  }
  const lost = (): number => clients.reduce((sum, client) => sum + client.disconnects, pages?.disconnects ?? 0);
  const acting = stack.adopt(new AbortController(), (controller) => controller.abort());
  const actors = clients.map((client, index) => keepActing(client, randomOf(seed + 2 + index), acting.signal, 100));
  let toldAt = performance.now();
  while (lost() < disconnects) {
    await pause(10);
    if (performance.now() - toldAt < 1_000) continue;
    toldAt = performance.now();
    await pages?.read();
    options.onProgress?.(lost(), shared.length + own.length);
  }
  acting.abort();
  await Promise.all(actors);
  await pages?.stop();

  // from here on the network is good
  for (const client of clients) client.patienceMs = 5_000;
  storm.calm();
  const isQuiet = async (): Promise<boolean> => {
    await pages?.read();
    return clients.every((client) => client.isQuiet) && (pages?.isQuiet(ledgers) ?? true);
  };
  if (!(await until(isQuiet, settleMs))) details.push('not everybody has heard what became of its events');

  const maySessionsEnd = sessionMs < defaultSessionMs;
  const wordsFor = (sender: string): string | undefined => {
    if (sender.endsWith('.shared')) return wordsOf(shared, shownEntries);
    // an island of one's own begins anew with each session
    if (maySessionsEnd) return undefined;
    return wordsOf(
      own.filter((entry) => entry.sender === sender),
      shownEntries,
    );
  };
  const differing = await differences(clients, pages, wordsFor);
  const books: Book[] = [
    ...clients.flatMap(({ islands }) =>
      islands.map(({ sender, made, told }) => ({ sender, made, told: new Set(told.keys()), toldUnnamed: 0 })),
    ),
    ...(pages?.books ?? []),
  ];
  const total = lost();
  for (const client of clients) await client.end();
  await pages?.close();
  await until(() => app.islet.size.connections === 0 && storm.open === 0, 5_000);
  clock.leap(sessionMs);
  await pause(20);
  clock.leap(idleMs);
  await pause(20);
  const { size, counters } = app.islet;
  const left = size.connections + size.sessions + size.actors + storm.open;
  if (left > 0) details.push(`left: ${JSON.stringify(size)}, ${storm.open} in the proxy`);
  errors.push(...clients.flatMap(({ faults }) => faults), ...(pages?.errors ?? []));
  if (counters.failures > 0) errors.push(`${counters.failures} failures of actors`);

  const outcome = outcomeOf([...shared, ...own], books);
  const reasons = new Map<string, number>();
  for (const { told } of clients.flatMap(({ islands }) => islands)) {
    for (const why of told.values()) reasons.set(why, (reasons.get(why) ?? 0) + 1);
  }
  for (const [why, events] of (pages?.reasons ?? []).flatMap(Object.entries)) {
    reasons.set(why, (reasons.get(why) ?? 0) + Number(events));
  }
  for (const [why, events] of reasons) details.push(`told: ${events} ${why}`);
  return {
    ...outcome,
    disconnects: total,
    faults: storm.faults,
    differ: differing.length,
    left,
    errors: errors.length,
    details: [...details, ...differing, ...errors.map((error) => `error: ${error}`), ...outcome.details],
    maySessionsEnd,
    seconds: (performance.now() - started) / 1_000,
  };
}

interface AppParts {
  readonly shared: Ledger;
  readonly own: Ledger;
  readonly clock: LeapingClock;
  readonly sessionMs: number;
  /** Where what the log has of errors goes. */
  readonly errors: string[];
}

async function startApp({ shared, own, clock, sessionMs, errors }: AppParts): Promise<FastifyInstance> {
  const stream = { write: (line: string) => void errors.push(line.trim().slice(0, 500)) };
  const app = Fastify({ logger: { level: 'error', stream } });
  // everybody comes from one address here
  const limits = { maxConnectionsPerAddress: 100_000, maxBytesPerClient: 2 ** 30 };
  await app.register(islet, { clock, sessionMs, idleMs, limits });
  app.islet.route(routes.shared, ledgerComponent('chaos-shared', shared), { shared: true });
  app.islet.route(routes.own, ledgerComponent('chaos-own', own));
  const islands = Object.values(routes).map((route) => serverComponent({ route }));
  app.get('/', (_, reply) => reply.html(documentWith(islands)));
  await app.listen({ host: '127.0.0.1', port: 0 });
  return app;
}

/** Which trees are not what they must be; for some it is not known what they must read. */
async function differences(
  clients: readonly Client[],
  pages: ChaosPages | undefined,
  wordsFor: (sender: string) => string | undefined,
): Promise<string[]> {
  const found: string[] = [];
  for (const { sender, tree } of clients.flatMap(({ islands }) => islands)) {
    const words = wordsFor(sender);
    const isThere = words === undefined || (await until(() => tree.toWords() === words, 5_000));
    if (!isThere) found.push(`differs: ${sender} reads ${tree.toWords()}, not ${words}`);
  }
  for (const client of clients) {
    for (const island of client.islands) {
      if (!(await client.isTrue(island))) found.push(`differs: ${island.sender} from what the server has`);
    }
  }
  const texts = new Set(clients.map(({ islands: [island] }) => `${island.version} ${island.tree.toText()}`));
  if (texts.size > 1) found.push(`differs: ${texts.size} versions of the shared tree`);
  if (pages) found.push(...(await pages.differences(wordsFor)));
  return found;
}
