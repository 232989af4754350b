// What whoever types a command did wrong, or has to do first: it is said in a line, without a stack. Input: errors.
// Output: what to say, if it is one of these.

import { toProblem } from './problems.ts';

export class Complaint extends Error {}

/** What to say of an error in place of its stack; undefined: it is a fault of the command's own. */
export function complaintOf(error: unknown): string | undefined {
  if (error instanceof Complaint) return error.message;
  // what esbuild says of the app's code
  if (error instanceof Error && 'errors' in error && Array.isArray(error.errors)) {
    const { title, text } = toProblem(error);
    return `${title}\n${text}`;
  }
  return undefined;
}
