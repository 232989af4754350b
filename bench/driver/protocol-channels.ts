/*
 * The Phoenix channel protocol as LiveView and LiveViewJS speak it: JSON arrays `[joinRef, ref, topic, event, payload]`. The
 * page is fetched once for its tokens and cookies; all connections of a job share them, which spares the server, not the
 * driver.
 */

import { Meaning, type Protocol } from './protocol.ts';
import { encodeText } from './socket.ts';

const joinRef = '4';
const letterN = 'n'.charCodeAt(0);

/** @param pathOf The last part of the path of a route's page, where it is not called as the route. */
export const channelProtocol = (pathOf: (route: string) => string = (route) => route): Protocol => ({
  prepare: async (port, route) => {
    const url = `http://127.0.0.1:${port}/bench/${pathOf(route)}`;
    const response = await fetch(url);
    const page = await response.text();
    const csrf = find(page, /name="csrf-token" content="([^"]*)"/);
    const session = find(page, /data-phx-session="([^"]*)"/);
    const fixed = /data-phx-static="([^"]*)"/.exec(page)?.[1] ?? '';
    const topic = `lv:${find(page, /id="(phx-[^"]*)"/)}`;
    const params = { _csrf_token: csrf, _mounts: 0 };
    const join = encodeText(
      JSON.stringify([joinRef, joinRef, topic, 'phx_join', { url, params, session, static: fixed }]),
    );
    const cookies = response.headers.getSetCookie().map((cookie) => cookie.split(';', 1)[0]);
    return {
      isEcho: false,
      path: `/live/websocket?_csrf_token=${csrf}&vsn=2.0.0`,
      headers: cookies.length === 0 ? {} : { cookie: cookies.join('; ') },
      converse: () => {
        let ref = 4;
        let isJoined = false;
        return {
          join: () => [join],
          read: (bytes, start) => {
            // a change that came by itself answers nothing: LiveViewJS begins it with `[null,`, Phoenix with `["4",null,`
            if (bytes[start + 1] === letterN || bytes[start + 5] === letterN) return Meaning.delivery;
            if (!isJoined) {
              isJoined = true;
              return Meaning.joined;
            }
            return Meaning.reply;
          },
          event: (action) => {
            ref++;
            const payload = { type: 'click', event: action, value: { value: '' } };
            return encodeText(JSON.stringify([joinRef, String(ref), topic, 'event', payload]));
          },
          due: () => undefined,
        };
      },
    };
  },
});

function find(page: string, pattern: RegExp): string {
  const match = pattern.exec(page);
  if (!match) throw new Error(`the page has nothing like ${pattern}`);
  return match[1] as string;
}
