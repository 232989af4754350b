/*
 * Writes WebSocket text frames (RFC 6455, section 5.2) as single buffers: unmasked, final, not compressed.
 * ws hands header and payload to the socket as two chunks; one buffer costs less for the small frames that patches
 * are, and a frame for a thousand subscribers is made once.
 */

/** By the length of what follows: a character for each byte. */
const shortHeaders = Array.from({ length: 126 }, (_, length) => String.fromCharCode(0x81, length));

/**
 * Makes the frame of a short text in ASCII as a text of its bytes, to be written as `latin1`, which takes no buffer.
 * Undefined for any other.
 */
export function toShortFrame(text: string): string | undefined {
  const { length } = text;
  return length < 126 && Buffer.byteLength(text) === length ? (shortHeaders[length] as string) + text : undefined;
}

/** Makes the frame of a text. */
export function encodeTextFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const start = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(start + length);
  frame[0] = 0x81;
  if (start === 2) frame[1] = length;
  else if (start === 4) {
    frame[1] = 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = 127;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  frame.write(text, start);
  return frame;
}
