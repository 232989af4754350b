/*
 * About how much memory an actor takes. Input: what it sends, and its content where that has to be measured. Output:
 * bytes: so much for any actor, for each instance of its content, and for each character of it as a mount has it; what
 * was sent since then counts as if all of it were new rows. Content is measured again only after so much was sent that
 * measuring costs no more than sending did. The figures are rounded up from what Node 24 takes for a counter, for
 * tables, and for long texts.
 */

import type { IdRuns } from '../../shared/wire/content.ts';

/** An actor with an empty view: its runtime, its XState actor, its place with its supervisor. */
export const fixedBytes = 6 * 1024;
/** An instance with its values, and what of the model it shows. */
const bytesPerInstance = 400;
/** A text in model, tree and the page's HTML, of which some are the same and some take two bytes a character. */
const bytesPerCharacter = 2;
/** Of patches: the shortest of new instances. */
const bytesPerSentCharacter = 12;
/** Less is not worth measuring anew. */
const minBytes = 16 * 1024;

export interface Measured {
  readonly ids: IdRuns;
  readonly content: unknown;
}

export class ActorSize {
  /** Bytes of the content when it was last measured. */
  private measured = -1;
  /** What it may have grown by since. */
  private grown = 0;

  /** Notes a patch. */
  add(length: number): void {
    this.grown += bytesPerSentCharacter * length;
  }

  /** Notes the content as it was just encoded. */
  note(ids: IdRuns, characters: number): void {
    this.measured = bytesOf(ids, characters);
    this.grown = 0;
  }

  /** What is known of it without measuring. */
  get known(): number {
    return fixedBytes + Math.max(0, this.measured) + this.grown;
  }

  /** @param read Gives the whole content as it is now; undefined: none is shown. */
  estimate(read: () => Measured | undefined): number {
    if (this.measured < 0 || this.grown > Math.max(this.measured, minBytes)) {
      const { ids, content } = read() ?? nothing;
      this.note(ids, JSON.stringify(content).length);
    }
    return this.known;
  }
}

const nothing: Measured = { ids: [], content: null };

function bytesOf(ids: IdRuns, characters: number): number {
  // runs of ids: the first, and how many
  const instances = ids.reduce((sum, number, index) => (index % 2 === 1 ? sum + number : sum), 0);
  return bytesPerInstance * instances + bytesPerCharacter * characters;
}
