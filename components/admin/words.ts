/*
 * How users are searched, in one place for the database, which keeps each user's words, and for browsers, which narrow
 * an answer that they have. Each word of the search has to begin some word of the name or the address; case and
 * accents mean nothing. A longer search finds nothing that a shorter one it begins with does not find.
 */

import { fold } from '../fold.ts';

/** Of a text to search for; the rest is left out. */
export const maxSearchLength = 100;
/** Words of a search that count. */
const maxWords = 6;

/** The different words of a text: letters and digits, folded. */
export function wordsOf(text: string): string[] {
  return [...new Set(fold(text).match(/[\p{Letter}\p{Number}]+/gu))];
}

/** The words that a search asks for. */
export function searchWords(text: string): string[] {
  return wordsOf(text.slice(0, maxSearchLength)).slice(0, maxWords);
}

/** Whether the words of a search find a user. */
export function isFoundBy(words: readonly string[], { name, email }: { name: string; email: string }): boolean {
  const own = wordsOf(`${name} ${email}`);
  return words.every((word) => own.some((each) => each.startsWith(word)));
}
