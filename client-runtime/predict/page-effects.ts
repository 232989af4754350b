/*
 * What `update` asks for in a page that predicts: only what a browser alone can do (focus, title, navigation), for the
 * person who caused the message. All else is the server's to do. Input: an effect. Output: its runs, started. No script
 * is loaded for it first: by then its person may be somewhere else.
 */

import { type Effect, type EffectHost, isOfBrowser, start } from '../../shared/language/effect.ts';

export function runInPage({ parts }: Effect<unknown>, root: unknown): void {
  for (const part of parts) {
    if (isOfBrowser(part)) start(part, hostFor(root));
  }
}

function hostFor(root: unknown): EffectHost {
  const { signal } = new AbortController();
  const host: EffectHost = {
    signal,
    root,
    dispatch: ({ type }) =>
      console.warn(`islet: ${type} came of an effect in a predicted page, and has no event: left out`),
    tell() {},
    latest: () => host,
    delay: (ms, callback) => void setTimeout(callback, ms),
    contain: (run) => run(),
    report: (error) => reportError(error),
    fail: (error) => reportError(error),
  };
  return host;
}
