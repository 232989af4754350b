/*
 * What came of one connection, for the one line that the log has of it when it has ended. Input: what its conversation
 * notes. Output: the line's details. It names routes as they were declared, and nothing that a client has said.
 */

import type { ErrorCode } from '../../shared/language/errors.ts';
import type { Happening } from '../../shared/runtime/inspect.ts';

type ConnectionEnd = Extract<Happening, { kind: 'closed' }>;

/** A page with more of them is known well enough by these. */
const maxRoutes = 10;

export class Tally {
  /** Frames that came. */
  frames = 0;
  /** Events among them. */
  events = 0;
  joins = 0;
  /** Joins, events and other frames that were refused. */
  refused = 0;
  /** Why the server ended it. */
  why: ErrorCode | undefined;
  /** What the peer did to the transport, as ws calls it. */
  problem: string | undefined;
  private readonly openedAt: number;
  private routes: string[] | undefined;

  constructor(now: number) {
    this.openedAt = now;
  }

  /** @param path A route as it was declared. */
  addJoin(path: string): void {
    this.joins++;
    // a list that grows would be given room for more, and most pages have one
    if (this.routes === undefined) this.routes = [path];
    else if (this.routes.length < maxRoutes && !this.routes.includes(path)) this.routes.push(path);
  }

  end(client: string | undefined, code: number, now: number): ConnectionEnd {
    const { frames, events, joins, refused, why, problem, routes = [], openedAt } = this;
    const ms = Math.round(now - openedAt);
    return { kind: 'closed', client, routes, frames, events, joins, refused, code, why, problem, ms };
  }
}
