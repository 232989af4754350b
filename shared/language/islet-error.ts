/*
 * The error that this package throws: a code of the catalogue (`errors.ts`), and what the programmer must know. It is
 * apart from the catalogue because browsers need the one and not the other.
 */

import type { ErrorCode } from './errors.ts';

/** An error of the catalogue. `message` says what the programmer must know; it is not shown to clients. */
export class IsletError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, detail: string, options?: { cause?: unknown }) {
    super(`${code}: ${detail}`, options);
    this.name = 'IsletError';
    this.code = code;
  }
}
