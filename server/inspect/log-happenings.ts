/*
 * Log lines of what happens to actors. Input: the stream (`shared/runtime/inspect.ts`). Output: one line each, with the
 * actor's id, and with what was thrown. What the same actor repeats is written a few times a minute, and then counted.
 */

import { errorCatalogue } from '../../shared/language/errors.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import type { Happening, Inspector } from '../../shared/runtime/inspect.ts';
import type { Log } from './log.ts';

// Lines about refusals, thrown effects and slow turns, of each route, in each window.
const maxLines = 10;
const windowMs = 60_000;

/** Writes what happens to a log; returns the function that ends it. */
export function logHappenings(inspector: Inspector, log: Log, clock: Clock): () => void {
  const repeated = new Map<string, { startedAt: number; lines: number }>();

  /** Whether one more line may be written of an actor: one that anybody can make fail must not fill the log. */
  const mayRepeat = (actor: string): boolean => {
    const now = clock.now();
    const route = actor.replace(/[?#].*$/, '');
    let window = repeated.get(route);
    if (!window || now - window.startedAt >= windowMs) {
      const left = window ? window.lines - maxLines : 0;
      if (left > 0) log.warn({ actor, lines: left }, `${left} more lines like these about ${route} were left out`);
      window = { startedAt: now, lines: 0 };
      repeated.set(route, window);
    }
    return ++window.lines <= maxLines;
  };

  const write = (happening: Happening): void => {
    switch (happening.kind) {
      case 'failure':
        writeFailure(happening, log);
        break;
      case 'refused': {
        const { actor, code, message, error } = happening;
        // what nothing threw is the page's to know
        if (error === undefined || !mayRepeat(actor)) return;
        const what = message ? `the message ${message.type}` : 'an event';
        log.error({ err: error, actor, code }, `${actor} did not take ${what}: ${errorCatalogue[code].message}`);
        break;
      }
      case 'run failed': {
        const { actor, error, isStray } = happening;
        if (!mayRepeat(actor)) return;
        const when = isStray ? ' after it was stopped' : '; the actor goes on';
        log.error({ err: error, actor }, `an effect of ${actor} threw${when}`);
        break;
      }
      case 'slow': {
        const { actor, component, message, ms } = happening;
        if (!mayRepeat(actor)) return;
        const what = message === undefined ? 'rendering' : `handling ${message}`;
        log.warn({ actor, component, message, ms: Math.round(ms) }, `${what} in ${actor} took ${Math.round(ms)} ms`);
        break;
      }
      case 'joined': {
        const { route, client } = happening;
        log.info({ route, client }, 'joined');
      }
    }
  };
  return inspector.on(['failure', 'refused', 'run failed', 'slow', 'joined'], write);
}

function writeFailure({ actor, component, error, decision }: Extract<Happening, { kind: 'failure' }>, log: Log): void {
  const { kind, waitMs, failures } = decision;
  const details = { err: error, actor, component, failures: failures.length };
  if (kind === 'restart') {
    const { message } = errorCatalogue.ISLET_ERR_ACTOR_FAILED;
    log.error(details, `actor ${actor} failed: ${message} Restarting in ${waitMs} ms`);
  } else {
    log.error(details, `actor ${actor} failed ${failures.length} times and was stopped. Trying again in ${waitMs} ms`);
  }
}
