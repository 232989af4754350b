/*
 * What a page is besides its islands, as a text to compare: development asks whether a change of the code has changed
 * it. Input: HTML. Output: the same, without what differs from one request to the next. That is no more than a hint:
 * where it errs, a page is compared that is the same.
 */

/** The tags of custom elements: what is inside of them is theirs. */
const tags = /<(\/?)([a-z][a-z\d]*-[\w-]*)\b[^>]*>/g;
/** Texts that are made for one request: a token, what was typed before. */
const varying = / (?:nonce|value)="[^"]*"/g;

export function skeletonOf(html: string): string {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (const { 0: tag, 1: slash, index } of html.matchAll(tags)) {
    if (depth === 0) parts.push(html.slice(from, index), tag);
    depth = Math.max(0, depth + (slash === '' ? 1 : -1));
    from = index + tag.length;
  }
  if (depth === 0) parts.push(html.slice(from));
  return parts.join('').replace(varying, '');
}
