/*
 * Addresses of the app that is visited: what a link, a form or a redirect says, as a path.
 */

/** Where visitors see the app. */
export const host = 'localhost';

/** @throws Error for an address of another site. */
export function toPath(address: string, base: string): string {
  const url = new URL(address, new URL(base, `http://${host}`));
  if (url.host !== host) throw new Error(`${address} is another site's: a page here visits one app.`);
  return url.pathname + url.search;
}
