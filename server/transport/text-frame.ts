/*
 * Writes WebSocket text frames (RFC 6455, section 5.2) as single buffers: unmasked, final, not compressed.
 * ws hands header and payload to the socket as two chunks; one buffer costs less for the small frames that patches
 * are, and a frame for a thousand subscribers is made once.
 */

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
