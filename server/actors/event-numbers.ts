/*
 * What became of the events of one island, by their numbers: which came, which have an outcome, which were refused.
 * Input: numbers as the page counts them, and outcomes. Output: the number up to which the page waits no more, and the
 * refusals that it has not heard of.
 */

import { errorCatalogue } from '../../shared/language/errors.ts';
import { type Operation, refused } from '../../shared/wire/patch.ts';
import { encodeOperations } from '../../shared/wire/server-frames.ts';
import type { Known, Refusal } from './actor-port.ts';

/** So many refusals that were told are kept for a page that comes back: it may not have heard them. */
const maxTold = 256;

export class EventNumbers {
  /** Number of the last event that came. */
  received: number;
  /** Number up to which events were handled. */
  handled: number;
  /**
   * Number up to which they belong to turns that were rendered: where turns are committed, others are gathered
   * meanwhile.
   */
  sealed: number;
  /** Number up to which they belong to turns that were committed. */
  private kept: number;
  /** There is an outcome that the page has not been told. */
  isAnswerDue = false;
  /** Nobody knows what became of events that the page sent before: it is told so with the first answer. */
  private isUnknown: boolean;
  /** The last event that may be one of those: who has heard it goes past that. Undefined: it is known to have heard it. */
  private unknownUpTo: number | undefined;
  /** Refused events that the page may not have heard of. */
  private refusals: Refusal[] | undefined;
  /** How many of them were written to the present connection. */
  private told = 0;
  /** The last refused event that was forgotten before its page said that it had heard of it. */
  private forgotten = 0;

  /** @param settled Number of the last event that the page waits for no more. */
  constructor(settled: number, { event, refused }: Known, isUnknown: boolean) {
    this.received = Math.max(settled, event);
    this.handled = this.received;
    this.sealed = this.received;
    this.kept = this.received;
    this.isUnknown = isUnknown;
    if (isUnknown) this.unknownUpTo = settled;
    this.remember(refused, settled);
  }

  /** The page comes back, and waits for no event up to this one. */
  settle(settled: number): void {
    this.told = 0;
    // it gives up what it has sent when it hears so: until it says that, it is told again
    if (this.unknownUpTo !== undefined && settled <= this.unknownUpTo) this.isUnknown = true;
    else this.unknownUpTo = undefined;
    if (settled < this.forgotten) {
      this.isUnknown = true;
      this.unknownUpTo = this.received;
    }
    this.forgotten = 0;
    // the page counts further than what came: the rest was dropped there
    this.received = Math.max(this.received, settled);
    this.handled = Math.max(this.handled, settled);
    this.sealed = Math.max(this.sealed, settled);
    this.kept = Math.max(this.kept, settled);
    this.refusals = this.refusals?.filter(({ event }) => event > settled);
  }

  /** Counts an event in: `again` if it was counted before, `gap` if another has to come first. */
  take(number: number): 'next' | 'again' | 'gap' {
    if (number === this.received + 1) {
      this.received = number;
      if (this.unknownUpTo !== undefined && number > this.unknownUpTo) this.unknownUpTo = undefined;
      return 'next';
    }
    if (number > this.received) return 'gap';
    this.isAnswerDue = true;
    // what was refused before is settled: a page sends again what it has not heard of
    const first = this.refusals?.findIndex(({ event }) => event >= number) ?? -1;
    if (first >= 0) this.told = Math.min(this.told, first);
    return 'again';
  }

  /** Those up to this one will not come: their page has dropped them. */
  passOver(number: number): void {
    this.received = Math.max(this.received, number);
  }

  /** Events up to this one have an outcome that is known elsewhere. */
  know(number: number): void {
    this.received = Math.max(this.received, number);
    this.handled = Math.max(this.handled, number);
    this.sealed = Math.max(this.sealed, number);
    this.kept = Math.max(this.kept, number);
  }

  onHandled(event: number): void {
    this.handled = Math.max(this.handled, event);
    // it came over another connection, to another process
    this.received = Math.max(this.received, event);
    this.isAnswerDue = true;
  }

  onRefused(refusal: Refusal): void {
    this.refusals ??= [];
    this.refusals.push(refusal);
    while (this.told > maxTold) {
      this.forgotten = this.refusals.shift()?.event ?? 0;
      this.told--;
    }
    this.isAnswerDue = true;
  }

  /** What was handled so far belongs to the turn that was rendered now. */
  seal(): void {
    this.sealed = this.handled;
  }

  /** The turn that was rendered last is committed. */
  onKept(): void {
    this.kept = this.sealed;
  }

  /**
   * Goes on at another actor, which knows less.
   *
   * @param isLost What it does not know is refused; else it may come again.
   * @returns The events that have no outcome, as the first and the last.
   */
  moveTo({ event, refused }: Known, isLost: boolean): readonly [first: number, last: number] {
    const known = Math.max(event, this.kept);
    const { received } = this;
    this.received = isLost ? received : known;
    this.handled = this.received;
    this.sealed = this.received;
    this.kept = this.received;
    this.remember(refused, 0);
    return [known + 1, received];
  }

  /** What has no outcome is said again, and is as new then. @param isUnknown It is dropped, and only void. */
  expectAgain(isUnknown: boolean): void {
    if (isUnknown) {
      this.isUnknown = true;
      this.unknownUpTo = this.received;
    }
    this.received = this.sealed;
    this.handled = this.sealed;
  }

  /** The page has heard of all that was unknown, wherever it was. */
  forgetUnknown(): void {
    this.isUnknown = false;
    this.unknownUpTo = undefined;
  }

  /** The number up to which the page may be told that its events have an outcome. */
  outcome(isCommitted: boolean): number {
    return isCommitted ? this.kept : this.handled;
  }

  /** Whether events have come that have no outcome yet. */
  isPending(isCommitted: boolean): boolean {
    return this.received > this.outcome(isCommitted);
  }

  /** The number for an answer to a join. */
  answer(isCommitted: boolean): number {
    const { isUnknown } = this;
    this.isUnknown = false;
    return isUnknown ? -1 : this.outcome(isCommitted);
  }

  /** What became of events that were refused, as operations; what is written by this is told. */
  outcomes(isCommitted: boolean): string {
    const refusals = this.takeRefusals(isCommitted);
    // nearly every event is applied
    if (refusals === noRefusals) return '';
    return encodeOperations(
      refusals.map(
        ({ event, code, reason }): Operation => refused(event, code, reason ?? errorCatalogue[code].message),
      ),
    );
  }

  /** Refusals that were not told yet; they are by this. */
  takeRefusals(isCommitted: boolean): readonly Refusal[] {
    // what is gathered while a turn is committed is told with the next one
    this.isAnswerDue = this.outcome(isCommitted) < this.handled;
    const { refusals, told } = this;
    if (refusals === undefined || refusals.length === told) return noRefusals;
    this.told = refusals.length;
    return refusals.slice(told);
  }

  /** All that the page may not have heard of. */
  listRefusals(): readonly Refusal[] {
    return this.refusals ?? [];
  }

  private remember(refusals: readonly Refusal[], settled: number): void {
    for (const { event, code, reason } of refusals) {
      if (event <= settled) continue;
      this.refusals ??= [];
      this.refusals.push({ event, code, reason });
    }
  }
}

const noRefusals: readonly Refusal[] = [];
