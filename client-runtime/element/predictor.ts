/*
 * What an island and the code that predicts it want of each other. Types alone: an island knows nothing of how a model
 * becomes what is shown, and what predicts nothing of connections, outboxes and fields.
 */

import type { Have } from '../../shared/wire/frames.ts';
import type { ServerFrameHandler } from '../../shared/wire/server-frames.ts';
import type { DomTree } from '../dom/dom-tree.ts';
import type { Channel, Connection } from './connection.ts';
import type { Outbox, OutgoingEvent } from './outbox.ts';

/** Keeps events for a later page. */
export interface EventKeeper {
  /** These have no outcome. */
  onEvents(events: readonly OutgoingEvent[]): void;
  /**
   * Whether an event may not be sent under a number: false, not yet, and the island is told when it may; 0, it is not
   * done any more, and that was told.
   */
  hold(event: OutgoingEvent | undefined, number: number): false | 0 | undefined;
  /** The island goes, or its session has: what has no outcome is handed on. @param connection Which goes on. */
  leave(connection?: Connection): void;
}

/** Answers events in the page, before the server does. */
export interface Predictor {
  /** Names its code. */
  readonly code: string;
  /** Reads what the server says, and passes on what the island itself does about it. */
  readonly handler: ServerFrameHandler<void>;
  /** What a join says that the page has, of the version that is shown. */
  have(epoch: string, version: number): Have;
  /** These have no outcome. */
  onEvents(events: readonly OutgoingEvent[]): void;
  /** An event happened at a listener; gives what says where that is, and applies it. */
  hear(instance: number, hole: number): ((event: OutgoingEvent) => void) | undefined;
  /** What keeps its events, also when they are no longer answered here. */
  readonly keep?: EventKeeper | undefined;
  /** Gives the tree an instance that it could not bring up to date; 0: all. False: the server has to. */
  answer(instance: number): boolean;
  /** The server draws it from now on. */
  end(): void;
}

export type BeginPrediction = (island: PredictedIsland) => Predictor;

export interface PredictedIsland {
  readonly tree: DomTree;
  readonly root: unknown;
  /** How it goes on with what is no model. */
  readonly handler: Pick<Required<ServerFrameHandler<void>>, 'live' | 'patch' | 'mount' | 'part'> &
    Pick<Channel, 'onRoom'>;
  /** Epoch and version of what is shown. */
  readonly shown: readonly [epoch: string, version: number];
  /** By what its events are known at the server; undefined: the island is not in the page. */
  readonly line: readonly [connection: Connection | undefined, channel: number];
  /** Somebody else sends some of its events. */
  readonly remove: Outbox['remove'];
  /** The model of that, as JSON, where it came with the page and is what it was. */
  readonly model: string | undefined;
  /** What events told is shown: fields show the model again. */
  settle(events: readonly OutgoingEvent[]): void;
  /** The tree that is mounted next is another one, whose ids say nothing. */
  change(): void;
  /** It goes on as the server draws it. */
  end(): void;
  /** Asks the server for all of it. */
  ask(instance: 0): void;
}
