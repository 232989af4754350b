// What a page is sent, by island. Input: a page whose first frame has yet to come. Output: each frame, with the route of
// the island that it is for.

import type { Page } from 'playwright';

/** @param take Gets the frame's text; the route is undefined for what is no island's. */
export function hearRoutedFrames(page: Page, take: (text: string, route: string | undefined) => void): void {
  page.on('websocket', (socket) => {
    const routes = new Map<number, string>();
    socket.on('framesent', ({ payload }) => {
      const [channel, kind, route] = JSON.parse(String(payload)) as [number, unknown, string];
      if (kind === 'join') routes.set(channel, route);
    });
    socket.on('framereceived', ({ payload }) => {
      const text = String(payload);
      take(text, routes.get(JSON.parse(text)[0]));
    });
  });
}
