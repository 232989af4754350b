/*
 * Texts that are longer than a bus takes at once go in parts. Input: a text, or parts as they are heard. Output: parts,
 * each no longer than the bus takes, or the text. A text whose parts are not all heard, one after the other, is
 * dropped: a bus keeps the order, so what is missing has been lost.
 */

/** What stands before the text: `w` is whole, `p` a part, with the text's name, the part's place and their number. */
const whole = 'w';
const partHead = /^p([\w-]{1,64}),(\d{1,6}),(\d{1,6}),/;
/** No head is longer. A line has to take more than twice as much. */
const maxHeadBytes = 96;
/** A character of a JavaScript string takes at most three bytes of UTF-8. */
const maxUnitBytes = 3;

/** @param name Of the text, for its parts: no other one of the process has it. */
export function toParts(text: string, name: string, partBytes: number): readonly string[] {
  const room = partBytes - maxHeadBytes;
  if (text.length * maxUnitBytes <= room || Buffer.byteLength(text) <= room) return [whole + text];
  const parts: string[] = [];
  // one character, whatever it is: a line that takes less has been refused
  const units = Math.max(2, Math.floor(room / maxUnitBytes));
  for (let start = 0; start < text.length; ) {
    let end = Math.min(start + units, text.length);
    // a pair of surrogates is one character
    if (end < text.length && isHighSurrogate(text.charCodeAt(end - 1))) end--;
    parts.push(text.slice(start, end));
    start = end;
  }
  return parts.map((part, index) => `p${name},${index},${parts.length},${part}`);
}

interface Gathered {
  readonly count: number;
  readonly parts: string[];
  bytes: number;
}

/** What a part takes besides its text. */
const fixedBytes = 64;

/** Puts texts together. What waits for its rest is bounded for all together: the oldest goes first. */
export class Assembly {
  private readonly maxBytes: number;
  /** In the order in which they began. */
  private readonly gathering = new Map<string, Gathered>();
  /** What waits for its rest. */
  bytes = 0;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  /**
   * Gives the text that is whole now; undefined: it is not yet, or this is nothing that a bus of ours has said.
   *
   * @param subject Where it was heard: what is said under two subjects is heard twice.
   */
  take(subject: string, said: string): string | undefined {
    if (said.startsWith(whole)) return said.slice(whole.length);
    const [head, name = '', at, of] = partHead.exec(said) ?? [];
    if (head === undefined) return undefined;
    const [index, count] = [Number(at), Number(of)];
    const key = `${subject} ${name}`;
    const gathered = index === 0 ? this.begin(key, count) : this.gathering.get(key);
    if (gathered === undefined) return undefined;
    if (gathered.count !== count || gathered.parts.length !== index || index >= count) {
      this.drop(key);
      return undefined;
    }
    const part = said.slice(head.length);
    const bytes = fixedBytes + 2 * part.length;
    gathered.parts.push(part);
    gathered.bytes += bytes;
    this.bytes += bytes;
    if (gathered.parts.length < count) {
      this.makeRoom();
      return undefined;
    }
    this.drop(key);
    return gathered.parts.join('');
  }

  private begin(key: string, count: number): Gathered {
    this.drop(key);
    const begun = { count, parts: [], bytes: 0 };
    this.gathering.set(key, begun);
    return begun;
  }

  private makeRoom(): void {
    for (const key of this.gathering.keys()) {
      if (this.bytes <= this.maxBytes) return;
      this.drop(key);
    }
  }

  private drop(key: string): void {
    this.bytes -= this.gathering.get(key)?.bytes ?? 0;
    this.gathering.delete(key);
  }
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}
