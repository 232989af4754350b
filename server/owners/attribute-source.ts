/*
 * An edge whose pages set attributes, as the actor sees it: its changes are counted, and done once. Input: changes,
 * perhaps twice. Output: word when a change belongs to a turn that was delivered, and so committed where turns are.
 */

import type { EventSource } from '../actors/actor-port.ts';
import { EventNumbers } from '../actors/event-numbers.ts';
import type { LiveActor } from '../actors/live-actor.ts';
import type { AttributeChange } from './frames.ts';

export class AttributeSource implements EventSource {
  readonly isHeldBack = false;
  readonly account = undefined;
  readonly name: string;
  private readonly actor: LiveActor;
  private readonly numbers: EventNumbers;
  private waiting: { readonly number: number; readonly conclude: (isDone: boolean) => void }[] = [];

  /** @param name Names the edge, in what is kept. */
  constructor(name: string, actor: LiveActor) {
    this.name = name;
    this.actor = actor;
    this.numbers = new EventNumbers(0, actor.recall(name), false);
  }

  get sealed(): number {
    return this.numbers.sealed;
  }

  /** Resolves when all are done, whatever has become of them; to false if the actor has ended before. */
  take(changes: readonly AttributeChange[]): Promise<boolean> {
    const { actor, numbers } = this;
    for (const { number, name, text } of changes) {
      if (number <= numbers.received) continue;
      numbers.passOver(number);
      actor.changeAttribute(name, text, this, number);
    }
    const last = Math.max(0, ...changes.map(({ number }) => number));
    return new Promise((resolve) => {
      this.waiting.push({ number: last, conclude: resolve });
      // one that was given up ends no turns
      this.conclude(actor.hasFailed ? last : this.outcome);
    });
  }

  /** Nobody will say what became of those that wait. */
  end(): void {
    for (const { conclude } of this.waiting.splice(0)) conclude(false);
  }

  seal(): void {
    this.numbers.seal();
  }

  onKept(): void {
    this.numbers.onKept();
  }

  onHandled(number: number): void {
    this.numbers.onHandled(number);
  }

  /** There is nobody to be told: what a component will not have is logged. */
  onRefused({ event }: { readonly event: number }): void {
    this.numbers.onHandled(event);
  }

  sendOutcomes(): void {
    this.conclude(this.outcome);
  }

  private get outcome(): number {
    return this.numbers.outcome(this.actor.isCommitted);
  }

  private conclude(upTo: number): void {
    const done = this.waiting.filter(({ number }) => number <= upTo);
    this.waiting = this.waiting.filter(({ number }) => number > upTo);
    for (const { conclude } of done) conclude(true);
  }
}
