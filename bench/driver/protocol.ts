/*
 * The one interface behind which the subjects' wires stand. A protocol prepares a plan once per job (fetches the page,
 * reads its tokens); the plan makes one conversation per connection. Workloads know nothing else of a subject.
 */

import type { Operation } from '../app/rows.ts';
import type { BoardAction } from '../predict/board.ts';

/** The routes of the measured app. */
export type Route =
  | 'counter'
  | 'shared'
  | 'kept'
  | 'table'
  | 'table10k'
  | 'list1k'
  | 'list10k'
  | 'list100k'
  | 'nested1k'
  | 'nested10k'
  | 'nested100k'
  | `room/${string}`;

/** What a client does: a click on the counter, on one of the table's buttons, or on one of those in rows; or at a board. */
export type Action = 'up' | 'pick' | Operation | BoardAction;

/** What a frame from the server means to the driver. */
export const Meaning = {
  other: 0,
  /** The answer to the join: the island is live. */
  joined: 1,
  /** The answer to this connection's own event. */
  reply: 2,
  /** A change made by somebody else. */
  delivery: 3,
} as const;

export type Meaning = (typeof Meaning)[keyof typeof Meaning];

/** One connection's state. It gives encoded frames (see `encodeText`) and reads ranges of bytes. */
export interface Conversation {
  /** Frames to send once the socket is open; none when being connected is all there is to a join. */
  join(): readonly Buffer[];
  read(bytes: Buffer, start: number, end: number): Meaning;
  event(action: Action): Buffer;
  /** A frame that is due besides events, such as an acknowledgement; read after each delivery. */
  due(): Buffer | undefined;
}

export interface Plan {
  /** The server has no application: what comes back is what was sent. */
  readonly isEcho: boolean;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  converse(): Conversation;
}

export interface Protocol {
  prepare(port: number, route: Route): Promise<Plan>;
}
