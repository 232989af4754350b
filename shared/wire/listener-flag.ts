/*
 * Letters that say how an event is heard, on the wire. Import them as `* as Flag`: each is a constant of its own, so that
 * a browser's bundle has the letters alone.
 */

export const prevent = 'p';
/** What the browser does by itself is left to it, at a submission too. */
export const leave = 'n';
export const stop = 's';
export const self = 'e';
export const outside = 'o';
export const window = 'w';
export const document = 'd';
export const once = '1';
export const capture = 'c';
export const passive = 'v';

// those that have a value, in the order of the values

export const debounce = 'b';
export const throttle = 't';
export const keys = 'k';
export const target = 'a';
export const include = 'i';
export const fields = 'f';
