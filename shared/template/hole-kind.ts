/*
 * Kinds of holes; the numbers are those of the wire. Import them as `* as HoleKind`: each is a constant of its own, so
 * that a browser's bundle has the numbers alone.
 */

/** The only content of its element: the element itself says where the content is. */
export const only = 0;
/** Content among siblings: it ends at a comment, and starts at another one or at its preceding sibling. */
export const child = 1;
export const attribute = 2;
export const boolean = 3;
export const property = 4;
export const event = 5;
/** The whole text of an element that holds only text, such as `<title>`. */
export const text = 6;
/** Any attributes that an object says: `...=${}`. */
export const spread = 7;

export type Kind =
  | typeof only
  | typeof child
  | typeof attribute
  | typeof boolean
  | typeof property
  | typeof event
  | typeof text
  | typeof spread;
