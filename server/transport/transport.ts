/*
 * What a conversation needs of a connection, whatever carries it: frames of text in both directions, in order, and how
 * the connection fares. Implementations stand beside this file; `test/transport.test.ts` holds each to what is said
 * here.
 */

export interface Transport {
  /** Where the peer is, for limits. */
  readonly address: string;
  /** False from the moment that either side closes: nothing is sent or heard any more. */
  readonly isOpen: boolean;
  /** Bytes that wait to be sent. */
  readonly waitingBytes: number;
  /** Whether more bytes wait to be sent than the limit says. */
  readonly isFull: boolean;
  readonly isPaused: boolean;
  /** Says who hears; called once, before anything else. */
  listen(listener: TransportListener): void;
  /** Sends a frame; does nothing unless it is open. */
  send(frame: string | SharedFrame): void;
  /** Calls back once, later, when nothing waits to be sent; never if the connection ends first. */
  onceDrained(callback: () => void): void;
  /** Holds back what is sent until the end of this tick, then sends it all at once. */
  cork(): void;
  /** Stops reading. What was read already may still be heard. */
  pause(): void;
  resume(): void;
  /** Asks the peer for a sign of life: `onAlive`. */
  ping(): void;
  /**
   * Ends the connection when what was sent before has arrived; the peer hears code and reason. Reads on for its answer.
   */
  close(code: number, reason: string): void;
  /** Ends the connection at once, without a word. */
  terminate(): void;
}

/** Who hears what comes. */
export interface TransportListener {
  /** @param bytes Size of the frame as it was received. */
  onText(text: string, bytes: number): void;
  onBinary(): void;
  /** The peer answered a ping. */
  onAlive(): void;
  /** The peer broke the rules of the transport, which closes by itself. */
  onError(error: Error & { readonly code?: string }): void;
  /**
   * The connection has ended; nothing comes after this.
   *
   * @param code What the peer said, or answered: 1005 if it said none, 1006 if the connection ended without a word.
   */
  onClose(code: number, reason: string): void;
}

/**
 * One frame for many. A transport whose frames are bytes makes them when the first of the many is sent, and they stay
 * here for the others.
 */
export class SharedFrame {
  readonly text: string;
  private encode: ((text: string) => Buffer) | undefined;
  private bytes: Buffer | undefined;

  constructor(text: string) {
    this.text = text;
  }

  /** The frame as one kind of transport encodes it. Kept for the kind that asks first. */
  toBytes(encode: (text: string) => Buffer): Buffer {
    if (this.bytes !== undefined) return this.encode === encode ? this.bytes : encode(this.text);
    this.encode = encode;
    this.bytes = encode(this.text);
    return this.bytes;
  }
}
