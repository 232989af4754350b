/*
 * Who causes an event, as its handler in the page knows them: the same names and the same time as on the server, to
 * which what they are made of is told with the event. Input: what the server has said of the page's person. What it has
 * not said yet throws: then the event waits for the server.
 */

import type { EventClient } from '../../shared/language/events.ts';
import type { PredictedPlace } from '../../shared/wire/frames.ts';

export interface Who {
  readonly id: string;
  readonly user: unknown;
  /** By how many milliseconds the server's clock is ahead of the page's. */
  readonly ahead: number;
}

export interface Sender {
  readonly client: EventClient;
  /** What of it the server has to know. */
  readonly told: Pick<PredictedPlace, 'i' | 't'>;
}

/** No other event of the page has the same. */
const page = /* @__PURE__ */ Math.random().toString(36).slice(2, 8);
let count = 0;

export function createSender(who: Who | undefined): Sender {
  const told: { i?: string; t?: number } = {};
  let names = 0;
  const known = (): Who => {
    if (!who) throw new Error('the server has yet to say who this is');
    return who;
  };
  return {
    told,
    client: {
      get id() {
        return known().id;
      },
      get user() {
        return known().user;
      },
      newId() {
        told.i ??= `${page}_${++count}`;
        return `${known().id}-${told.i}-${names++}`;
      },
      now() {
        told.t ??= Math.round(Date.now() + known().ahead);
        return told.t;
      },
    },
  };
}
