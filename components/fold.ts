/*
 * One spelling for texts that people mean as the same: no accents, no capitals, single spaces, and no control
 * characters, of which one ends a text in a database. Done here and not there: what a letter is depends on which one it
 * is.
 */

export function fold(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .toLowerCase()
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim();
}
