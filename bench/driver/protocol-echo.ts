/*
 * The floor's protocol: any text comes back. The text is as long as an islet's event frame.
 */

import { Meaning, type Protocol } from './protocol.ts';
import { encodeText } from './socket.ts';

export const echoProtocol: Protocol = {
  prepare: async (_port, route) => {
    const message = encodeText('[1,100,0,0]');
    return {
      isEcho: true,
      path: route === 'shared' ? '/broadcast' : '/echo',
      headers: {},
      converse: () => {
        let isWaiting = false;
        return {
          join: () => [],
          read: () => {
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
