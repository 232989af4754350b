/*
 * How long the element waits for what. The connection looks once a second whether the server is there, and most of
 * these are counted in looks: a page that was frozen has not waited meanwhile, whatever its clock says.
 */

export const lookMs = 1_000;
/** A look that comes so late comes after the page was frozen: the server is asked at once. */
export const frozenMs = 5_000;
/** So many looks without a word from the server, and it is asked. */
export const silentLooks = 25;
/** So many looks without an answer to that, and there will be a new socket. */
export const answerLooks = 5;
/** So many looks after an event was sent without an outcome, the server is asked. */
export const doubtLooks = 5;
/** An island that could not be had now is asked for again after so many looks. */
export const retryLooks = 5;
/** An event may wait so many looks, and the server be silent for so many, until an island counts as offline. */
export const waitLooks = 10;
export const offlineLooks = 30;

/** The wait for a new socket: it doubles up to the longest, until an island was joined. */
export const firstWaitMs = 500;
export const longestWaitMs = 30_000;
/** The wait for a server that is being renewed, and how often it is waited: a minute or so. */
export const restartWaitMs = 200;
export const restartAttempts = 400;

/** What a server takes at most, until it has said so itself. */
export const defaultFrameBytes = 65_536;
/** So long an event waits that may not be sent yet, until that is tried again. */
export const roomMs = 50;
/** How many events are kept. */
export const maxEvents = 200;
