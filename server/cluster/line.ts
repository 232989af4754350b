/*
 * What carries a bus: what memory and NATS have each for themselves. Input and output: short texts, under subjects and
 * to addresses of those who have asked. Parts, answers and errors are the same for all: `line-bus.ts` has them.
 */

/** `lost`: it is tried again. `closed`: it is not. */
export type LineState = 'connected' | 'lost' | 'closed';

/** What a line tells the bus on it. */
export interface LineListener {
  onState(state: LineState): void;
  /** An answer to the question of that number. */
  onAnswer(question: number, text: string): void;
  /** Nobody hears the question of that number. */
  onNobody(question: number): void;
  /** What somebody has to mend, and the line cannot. */
  onError(error: unknown): void;
}

/** @param asker Where an answer goes; undefined: nobody waits for one. */
export type HearLine = (text: string, asker: string | undefined) => void;

export interface Line {
  /** No other line has it. Letters, digits, `_` and `-`. */
  readonly name: string;
  readonly state: LineState;
  /** The longest text that it takes, in bytes of UTF-8. */
  readonly partBytes: number;
  /** Called while it is connected. @param question Its number, if an answer is wanted. */
  publish(subject: string, text: string, question?: number): void;
  /** Called while it is connected. @param asker As it was heard. */
  answer(asker: string, text: string): void;
  subscribe(subject: string, hear: HearLine): () => void;
  /** Rejects when the connection is lost meanwhile. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

/** It tells the listener nothing before it has returned. */
export type OpenLine = (listener: LineListener) => Line;
