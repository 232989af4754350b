/*
 * An actor as those see it who show it to people: islands of pages, and the HTML of pages. Input: who looks, events,
 * questions about what is shown. Output: frames for subscribers, and answers. Nothing here says where the actor runs:
 * what has to be asked for is given to a callback, at once where it is here (`live-actor.ts`), else later.
 */

import type { Attributes } from '../../shared/language/attributes.ts';
import type { ErrorCode } from '../../shared/language/errors.ts';
import type { Client, EventData, Json } from '../../shared/language/events.ts';
import type { AnyMessage } from '../../shared/language/html.ts';
import type { Chunk } from '../../shared/tree/html.ts';
import type { IdRuns, WireContent } from '../../shared/wire/content.ts';
import type { Have, PredictedPlace } from '../../shared/wire/frames.ts';
import type { Define } from '../../shared/wire/patch.ts';
import type { Counters } from '../inspect/counters.ts';
import type { Limits } from '../options.ts';
import type { SharedFrame } from '../transport/transport.ts';
import type { LeftState } from './own-state.ts';
import type { SentOutcome } from './sent-message.ts';

/** Whose events are handled, and who hears what became of them. */
export interface EventSource {
  /** Names it over the end of a process; undefined: it cannot come back then. */
  readonly name: string | undefined;
  /** On whose account is what a store remembers of it; undefined: nobody's. */
  readonly account: string | undefined;
  /** Up to here its events belong to turns that were rendered. */
  readonly sealed: number;
  /** It is sent nothing until it has caught up or come back. */
  readonly isHeldBack: boolean;
  /** Tells what became of its events, if no patch has told it. */
  sendOutcomes(): void;
  /** What was handled so far belongs to the turn that was rendered now. */
  seal(): void;
  /** The turn that was rendered last is committed: what became of its events may be told. */
  onKept(): void;
  /** An event was handled: all before it were, too. */
  onHandled(event: number): void;
  /** An event was not applied. */
  onRefused(refusal: Refusal): void;
}

/** Takes an actor's frames, for one island of one page. */
export interface Subscriber extends EventSource {
  readonly channel: number;
  readonly client: Client;
  /** It gets the model and not the tree. */
  readonly predicts?: boolean;
  /** Rises with each connection of its page, whichever process that is to. */
  readonly attempt: number;
  /** Events that were refused, as far as its page may not have heard so. */
  readonly refusals: readonly Refusal[];
  /**
   * @param frames Undefined: nobody else is sent the patch.
   * @param model The same as changes of the model, for who passes both on; undefined: pages do not predict it.
   */
  sendPatch(operations: string, frames: FrameCache | undefined, model?: string): void;
  /** Brings the client to the actor's present state from scratch. */
  mount(): void;
  /**
   * Nobody who is there will say what became of its events that have no outcome.
   *
   * @param isUnknown They may have been applied, and its page is told so with what it is shown next; else they were not,
   *   and it says them again then, as their places are called there.
   */
  expectAgain(isUnknown: boolean): void;
  /** Brings the client to the present state after the actor was given up for a while. */
  revive(): void;
  /**
   * Another actor has taken the place of the one that it looked at.
   *
   * @param known What that one knows of it.
   * @param code Why events are refused that came in vain; undefined: they may come again.
   */
  moveTo(actor: ActorPort, known: Known, code: ErrorCode | undefined): void;
  /**
   * The actor has ended, and none takes its place here: its page begins from what is stored.
   *
   * @param code Why events without an outcome are refused; undefined: they may come again.
   */
  lose(code: ErrorCode | undefined): void;
  /** What people do is not stored yet, since the store does not answer; or it is again. */
  onSaving(isSaving: boolean): void;
  /** The actor was given up; without a code, it cannot be reached: `revive` follows when it can. */
  fail(code: ErrorCode | undefined): void;
}

/** Frames of one patch, by channel: most pages give the same island the same channel. */
export type FrameCache = Map<number, SharedFrame>;

/** An event that was not applied. */
export interface Refusal {
  readonly event: number;
  readonly code: ErrorCode;
  /** What the component says of it, in place of the code's message. */
  readonly reason?: string | undefined;
}

/** What an actor knows of a client by its name: the last event that was settled, and which were refused. */
export interface Known {
  readonly event: number;
  readonly refused: readonly Refusal[];
  /** Nobody knows what became of events before. Default: what `knowsClients` says. */
  readonly isUnknown?: boolean;
}

/** An event at a place of what is shown in the present epoch. */
export interface PlacedEvent {
  readonly number: number;
  /** The version that its person saw. */
  readonly seen: number;
  /** Of a tree of the present epoch; or a place in the view of now. */
  readonly instance: number | PredictedPlace;
  readonly hole: number;
  readonly data: EventData;
}

/** What brings a client to the present state. Operations are as `encodeOperations` writes them; empty: there are none. */
export type Arrival =
  /** Nothing is shown yet: `mount` follows. */
  | { readonly kind: 'later' }
  /** It was given up: `revive` follows, if it runs again. */
  | { readonly kind: 'failed' }
  | {
      readonly kind: 'live';
      readonly epoch: string;
      readonly version: number;
      /** Templates that the client does not know. */
      readonly define: Define | undefined;
      readonly operations: string;
      /** It leads on from a model, and not from a tree. */
      readonly predicts?: boolean;
    }
  | {
      readonly kind: 'model';
      readonly epoch: string;
      readonly version: number;
      readonly model: Json;
      readonly operations: string;
      readonly predicts: true;
    }
  | ({ readonly kind: 'mount'; readonly operations: string } & Mount);

/** What is shown, whole. */
export interface Mount {
  readonly epoch: string;
  readonly version: number;
  readonly nextId: number;
  readonly ids: IdRuns;
  readonly define: Define | null;
  readonly content: WireContent;
}

/** One instance as it is now. */
export interface Part {
  readonly version: number;
  readonly nextId: number;
  readonly ids: IdRuns;
  readonly content: WireContent;
}

/**
 * Takes an answer. It is of the moment at which it is given: the next patch leads on from its version.
 *
 * @param answer Undefined: the actor has ended, and another one may take its place.
 * @returns Whether it was passed on; else what the actor said in it is said again with the next.
 */
export type Take<Answer> = (answer: Answer | undefined) => boolean;

/** A model that was asked for, or why there is none. */
export type ReadModel = { readonly model: unknown } | { readonly code: ErrorCode } | undefined;

export interface ActorPort {
  readonly id: string;
  readonly isShared: boolean;
  /** Names the life in which instances of its events mean something. */
  readonly epoch: string;
  /** It was given up for a while. */
  readonly hasFailed: boolean;
  /** Its turns are committed: an event has an outcome when its turn has been. */
  readonly isCommitted: boolean;
  /** It may know clients from an earlier life, by their names. */
  readonly knowsClients: boolean;
  /** The attributes that the element had in an earlier life. */
  readonly keptAttributes: Attributes | undefined;
  /** What may be kept of it when the server stops, where its turns are not committed. */
  readonly leftState: LeftState | undefined;
  readonly limits: Limits;
  readonly counters: Counters;

  /**
   * What is known of a client that had joined before, perhaps in an earlier life of the actor.
   *
   * @param epoch What its page shows: it has heard what became of all that was done to others.
   */
  recall(name: string | undefined, epoch: string | undefined): Known | Promise<Known>;
  /** Somebody looks: gets patches from the version of the next arrival on. */
  subscribe(subscriber: Subscriber): void;
  /** @param hasLeft For good: its numbers begin anew should it come again. */
  unsubscribe(subscriber: Subscriber, hasLeft: boolean): void;

  /**
   * Asks for what brings a client to the present state.
   *
   * @param have What the client has; undefined: nothing.
   * @param isNew It joins, and must get what was offered and said besides the tree.
   * @param onLate It takes too long; the answer comes all the same.
   */
  bring(have: Have | undefined, isNew: boolean, take: Take<Arrival>, onLate: () => void): void;
  /** A subscriber has a version: its page never goes back behind that. */
  onAcknowledged(version: number): void;
  /** Asks for one instance; for all, where there is none of this id, or of 0. */
  part(instance: number, take: Take<Part | Arrival>, onLate: () => void): void;
  /** Asks for the content as HTML; undefined: nothing can be shown. Where that takes too long, it is of the last commit. */
  html(take: (chunks: readonly Chunk[] | undefined) => void): void;
  /** Notes how long the content was that was just encoded. */
  noteContent(ids: IdRuns, characters: number): void;

  /**
   * Says as whom the handlers in a page that predicts are called, as an operation.
   *
   * @param person What a page knows the client by that keeps what is done offline.
   */
  sayWho?(client: Client, person: string | undefined): string;
  /** Handles a subscriber's event, whose outcome it is told at the end of the turn. */
  handleEvent(event: PlacedEvent, subscriber: Subscriber): void;
  /** Takes an event's number, in its turn, and does nothing else; a code says why, if the page is to hear. */
  skipEvent(event: number, code: ErrorCode | undefined, subscriber: Subscriber): void;
  /** Has a subscriber told what became of its events, at the end of the turn. */
  answer(subscriber: Subscriber): void;
  /** An attribute of an element was set, or taken away (null). False: the component does not declare it. */
  changeAttribute(name: string, text: string | null): boolean;

  /**
   * Handles a message of the app.
   *
   * @param key It is done once, however often it comes with the same key.
   * @param conclude Called once, when the turn has been delivered, or the actor has ended before.
   */
  send(message: AnyMessage, key: string | undefined, conclude: (outcome: SentOutcome) => void): void;

  /** Asks for the model as it was delivered last; undefined: the actor has ended. What it takes is not changed. */
  model(take: (read: ReadModel) => void): void;

  /** About how much memory it takes for each subscriber, in bytes. */
  bytesOfEach(): number;
}
