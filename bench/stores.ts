// What keeping a turn costs, by the store alone: `node bench/stores.ts [postgres://...]`. One actor writes turn after
// turn, or a hundred write in each tick, through the committer as actors do. Output: microseconds of CPU of this
// process (all its threads) and of the clock for each turn that was kept, the middle of several rounds, for each store.

import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ManagedStore, memoryStore, postgresStore, sqliteStore, type Write } from '../server/index.ts';
import { Committer } from '../server/store/committer.ts';
import { systemClock } from '../server/system-clock.ts';

const turns = 4_000;
const rounds = 7;
const big = JSON.stringify({
  rows: Array.from({ length: 1_000 }, (_, id) => ({ id, name: `row ${id}`, done: false })),
});

interface Shape {
  readonly title: string;
  readonly model: (turn: number) => NonNullable<Write['model']>;
}

const shapes: readonly Shape[] = [
  { title: 'a counter', model: (turn) => ({ base: `{"count":${turn}}` }) },
  {
    title: `a table of ${Math.round(big.length / 1024)} KiB, a cell changed`,
    model: (turn) => (turn === 0 ? { base: big } : { patch: `[["rows",${turn % 1_000},"done",true]]` }),
  },
];

const folder = mkdtempSync(join(tmpdir(), 'islet-bench-'));
const [url] = process.argv.slice(2);
const stores: Record<string, () => ManagedStore | Promise<ManagedStore>> = {
  'in memory': memoryStore,
  'SQLite, survives the process': () => sqliteStore(join(folder, 'process.db')),
  'SQLite, survives a power cut': () => sqliteStore(join(folder, 'power.db'), { durability: 'power' }),
  ...(url !== undefined && { PostgreSQL: () => postgresStore(url) }),
};

let names = 0;

class Writer {
  private readonly key = `/bench/${++names}`;
  private readonly committer: Committer;
  private readonly shape: Shape;
  private last: string | undefined;
  private turn = 0;

  constructor(committer: Committer, shape: Shape) {
    this.committer = committer;
    this.shape = shape;
  }

  async write(): Promise<void> {
    const by = `${this.key}.${++names}`;
    const rendering = `{"epoch":"e","version":${this.turn},"nextId":12,"digest":"0123456789abcdef"}`;
    const clients = [{ client: `client ${this.turn % 50}`, event: this.turn, endsInMs: 86_400_000 }];
    // what grew to twice its base is written whole again, as actors do
    const model = this.shape.model(this.turn % 2_000);
    const outcome = await this.committer.commit({
      ...{ key: this.key, by, after: this.last, schema: 1, model, rendering, clients },
    });
    if (outcome !== 'done') throw new Error(`the store did not keep it: ${outcome}`);
    this.last = by;
    this.turn++;
  }
}

async function measure(store: ManagedStore, shape: Shape, count: number): Promise<{ cpu: number; clock: number }> {
  const committer = new Committer({ store, clock: systemClock, log: { error: console.error, warn() {}, info() {} } });
  const writers = Array.from({ length: count }, () => new Writer(committer, shape));
  const write = async (turns: number): Promise<void> => {
    for (let done = 0; done < turns; done += count) await Promise.all(writers.map((writer) => writer.write()));
  };
  await write(turns / 2);
  const figures: { cpu: number; clock: number }[] = [];
  for (let round = 0; round < rounds; round++) {
    const [cpu, clock] = [process.cpuUsage(), performance.now()];
    await write(turns);
    const { user, system } = process.cpuUsage(cpu);
    figures.push({ cpu: (user + system) / turns, clock: ((performance.now() - clock) * 1000) / turns });
  }
  await committer.close(1_000);
  const middle = (of: 'cpu' | 'clock') =>
    figures.map((each) => each[of]).sort((one, other) => one - other)[rounds >> 1] ?? 0;
  return { cpu: middle('cpu'), clock: middle('clock') };
}

for (const [title, open] of Object.entries(stores)) {
  const store = await open();
  for (const shape of shapes) {
    for (const count of [1, 100]) {
      const { cpu, clock } = await measure(store, shape, count);
      const who = count === 1 ? 'one actor' : `${count} actors in a tick`;
      console.log(`${title}: ${shape.title}, ${who}: ${cpu.toFixed(1)} us of CPU, ${clock.toFixed(1)} us a turn`);
    }
  }
  await store.close();
}
const bytes = ['process.db', 'power.db'].map((name) => statSync(join(folder, name)).size);
console.log(`files: ${bytes.map((size) => `${Math.round(size / 1024)} KiB`).join(', ')}`);
rmSync(folder, { recursive: true });
