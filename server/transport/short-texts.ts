/*
 * Takes short texts out of the bytes of a WebSocket before ws reads them: nearly all that pages say is such (RFC 6455,
 * section 5.2: one masked frame of up to 125 bytes), and to ws each is a chunk of a stream, four buffers and an event.
 * Input: chunks as they come from the socket. Output: texts; what is anything else, for ws, in order.
 *
 * A text is taken only between two frames, whole, and where it is ASCII: ws judges all that may break a rule.
 */

/** The longest payload whose length stands in the second byte. */
export const maxShortBytes = 125;

const finalText = 0x81;
const masked = 0x80;
/** Two bytes and the mask. */
const shortHeaderBytes = 6;
const scratch = Buffer.allocUnsafeSlow(maxShortBytes);

/** Who hears the texts. */
export interface Hearing {
  /** @param bytes Size of the text as it came. */
  hear(text: string, bytes: number): void;
}

export class ShortTexts {
  private readonly maxBytes: number;
  private readonly hearing: Hearing;
  /** Where ws is within what it was given; undefined: between two frames. */
  private walk: FrameWalk | undefined;

  /** @param maxBytes Longer ones are left to ws. */
  constructor(maxBytes: number, hearing: Hearing) {
    this.maxBytes = Math.min(maxBytes, maxShortBytes);
    this.hearing = hearing;
  }

  /** Takes what stands first in a chunk. @returns What is for ws; undefined: nothing. */
  read(chunk: Buffer): Buffer | undefined {
    const taken = this.walk ? 0 : this.takeFirst(chunk);
    if (taken === chunk.length) return undefined;
    const rest = taken === 0 ? chunk : chunk.subarray(taken);
    this.walk ??= new FrameWalk();
    if (this.walk.pass(rest)) this.walk = undefined;
    return rest;
  }

  /** @returns How many bytes were taken. */
  private takeFirst(chunk: Buffer): number {
    let at = 0;
    while (at + shortHeaderBytes <= chunk.length && chunk[at] === finalText) {
      const length = (chunk[at + 1] as number) - masked;
      const start = at + shortHeaderBytes;
      if (length < 0 || length > this.maxBytes || start + length > chunk.length) break;
      let seen = 0;
      for (let index = 0; index < length; index++) {
        const byte = (chunk[start + index] as number) ^ (chunk[at + 2 + (index & 3)] as number);
        scratch[index] = byte;
        seen |= byte;
      }
      if (seen > 0x7f) break;
      at = start + length;
      this.hearing.hear(scratch.toString('latin1', 0, length), length);
    }
    return at;
  }
}

/** Follows frames that somebody else reads, to know where one ends. */
export class FrameWalk {
  // Of a header that is not whole yet: how many of its bytes have come, and what they say.
  private come = 0;
  private first = 0;
  private lengthBytes = 0;
  private headerBytes = 0;
  private length = 0;
  /** Bytes of the payload that have yet to come. */
  private left = 0;
  /** A message goes on in the next frame of its own. */
  private isFragmented = false;

  /** @returns Whether it stands between two frames, and two messages. */
  pass(chunk: Uint8Array): boolean {
    let at = 0;
    while (at < chunk.length) {
      const skipped = Math.min(this.left, chunk.length - at);
      at += skipped;
      this.left -= skipped;
      if (this.left === 0 && at < chunk.length) this.readHeader(chunk[at++] as number);
    }
    return this.left === 0 && this.come === 0 && !this.isFragmented;
  }

  private readHeader(byte: number): void {
    const at = this.come++;
    if (at === 0) {
      this.first = byte;
      return;
    }
    if (at === 1) {
      const short = byte & 0x7f;
      this.lengthBytes = short === 126 ? 2 : short === 127 ? 8 : 0;
      this.headerBytes = 2 + this.lengthBytes + (byte & masked ? 4 : 0);
      this.length = this.lengthBytes > 0 ? 0 : short;
    } else if (at < 2 + this.lengthBytes) this.length = this.length * 256 + byte;
    if (this.come < this.headerBytes) return;
    // control frames may stand between the frames of a message
    if ((this.first & 0x0f) < 8) this.isFragmented = (this.first & 0x80) === 0;
    // what is too long for a number to be exact ends the connection
    this.left = this.length;
    this.come = 0;
  }
}
