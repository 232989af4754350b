/*
 * What runs under names in one actor (`effect.latest`): of each name only what was started last counts. Input: parts of
 * effects, by their hosts. Output: what their runs ask for, as long as nothing else was started under the same name.
 */

import type { EffectHost, Output, TimerOutput } from '../language/effect.ts';
import { ActorHost, type Hosting } from './effect-host.ts';

/** What names need of their runtime. */
export interface Naming extends Hosting {
  /** Whether a message asks for something else under a name that could not be started yet. */
  isAsked(name: string): boolean;
  startTimer(output: TimerOutput, names: readonly string[]): void;
  endTimers(name: string): void;
}

export class Names {
  private readonly runtime: Naming;
  private readonly hosts = new Map<string, NamedHost>();
  /** What is done unless something else is started under one of its names. */
  private waiting: { readonly names: readonly string[]; readonly action: () => void }[] = [];

  constructor(runtime: Naming) {
    this.runtime = runtime;
  }

  /** Ends what runs under a name; gives the host of what is to run under it. @param outer Names that this stands under. */
  begin(name: string, outer: readonly string[], keepsTimers: boolean): EffectHost {
    for (const [key, host] of this.hosts) {
      if (!host.names.includes(name)) continue;
      this.hosts.delete(key);
      host.end();
    }
    if (!keepsTimers) {
      this.runtime.endTimers(name);
      this.waiting = this.waiting.filter(({ names }) => !names.includes(name));
    }
    const host = new NamedHost(this.runtime, this, [...outer, name]);
    this.hosts.set(name, host);
    return host;
  }

  /**
   * Does what something under names asks for. If a message asks for something else under one of them, this waits for the
   * end of its turn: a message that is refused has asked for nothing.
   */
  pass(names: readonly string[], action: () => void): void {
    if (names.some((name) => this.runtime.isAsked(name))) this.waiting.push({ names, action });
    else action();
  }

  /** A turn has ended: does what waited for that, and was not replaced. */
  release(): void {
    const { waiting } = this;
    if (waiting.length === 0) return;
    this.waiting = [];
    for (const { names, action } of waiting) this.pass(names, action);
  }

  /** The actor has stopped, and its runs with it. */
  stop(): void {
    const hosts = [...this.hosts.values()];
    this.hosts.clear();
    for (const host of hosts) host.stop();
  }
}

class NamedHost extends ActorHost {
  /** Those that it stands under; the last one is its own. */
  readonly names: readonly string[];
  private readonly all: Names;
  private readonly naming: Naming;
  private isReplaced = false;

  constructor(naming: Naming, all: Names, names: readonly string[]) {
    super(naming);
    this.naming = naming;
    this.all = all;
    this.names = names;
  }

  override tell(output: Output): void {
    if (output.kind !== 'after' && output.kind !== 'every') super.tell(output);
    else if (!this.isStopped) this.naming.startTimer(output, this.names);
  }

  override latest(name: string, keepsTimers = false): EffectHost {
    // under a name that it stands under already, it is a part of what that name has
    if (this.isStopped || this.names.includes(name)) return this;
    return this.naming.begin(name, this.names, keepsTimers);
  }

  override report(error: unknown): void {
    if (this.isReplaced) return;
    this.all.pass(this.names, () => {
      if (!this.isReplaced) super.report(error);
    });
  }

  protected override act(action: () => void): void {
    if (!this.isStopped) this.all.pass(this.names, () => super.act(action));
  }

  /** Something else was started under one of the names: whatever else its runs do is ignored. */
  end(): void {
    this.isReplaced = true;
    this.stop();
  }
}
