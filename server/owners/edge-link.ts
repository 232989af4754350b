/*
 * Who owns an actor, as an edge knows it. Input: answers to its questions, and claims that it hears of. Output: a term
 * that its frames are for; a claim, where nobody owns it. Whoever needs the owner waits here until there is one.
 */

import type { Clock } from '../../shared/runtime/clock.ts';
import type { Answer, Ask } from './frames.ts';

/** Why an owner did not answer: there is none, it was silent, or the bus is lost. */
export type NoAnswer = 'nobody' | 'late' | 'lost';

export type Looked = Extract<Answer, { kind: 'state' }>;

export interface LinkOwner {
  readonly clock: Clock;
  /** Cut off from the others for long. */
  readonly isCut: boolean;
  /** Nobody may be asked or claimed any more. */
  readonly isOver: boolean;
  /** Somebody looks, or is about to. */
  readonly isUsed: boolean;
  /** How long an owner may be silent before it is taken for dead. */
  readonly silenceMs: number;
  /** Asks the owner, and tells it who looks here: a new one knows nobody. */
  lookAnew(): Promise<Answer | NoAnswer>;
  ask(ask: Ask): Promise<Answer | NoAnswer>;
  /** Claims the actor for this process. @throws What the app or the store throws, who have to start it. */
  claim(): Promise<void>;
  /** The owner is known, and what it shows. */
  onLinked(answer: Looked): void;
  /** It could not be started here. */
  onFailed(error: unknown): void;
}

/** After a failure to start the actor, with people who look. */
const retryMs = 5_000;
/** Between two questions, when an answer is of no use. */
const pauseMs = 20;

interface Waiter {
  readonly go: () => void;
  readonly fail: ((error: unknown) => void) | undefined;
}

export class EdgeLink {
  state: 'apart' | 'linking' | 'linked' = 'apart';
  /** Of the owner's claim. */
  term = 0;
  /** Whoever has a lower one is the owner no more, and may not know it yet. */
  leastTerm = 0;
  private readonly owner: LinkOwner;
  private waiters: Waiter[] = [];
  private heardAt: number | undefined;
  /** The owner was silent, with events waiting: it is not asked again before it is claimed. */
  private isSuspect = false;

  constructor(owner: LinkOwner) {
    this.owner = owner;
  }

  get isLinked(): boolean {
    return this.state === 'linked';
  }

  get isAwaited(): boolean {
    return this.waiters.length > 0;
  }

  /** The owner has given a sign of life. */
  note(): void {
    this.heardAt = this.owner.clock.now();
  }

  /** There is an owner of this term, or was. */
  expect(term: number): void {
    this.leastTerm = Math.max(this.leastTerm, term);
  }

  get isSilent(): boolean {
    const { clock, silenceMs } = this.owner;
    return this.heardAt !== undefined && clock.now() - this.heardAt >= silenceMs;
  }

  /** Goes on now, or when there is an owner. */
  once(go: () => void, fail?: (error: unknown) => void): void {
    if (this.state === 'linked') {
      go();
      return;
    }
    this.waiters.push({ go, fail });
    this.begin();
  }

  /** The owner is another one, or was silent: it is looked for, if anybody wants it. */
  part(isSuspect = false): void {
    if (this.state === 'linking') return;
    this.state = 'apart';
    this.isSuspect = isSuspect;
    if (this.owner.isUsed) this.begin();
  }

  begin(): void {
    if (this.state !== 'apart' || this.owner.isOver || this.owner.isCut) return;
    this.state = 'linking';
    this.heardAt ??= this.owner.clock.now();
    this.find().catch((error: unknown) => this.fail(error));
  }

  /** Those who wait go on, whatever they find. */
  release(): void {
    for (const { go } of this.waiters.splice(0)) go();
  }

  pause(ms = pauseMs): Promise<void> {
    return new Promise((resolve) => this.owner.clock.setTimeout(resolve, ms));
  }

  private async find(): Promise<void> {
    const { owner } = this;
    for (;;) {
      if (owner.isOver || owner.isCut) {
        this.state = 'apart';
        return;
      }
      const answer = this.isSuspect ? 'late' : await owner.lookAnew();
      if (typeof answer === 'object') {
        if (answer.kind === 'state' && answer.term >= this.leastTerm) {
          this.link(answer);
          return;
        }
        // one that does not know yet that it is the owner no more
        await this.pause();
      } else if (answer === 'lost') await this.pause();
      else if (answer === 'nobody' || this.isSuspect || this.isSilent) {
        this.isSuspect = false;
        await owner.claim();
      } else await this.pause();
    }
  }

  private link(answer: Looked): void {
    this.term = answer.term;
    this.expect(answer.term);
    this.state = 'linked';
    this.note();
    this.owner.onLinked(answer);
    this.release();
  }

  private fail(error: unknown): void {
    const { owner, waiters } = this;
    if (owner.isOver) return;
    this.state = 'apart';
    // those who cannot be told wait for whoever can start it
    this.waiters = waiters.filter(({ fail }) => fail === undefined);
    for (const { fail } of waiters) fail?.(error);
    owner.onFailed(error);
    if (owner.isUsed) owner.clock.setTimeout(() => this.begin(), retryMs);
  }
}
