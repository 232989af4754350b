/*
 * A log that says the same ten times a minute, and then how often it was left out: for what clients can make happen as
 * often as they like. Input: lines whose text is one of a few, but for the name of the actor that they are about: of
 * the actors of a route all lines are one. Output: lines of another log.
 */

import type { Clock } from '../../shared/runtime/clock.ts';
import type { Log } from './log.ts';
import { Repeats, routeOf } from './repeats.ts';

export interface BoundedLog extends Log {
  /** Tells what was left out so far. */
  end(): void;
}

export function boundLog(log: Log, clock: Clock): BoundedLog {
  const repeats = new Repeats(clock, (text, lines) =>
    log.warn({ lines }, `${lines} more lines "${text}" were left out`),
  );
  const bound =
    (level: keyof Log) =>
    (details: object, text: string): void => {
      if (repeats.mayWrite(aboutOf(details, text))) log[level](details, text);
    };
  return { error: bound('error'), warn: bound('warn'), info: bound('info'), end: () => repeats.end() };
}

function aboutOf(details: object, text: string): string {
  if (!('actor' in details) || typeof details.actor !== 'string') return text;
  return text.replaceAll(details.actor, routeOf(details.actor));
}
