/*
 * What is said where something could not be loaded: why, and a way to try again, which loads the page where no script
 * does it.
 */

import { focus, type HttpError, html, on, type Template } from '../../shared/index.ts';
import type { Request, TrackerMessage, TrackerModel } from './model.ts';

/** What has failed stays while it is tried again: nothing moves, and the focus stays where it is. */
export function problemView({ request, url }: TrackerModel): Template<TrackerMessage> | null {
  const error = problemOf(request);
  if (error === undefined) return null;
  const isCalm = error.kind === 'offline' || error.kind === 'network';
  const isTrying = request.kind === 'loading';
  return html`
    <div class=${isCalm ? 'problem is-calm' : 'problem'} role="alert">
      <p>${explain(error)}</p>
      <a
        class="plain retry"
        href=${url}
        aria-disabled=${isTrying ? 'true' : null}
        @click=${on({ type: 'UserClickedRetry' }, { preventDefault: true })}
      >${isTrying ? 'Trying…' : 'Try again'}</a>
    </div>
  `;
}

/** Moves the focus on to the heading, if it was in a problem that is gone. */
export const leaveProblem = focus('body:not(:has(:focus)) h1', { preventScroll: true });

function problemOf(request: Request): HttpError | undefined {
  if (request.kind === 'failed') return request.error;
  return request.kind === 'loading' ? request.before : undefined;
}

function explain(error: HttpError): string {
  switch (error.kind) {
    case 'offline':
    case 'network':
      return 'This could not be loaded. It is asked for again as soon as there is a connection.';
    case 'timeout':
      return 'The server did not answer in time.';
    case 'status':
      return error.status === 429
        ? 'That was a lot at once. The server asks for a short break.'
        : 'The server cannot answer that just now.';
    case 'decode':
      return 'The server gave an answer that is of no use here.';
  }
}
