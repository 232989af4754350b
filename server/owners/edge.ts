/*
 * A shared actor as the pages of this process see it, whichever process owns it, this one included. Input: who looks
 * here and what they do; what the owner answers and says. Output: events for the owner, until it says what became of
 * them; patches and outcomes for those who look. When the owner is another one, those who look stay where they are.
 */

import { randomBytes } from 'node:crypto';
import { type Attributes, toAttributeMessage } from '../../shared/language/attributes.ts';
import type { ErrorCode } from '../../shared/language/errors.ts';
import type { Client } from '../../shared/language/events.ts';
import type { AnyMessage } from '../../shared/language/html.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import type { Chunk } from '../../shared/tree/html.ts';
import type { Have } from '../../shared/wire/frames.ts';
import type {
  ActorPort,
  Arrival,
  FrameCache,
  Known,
  Part,
  PlacedEvent,
  ReadModel,
  Subscriber,
  Take,
} from '../actors/actor-port.ts';
import { sayWho } from '../actors/predicted.ts';
import type { Match } from '../actors/routes.ts';
import type { SentOutcome } from '../actors/sent-message.ts';
import type { Counters } from '../inspect/counters.ts';
import type { Limits, Settings } from '../options.ts';
import { type ArrivalsOwner, EdgeArrivals } from './edge-arrivals.ts';
import { EdgeAttributes, type EdgeAttributesOwner } from './edge-attributes.ts';
import { EdgeEvents, nameOf, toViewer } from './edge-events.ts';
import { EdgeLink, type LinkOwner, type Looked, type NoAnswer } from './edge-link.ts';
import { EdgeStream } from './edge-stream.ts';
import { type Answer, type Ask, isAnswer, type News, type ToldOutcome, type Viewer } from './frames.ts';

/** What an edge needs of its process. */
export interface EdgeHome {
  readonly settings: Settings;
  readonly counters: Counters;
  /** Names this process. */
  readonly name: string;
  /** Cut off from the others for long. */
  readonly isCut: boolean;
  /** The server stops: nothing is asked or claimed any more. */
  readonly isStopping: boolean;
  ask(key: string, ask: Ask): Promise<Answer | NoAnswer>;
  /** How long an owner may be silent before it is taken for dead. */
  silenceMsOf(key: string): number;
  claim(edge: Edge): Promise<void>;
  /** Nobody looks here any more. */
  onUnused(edge: Edge): void;
}

/** How often what has no outcome is said again. */
const resendMs = 1_500;
/** How often an owner hears that somebody looks here. */
const renewMs = 5_000;
/** News of an owner that is not known yet: more than comes while it is asked. */
const maxEarly = 1_000;

export class Edge implements ActorPort, LinkOwner, ArrivalsOwner, EdgeAttributesOwner {
  readonly id: string;
  readonly isShared = true;
  readonly knowsClients = true;
  readonly keptAttributes: Attributes | undefined = undefined;
  readonly leftState = undefined;
  readonly match: Match;
  /** Whose account it is on, should it be started here. */
  readonly account: string;
  hasFailed = false;
  private readonly home: EdgeHome;
  readonly link: EdgeLink;
  readonly stream: EdgeStream;
  private readonly arrivals: EdgeArrivals;
  private readonly events = new EdgeEvents();
  private readonly attributes: EdgeAttributes;
  /** News of a term, heard before it was known where it begins. */
  private early: News[] = [];
  private come: Viewer[] = [];
  private gone: Extract<Ask, { kind: 'look' }>['gone'][number][] = [];
  /** Questions on whose answer somebody waits. */
  private pending = 0;
  private isSendDue = false;
  private isLookDue = false;
  private isFilling = false;
  /** Those who look were told that nobody can be reached. */
  private isDown = false;
  private resendTimer: unknown;
  private renewTimer: unknown;
  /** Runs while somebody is about to look. */
  private wantedTimer: unknown;
  isEnded = false;

  constructor(match: Match, account: string, home: EdgeHome) {
    this.id = match.key;
    this.match = match;
    this.account = account;
    this.home = home;
    this.stream = new EdgeStream(home.settings.limits.maxHistoryBytes);
    this.link = new EdgeLink(this);
    this.arrivals = new EdgeArrivals(this);
    this.attributes = new EdgeAttributes(this);
  }

  // What it is.

  get limits(): Limits {
    return this.home.settings.limits;
  }

  get counters(): Counters {
    return this.home.counters;
  }

  get epoch(): string {
    return this.stream.epoch;
  }

  get isCommitted(): boolean {
    return this.match.route.options.persist === true;
  }

  bytesOfEach(): number {
    return this.stream.bytes / Math.max(1, this.events.size);
  }

  noteContent(): void {}
  onAcknowledged(): void {}

  // Who looks.

  /** Resolves when it is known who the owner is, and what it shows. @throws What kept it from being started here. */
  whenLinked(): Promise<void> {
    this.want();
    if (this.isCut) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const go = (): void => {
        this.want();
        resolve();
      };
      this.link.once(go, reject);
    });
  }

  recall(name: string | undefined): Known | Promise<Known> {
    // of what is not kept nobody else than its owner knows
    const unheard: Known = { event: 0, refused: [], isUnknown: !this.isCommitted };
    if (name === undefined || this.isCut) return unheard;
    return new Promise((resolve) => {
      const recall = async (): Promise<void> => {
        this.pending++;
        const answer = await this.look([name]);
        this.pending--;
        this.want();
        const [told] = (answer?.known ?? []) as readonly [ToldOutcome?];
        if (told === undefined) resolve(unheard);
        else resolve({ event: Math.max(0, told.upTo), refused: told.refused, isUnknown: told.upTo < 0 });
      };
      this.link.once(() => void recall());
    });
  }

  subscribe(subscriber: Subscriber): void {
    this.events.add(subscriber);
    this.come.push(toViewer(subscriber));
    this.lookSoon();
    if (this.isCut) queueMicrotask(() => this.tellDown(subscriber));
  }

  unsubscribe(subscriber: Subscriber, hasLeft: boolean): void {
    const name = nameOf(subscriber);
    if (!this.events.remove(subscriber)) return;
    this.come = this.come.filter((each) => each.name !== name);
    this.gone.push({ name, attempt: subscriber.attempt, hasLeft });
    this.lookSoon();
  }

  // What they do.

  sayWho(client: Client, person: string | undefined): string {
    return sayWho(this.match.route.predicted, client, person);
  }

  handleEvent(event: PlacedEvent, subscriber: Subscriber): void {
    if (typeof event.instance !== 'number' && !this.match.route.predicted) {
      this.skipEvent(event.number, 'ISLET_ERR_EVENT_UNKNOWN_TARGET', subscriber);
      return;
    }
    this.events.push(event, subscriber);
    this.sendSoon();
  }

  skipEvent(event: number, code: ErrorCode | undefined, subscriber: Subscriber): void {
    this.events.skip(event, code, subscriber);
    this.sendSoon();
  }

  answer(subscriber: Subscriber): void {
    // what waits is answered when it has an outcome
    if (!this.events.waits(subscriber)) subscriber.sendOutcomes();
  }

  changeAttribute(name: string, text: string | null): boolean {
    if (!toAttributeMessage(this.match.route.component, name, text)) return false;
    this.attributes.change(name, text);
    return true;
  }

  send(message: AnyMessage, key: string | undefined, conclude: (outcome: SentOutcome) => void): void {
    // so that it is done once, however often it has to be said
    const named = key ?? randomBytes(12).toString('base64url');
    const { name: edge } = this.home;
    this.askUntilKnown<SentOutcome>(
      (term) => ({ kind: 'send', edge, term, message, key: named }),
      (answer) => (isAnswer(answer, 'sent') ? answer.outcome : null),
      conclude,
    );
  }

  model(take: (read: ReadModel) => void): void {
    const { name: edge } = this.home;
    this.askUntilKnown<ReadModel>(
      (term) => ({ kind: 'model', edge, term }),
      (answer) => (isAnswer(answer, 'model') ? answer.read : null),
      take,
    );
  }

  /** Asks until the owner, whoever it is by then, has answered. @param read Null: there is no answer in this. */
  private askUntilKnown<Outcome>(
    toAsk: (term: number) => Ask,
    read: (answer: Answer | NoAnswer) => Outcome | null,
    take: (outcome: Outcome | { readonly code: ErrorCode }) => void,
  ): void {
    const { link } = this;
    this.pending++;
    const finish = (outcome: Outcome | { readonly code: ErrorCode }): void => {
      this.pending--;
      take(outcome);
      this.lookSoon();
    };
    const begin = (): void => {
      // nobody can be asked for long: that is told
      link.once(
        () => void step(),
        () => finish({ code: 'ISLET_ERR_STORE' }),
      );
    };
    const step = async (): Promise<void> => {
      const answer = await this.ask(toAsk(link.term));
      const outcome = read(answer);
      if (outcome !== null) finish(outcome);
      else if (this.isOver) finish({ code: 'ISLET_ERR_SERVER_STOPPING' });
      else {
        this.onNoAnswer(answer);
        await link.pause();
        begin();
      }
    };
    begin();
  }

  // What they are shown.

  bring(have: Have | undefined, isNew: boolean, take: Take<Arrival>): void {
    this.arrivals.bring(have, isNew, take);
  }

  part(instance: number, take: Take<Part | Arrival>): void {
    this.arrivals.part(instance, take);
  }

  html(take: (chunks: readonly Chunk[] | undefined) => void): void {
    this.arrivals.html(take);
  }

  // What the owner says.

  hear(news: News): void {
    const { link } = this;
    if (this.isEnded || news.term < link.term) return;
    if (news.kind === 'released') {
      if (link.isLinked) link.part();
      return;
    }
    if (news.term > link.term || !link.isLinked) {
      link.expect(news.term);
      this.early.push(news);
      if (this.early.length > maxEarly) this.early.shift();
      // somebody else has claimed it
      if (link.isLinked) link.part();
      return;
    }
    link.note();
    this.take(news);
  }

  /** Cut off from the others: those who look are told so, and those who wait go on without. */
  onCut(): void {
    this.link.part();
    this.showDown();
    this.link.release();
  }

  /** The bus is back: the owner may be another one by now. */
  seekOwner(): void {
    this.link.part();
  }

  end(): void {
    this.isEnded = true;
    for (const timer of [this.resendTimer, this.renewTimer, this.wantedTimer]) this.clock.clearTimeout(timer);
  }

  private take(news: News): void {
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
    const { stream, events } = this;
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
    if (this.isFilling || this.isEnded) return;
    this.isFilling = true;
    const { home, link, stream, events } = this;
    const { epoch, version } = stream;
    const { term } = link;
    const ask = { kind: 'since', edge: home.name, term, epoch, version, known: events.waitingNames() } as const;
    void this.ask(ask).then(async (answer) => {
      if (!isAnswer(answer, 'since')) {
        this.onNoAnswer(answer);
        await link.pause();
      }
      this.isFilling = false;
      if (this.isEnded || !link.isLinked || link.term !== term) return;
      // what was late may have come meanwhile: then the answer leads on from another version
      const isOfNow = stream.epoch === epoch && stream.version === version;
      if (isAnswer(answer, 'since') && isOfNow) this.goTo(answer);
      else this.fill();
    });
  }

  /** Goes to a version that is not the next. */
  private goTo({ epoch, version, patch, model, known }: Extract<Answer, { kind: 'since' }>): void {
    const { stream, events } = this;
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
    const { stream, events } = this;
    if (epoch !== stream.epoch) events.expectAgain();
    stream.reset(epoch, version);
    if (provided) stream.offer(provided);
    this.arrivals.forgetMount();
    for (const subscriber of events.subscribers()) subscriber.mount();
  }

  showDown(): void {
    for (const subscriber of this.events.subscribers()) this.tellDown(subscriber);
  }

  private tellDown(subscriber: Subscriber): void {
    this.isDown = true;
    subscriber.fail(undefined);
  }

  // The owner, as the link finds it.

  /** Names this process. */
  get name(): string {
    return this.home.name;
  }

  get clock(): Clock {
    return this.home.settings.clock;
  }

  get isCut(): boolean {
    return this.home.isCut;
  }

  get isOver(): boolean {
    return this.isEnded || this.home.isStopping;
  }

  get isUsed(): boolean {
    const { events, link, attributes } = this;
    const isAsking = this.pending > 0 || attributes.isWaiting;
    return events.size > 0 || this.wantedTimer !== undefined || link.isAwaited || isAsking;
  }

  get silenceMs(): number {
    return this.home.silenceMsOf(this.id);
  }

  lookAnew(): Promise<Answer | NoAnswer> {
    this.come = this.events.viewers();
    // of what is not kept each page has to hear that nobody knows, with events on their way here as well
    return this.ask(this.toLook(this.isCommitted ? this.events.waitingNames() : this.events.names()));
  }

  claim(): Promise<void> {
    return this.home.claim(this);
  }

  onLinked(answer: Looked): void {
    const { events, link } = this;
    const { epoch, version, hasFailed, code } = answer;
    const hasOtherCode = code !== this.stream.code;
    this.stream.code = code;
    const hasRisen = this.isDown || (this.hasFailed && !hasFailed);
    const failsNow = hasFailed && !this.hasFailed;
    this.hasFailed = hasFailed;
    this.isDown = false;
    this.renew();
    const unknown = events.giveUpUnknown(answer.known, epoch !== this.stream.epoch);
    // a page hears what became of its events no later than what they did
    if (epoch !== this.stream.epoch || version < this.stream.version) {
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
    const early = this.early.filter(({ term }) => term === link.term);
    this.early = [];
    for (const news of early) this.take(news);
    events.meetOwner();
    this.sendSoon();
  }

  onFailed(): void {
    this.showDown();
    this.unuseIfDone();
  }

  async ask(ask: Ask): Promise<Answer | NoAnswer> {
    const answer = await this.home.ask(this.id, ask);
    if (typeof answer === 'object' && answer.kind !== 'moved') this.link.note();
    return answer;
  }

  onNoAnswer(answer: Answer | NoAnswer): void {
    if (this.link.isLinked && (answer === 'nobody' || isAnswer(answer, 'moved'))) this.link.part();
  }

  /** What the owner of now says of itself, perhaps some time ago. */
  private takeState({ epoch, version, known, provided, hasFailed }: Looked): void {
    const { stream, events } = this;
    // news of it may have got lost
    if (hasFailed !== this.hasFailed) this.showFailure(hasFailed);
    if (epoch !== stream.epoch) this.showAnew(epoch, version);
    else if (version > stream.version) this.fill();
    else if (version === stream.version) {
      stream.offer(provided);
      for (const subscriber of events.settle(known)) subscriber.sendOutcomes();
    }
  }

  // What it tells the owner.

  private toLook(known: readonly string[]): Ask {
    const { come, gone, home, events } = this;
    this.come = [];
    this.gone = [];
    const viewers = Math.max(events.size, this.isUsed ? 1 : 0);
    return { kind: 'look', edge: home.name, term: this.link.leastTerm, viewers, come, gone, known };
  }

  private async look(known: readonly string[]): Promise<Looked | undefined> {
    const { link } = this;
    const said = this.toLook(known);
    const answer = await this.ask(said);
    if (this.isEnded || !link.isLinked) return undefined;
    if (!isAnswer(answer, 'state')) this.onNoAnswer(answer);
    else if (answer.term !== link.term) link.part();
    else {
      this.takeState(answer);
      return answer;
    }
    return undefined;
  }

  lookSoon(): void {
    if (this.isLookDue) return;
    this.isLookDue = true;
    queueMicrotask(() => {
      this.isLookDue = false;
      if (this.isEnded) return;
      if (this.link.isLinked) void this.look([]);
      else if (this.events.size > 0) this.link.begin();
      this.unuseIfDone();
    });
  }

  /** Says from time to time that somebody looks here; and hears so where the owner is another one by now. */
  private renew(): void {
    this.clock.clearTimeout(this.renewTimer);
    this.renewTimer = this.clock.setTimeout(() => {
      void this.renewLease();
      this.renew();
    }, renewMs);
  }

  private async renewLease(): Promise<void> {
    const { events, link } = this;
    if (!link.isLinked || !this.isUsed) return;
    const { size } = events;
    const answer = await this.look([]);
    if (answer === undefined || answer.present === size || events.size !== size) return;
    // it has not heard of some
    this.come = events.viewers();
    this.lookSoon();
  }

  private sendSoon(): void {
    if (this.isSendDue) return;
    this.isSendDue = true;
    queueMicrotask(() => {
      this.isSendDue = false;
      if (!this.isEnded) this.sendUnsent();
    });
  }

  private sendUnsent(): void {
    const { home, link, events } = this;
    if (!link.isLinked) {
      if (events.isWaiting) link.begin();
      return;
    }
    const { term } = link;
    const clients = events.takeUnsent();
    if (clients.length === 0) return;
    this.awaitOutcomes();
    void this.ask({ kind: 'events', edge: home.name, term, clients }).then((answer) => {
      if (this.isEnded || !link.isLinked || link.term !== term) return;
      if (!isAnswer(answer, 'taken')) this.onNoAnswer(answer);
      else if (answer.gaps.length > 0) this.sendGaps(answer.gaps);
    });
  }

  /** Some before them got lost. */
  private sendGaps(names: readonly string[]): void {
    void this.link.pause().then(() => {
      if (this.isEnded) return;
      this.events.sendAgain(names);
      this.sendUnsent();
    });
  }

  /** What has no outcome after some time is said again; an owner that is silent is no owner for long. */
  private awaitOutcomes(): void {
    this.resendTimer ??= this.clock.setTimeout(() => {
      const { link, events } = this;
      this.resendTimer = undefined;
      if (this.isEnded || !events.isWaiting) return;
      if (link.isLinked && link.isSilent) link.part(true);
      else if (link.isLinked) {
        events.sendAgain();
        this.sendUnsent();
      }
      this.awaitOutcomes();
    }, resendMs);
  }

  // Whether it is of use.

  /** Somebody is about to look. */
  private want(): void {
    this.clock.clearTimeout(this.wantedTimer);
    this.wantedTimer = this.clock.setTimeout(() => {
      this.wantedTimer = undefined;
      this.lookSoon();
    }, renewMs);
  }

  private unuseIfDone(): void {
    if (!this.isUsed) this.home.onUnused(this);
  }
}
