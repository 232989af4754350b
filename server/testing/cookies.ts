/*
 * The cookies of a visitor. Input: `set-cookie` headers. Output: the `cookie` header of the next request. One site is
 * visited, so that domains do not matter; paths do not, either.
 */

export interface CookieJar {
  take(header: string | readonly string[] | undefined): void;
  header(): string;
  all(): { readonly [name: string]: string };
}

export function createCookieJar(cookies: { readonly [name: string]: string }): CookieJar {
  const kept = new Map(Object.entries(cookies));
  return {
    take(header) {
      for (const line of header === undefined ? [] : [header].flat()) {
        const [pair = '', ...parts] = line.split(';').map((part) => part.trim());
        const at = pair.indexOf('=');
        const name = pair.slice(0, at);
        if (parts.some(isOver)) kept.delete(name);
        else kept.set(name, pair.slice(at + 1));
      }
    },
    header: () => [...kept].map(([name, value]) => `${name}=${value}`).join('; '),
    all: () => Object.fromEntries(kept),
  };
}

function isOver(part: string): boolean {
  const [name = '', value = ''] = part.split('=', 2);
  if (/^max-age$/i.test(name)) return Number(value) <= 0;
  return /^expires$/i.test(name) && Date.parse(value) <= Date.now();
}
