/*
 * URLs of an app as patterns: `route('/anime/:id')` reads a URL into typed parameters, and builds one from them.
 * Usable on either side, so that a server answers 404 where the app in the browser says that nothing is there.
 */

/** The parameters in a pattern: `:id` is text without a slash, `*` at the end is the rest, whatever it is. */
export type Params<Pattern extends string> = Pattern extends `${infer Start}/${infer Rest}`
  ? Params<Start> & Params<Rest>
  : Pattern extends `:${infer Name}`
    ? { readonly [key in Name]: string }
    : Pattern extends '*'
      ? { readonly rest: string }
      : unknown;

/** How each value of a query is read; a key that the URL does not have is null. */
export type QueryReaders = { readonly [key: string]: (text: string | null) => unknown };

export type Query<Readers extends QueryReaders> = { readonly [key in keyof Readers]: ReturnType<Readers[key]> };

/** What a URL of a route says. */
export interface RouteMatch<Pattern extends string, Readers extends QueryReaders> {
  readonly params: Params<Pattern>;
  readonly query: Query<Readers>;
  /** Without the `#`. */
  readonly hash: string;
}

/** A URL of the app; made by `route`. */
export interface Route<Pattern extends string = string, Readers extends QueryReaders = QueryReaders> {
  readonly pattern: Pattern;
  /** Reads a URL (`/anime/1?q=x`); null if it is not one of this route. */
  match(url: string): RouteMatch<Pattern, Readers> | null;
  /** Builds a URL. What the query says with null, undefined, false or empty text is left out. */
  href(...args: HrefArguments<Pattern, Readers>): string;
}

type Values<Pattern extends string> = { readonly [key in keyof Params<Pattern>]: string | number };

type HrefArguments<Pattern extends string, Readers extends QueryReaders> = keyof Params<Pattern> extends never
  ? [params?: { readonly [key in never]: never }, query?: Partial<Query<Readers>>]
  : [params: Values<Pattern>, query?: Partial<Query<Readers>>];

/**
 * Declares a URL of the app.
 *
 * @param query Readers of the query's values: `{ page: (text) => Number(text ?? 1) }`.
 * @example
 * const detail = route('/anime/:id');
 * detail.match('/anime/7')?.params.id; // '7'
 * detail.href({ id: 7 }); // '/anime/7'
 */
export function route<const Pattern extends string>(pattern: Pattern): Route<Pattern, Record<never, never>>;
export function route<const Pattern extends string, Readers extends QueryReaders>(
  pattern: Pattern,
  query: Readers,
): Route<Pattern, Readers>;
export function route(pattern: string, query: QueryReaders = {}): Route {
  const names: string[] = [];
  const expression = expressionOf(pattern, names);

  return {
    pattern,
    match(url) {
      const [, path = '', search = '', hash = ''] = /^([^?#]*)\??([^#]*)#?(.*)$/s.exec(url) ?? [];
      const values = expression
        .exec(path || '/')
        ?.slice(1)
        .map(decode);
      if (!values || values.includes(undefined)) return null;
      const given = new URLSearchParams(search);
      return {
        params: Object.fromEntries(names.map((name, index) => [name, values[index]])),
        query: Object.fromEntries(Object.entries(query).map(([key, read]) => [key, read(given.get(key))])),
        hash,
      };
    },
    href(params = {}, values = {}) {
      const path = pattern.replace(/:(\w+)|\*$/g, (_, name) => {
        const value = String((params as Record<string, unknown>)[name ?? 'rest']);
        return name ? encodeURIComponent(value) : encodeURI(value);
      });
      const search = new URLSearchParams();
      for (const [key, value] of Object.entries(values)) {
        if (value !== null && value !== undefined && value !== false && value !== '') search.set(key, String(value));
      }
      return search.size > 0 ? `${path}?${search}` : path;
    },
  };
}

/**
 * What the paths of a pattern match: each parameter is a group.
 *
 * @param names Gets the names of the parameters.
 */
export function expressionOf(pattern: string, names: string[] = []): RegExp {
  const source = pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replace(/:(\w+)|\*$/g, (_, name?: string) => {
    names.push(name ?? 'rest');
    return name ? '([^/]+)' : '(.*)';
  });
  return new RegExp(`^${source}/?$`);
}

/** Any route, whatever its parameters. */
export interface AnyRoute {
  match(url: string): { readonly params: unknown; readonly query: unknown; readonly hash: string } | null;
}

/** Which route a URL is of, with what it says. */
export type AnyMatch<Routes extends { readonly [name: string]: AnyRoute }> = {
  [Name in keyof Routes & string]: NonNullable<ReturnType<Routes[Name]['match']>> & { readonly name: Name };
}[keyof Routes & string];

/**
 * Finds the route of a URL among several, the first that fits; null if none does.
 *
 * @example
 * const match = matchRoute({ home: route('/'), detail: route('/anime/:id') }, url);
 * if (match?.name === 'detail') show(match.params.id);
 */
export function matchRoute<const Routes extends { readonly [name: string]: AnyRoute }>(
  routes: Routes,
  url: string,
): AnyMatch<Routes> | null {
  for (const [name, { match }] of Object.entries(routes)) {
    const found = match(url);
    if (found) return { ...found, name } as unknown as AnyMatch<Routes>;
  }
  return null;
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
