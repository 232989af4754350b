/*
 * One shared actor over several processes and NATS: what an event costs the process that owns it, wherever people look,
 * what it puts on the bus, and how much longer it takes from another process. Beside it: one process alone, and with a
 * bus in memory. Output: figures by the name of each room, whose segments take turns.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../test/support/free-port.ts';
import { natsReason, startNats } from '../../test/support/nats.ts';
import { closeIslands, type Island, openIslands } from './island.ts';
import type { Figures } from './loops.ts';
import { isletProtocol } from './protocol-islet.ts';
import { type ServerProcess, startServer } from './server-process.ts';
import { Latencies } from './statistics.ts';

const script = new URL('../app/cluster.ts', import.meta.url).pathname;

/** People who look at one counter, at one or several processes; the first process owns it. */
class Room {
  readonly name: string;
  private readonly owner: ServerProcess;
  private readonly islands: readonly Island[];
  private readonly sender: Island;
  private latencies = new Latencies();
  private cpuUs = 0;
  private events = 0;

  private constructor(name: string, owner: ServerProcess, islands: readonly Island[], sender: Island) {
    this.name = name;
    this.owner = owner;
    this.islands = islands;
    this.sender = sender;
  }

  /** @param looking How many look at each of the processes. The first of those that have anybody sends. */
  static async open(name: string, servers: readonly ServerProcess[], looking: readonly number[]): Promise<Room> {
    const [owner] = servers as [ServerProcess];
    // whoever is there first owns it; its page is gone again before anything is measured
    const visitors = looking[0] === 0 ? await openAt(owner, name, 1) : [];
    const islands: Island[] = [];
    for (const [index, count] of looking.entries()) {
      if (count > 0) islands.push(...(await openAt(servers[index] as ServerProcess, name, count)));
    }
    await closeIslands(visitors);
    return new Room(name, owner, islands, islands[0] as Island);
  }

  async run(ms: number): Promise<number> {
    const before = await this.owner.cpuUs();
    const end = performance.now() + ms;
    let events = 0;
    for (; performance.now() < end; events++) {
      const sent = performance.now();
      await new Promise<void>((resolve) => {
        let missing = this.islands.length;
        const arrived = (): void => {
          if (--missing === 0) resolve();
        };
        for (const island of this.islands) island.onDelivery = arrived;
        this.sender.onReply = () => {
          this.latencies.add(performance.now() - sent);
          arrived();
        };
        this.sender.send('up');
      });
    }
    await sleep(2);
    this.cpuUs += (await this.owner.cpuUs()) - before;
    this.events += events;
    return events;
  }

  close(): void {
    for (const island of this.islands) island.destroy();
  }

  /** Nothing that was measured so far counts. */
  forget(): void {
    this.latencies = new Latencies();
    this.cpuUs = 0;
    this.events = 0;
  }

  figures(): Figures {
    return {
      [`${this.name}.cpuUs`]: this.cpuUs / this.events,
      [`${this.name}.p50Us`]: this.latencies.percentile(0.5),
    };
  }
}

async function openAt(server: ServerProcess, name: string, count: number): Promise<Island[]> {
  return openIslands(server.port, await isletProtocol.prepare(server.port, `room/${name}`), count);
}

/** @param isQuick It is only shown that it works. */
export async function measureCluster(isQuick: boolean): Promise<Figures> {
  if (natsReason !== undefined) {
    console.error(`several processes are not measured: ${natsReason}`);
    return {};
  }
  await using stack = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'islet-bench-'));
  stack.defer(() => rmSync(folder, { recursive: true }));
  const monitor = await freePort();
  const nats = stack.use(await startNats(`http: "127.0.0.1:${monitor}"`));
  const start = async (bus: string, store: string): Promise<ServerProcess> => {
    const server = await startServer({ script, env: { BENCH_BUS: bus, BENCH_STORE: join(folder, store) } });
    stack.defer(() => server.stop());
    return server;
  };
  const busBytes = async (): Promise<number> => {
    // it counts what it has read
    await sleep(100);
    const { in_bytes } = (await (await fetch(`http://127.0.0.1:${monitor}/varz`)).json()) as { in_bytes: number };
    return in_bytes;
  };
  const alone = await start('', 'alone.db');
  const memory = await start('memory', 'memory.db');
  const three = [await start(nats.url, 'all.db'), await start(nats.url, 'all.db'), await start(nats.url, 'all.db')];
  const some = isQuick ? 30 : 1_000;
  const half = some / 2;
  const third = Math.round(some / 3);
  const rooms = [
    await Room.open('alone', [alone], [100]),
    await Room.open('memory', [memory], [100]),
    await Room.open('one', three, [some]),
    await Room.open('two', three, [half, half]),
    await Room.open('three', three, [third, third, third]),
    await Room.open('few', three, [1, some / 10]),
    await Room.open('many', three, [1, some]),
    await Room.open('near', three, [1]),
    await Room.open('far', three, [0, 1]),
  ];
  stack.defer(() => {
    for (const room of rooms) room.close();
  });
  for (const room of rooms) await room.run(isQuick ? 100 : 1_000);
  // figures are those of warm code
  for (const room of rooms) room.forget();
  const bytes: Record<string, number> = {};
  for (let segment = 0; segment < (isQuick ? 1 : 8); segment++) for (const room of rooms) await room.run(250);
  for (const room of rooms.slice(3)) {
    const before = await busBytes();
    const events = await room.run(500);
    bytes[`${room.name}.busBytes`] = ((await busBytes()) - before) / events;
  }
  return Object.assign({}, ...rooms.map((room) => room.figures()), bytes);
}
