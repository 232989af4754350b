// A cluster whose faults are written down, step by step: machines over one bus and one store, persons at the machines
// that a test says, and a clock that it moves. `const scene = new Scene(declare); const one = scene.start('one');`

import type { Registry } from '../../server/actors/registry.ts';
import { createMemoryHub } from '../../server/cluster/memory.ts';
import type { Subject } from '../../server/cluster/subject.ts';
import { memoryStore, type Store } from '../../server/index.ts';
import { LightClient } from '../../server/testing/client.ts';
import type { LightIsland, Outcome } from '../../server/testing/light-island.ts';
import { ManualClock, settled } from '../support/clock.ts';
import { Machine } from './machine.ts';

const stepMs = 5;
/** Nothing happens by chance, and the store answers at once. */
const noChance = { next: () => 1, between: () => 0, oneOf: <Item>([first]: readonly [Item, ...Item[]]): Item => first };

export class Scene {
  readonly clock = new ManualClock();
  readonly store = memoryStore();
  /** What was logged as an error. */
  readonly errors: string[] = [];
  private readonly hub = createMemoryHub({ clock: this.clock });
  private readonly declare: (registry: Registry, machine: string) => void;
  private readonly saysAgain: boolean;
  private readonly machines: Machine[] = [];
  private readonly persons: Person[] = [];

  /** @param saysAgain Pages do in another life what has no outcome: by themselves all of it is dropped. */
  constructor(declare: (registry: Registry, machine: string) => void, saysAgain = false) {
    this.declare = declare;
    this.saysAgain = saysAgain;
  }

  start(name: string, store: Store = this.store, questionMs?: number): Machine {
    const machine = new Machine({
      questionMs: questionMs === undefined ? undefined : () => questionMs,
      name,
      clock: this.clock,
      store,
      random: noChance,
      bus: this.hub.connect(),
      declare: (registry) => this.declare(registry, name),
      diesAt: () => false,
      onError: (err, message) => void this.errors.push(`${message}: ${err}`),
    });
    this.machines.push(machine);
    return machine;
  }

  /** Somebody who looks at an island, at a machine. */
  async person(machine: Machine, route: string): Promise<Person> {
    const person = this.begin(machine, route);
    await this.until(() => person.island.isJoined);
    return person;
  }

  /** The same, on the way there. */
  begin(machine: Machine, route: string): Person {
    const person = new Person(machine, route, this.clock, this.saysAgain);
    this.persons.push(person);
    return person;
  }

  /** Texts that are said on the bus from now on. */
  listen(subject: Subject): readonly string[] {
    const texts: string[] = [];
    this.hub.connect().subscribe(subject, ({ text }) => void texts.push(text));
    return texts;
  }

  /** Does something as soon as a text is said that has this in it. */
  whenSaid(subject: Subject, part: string, act: () => void): void {
    const end = this.hub.connect().subscribe(subject, ({ text }) => {
      if (!text.includes(part)) return;
      end();
      act();
    });
  }

  async pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += stepMs) {
      await settled();
      await this.clock.advance(stepMs);
    }
  }

  /** Moves the clock until it is so; for ten seconds at most, then it says whether it was. */
  async until(isSo: () => boolean, limitMs = 10_000): Promise<boolean> {
    for (let passed = 0; !isSo() && passed < limitMs; passed += stepMs) await this.pass(stepMs);
    return isSo();
  }

  end(): void {
    for (const { client } of this.persons) void client.end();
    for (const machine of this.machines) machine.kill();
  }
}

export class Person {
  readonly client: LightClient;
  readonly island: LightIsland;
  /** Versions in the order in which they were shown. */
  readonly versions: number[] = [];
  machine: Machine;

  constructor(machine: Machine, route: string, clock: ManualClock, saysAgain = false) {
    this.machine = machine;
    this.client = new LightClient({
      clock,
      connect: (listener) => this.machine.connect(listener),
      retryMs: () => 5,
      // what has no outcome is done where it is called so now
      placeOf: ({ epoch, tree }, press) => (saysAgain ? { ...press, epoch, instance: tree.rootId } : undefined),
      onChange: () => {
        const { version, isJoined } = this.island;
        if (isJoined && version !== this.versions.at(-1)) this.versions.push(version);
      },
    });
    this.island = this.client.join(route);
    this.client.start();
  }

  get shown(): string {
    return this.island.tree.toWords();
  }

  /** Presses what the outermost instance has at a hole. */
  act(hole: number, detail: string): Promise<Outcome> {
    const { island } = this;
    const press = () => ({ epoch: island.epoch, instance: island.tree.rootId, hole, data: { detail } });
    return this.client.act(island, press);
  }

  /** Its page comes back at another machine. */
  moveTo(machine: Machine): void {
    this.machine = machine;
    this.client.cut();
    this.client.restore();
  }
}
