/*
 * What is said where something could not be loaded: why, and a way to try again, which loads the page where no script
 * does it.
 */

import { html, on, type Template } from '../../shared/index.ts';
import type { Request, TrackerMessage } from './model.ts';

type Failed = Extract<Request, { kind: 'failed' }>;

export function problemView({ error }: Failed, url: string): Template<TrackerMessage> {
  const isCalm = error.kind === 'offline' || error.kind === 'network';
  return html`
    <div class=${isCalm ? 'problem is-calm' : 'problem'} role="alert">
      <p>${explain(error)}</p>
      <a class="plain" href=${url} @click=${on({ type: 'UserClickedRetry' }, { preventDefault: true })}>Try again</a>
    </div>
  `;
}

function explain(error: Failed['error']): string {
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
