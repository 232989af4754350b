/*
 * How somebody is brought to what an edge shows. Input: what a page has, and what the owner gives. Output: an arrival, a
 * part or HTML, of the very moment at which it is given: the next patch of the edge leads on from its version.
 */

import type { Clock } from '../../shared/runtime/clock.ts';
import type { Chunk } from '../../shared/tree/html.ts';
import type { Have } from '../../shared/wire/frames.ts';
import type { Arrival, Part, Take } from '../actors/actor-port.ts';
import type { EdgeLink, NoAnswer } from './edge-link.ts';
import type { EdgeStream } from './edge-stream.ts';
import { type Answer, type Ask, isAnswer } from './frames.ts';

/** The edge, as far as arrivals go. */
export interface ArrivalsOwner {
  /** Names this process. */
  readonly name: string;
  readonly clock: Clock;
  readonly link: EdgeLink;
  readonly stream: EdgeStream;
  readonly hasFailed: boolean;
  readonly isEnded: boolean;
  ask(ask: Ask): Promise<Answer | NoAnswer>;
  /** The owner may be another one by now. */
  onNoAnswer(answer: Answer | NoAnswer): void;
  /** Asks what is shown now. */
  lookSoon(): void;
  /** Asks for the patches that are missing. */
  fill(): void;
  /** Tells those who look that nobody can be reached. */
  showDown(): void;
}

/** How long a join waits for an owner before its page is told. */
const patienceMs = 5_000;

export class EdgeArrivals {
  private readonly owner: ArrivalsOwner;
  /** One for all who wait for one. */
  private mounting: Promise<Arrival | undefined> | undefined;

  constructor(owner: ArrivalsOwner) {
    this.owner = owner;
  }

  /** Something else is shown now: what is under way is of no use. */
  forgetMount(): void {
    this.mounting = undefined;
  }

  bring(have: Have | undefined, isNew: boolean, take: Take<Arrival>): void {
    const { owner } = this;
    const arrival = owner.link.isLinked ? this.arrivalOf(have, isNew) : undefined;
    if (arrival) {
      take(arrival);
      return;
    }
    const end = this.beLate();
    const step = async (): Promise<void> => {
      const given = this.arrivalOf(have, isNew) ?? (await this.fetch(have, isNew));
      // news may have come meanwhile: what is given is of this very moment
      const now = given && this.bringUp(given);
      if (now || owner.isEnded) {
        end();
        take(now);
        return;
      }
      await owner.link.pause();
      owner.link.once(() => void step());
    };
    owner.link.once(() => void step());
  }

  part(instance: number, take: Take<Part | Arrival>): void {
    const { owner } = this;
    const end = this.beLate();
    const step = async (): Promise<void> => {
      const { link, stream, name } = owner;
      const answer = await owner.ask({ kind: 'part', edge: name, term: link.term, instance });
      const part = isAnswer(answer, 'part') ? answer.part : undefined;
      // of another version than the page has it would be of no use
      if (part && 'version' in part && part.version === stream.version && link.isLinked) {
        end();
        take(part);
        return;
      }
      if (part && 'version' in part && part.version > stream.version) owner.fill();
      await link.pause();
      if (owner.isEnded) end();
      else link.once(() => void step());
    };
    owner.link.once(() => void step());
  }

  html(take: (chunks: readonly Chunk[] | undefined) => void): void {
    const { owner } = this;
    const step = async (): Promise<void> => {
      const answer = await owner.ask({ kind: 'html', edge: owner.name });
      take(isAnswer(answer, 'html') ? (answer.chunks ?? undefined) : undefined);
    };
    owner.link.once(() => void step());
  }

  private arrivalOf(have: Have | undefined, isNew: boolean): Arrival | undefined {
    const { owner } = this;
    if (owner.hasFailed) return { kind: isNew ? 'failed' : 'later' };
    return owner.stream.arrivalOf(have, isNew);
  }

  /** Undefined: it has to be asked again. */
  private async fetch(have: Have | undefined, isNew: boolean): Promise<Arrival | undefined> {
    // only the owner knows whether a page is the one that is shown; one mount is for all who wait for one
    return have && this.owner.stream.mustAsk(have) ? this.request(have, isNew) : this.fetchMount();
  }

  /** What the owner has given, at the version that is shown here now; undefined: it has to be asked again. */
  private bringUp(given: Arrival): Arrival | undefined {
    const { owner } = this;
    const { stream, link } = owner;
    if (!('version' in given)) return given;
    if (!link.isLinked) return undefined;
    const now = stream.bringUp(given);
    if (now) return now;
    // it is ahead: what leads there is on its way, or lost
    if (given.epoch !== stream.epoch) owner.lookSoon();
    else if (given.version > stream.version) owner.fill();
    return undefined;
  }

  private fetchMount(): Promise<Arrival | undefined> {
    this.mounting ??= this.request(null, false).then((given) => {
      this.mounting = undefined;
      if (given?.kind === 'mount') this.owner.stream.keepMount(given);
      return given;
    });
    return this.mounting;
  }

  private async request(have: Have | null, isNew: boolean): Promise<Arrival | undefined> {
    const { owner } = this;
    const { link, name } = owner;
    const answer = await owner.ask({ kind: 'bring', edge: name, term: link.term, have, isNew });
    if (isAnswer(answer, 'arrival') && answer.arrival) {
      if (answer.arrival.kind === 'model') owner.stream.keepModel(answer.arrival);
      return answer.arrival;
    }
    owner.onNoAnswer(answer);
    return undefined;
  }

  /** Has those who look told that nobody can be reached, should that take long. @returns What ends it. */
  private beLate(): () => void {
    const { clock } = this.owner;
    const timer = clock.setTimeout(() => this.owner.showDown(), patienceMs);
    return () => clock.clearTimeout(timer);
  }
}
