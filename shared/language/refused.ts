/*
 * What a component throws to refuse a message on purpose. Input: the reason, for whoever did it. Output: what their page
 * is told.
 */

/** Longer reasons are cut off, in characters: each may be kept until its page has heard it. */
export const maxReasonLength = 200;

/**
 * Thrown by `update`, a handler or a view: the message is refused on purpose, nothing is changed, and `islet:refused` on
 * the sender's element has the reason as its `message`. Anything else that is thrown is a fault: its text stays in the
 * log, and the page is told a general sentence.
 *
 * @example if (model.isClosed) throw new Refused('The question is closed.');
 */
export class Refused extends Error {
  /** @param reason For the person, in up to 200 characters. */
  constructor(reason: string) {
    super(reason);
    this.name = 'Refused';
  }
}

/** The reason that a page may be told, if it was refused on purpose. */
export function reasonOf(error: unknown): string | undefined {
  return error instanceof Refused ? error.message.slice(0, maxReasonLength) : undefined;
}
