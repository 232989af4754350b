/*
 * Routes whose paths have parameters, by how they begin: of hundreds, a path is tried on the few that it can be one of.
 * Input: patterns, in the order in which they were declared. Output: those that a path may match, in that order.
 */

interface Indexed<Route> {
  readonly route: Route;
  readonly order: number;
}

/** Where a URL is read as another text than it is: dot segments, what is taken out, and backslashes. */
const rewritten = /[\0-\x20\\]|(?:^|\/)(?:\.|%2e){1,2}(?:\/|$)/i;

export class RouteIndex<Route> {
  /** By the whole segments that they begin with. */
  private readonly byStart = new Map<string, Indexed<Route>[]>();
  private readonly all: Route[] = [];
  /** How many segments a path can be looked up by. */
  private depth = 0;

  add(path: string, route: Route): void {
    const [plain = ''] = /^[\w/~-]*/.exec(path) ?? [];
    // a modifier may make the last slash before a parameter optional
    const start = plain.slice(0, Math.max(0, plain.lastIndexOf('/')));
    this.depth = Math.max(this.depth, start.split('/').length);
    const known = this.byStart.get(start) ?? [];
    known.push({ route, order: this.all.push(route) });
    this.byStart.set(start, known);
  }

  /** The routes that a path may be one of: all, where it is not read as it is written. */
  candidates(path: string): readonly Route[] {
    if (rewritten.test(path)) return this.all;
    const found: Indexed<Route>[] = [];
    let end = 0;
    for (let count = 0; count < this.depth && end >= 0; count++) {
      if (count > 0) end = path.indexOf('/', end + 1);
      found.push(...(this.byStart.get(end < 0 ? path : path.slice(0, end)) ?? []));
    }
    return found.sort((left, right) => left.order - right.order).map(({ route }) => route);
  }
}
