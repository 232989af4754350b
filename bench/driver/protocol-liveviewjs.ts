/*
 * The Phoenix channel protocol as LiveViewJS speaks it: JSON arrays `[joinRef, ref, topic, event, payload]`. The page
 * is fetched once for its tokens; all connections of a job share them, which spares the server, not the driver.
 */

import { Meaning, type Protocol } from './protocol.ts';
import { encodeText } from './socket.ts';

const joinRef = '4';
const letterN = 'n'.charCodeAt(0);

export const liveViewJsProtocol: Protocol = {
  prepare: async (port, route) => {
    const url = `http://127.0.0.1:${port}/bench/${route}`;
    const page = await (await fetch(url)).text();
    const csrf = find(page, /name="csrf-token" content="([^"]*)"/);
    const session = find(page, /data-phx-session="([^"]*)"/);
    const topic = `lv:${find(page, /id="(phx-[^"]*)"/)}`;
    const params = { _csrf_token: csrf, _mounts: 0 };
    const join = encodeText(
      JSON.stringify([joinRef, joinRef, topic, 'phx_join', { url, params, session, static: '' }]),
    );
    return {
      isEcho: false,
      path: `/live/websocket?_csrf_token=${csrf}&vsn=2.0.0`,
      headers: {},
      converse: () => {
        let ref = 4;
        let isJoined = false;
        return {
          join: () => [join],
          read: (bytes, start) => {
            // `["4",` or `[null,` tells a reply from a change that came by itself
            if (bytes[start + 1] === letterN) return Meaning.delivery;
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
};

function find(page: string, pattern: RegExp): string {
  const match = pattern.exec(page);
  if (!match) throw new Error(`the page has nothing like ${pattern}`);
  return match[1] as string;
}
