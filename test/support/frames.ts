// Reads what a page's sockets say, both ways, as the frames of the protocol.

import type { Page } from 'playwright';

export interface Frames {
  readonly sent: unknown[][];
  readonly received: unknown[][];
  /** How many sockets the page has opened. */
  sockets: number;
}

/** Keeps the frames of all sockets that a page opens from now on. */
export function readFrames(page: Page): Frames {
  const frames: Frames = { sent: [], received: [], sockets: 0 };
  page.on('websocket', (socket) => {
    frames.sockets++;
    socket.on('framesent', ({ payload }) => frames.sent.push(JSON.parse(String(payload))));
    socket.on('framereceived', ({ payload }) => frames.received.push(JSON.parse(String(payload))));
  });
  return frames;
}
