/*
 * What those who look at an edge are shown: the owner's patches, each in its order, with what became of events; and
 * whether the actor has failed, or cannot be reached. Input: news and answers of the owner, perhaps late, with gaps or
 * twice. Output: the same versions for all who look; a question for what is missing.
 */

import type { FrameCache, Subscriber } from '../actors/actor-port.ts';
import type { EdgeArrivals } from './edge-arrivals.ts';
import type { EdgeEvents } from './edge-events.ts';
import type { EdgeLink, Looked, NoAnswer } from './edge-link.ts';
import type { EdgeStream } from './edge-stream.ts';
import { type Answer, type Ask, isAnswer, type News } from './frames.ts';

/** The edge, as far as it shows. */
export interface ShownOwner {
  /** Names this process. */
  readonly name: string;
  readonly link: EdgeLink;
  readonly stream: EdgeStream;
  readonly arrivals: EdgeArrivals;
  readonly isEnded: boolean;
  /** A store keeps what was done. */
  readonly isCommitted: boolean;
  ask(ask: Ask): Promise<Answer | NoAnswer>;
  /** The owner may be another one by now. */
  onNoAnswer(answer: Answer | NoAnswer): void;
}

export class EdgeShown {
  hasFailed = false;
  /** Those who look were told that nobody can be reached. */
  isDown = false;
  private readonly owner: ShownOwner;
  private readonly events: EdgeEvents;
  private isFilling = false;

  constructor(owner: ShownOwner, events: EdgeEvents) {
    this.owner = owner;
    this.events = events;
  }

  /** There is an owner, perhaps another one than before, who says what it shows. */
  begin(answer: Looked): void {
    const { events } = this;
    const { stream, isCommitted } = this.owner;
    const { epoch, version, hasFailed, code, drawn } = answer;
    const hasOtherCode = stream.setCode(code, drawn);
    const hasRisen = this.isDown || (this.hasFailed && !hasFailed);
    const failsNow = hasFailed && !this.hasFailed;
    this.hasFailed = hasFailed;
    this.isDown = false;
    const unknown = events.giveUpUnknown(answer.known, epoch, stream.epoch, isCommitted);
    // a page hears what became of its events no later than what they did
    if (epoch !== stream.epoch || version < stream.version) {
      events.settle(answer.known);
      this.showAnew(epoch, version, answer.provided);
    } else {
      this.takeState(answer);
      for (const subscriber of unknown) subscriber.mount();
      // an owner after a deploy has other code than the one before
      if (hasOtherCode) for (const each of events.subscribers()) if (each.predicts) each.mount();
      if (hasRisen) for (const subscriber of events.subscribers()) subscriber.revive();
    }
    if (failsNow) this.showFailure(true);
  }

  /** What the owner of now says. */
  take(news: News): void {
    switch (news.kind) {
      case 'turn':
        this.takeTurn(news);
        break;
      case 'shown':
        this.showAnew(news.epoch, news.version);
        break;
      case 'failed':
        this.showFailure(true);
        break;
      case 'revived':
        this.showFailure(false);
        break;
      case 'saving':
        for (const subscriber of this.events.subscribers()) subscriber.onSaving(news.isSaving);
    }
  }

  private showFailure(hasFailed: boolean): void {
    this.hasFailed = hasFailed;
    for (const subscriber of this.events.subscribers()) {
      if (hasFailed) subscriber.fail('ISLET_ERR_ACTOR_FAILED');
      else subscriber.revive();
    }
  }

  private takeTurn({ version, patch, model, outcomes }: Extract<News, { kind: 'turn' }>): void {
    const { events } = this;
    const { stream } = this.owner;
    const isNext = version === stream.version + (patch === '' ? 0 : 1);
    if (version > stream.version && !isNext) {
      // what became of events is told together with what they did, and so it is asked for, too
      this.fill();
      return;
    }
    const told = events.settle(outcomes);
    if (patch !== '' && isNext) {
      stream.add(patch, model);
      const [frames, modelFrames]: FrameCache[] = [new Map(), new Map()];
      for (const subscriber of events.subscribers()) {
        if (subscriber.predicts && model !== null) subscriber.sendPatch(model, modelFrames);
        else subscriber.sendPatch(patch, frames);
      }
    }
    for (const subscriber of told) subscriber.sendOutcomes();
  }

  /** Patches are missing: asks what leads to the present version, and what became of events on the way. */
  fill(): void {
    const { owner, events } = this;
    if (this.isFilling || owner.isEnded) return;
    this.isFilling = true;
    const { name: edge, link, stream } = owner;
    const { epoch, version } = stream;
    const { term } = link;
    const ask = { kind: 'since', edge, term, epoch, version, known: events.waitingNames() } as const;
    void owner.ask(ask).then(async (answer) => {
      if (!isAnswer(answer, 'since')) {
        owner.onNoAnswer(answer);
        await link.pause();
      }
      this.isFilling = false;
      if (owner.isEnded || !link.isLinked || link.term !== term) return;
      // what was late may have come meanwhile: then the answer leads on from another version
      const isOfNow = stream.epoch === epoch && stream.version === version;
      if (isAnswer(answer, 'since') && isOfNow) this.goTo(answer);
      else this.fill();
    });
  }

  /** Goes to a version that is not the next. */
  private goTo({ epoch, version, patch, model, known }: Extract<Answer, { kind: 'since' }>): void {
    const { events } = this;
    const { stream } = this.owner;
    const isSame = epoch === stream.epoch;
    if (isSame && version < stream.version) return;
    const told = events.settle(known);
    if (isSame && version === stream.version) for (const subscriber of told) subscriber.sendOutcomes();
    else if (!isSame || patch === null) this.showAnew(epoch, version);
    else {
      stream.leap(version, patch, model);
      for (const subscriber of events.subscribers()) if (!subscriber.isHeldBack) subscriber.revive();
    }
  }

  private showAnew(epoch: string, version: number, provided?: Looked['provided']): void {
    const { events } = this;
    const { stream } = this.owner;
    if (epoch !== stream.epoch) events.expectAgain();
    stream.reset(epoch, version);
    if (provided) stream.offer(provided);
    this.owner.arrivals.forgetMount();
    for (const subscriber of events.subscribers()) subscriber.mount();
  }

  showDown(): void {
    for (const subscriber of this.events.subscribers()) this.tellDown(subscriber);
  }

  tellDown(subscriber: Subscriber): void {
    this.isDown = true;
    subscriber.fail(undefined);
  }

  /** What the owner of now says of itself, perhaps some time ago. */
  takeState({ epoch, version, known, provided, hasFailed }: Looked): void {
    const { events } = this;
    const { stream } = this.owner;
    // news of it may have got lost
    if (hasFailed !== this.hasFailed) this.showFailure(hasFailed);
    if (epoch !== stream.epoch) this.showAnew(epoch, version);
    else if (version > stream.version) this.fill();
    else if (version === stream.version) {
      stream.offer(provided);
      for (const subscriber of events.settle(known)) subscriber.sendOutcomes();
    }
  }
}
