/*
 * What keeps a command for a store from doing what it was asked for, for a person. Exit codes are those of sysexits.h,
 * so that a script can tell what may pass (75) from what will not.
 */

export class UpkeepError extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode: number, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'UpkeepError';
    this.exitCode = exitCode;
  }
}

/** What it says, for whoever started the command; undefined: nobody expected it. */
export function explain(error: unknown): { readonly message: string; readonly code: number } | undefined {
  if (!(error instanceof Error) || !('exitCode' in error) || typeof error.exitCode !== 'number') return undefined;
  return { message: error.message, code: error.exitCode };
}
