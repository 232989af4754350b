// What a page is sent, by island. Input: a page whose first frame has yet to come. Output: each frame, with the route of
// the island that it is for.

import type { Page } from 'playwright';

/**
 * @param take Gets the frame's text; the route is undefined for what is no island's. Of a tree in the epoch that the page
 *   had it is told how many versions the page had missed.
 */
export function hearRoutedFrames(
  page: Page,
  take: (text: string, route: string | undefined, missed: number) => void,
): void {
  page.on('websocket', (socket) => {
    const joins = new Map<number, { readonly route: string; readonly have: readonly [string, number] | undefined }>();
    socket.on('framesent', ({ payload }) => {
      const [channel, kind, route, , , have] = JSON.parse(String(payload));
      if (kind === 'join') joins.set(channel, { route, have });
    });
    socket.on('framereceived', ({ payload }) => {
      const text = String(payload);
      const [channel, kind, epoch, version] = JSON.parse(text);
      const { route, have } = joins.get(channel) ?? {};
      take(text, route, kind === 'mount' && have && have[0] === epoch ? version - have[1] : 0);
    });
  });
}
