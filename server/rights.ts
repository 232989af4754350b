/*
 * What the app says of rights: may a client see an island, may it do this there? Input: the app's `authorize` and
 * `authorizeEvent`, a client, a route. Output: its answer, at once or later. Joins and pages ask here alike. What an
 * app throws means no, and is logged; so is an answer that is neither yes nor no.
 */

import type { Client } from '../shared/language/events.ts';
import type { EventAnswer, IsletOptions, RouteParams, Settings } from './options.ts';
import { WaitError, type Waits } from './waits.ts';

interface RightsLog {
  error(details: object, message: string): void;
  warn(details: object, message: string): void;
}

export interface RightsContext {
  readonly settings: Pick<Settings, 'authorize' | 'authorizeEvent'>;
  readonly log: RightsLog;
}

/** A route with the parameters of its path, as far as rights go. */
interface Place {
  readonly route: { readonly path: string; readonly options: Pick<IsletOptions, 'authorizeEvent'> };
  readonly params: RouteParams;
}

/** Whether a client may join an island, or see it in a page. @throws WaitError when no answer came. */
export function mayJoin(
  { settings, log }: RightsContext,
  waits: Waits,
  client: Client,
  { route: { path }, params }: Place,
): boolean | Promise<boolean> {
  const { authorize } = settings;
  if (!authorize) return true;
  return guard(
    () =>
      waits.ask(`answer of authorize for ${path}`, authorize(client, path, params), (answer) =>
        isYes(answer, 'authorize', path, log),
      ),
    (err) => log.error({ err, route: path }, 'authorize failed; the island was refused'),
  );
}

/** Whether a client may cause an event in an island that it joined. @throws WaitError when no answer came. */
export function mayCause(
  { settings, log }: RightsContext,
  waits: Waits,
  client: Client,
  { route: { path, options }, params }: Place,
): EventAnswer | Promise<EventAnswer> {
  const authorizeEvent = options.authorizeEvent ?? settings.authorizeEvent;
  if (!authorizeEvent) return true;
  return guard<EventAnswer>(
    () =>
      waits.ask(`answer of authorizeEvent for ${path}`, authorizeEvent(client, path, params), (answer) =>
        answer === 'gone' ? answer : isYes(answer, 'authorizeEvent', path, log),
      ),
    (err) => log.error({ err, route: path }, 'authorizeEvent failed; the event was refused'),
  );
}

/** An app without types may say what it likes: only true is a yes. What is no answer is said: a `return` is soon forgotten. */
function isYes(answer: unknown, hook: string, path: string, log: RightsLog): boolean {
  if (typeof answer !== 'boolean') {
    const given = answer === undefined || answer === null ? 'nothing' : `a value of type ${typeof answer}`;
    log.warn({ route: path }, `${hook} gave ${given} for ${path}, which is taken for no: return true or false`);
  }
  return answer === true;
}

function guard<Answer>(
  ask: () => Answer | Promise<Answer>,
  onFailure: (error: unknown) => void,
): Answer | false | Promise<Answer | false> {
  const fail = (error: unknown): false => {
    if (error instanceof WaitError) throw error;
    onFailure(error);
    return false;
  };
  try {
    const answer = ask();
    return answer instanceof Promise ? answer.catch(fail) : answer;
  } catch (error) {
    return fail(error);
  }
}
