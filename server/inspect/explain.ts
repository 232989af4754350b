/*
 * Says of errors that are hard to understand what they mean. Input: what a component threw. Output: the same, or an
 * error that has it as its cause.
 */

import { IsletError } from '../../shared/language/islet-error.ts';

/** Where the effects of the browser are, in a checkout and in the package. */
const browserEffects = /[\\/]shared[\\/]browser[\\/]/;

export function explain(error: unknown): unknown {
  if (!(error instanceof TypeError)) return error;
  const [, first = ''] = (error.stack ?? '').split('\n');
  if (!browserEffects.test(first)) return error;
  const cure = 'Put it into a component that runs in the browser, or emit an event that one hears';
  const problem = `an effect of the browser (title, focus, scrollTo, navigate) was asked for on a server. ${cure}`;
  return new IsletError('ISLET_ERR_COMPONENT', problem, { cause: error });
}
