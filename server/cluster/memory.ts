/*
 * A bus in memory. Input: what those say who are connected to one hub; each stands for a process. Output: the same,
 * heard a microtask later. For one process, and for tests of many: a hub can cut connections, and lose, delay and double
 * what is said.
 */

import type { Clock } from '../../shared/runtime/clock.ts';
import { systemClock } from '../system-clock.ts';
import type { Bus } from './bus.ts';
import type { HearLine, Line, LineListener, LineState } from './line.ts';
import { LineBus } from './line-bus.ts';

/** What goes wrong on the way from one process to another; each share is of 1. */
export interface BusFaults {
  /** From 0 up to, but not, 1; of a seed, and a run can be repeated. */
  readonly random: () => number;
  /** Never arrives. */
  readonly lost?: number;
  /** Arrives later, by up to `maxLateMs`; what the same process says to the same after it waits behind it. */
  readonly late?: number;
  /** Arrives once more, by up to `maxLateMs` later, whatever came in between. */
  readonly doubled?: number;
  /** Default 1,000. */
  readonly maxLateMs?: number;
}

export interface MemoryHubOptions {
  /** Default: the system's. */
  readonly clock?: Clock;
  /** Default: nothing goes wrong. */
  readonly faults?: BusFaults;
  /** How long a text may be without going in parts, in bytes. Default 524,288. */
  readonly partBytes?: number;
}

/** The connection of one process. */
export interface MemoryBus extends Bus {
  /** It is lost, as when a network goes: nothing gets out or in. */
  cut(): void;
  /** It is back, with all that had subscribed. */
  restore(): void;
}

export interface MemoryHub {
  connect(): MemoryBus;
}

/** A bus of one process that nobody else hears. */
export function memoryBus(options?: MemoryHubOptions): MemoryBus {
  return createMemoryHub(options).connect();
}

/** What several buses in memory are connected to. */
export function createMemoryHub(options: MemoryHubOptions = {}): MemoryHub {
  const { clock = systemClock, faults, partBytes = 512 * 1024 } = options;
  const hub: Hub = { lines: new Map(), clock, faults, partBytes };
  return {
    connect() {
      let line: MemoryLine | undefined;
      const bus = new LineBus((listener) => {
        line = new MemoryLine(hub, `m${++lines}`, listener);
        return line;
      }, clock);
      return Object.assign(bus, { cut: () => line?.setState('lost'), restore: () => line?.setState('connected') });
    },
  };
}

interface Hub {
  readonly lines: Map<string, MemoryLine>;
  readonly clock: Clock;
  readonly faults: BusFaults | undefined;
  readonly partBytes: number;
}

let lines = 0;

class MemoryLine implements Line {
  readonly name: string;
  readonly partBytes: number;
  state: LineState = 'connected';
  private readonly hub: Hub;
  private readonly listener: LineListener;
  private readonly subscriptions = new Map<string, Set<HearLine>>();
  /** When the last of what it has said to a line arrives there. */
  private readonly arrivals = new Map<MemoryLine, number>();
  /** Rises with each cut: what is under way then is lost. */
  private life = 0;

  constructor(hub: Hub, name: string, listener: LineListener) {
    this.hub = hub;
    this.name = name;
    this.partBytes = hub.partBytes;
    this.listener = listener;
    hub.lines.set(name, this);
  }

  setState(state: LineState): void {
    if (this.state === 'closed' || this.state === state) return;
    this.state = state;
    // who closes has said what it said
    if (state === 'lost') this.life++;
    if (state === 'closed') this.hub.lines.delete(this.name);
    this.listener.onState(state);
  }

  publish(subject: string, text: string, question?: number): void {
    const said = text.toWellFormed();
    const asker = question === undefined ? undefined : `${this.name}.${question}`;
    const hearing = [...this.hub.lines.values()].filter((line) => line.hears(subject));
    for (const line of hearing) this.send(line, () => line.hear(subject, said, asker));
    // the bus itself says it, and that is not lost
    if (hearing.length === 0 && question !== undefined) this.pass(this, () => this.listener.onNobody(question));
  }

  answer(asker: string, text: string): void {
    const [name = '', question] = asker.split('.');
    const line = this.hub.lines.get(name);
    const said = text.toWellFormed();
    if (line) this.send(line, () => line.listener.onAnswer(Number(question), said));
  }

  subscribe(subject: string, hear: HearLine): () => void {
    const hears = this.subscriptions.get(subject) ?? new Set();
    this.subscriptions.set(subject, hears.add(hear));
    return () => {
      hears.delete(hear);
      if (hears.size === 0) this.subscriptions.delete(subject);
    };
  }

  flush(): Promise<void> {
    const { life } = this;
    return Promise.resolve().then(() => {
      if (life !== this.life) throw new Error('cut meanwhile');
    });
  }

  async close(): Promise<void> {
    this.setState('closed');
  }

  private hears(subject: string): boolean {
    return this.state === 'connected' && this.subscriptions.has(subject);
  }

  private hear(subject: string, text: string, asker: string | undefined): void {
    for (const hear of this.subscriptions.get(subject) ?? []) hear(text, asker);
  }

  /** What a process says to itself meets the same network. */
  private send(line: MemoryLine, arrive: () => void): void {
    const { faults, clock } = this.hub;
    if (!faults) {
      this.pass(line, arrive);
      return;
    }
    const { random, lost = 0, late = 0, doubled = 0, maxLateMs = 1_000 } = faults;
    const isLost = random() < lost;
    const delay = random() < late ? random() * maxLateMs : 0;
    const again = random() < doubled ? random() * maxLateMs : undefined;
    const at = Math.max(this.arrivals.get(line) ?? 0, clock.now() + delay);
    if (!isLost) {
      this.arrivals.set(line, at);
      this.passAt(at, line, arrive);
    }
    if (again !== undefined) this.passAt(at + again, line, arrive);
  }

  private passAt(at: number, line: MemoryLine, arrive: () => void): void {
    const { clock } = this.hub;
    const ms = at - clock.now();
    if (ms <= 0) this.pass(line, arrive);
    else clock.setTimeout(this.whileBothLive(line, arrive), ms);
  }

  private pass(line: MemoryLine, arrive: () => void): void {
    queueMicrotask(this.whileBothLive(line, arrive));
  }

  private whileBothLive(line: MemoryLine, arrive: () => void): () => void {
    const { life: there } = line;
    const { life: here } = this;
    return () => {
      if (line.life === there && this.life === here && line.state === 'connected') arrive();
    };
  }
}
