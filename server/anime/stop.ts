/*
 * Ends the process in order when the system asks for it: no new connections, clients told to come back, requests
 * under way answered, data written. Input: SIGTERM or SIGINT. Output: an exit code: 0 when all was done, 1 when it
 * failed or took too long, 128 and the signal's number when a second signal asked not to wait: for what is still to be
 * stored it waits all the same.
 */

import { constants } from 'node:os';
import type { FastifyInstance } from 'fastify';

/** Longer than the server itself waits for its clients, shorter than service managers wait for a server. */
export const stopMs = 10_000;

/** From here on a signal stops the app and ends the process. */
export function stopOnSignals(app: FastifyInstance, deadlineMs = stopMs): void {
  let isStopping = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (isStopping) {
        // whoever asks twice does not want to wait for requests, but nothing that was done shall be lost
        void app.islet.whenKept.then(() => process.exit(128 + constants.signals[signal]));
        return;
      }
      isStopping = true;
      app.log.info(`${signal}: stopping`);
      // keeps the process as well: one that had nothing left to wait for would end as if all was well
      setTimeout(() => {
        app.log.error(`not stopped after ${deadlineMs} ms; ending nevertheless`);
        process.exit(1);
      }, deadlineMs);
      app.close().then(
        () => {
          app.log.info('stopped');
          process.exit(0);
        },
        (error: unknown) => {
          app.log.error(error, 'stopping failed');
          process.exit(1);
        },
      );
    });
  }
}
