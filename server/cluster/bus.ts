/*
 * How the processes of one app talk to each other: the interface that memory and NATS implement alike. Input: texts
 * under subjects. Output: the same texts, in every process that has subscribed. It keeps nothing and promises nothing
 * but order: what matters is in the database, and who missed something asks again.
 */

import type { Subject } from './subject.ts';

/** `lost`: nobody can be reached now, and it is tried again. */
export type BusState = 'connected' | 'lost' | 'closed';

/** What came over a bus. */
export interface BusMessage {
  readonly text: string;
  /**
   * Answers whoever asked; undefined where nobody waits for an answer. Of several answers the first one counts.
   *
   * @throws BusError `too-big`
   */
  readonly answer: ((text: string) => void) | undefined;
}

/**
 * Takes messages one by one. It is not waited for, so a slow one holds up nobody. What it throws, or its promise
 * rejects with, is reported; whoever asked is told at once that it failed.
 */
export type Hear = (message: BusMessage) => unknown;

/** Carries messages between the processes of one app; at most once. */
export interface Bus {
  readonly state: BusState;
  /** The longest text that can be said, in bytes of UTF-8. */
  readonly maxBytes: number;
  /**
   * Says something to all who have subscribed, this process included: at most once, and what one process says under one
   * subject is heard in its order. It is never heard before `publish` returns.
   *
   * @returns Whether it was handed over. While the connection is lost it is not, and is not said later either.
   * @throws BusError `too-big`
   */
  publish(subject: Subject, text: string): boolean;
  /**
   * Listens from now on, also after the connection was lost and is back. What others say is certain to be heard once
   * `flush` has resolved. Returns what ends it: nothing is heard after that.
   */
  subscribe(subject: Subject, hear: Hear): () => void;
  /**
   * Asks those who have subscribed, and resolves to the first answer.
   *
   * @param limitMs How long an answer may take.
   * @throws BusError (rejects) `nobody`, at once, where nobody has subscribed; `late`, `failed`, `lost`, `closed`,
   *   `too-big`.
   */
  request(subject: Subject, text: string, limitMs: number): Promise<string>;
  /**
   * Resolves when all that was said and subscribed to before is known to all.
   *
   * @throws BusError (rejects) `lost`, `closed`
   */
  flush(): Promise<void>;
  /** Tells of each new state; returns what ends it. */
  onState(listener: (state: BusState) => void): () => void;
  /** Tells of what those who listen have thrown; without anybody who wants to know, it goes to the standard error. */
  onError(listener: (error: unknown) => void): () => void;
  /** Ends it: what waits for an answer is refused, and nothing is heard or said any more. */
  close(): Promise<void>;
}

/** Why a bus failed. */
export type BusErrorKind =
  /** Nobody has subscribed. */
  | 'nobody'
  /** There was no answer in time; it may have been done. */
  | 'late'
  /** Whoever was asked threw. */
  | 'failed'
  /** The connection is lost; it may have been done. */
  | 'lost'
  | 'closed'
  /** The text is longer than `maxBytes`. */
  | 'too-big'
  /** No connection could be made in the first place. */
  | 'unavailable';

/** What a bus fails with. */
export class BusError extends Error {
  readonly kind: BusErrorKind;

  constructor(kind: BusErrorKind, detail: string, options?: { cause?: unknown }) {
    super(detail, options);
    this.name = 'BusError';
    this.kind = kind;
  }
}
