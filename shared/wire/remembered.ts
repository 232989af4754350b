/*
 * For how long a server knows which events of a client it has had, and up to when a client may say one again. Both sides
 * keep to it, each by its own clock.
 */

/** A client's last number is kept for so long, in milliseconds. */
export const rememberMs = 24 * 3_600_000;
/** What was sent longer ago is not said again: an hour is left for clocks that differ, and for what is on its way. */
export const repeatableMs = 23 * 3_600_000;
