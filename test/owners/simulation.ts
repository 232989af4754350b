// A cluster in one process: machines over one lossy bus and one store, clients that act and move between them, and a
// clock that is moved by hand. A run is drawn from a seed. `const report = await simulate(seed)`: what was lost, doubled,
// out of order, told wrongly or before it was kept, one version shown in two ways, or went back to an earlier version.

import { createMemoryHub } from '../../server/cluster/memory.ts';
import { memoryStore, type Store } from '../../server/index.ts';
import { LightClient } from '../../server/testing/client.ts';
import type { LightIsland, Outcome } from '../../server/testing/light-island.ts';
import { component, type EventData, effect, html, keyed } from '../../shared/index.ts';
import { randomOf } from '../chaos/random.ts';
import { ManualClock, settled } from '../support/clock.ts';
import { Machine } from './machine.ts';

export interface SimulationOptions {
  readonly machines?: number;
  readonly clients?: number;
  /** Shared actors: people look at one each. */
  readonly keys?: number;
  /** How long faults go on, by the simulated clock. */
  readonly ms?: number;
}

export interface SimulationReport {
  readonly sent: number;
  readonly applied: number;
  readonly refused: number;
  readonly faults: { readonly [kind: string]: number };
  /** What must not be, in words: empty if all is well. */
  readonly wrong: readonly string[];
}

interface Entry {
  readonly sender: string;
  readonly id: number;
}

interface Model {
  /** For each sender the ids that were applied, in order. */
  readonly log: { readonly [sender: string]: readonly number[] };
  readonly rows: readonly Entry[];
  readonly total: number;
}

const path = '/ws/ledger/:key';
const routeOf = (key: number): string => `/ws/ledger/${key}`;

/** Some events are always refused; others by what the model is, so that two owners would not agree. */
function isRefused(total: number, id: number): boolean {
  return id % 9 === 0 || (total + id) % 13 === 0;
}

const ledger = component<Model, Entry & { readonly type: 'sent' }>({
  init: () => [{ log: {}, rows: [], total: 0 }, effect.none],
  update({ log, rows, total }, { sender, id }) {
    if (isRefused(total, id)) throw new RangeError('refused');
    const next = { ...log, [sender]: [...(log[sender] ?? []), id] };
    return [{ log: next, rows: [...rows.slice(-3), { sender, id }], total: total + 1 }, effect.none];
  },
  view: ({ rows, total }) => html`
    <button @click=${toMessage}>send</button>
    <output>${total}</output>
    <ol>${keyed(
      rows,
      ({ sender, id }) => `${sender} ${id}`,
      ({ sender, id }) => html`<li>${sender} <b>${id}</b></li>`,
    )}</ol>
  `,
});

function toMessage({ detail }: EventData) {
  const { sender, id } = detail as unknown as Entry;
  return { type: 'sent', sender, id } as const;
}

class Person {
  readonly name: string;
  readonly client: LightClient;
  readonly island: LightIsland;
  made = 0;
  readonly outcomes = new Map<number, Outcome>();

  private readonly onTold: (person: Person, id: number, outcome: Outcome) => void;

  constructor(name: string, client: LightClient, key: number, onTold: Person['onTold']) {
    this.name = name;
    this.client = client;
    this.island = client.join(routeOf(key));
    this.onTold = onTold;
  }

  act(): void {
    const { island, name } = this;
    const id = ++this.made;
    const data = { detail: { sender: name, id } };
    const press = () => ({ epoch: island.epoch, instance: island.tree.rootId, hole: 0, data });
    void this.client.act(island, press).then((outcome) => {
      this.outcomes.set(id, outcome);
      this.onTold(this, id, outcome);
    });
  }
}

const stepMs = 25;
const restMs = 120_000;

/** Runs one cluster through faults of a seed, and then in peace until all is known. */
export async function simulate(seed: number, options: SimulationOptions = {}): Promise<SimulationReport> {
  const { machines: count = 3, clients = 3, keys = 1, ms = 8_000 } = options;
  const random = randomOf(seed);
  const clock = new ManualClock();
  const { store, logOf } = watched(memoryStore());
  const wrong: string[] = [];
  const faults: { [kind: string]: number } = {};
  const network = { random: random.next, lost: 0.02, late: 0.05, doubled: 0.02, maxLateMs: 300 };
  const hub = createMemoryHub({ clock, faults: network });
  let isPeace = false;
  const note = (kind: string): void => {
    faults[kind] = (faults[kind] ?? 0) + 1;
  };

  const start = (at: number): Machine =>
    new Machine({
      name: `m${at}`,
      clock,
      store,
      random,
      bus: hub.connect(),
      declare: (registry) => registry.add(path, ledger, { shared: true, persist: true }),
      diesAt(step) {
        const dies = !isPeace && random.next() < 0.002;
        if (dies) note(`died ${step}`);
        return dies;
      },
      onError(err, message) {
        if (err instanceof TypeError || err instanceof ReferenceError) wrong.push(`${message}: ${err.stack}`);
      },
    });
  const machines = Array.from({ length: count }, (_, at) => start(at));

  const shown = new Map<string, string>();
  const people = Array.from({ length: clients }, (_, at) => {
    let highest = { epoch: '', version: -1 };
    const look = (): void => {
      const { route, epoch, version, tree, isJoined } = person.island;
      if (!isJoined || version < 0) return;
      const text = tree.toWords();
      const shownAt = `${route} ${epoch} ${version}`;
      const known = shown.get(shownAt);
      if (known === undefined) shown.set(shownAt, text);
      else if (known !== text) wrong.push(`version ${version} is shown in two ways: ${known} | ${text}`);
      if (epoch === highest.epoch && version < highest.version)
        wrong.push(`${person.name} went back from version ${highest.version} to ${version}`);
      highest = { epoch, version };
    };
    const client = new LightClient({
      clock,
      connect(listener) {
        const running = machines.filter((machine) => machine.isAlive && !machine.isStopping);
        const machine = running[random.between(0, running.length - 1)];
        if (machine) return machine.connect(listener);
        queueMicrotask(() => listener.onClose(1006, ''));
        return { send() {}, close() {}, terminate() {} };
      },
      retryMs: () => random.between(5, 200),
      patienceMs: 4_000,
      onChange: look,
    });
    const person: Person = new Person(`p${at}`, client, at % keys, ({ name }, id, { kind }) => {
      if (kind === 'applied' && !logOf(name).includes(id)) wrong.push(`told before it was kept: ${name} ${id}`);
    });
    client.start();
    return person;
  });

  /** What goes wrong now, if anything. */
  const disturb = (): void => {
    const at = random.between(0, count - 1);
    const machine = machines[at] as Machine;
    const dice = random.next();
    if (!machine.isAlive) {
      if (dice < 0.1) machines[at] = start(at);
    } else if (machine.isStopping) return;
    else if (dice < 0.004) {
      note('killed');
      machine.kill();
    } else if (dice < 0.008) {
      note('stopped');
      void machine.stop();
    } else if (dice < 0.014) {
      note('frozen');
      machine.freeze();
      clock.setTimeout(() => machine.thaw(), random.between(200, 3_000));
    } else if (dice < 0.02) {
      note('cut off');
      machine.bus.cut();
      clock.setTimeout(() => machine.bus.restore(), random.between(50, 4_000));
    } else if (dice < 0.03) {
      note('moved');
      const person = people[random.between(0, clients - 1)];
      person?.client.cut();
      clock.setTimeout(() => person?.client.restore(), random.between(0, 300));
    }
  };

  const step = async (): Promise<void> => {
    await settled();
    await clock.advance(stepMs);
  };
  for (let passed = 0; passed < ms; passed += stepMs) {
    disturb();
    for (const person of people) if (random.next() < 0.25) person.act();
    await step();
  }
  isPeace = true;
  Object.assign(network, { lost: 0, late: 0, doubled: 0 });
  for (const [at, machine] of machines.entries()) if (!machine.isAlive) machines[at] = start(at);
  let rested = 0;
  for (; rested < restMs && people.some(({ island }) => !island.isQuiet); rested += stepMs) {
    for (const [at, machine] of machines.entries()) if (!machine.isAlive) machines[at] = start(at);
    await step();
  }
  // news that is under way
  for (let more = 0; more < 40; more++) await step();
  for (const person of people) judge(person, logOf(person.name), wrong);
  for (const { client } of people) {
    wrong.push(...client.faults);
    void client.end();
  }
  for (const machine of machines) machine.kill();
  await settled();
  const outcomes = people.flatMap((person) => [...person.outcomes.values()]);
  return {
    sent: people.reduce((sum, { made }) => sum + made, 0),
    applied: outcomes.filter(({ kind }) => kind === 'applied').length,
    refused: outcomes.filter(({ kind }) => kind === 'refused').length,
    faults,
    wrong,
  };
}

/** A store that says at any moment which of somebody's events it has. */
function watched(store: Store): { readonly store: Store; logOf(sender: string): readonly number[] } {
  /** Of each actor; a text until somebody asks. */
  const logs = new Map<string, string | Model['log']>();
  return {
    store: {
      ...store,
      async commit(writes) {
        const kept = await store.commit(writes);
        for (const [at, { key, model }] of writes.entries()) {
          if (kept[at] && model && 'base' in model) logs.set(key, model.base);
        }
        return kept;
      },
    },
    logOf(sender) {
      for (const [key, known] of logs) {
        const log = typeof known === 'string' ? (JSON.parse(known) as { readonly context: Model }).context.log : known;
        logs.set(key, log);
        if (log[sender]) return log[sender];
      }
      return [];
    },
  };
}

/** Of many runs. */
export interface ManyReport extends SimulationReport {
  readonly badRuns: number;
}

/** Runs many clusters, of seeds from the first on. @param onRun Told how many have been run. */
export async function simulateMany(
  firstSeed: number,
  runs: number,
  onRun: (done: number) => void = () => {},
  options: SimulationOptions = {},
): Promise<ManyReport> {
  const sum = { sent: 0, applied: 0, refused: 0, badRuns: 0 };
  const faults: { [kind: string]: number } = {};
  const wrong: string[] = [];
  for (let run = 0; run < runs; run++) {
    const report = await simulate(firstSeed + run, options);
    sum.sent += report.sent;
    sum.applied += report.applied;
    sum.refused += report.refused;
    if (report.wrong.length > 0) sum.badRuns++;
    for (const [kind, count] of Object.entries(report.faults)) faults[kind] = (faults[kind] ?? 0) + count;
    wrong.push(...report.wrong.slice(0, 5).map((line) => `seed ${firstSeed + run}: ${line}`));
    onRun(run + 1);
  }
  return { ...sum, faults, wrong };
}

/** Compares what somebody did and was told with what is in the model. */
function judge({ name, made, outcomes, island }: Person, applied: readonly number[], wrong: string[]): void {
  const known = new Set(applied);
  if (known.size < applied.length) wrong.push(`doubled: ${name} ${applied.join(' ')}`);
  if (applied.some((id, at) => at > 0 && id < (applied[at - 1] as number)))
    wrong.push(`out of order: ${name} ${applied.join(' ')}`);
  for (let id = 1; id <= made; id++) {
    const outcome = outcomes.get(id);
    if (outcome === undefined)
      wrong.push(`without an outcome: ${name} ${id} (${island.isJoined ? 'joined' : 'not joined'})`);
    else if (outcome.kind === 'applied' && !known.has(id)) wrong.push(`lost: ${name} ${id}`);
    else if (outcome.kind === 'refused' && known.has(id)) wrong.push(`told wrongly: ${name} ${id} was refused`);
    else if (outcome.kind === 'dropped') wrong.push(`dropped: ${name} ${id}: ${outcome.why}`);
    else if (outcome.kind === 'refused' && outcome.code !== 'ISLET_ERR_MESSAGE_REFUSED')
      wrong.push(`refused: ${name} ${id}: ${outcome.code}`);
  }
}
