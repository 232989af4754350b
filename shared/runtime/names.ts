/*
 * What goes on in one actor under names (`effect.latest`), and its timers: of each name only what was started last
 * counts. Input: names and timers, by the hosts of runs. Output: hosts for what runs under a name, and messages when
 * they are due.
 */

import type { AnyMessage } from '../language/html.ts';
import { ActorHost, type Hosting } from './effect-host.ts';
import { MessageTimers } from './timers.ts';

/** What names need of their runtime. */
export interface Naming extends Hosting {
  /** Whether a message asks for something else under a name that could not be started yet. */
  isAsked(name: string): boolean;
  /** What starts now belongs to `init` after a restart: timers of the life before go on, and are not started again. */
  readonly keepsTimers: boolean;
  /** Handles the message of a timer if the actor runs; else the timer stays due. */
  dispatchDue(take: () => AnyMessage | undefined): void;
}

export class Names {
  private readonly runtime: Naming;
  readonly timers: MessageTimers;
  private hosts: ActorHost[] = [];
  /** What is done unless something else is started under one of its names. */
  private waiting: { readonly names: readonly string[]; readonly action: () => void }[] = [];

  constructor(runtime: Naming) {
    this.runtime = runtime;
    // one that cannot be handled now stays due: it is no answer of what is replaced, which is left out
    this.timers = new MessageTimers(runtime.clock, (take, names) => {
      if (!names.some((name) => runtime.isAsked(name))) runtime.dispatchDue(take);
    });
  }

  /** Ends what goes on under a name, and gives the host of what is to run under it. @param outer Names around it. */
  begin(name: string, outer: readonly string[]): ActorHost {
    const isOther = ({ names }: { readonly names: readonly string[] }): boolean => !names.includes(name);
    const ended = this.hosts.filter((host) => !isOther(host));
    const host = new ActorHost(this.runtime, [...outer, name]);
    this.hosts = [...this.hosts.filter(isOther), host];
    if (!this.runtime.keepsTimers) this.timers.end(isOther);
    this.forgetWaiting(isOther);
    for (const each of ended) each.stop(true);
    return host;
  }

  /** Leaves out what waits, but for what goes on. */
  forgetWaiting(goesOn: (waiting: { readonly names: readonly string[] }) => boolean): void {
    this.waiting = this.waiting.filter(goesOn);
  }

  /** What a run asks for as a timer goes on already, from its turn or from the life before. */
  get keepsTimers(): boolean {
    return this.runtime.keepsTimers;
  }

  /**
   * Does what something under names asks for. If a message asks for something else under one of them, this waits for
   * the end of its turn: a message that is refused has asked for nothing.
   */
  pass(names: readonly string[], action: () => void): void {
    if (names.some((name) => this.runtime.isAsked(name))) this.waiting.push({ names, action });
    else action();
  }

  /** A turn has ended: does what waited for that, and was not replaced. */
  release(): void {
    for (const { names, action } of this.waiting.splice(0)) this.pass(names, action);
    this.timers.tryAgain();
  }

  /** The actor has stopped, and its runs with it. */
  stopRuns(): void {
    for (const host of this.hosts.splice(0)) host.stop();
  }

  stopTimers(): void {
    this.timers.stop();
    this.waiting = [];
  }
}
