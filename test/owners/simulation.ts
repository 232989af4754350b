// A cluster in one process: machines over one lossy bus and one store, clients that act and move between them, and a
// clock that is moved by hand. A run is drawn from a seed. `const report = await simulate(seed)`: what was lost, doubled,
// out of order, told wrongly, before it was kept or before it was shown; what was shown in two ways, or went back to an
// earlier version; who is counted as looking and does not.

import { createMemoryHub } from '../../server/cluster/memory.ts';
import { memoryStore } from '../../server/index.ts';
import { LightClient } from '../../server/testing/client.ts';
import type { LightIsland, Press } from '../../server/testing/light-island.ts';
import { randomOf } from '../chaos/random.ts';
import { ManualClock, settled } from '../support/clock.ts';
import { Truth } from './ledger.ts';
import { Machine } from './machine.ts';
import { WatchedPerson } from './watched-person.ts';

export interface SimulationOptions {
  readonly machines?: number;
  readonly clients?: number;
  /** Shared actors: people look at one each. */
  readonly keys?: number;
  /** How long faults go on, by the simulated clock. */
  readonly ms?: number;
  /** Whether a store keeps the actors: else each event is done at most once. Default true. */
  readonly persist?: boolean;
  /** How long a question to another machine may be under way, on top of what goes wrong. Default: it arrives at once. */
  readonly maxQuestionMs?: number;
  /** Whether the actor, of which there is one, counts who looks. Default false. */
  readonly countsLookers?: boolean;
}

export interface SimulationReport {
  readonly sent: number;
  readonly applied: number;
  readonly refused: number;
  /** Nobody knows what became of them. */
  readonly dropped: number;
  readonly faults: { readonly [kind: string]: number };
  /** What must not be, in words: empty if all is well. */
  readonly wrong: readonly string[];
}

const path = '/ws/ledger/:key';
const routeOf = (key: number): string => `/ws/ledger/${key}`;

const stepMs = 25;
const restMs = 120_000;
/** After so long who looks at a machine that is no more is gone, and so is who has not come back. */
const leaseMs = 30_000;

/** What was done in another life is done where it is now. */
const placeOf = ({ epoch, tree }: LightIsland, press: Press): Press => ({ ...press, epoch, instance: tree.rootId });

/** Runs one cluster through faults of a seed, and then in peace until all is known. */
export async function simulate(seed: number, options: SimulationOptions = {}): Promise<SimulationReport> {
  const { machines: count = 3, clients = 3, keys = 1, ms = 8_000 } = options;
  const { persist = true, maxQuestionMs = 0, countsLookers = false } = options;
  const random = randomOf(seed);
  const delays = randomOf(seed, 1);
  const clock = new ManualClock();
  const truth = new Truth();
  const store = truth.watch(memoryStore());
  const ledger = truth.component(persist, countsLookers);
  const wrong: string[] = [];
  const watch = { truth, isKept: persist, shown: new Map<string, string>(), wrong };
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
      ...(maxQuestionMs > 0 ? { questionMs: () => delays.between(0, maxQuestionMs) } : {}),
      declare: (registry) => registry.add(path, ledger, persist ? { shared: true, persist } : { shared: true }),
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

  const people = Array.from({ length: clients }, (_, at) => {
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
      onChange: () => person.look(),
      ...(persist ? {} : { placeOf }),
    });
    const person: WatchedPerson = new WatchedPerson(`p${at}`, client, routeOf(at % keys), watch);
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
  for (const person of people) person.judge();
  if (countsLookers) {
    // until all leases of those who are no more have ended
    for (let passed = 0; passed < leaseMs; passed += stepMs) await step();
    for (const { lookers } of truth.present(persist)) {
      const counts = Object.values(lookers);
      if (counts.length !== clients || counts.some((each) => each !== 1))
        wrong.push(`${clients} look, and it counts ${JSON.stringify(lookers)}`);
    }
  }
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
    dropped: outcomes.filter(({ kind }) => kind === 'dropped').length,
    faults,
    wrong,
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
  const sum = { sent: 0, applied: 0, refused: 0, dropped: 0, badRuns: 0 };
  const faults: { [kind: string]: number } = {};
  const wrong: string[] = [];
  for (let run = 0; run < runs; run++) {
    const report = await simulate(firstSeed + run, options);
    sum.sent += report.sent;
    sum.applied += report.applied;
    sum.refused += report.refused;
    sum.dropped += report.dropped;
    if (report.wrong.length > 0) sum.badRuns++;
    for (const [kind, count] of Object.entries(report.faults)) faults[kind] = (faults[kind] ?? 0) + count;
    wrong.push(...report.wrong.slice(0, 5).map((line) => `seed ${firstSeed + run}: ${line}`));
    onRun(run + 1);
  }
  return { ...sum, faults, wrong };
}
