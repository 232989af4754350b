/*
 * When the turns of an actor end: as soon as its place allows, all that were asked for at once in one microtask, and
 * after many in a row when the event loop has seen to everything else. Input: that there is something to show. Output:
 * the word to end the turn.
 */

import type { Clock } from './clock.ts';
import { maxGatheringMs } from './turn.ts';

/** Whose turns they are. */
export interface ScheduleOwner {
  readonly clock: Clock;
  /** Milliseconds until the turn may end. Infinity: nobody can be shown anything now. */
  waitMs(): number;
  /** Calls back when the event loop has seen to everything else that waits. */
  yield(callback: () => void): void;
  /** Ends the turn. */
  flush(): void;
}

/** So many turns may follow each other before the loop gives way to whatever else waits. */
const maxTurnsInARow = 100;

export class TurnSchedule {
  private readonly owner: ScheduleOwner;
  /** The end of a turn is due. */
  isSet = false;
  /** How often it was scheduled. */
  private count = 0;
  private turnsInARow = 0;
  private timer: unknown;

  constructor(owner: ScheduleOwner) {
    this.owner = owner;
  }

  /** Has the turn end. @param isHeld Not yet: the one before is being kept. */
  set(isHeld: boolean): void {
    if (this.isSet) return;
    this.isSet = true;
    if (isHeld) return;
    const { owner } = this;
    const number = ++this.count;
    const wait = Math.min(owner.waitMs(), maxGatheringMs);
    if (wait > 0) this.timer = owner.clock.setTimeout(() => this.end(number, true), wait);
    else if (this.mayGoOn) endSoon(this, number);
    else owner.yield(() => this.end(number, true));
  }

  clear(): void {
    this.isSet = false;
    if (this.timer === undefined) return;
    this.owner.clock.clearTimeout(this.timer);
    this.timer = undefined;
  }

  /** A turn ends now. */
  countTurn(): void {
    this.turnsInARow++;
  }

  /** Whether another turn may follow before the loop gives way to whatever else waits. */
  get mayGoOn(): boolean {
    return this.turnsInARow < maxTurnsInARow;
  }

  /**
   * Ends the turn that was scheduled with this number. One that was ended before, by its length or by who asked for it,
   * leaves the next one alone.
   *
   * @param hasYielded The event loop ran other work first: turns in a row are counted anew.
   */
  end(number: number, hasYielded: boolean): void {
    if (hasYielded) this.turnsInARow = 0;
    if (this.isSet && this.count === number) this.owner.flush();
  }
}

/** Turns that end when what runs now has run, each with its number: one microtask sees to all of them. */
let ending: [TurnSchedule, number][] = [];

function endSoon(schedule: TurnSchedule, number: number): void {
  if (ending.push([schedule, number]) === 1) queueMicrotask(endAll);
}

function endAll(): void {
  const all = ending;
  ending = [];
  for (const [schedule, number] of all) {
    try {
      schedule.end(number, false);
    } catch (error) {
      // a fault of one turn is no reason to leave out the others
      queueMicrotask(() => {
        throw error;
      });
    }
  }
}
