/*
 * The catalogue of errors. A client sees an error's code and public message, never its cause: causes go to the log.
 * `docs/errors.md` explains each code; a test holds the two equal.
 */

import { IsletError } from './islet-error.ts';

/** Each code with its public message, and the WebSocket close code where the connection ends because of it. */
export const errorCatalogue = {
  ISLET_ERR_TEMPLATE: { message: 'A template cannot be parsed as written.' },
  ISLET_ERR_RENDER: { message: 'A view holds something that cannot be rendered.' },
  ISLET_ERR_COMPONENT: { message: 'A component is not defined correctly.' },
  ISLET_ERR_REGISTER: { message: 'A custom element cannot be registered.' },
  ISLET_ERR_ROUTE: { message: 'A route is not defined correctly.' },
  ISLET_ERR_OPTIONS: { message: 'An option of the server is not valid.' },
  ISLET_ERR_TOPIC: { message: 'A topic cannot carry this.' },
  ISLET_ERR_PRESENCE: { message: 'Somebody cannot be listed as being here.' },
  ISLET_ERR_SEND: { message: 'A message cannot be sent there.' },
  ISLET_ERR_FRAME_MALFORMED: { message: 'A frame was not one of the protocol.', close: 4400 },
  ISLET_ERR_FRAME_BINARY: { message: 'Binary frames are not part of the protocol.', close: 1003 },
  ISLET_ERR_FRAME_TOO_BIG: { message: 'A frame was larger than the limit.', close: 1009 },
  ISLET_ERR_FRAME_TOO_DEEP: { message: 'A frame was nested deeper than the limit.', close: 4400 },
  ISLET_ERR_PROTOCOL_VERSION: { message: 'Client and server speak different versions of the protocol.', close: 4406 },
  ISLET_ERR_HELLO_EXPECTED: { message: 'The first frame of a connection must be a hello.', close: 4400 },
  ISLET_ERR_SESSION_TAKEN: { message: 'Another connection has taken up this session.', close: 4409 },
  ISLET_ERR_JOIN_UNKNOWN_ROUTE: { message: 'There is no such part of this page.' },
  ISLET_ERR_JOIN_NEWER: { message: 'This part of the page will be back when the server has been renewed.' },
  ISLET_ERR_JOIN_FORBIDDEN: { message: 'Joining this island is not allowed.' },
  ISLET_ERR_FORBIDDEN_NOW: { message: 'You may not see this any more.' },
  ISLET_ERR_JOIN_TWICE: { message: 'This channel is in use already.' },
  ISLET_ERR_NOT_JOINED: { message: 'No island was joined on this channel.' },
  ISLET_ERR_EVENT_UNKNOWN_TARGET: { message: 'The event was for something that is no longer there.' },
  ISLET_ERR_EVENT_DISABLED: { message: 'What was pressed is disabled, or what was chosen is not offered.' },
  ISLET_ERR_EVENT_FORBIDDEN: { message: 'Doing this is not allowed. Nothing was changed.' },
  ISLET_ERR_MESSAGE_REFUSED: { message: 'This could not be done. Nothing was changed.' },
  ISLET_ERR_NOT_TRIED: { message: 'There was no time to try this. Nothing was changed.' },
  ISLET_ERR_FILES: { message: 'Files cannot be sent to a server component.' },
  ISLET_ERR_LIMIT_EVENTS: { message: 'Too many events in a short time.', close: 4429 },
  ISLET_ERR_LIMIT_ISLANDS: { message: 'Too many islands on one connection.' },
  ISLET_ERR_LIMIT_CONNECTIONS: { message: 'Too many connections from one address.', close: 4429 },
  ISLET_ERR_LIMIT_ROUTE: { message: 'The path of a route, or a parameter in it, was longer than the limit.' },
  ISLET_ERR_LIMIT_ATTRIBUTES: { message: 'There were too many attributes, or one was too long.' },
  ISLET_ERR_LIMIT_RUNNING: { message: 'Too much is running for one client.' },
  ISLET_ERR_LIMIT_UNREAD: { message: 'Too much was waiting for a client that did not read.' },
  ISLET_ERR_ORIGIN: { message: 'The origin of the request is not allowed.' },
  ISLET_ERR_UNAUTHENTICATED: { message: 'The connection was not accepted.' },
  ISLET_ERR_DISCONNECTED: { message: 'The server ended this connection; connect again.', close: 4401 },
  ISLET_ERR_ACTOR_FAILED: { message: 'This part of the page failed and was stopped.' },
  ISLET_ERR_STORE: { message: 'This could not be stored or read now; try again.' },
  ISLET_ERR_STATE: { message: 'What is kept of this part of the page cannot be read.' },
  ISLET_ERR_STATE_NEWER: { message: 'This part of the page will be back when the server has been renewed.' },
  ISLET_ERR_STATE_SIZE: { message: 'This part of the page is too big to be kept.' },
  ISLET_ERR_STATE_PLAIN: { message: 'A model that is kept is not plain JSON.' },
  ISLET_ERR_TASK: { message: 'A task cannot be done here as it was asked for.' },
  ISLET_ERR_LIMIT_TASKS: { message: 'Too many tasks are waiting to be done. Nothing was changed.' },
  ISLET_ERR_NO_ANSWER: { message: 'The server waited too long for an answer; try again.' },
  ISLET_ERR_SERVER_STOPPING: { message: 'The server is stopping; connect again.', close: 1012 },
  ISLET_ERR_PATCH: { message: 'A patch does not fit the page.' },
  ISLET_ERR_SCRIPT: { message: 'A script that a part of the page needs could not be loaded.' },
} as const satisfies Record<string, { message: string; close?: number }>;

/** The code of an error, as `docs/errors.md` lists them. */
export type ErrorCode = keyof typeof errorCatalogue;

/** Makes an error that has no more to say than its public message. */
export function toError(code: ErrorCode, options?: { cause?: unknown }): IsletError {
  return new IsletError(code, errorCatalogue[code].message, options);
}

/** The WebSocket close code that goes with an error, if the connection ends because of it. */
export function closeCode(code: ErrorCode): number | undefined {
  const entry: { readonly message: string; readonly close?: number } = errorCatalogue[code];
  return entry.close;
}
