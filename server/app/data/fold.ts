/*
 * One spelling for texts that people mean as the same: no accents, no capitals, single spaces. Done here and not by the
 * database, whose idea of a letter depends on which one it is.
 */

export function fold(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .toLowerCase()
    .replace(/\s+/g, ' ')
    .trim();
}
