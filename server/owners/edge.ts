/*
 * A shared actor as the pages of this process see it, whichever process owns it, this one included. Input: who looks
 * here and what they do; what the owner answers and says. Output: events for the owner, until it says what became of
 * them; patches and outcomes for those who look. When the owner is another one, those who look stay where they are.
 */

import { type Attributes, toAttributeMessage } from '../../shared/language/attributes.ts';
import type { ErrorCode } from '../../shared/language/errors.ts';
import type { Client } from '../../shared/language/events.ts';
import type { AnyMessage } from '../../shared/language/html.ts';
import type { Chunk } from '../../shared/tree/html.ts';
import type { Have } from '../../shared/wire/frames.ts';
import type {
  ActorPort,
  Arrival,
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
import type { ServerClock } from '../system-clock.ts';
import { type ArrivalsOwner, EdgeArrivals } from './edge-arrivals.ts';
import { EdgeAttributes, type EdgeAttributesOwner } from './edge-attributes.ts';
import { EdgeEvents } from './edge-events.ts';
import { EdgeLink, type LinkOwner, type Looked, type NoAnswer } from './edge-link.ts';
import { EdgeLooks, type LooksOwner } from './edge-looks.ts';
import { EdgeQuestions, type QuestionsOwner } from './edge-questions.ts';
import { EdgeSending, type SendingOwner } from './edge-sending.ts';
import { EdgeShown, type ShownOwner } from './edge-shown.ts';
import { EdgeStream } from './edge-stream.ts';
import { type Answer, type Ask, isAnswer, type News, type ToldOutcome } from './frames.ts';

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

/** How long somebody may take to look who was about to. */
const wantedMs = 5_000;
/** News of an owner that is not known yet: more than comes while it is asked. */
const maxEarly = 1_000;

export class Edge
  implements
    ActorPort,
    LinkOwner,
    ArrivalsOwner,
    EdgeAttributesOwner,
    LooksOwner,
    QuestionsOwner,
    SendingOwner,
    ShownOwner
{
  readonly id: string;
  readonly isShared = true;
  readonly knowsClients = true;
  readonly keptAttributes: Attributes | undefined = undefined;
  readonly leftState = undefined;
  readonly match: Match;
  /** Whose account it is on, should it be started here. */
  readonly account: string;
  private readonly home: EdgeHome;
  readonly link: EdgeLink;
  readonly stream: EdgeStream;
  readonly arrivals: EdgeArrivals;
  private readonly events = new EdgeEvents();
  private readonly looks: EdgeLooks;
  private readonly sending: EdgeSending;
  private readonly shown: EdgeShown;
  private readonly attributes: EdgeAttributes;
  private readonly questions: EdgeQuestions;
  /** News of a term, heard before it was known where it begins. */
  private early: News[] = [];
  /** How many are being asked for whom a join waits. */
  private recalls = 0;
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
    this.questions = new EdgeQuestions(this);
    this.looks = new EdgeLooks(this, this.events);
    this.sending = new EdgeSending(this, this.events);
    this.shown = new EdgeShown(this, this.events);
  }

  // What it is.

  get limits(): Limits {
    return this.home.settings.limits;
  }

  get counters(): Counters {
    return this.home.counters;
  }

  get hasFailed(): boolean {
    return this.shown.hasFailed;
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

  recall(name: string | undefined, epoch: string | undefined): Known | Promise<Known> {
    if (name === undefined) return { event: 0, refused: [] };
    return new Promise((resolve) => {
      const recall = async (): Promise<void> => {
        if (this.isCut || this.isOver) {
          // it is asked as soon as somebody can be
          this.events.noteUnheard(name, epoch);
          resolve({ event: 0, refused: [] });
          return;
        }
        this.recalls++;
        const answer = await this.looks.look([name]);
        this.recalls--;
        this.want();
        const [told] = (answer?.known ?? []) as readonly [ToldOutcome?];
        // what became of events is told with what they did, and no sooner
        if (answer && told && this.stream.hasReached(answer)) {
          const { upTo, refused } = told;
          // of what is not kept, what was done to another life is known to nobody, whatever this one knows of the page
          const isUnknown = this.isCommitted ? upTo < 0 : answer.epoch !== epoch;
          resolve({ event: Math.max(0, upTo), refused, isUnknown });
          return;
        }
        await this.link.pause();
        this.link.once(() => void recall());
      };
      if (this.isCut) void recall();
      else this.link.once(() => void recall());
    });
  }

  subscribe(subscriber: Subscriber): void {
    this.events.add(subscriber);
    this.looks.onCome(subscriber);
    if (this.isCut) queueMicrotask(() => this.shown.tellDown(subscriber));
  }

  unsubscribe(subscriber: Subscriber, hasLeft: boolean): void {
    if (this.events.remove(subscriber)) this.looks.onGone(subscriber, hasLeft);
  }

  // What they do.

  sayWho(client: Client, person: string | undefined): string {
    return sayWho(this.match.route.predicted, client, person, this.clock);
  }

  handleEvent(event: PlacedEvent, subscriber: Subscriber): void {
    if (typeof event.instance !== 'number' && !this.match.route.predicted) {
      this.skipEvent(event.number, 'ISLET_ERR_EVENT_UNKNOWN_TARGET', subscriber);
      return;
    }
    this.events.push(event, subscriber);
    this.sending.soon();
  }

  skipEvent(event: number, code: ErrorCode | undefined, subscriber: Subscriber): void {
    this.events.skip(event, code, subscriber);
    this.sending.soon();
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
    this.questions.send(message, key, conclude);
  }

  model(take: (read: ReadModel) => void): void {
    this.questions.model(take);
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

  fill(): void {
    this.shown.fill();
  }

  showDown(): void {
    this.shown.showDown();
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
    this.shown.take(news);
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
    this.sending.end();
    this.looks.end();
    this.clock.clearTimeout(this.wantedTimer);
  }

  // The owner, as the link finds it.

  /** Names this process. */
  get name(): string {
    return this.home.name;
  }

  get clock(): ServerClock {
    return this.home.settings.clock;
  }

  get isCut(): boolean {
    return this.home.isCut;
  }

  get isOver(): boolean {
    return this.isEnded || this.home.isStopping;
  }

  get isUsed(): boolean {
    const { events, link, attributes, questions } = this;
    const isAsking = this.recalls > 0 || questions.isWaiting || attributes.isWaiting;
    return events.size > 0 || this.wantedTimer !== undefined || link.isAwaited || isAsking;
  }

  get silenceMs(): number {
    return this.home.silenceMsOf(this.id);
  }

  lookAnew(): Promise<Answer | NoAnswer> {
    return this.ask(this.looks.toFirst(this.events.waitingNames()));
  }

  claim(): Promise<void> {
    return this.home.claim(this);
  }

  onLinked(answer: Looked): void {
    const { events, link } = this;
    this.looks.renew();
    this.shown.begin(answer);
    const early = this.early.filter(({ term }) => term === link.term);
    this.early = [];
    for (const news of early) this.shown.take(news);
    events.meetOwner();
    this.sending.soon();
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

  onLooked(answer: Looked): void {
    this.shown.takeState(answer);
  }

  // Whether it is of use.

  lookSoon(): void {
    this.looks.soon();
  }

  /** Somebody is about to look. */
  private want(): void {
    this.clock.clearTimeout(this.wantedTimer);
    this.wantedTimer = this.clock.setTimeout(() => {
      this.wantedTimer = undefined;
      this.lookSoon();
    }, wantedMs);
  }

  unuseIfDone(): void {
    if (!this.isUsed) this.home.onUnused(this);
  }
}
