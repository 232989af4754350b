/*
 * The floor's protocol: any text comes back. The text is as long as an islet's event frame.
 */

import { Meaning, type Protocol } from './protocol.ts';
import { encodeText } from './socket.ts';

export const echoProtocol: Protocol = echo('/broadcast');

/** The same of a server that sends to all no more often than islet does. */
export const pacedProtocol: Protocol = echo('/paced');

/** The same, and a join is a text that comes back: as often read and written as an islet's join is. */
export const answeringProtocol: Protocol = echo('/broadcast', true);

function echo(shared: string, isAsked = false): Protocol {
  return {
    prepare: async (_port, route) => {
      const message = encodeText('[1,100,0,0]');
      return {
        isEcho: true,
        path: route === 'shared' ? shared : '/echo',
        headers: {},
        converse: () => {
          let isWaiting = false;
          let isJoining = isAsked;
          return {
            join: () => (isJoining ? [message] : []),
            read: () => {
              if (isJoining) {
                isJoining = false;
                return Meaning.joined;
              }
              if (!isWaiting) return Meaning.delivery;
              isWaiting = false;
              return Meaning.reply;
            },
            event: () => {
              isWaiting = true;
              return message;
            },
            due: () => undefined,
          };
        },
      };
    },
  };
}
