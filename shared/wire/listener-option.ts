/*
 * Letters of the options that say how an event is heard, on the wire. Import them as `* as Option`: each is a constant
 * of its own, so that a browser's bundle has the letters alone.
 */

export const prevent = 'p';
/** What the browser does by itself is left to it, at a submission too. */
export const leave = 'n';
export const stop = 's';
export const self = 'e';
export const outside = 'o';
export const window = 'w';
export const document = 'd';
export const once = 'u';
export const capture = 'c';
export const passive = 'v';
/** In milliseconds. */
export const debounce = 'b';
export const throttle = 't';
/** As `nameKey` names them. */
export const keys = 'k';
export const target = 'a';
export const include = 'i';
export const fields = 'f';
