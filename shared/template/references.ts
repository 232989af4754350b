/*
 * Character references in static text that joins a dynamic value. Such text is set through the DOM, where references
 * are not read, so they are decoded when the template is compiled; the few that need no table of names are known.
 */

const named = new Map(Object.entries({ amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0' }));

/** Decodes references; what stands for one that it does not know is for `onUnknown` to say, or to throw. */
export function decodeReferences(text: string, onUnknown: (reference: string) => string): string {
  return text.replace(/&(?:#(\d+)|#x([\da-f]+)|(\w+));/gi, (reference, decimal, hex, name: string | undefined) => {
    const character =
      name === undefined ? fromCode(Number.parseInt(decimal ?? hex, decimal ? 10 : 16)) : named.get(name);
    return character ?? onUnknown(reference);
  });
}

// What HTML maps to other characters (NUL, surrogates, the range of C1 controls) or forbids is not worth a table.
function fromCode(code: number): string | undefined {
  const isPlain = code > 0 && code <= 0x10ffff && !(code >= 0x80 && code < 0xa0) && !(code >= 0xd800 && code < 0xe000);
  return isPlain ? String.fromCodePoint(code) : undefined;
}
