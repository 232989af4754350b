/*
 * Log lines of what happens to actors and connections. Input: the stream (`shared/runtime/inspect.ts`). Output: one
 * line each, with the actor's id, and with what was thrown; of a connection one when it has ended. What the actors of a
 * route repeat is written a few times a minute, and then counted.
 */

import { errorCatalogue } from '../../shared/language/errors.ts';
import { reasonOf } from '../../shared/language/refused.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import type { Happening, Inspector } from '../../shared/runtime/inspect.ts';
import type { Log } from './log.ts';
import { Repeats, routeOf } from './repeats.ts';

/** Writes what happens to a log; returns the function that ends it. */
export function logHappenings(inspector: Inspector, log: Log, clock: Clock): () => void {
  const repeats = new Repeats(clock, (about, lines) =>
    log.warn({ lines }, `${lines} more lines about ${about} were left out`),
  );
  const mayWrite = (what: string, actor: string): boolean => repeats.mayWrite(`${what} of ${routeOf(actor)}`);

  const write = (happening: Happening): void => {
    switch (happening.kind) {
      case 'failure':
        if (mayWrite('failures', happening.actor)) writeFailure(happening, log);
        break;
      case 'refused': {
        const { actor, code, message, error } = happening;
        // what nothing threw is the page's to know
        if (error === undefined || !mayWrite('refusals', actor)) return;
        const reason = reasonOf(error);
        if (reason !== undefined) {
          log.info({ actor, code }, `${actor} refused ${message?.type ?? 'an event'} on purpose: ${reason}`);
          return;
        }
        const what = message ? `the message ${message.type}` : 'an event';
        log.error({ err: error, actor, code }, `${actor} did not take ${what}: ${errorCatalogue[code].message}`);
        break;
      }
      case 'run failed': {
        const { actor, error, isStray } = happening;
        if (!mayWrite('failed effects', actor)) return;
        const when = isStray ? ' after it was stopped' : '; the actor goes on';
        log.error({ err: error, actor }, `an effect of ${actor} threw${when}`);
        break;
      }
      case 'task': {
        const { actor, step, name, key, attempt, error } = happening;
        if (error === undefined || !mayWrite(`tasks (${step})`, actor)) return;
        const details = { actor, task: name, key, attempt, reason: error };
        if (step === 'failed') log.warn(details, `the task ${name} of ${actor} failed, and is tried again: ${error}`);
        else log.error(details, `the task ${name} of ${actor} is ${step === 'dead' ? 'dead' : 'removed'}: ${error}`);
        break;
      }
      case 'slow': {
        const { actor, component, message, ms } = happening;
        if (!mayWrite('slow turns', actor)) return;
        const what = message === undefined ? 'rendering' : `handling ${message}`;
        log.warn({ actor, component, message, ms: Math.round(ms) }, `${what} in ${actor} took ${Math.round(ms)} ms`);
        break;
      }
      case 'closed': {
        const { kind: _, ...details } = happening;
        log.info(details, 'connection closed');
      }
    }
  };
  const endListening = inspector.on(['failure', 'refused', 'run failed', 'task', 'slow', 'closed'], write);
  return () => {
    endListening();
    repeats.end();
  };
}

function writeFailure({ actor, component, error, decision }: Extract<Happening, { kind: 'failure' }>, log: Log): void {
  const { kind, waitMs, failures } = decision;
  const details = { err: error, actor, component, failures: failures.length };
  if (kind === 'restart') log.error(details, `actor ${actor} failed. Restarting in ${waitMs} ms`);
  else
    log.error(details, `actor ${actor} failed ${failures.length} times and was stopped. Trying again in ${waitMs} ms`);
}
