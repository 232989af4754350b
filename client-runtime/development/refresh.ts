/*
 * Brings the page up to date with its server after a change of the code, without loading it anew. Input: the page's
 * address. Output: the page as the server makes it now, except for what is inside of its islands, which follow by
 * themselves; or the problem that keeps the server from making it.
 */

import { hasLost, morph } from './morph.ts';
import { type Problem, show } from './panel.ts';
import { trustedHtml } from './trusted.ts';

/** Names what of the page is not inside of islands, as the server counts it. */
const mark = 'data-islet-page';

const retryMs = 150;
/** So often the page cannot be had from a server that is there, until it counts as leading to another site. */
const maxFailures = 5;

/**
 * Resolves when it is done. One after the other: the last one that was asked for counts.
 *
 * @param isThere Asks whether there is a server.
 */
export function refresh(isThere: () => Promise<boolean>): Promise<void> {
  last = last.then(() => bringUpToDate(isThere)).catch(() => location.reload());
  return last;
}

let last = Promise.resolve();

async function bringUpToDate(isThere: () => Promise<boolean>): Promise<void> {
  const [answer, text] = await askFor(location.href, isThere);
  const page = new DOMParser().parseFromString(trustedHtml(text), 'text/html');
  const problem = problemIn(page);
  if (problem) {
    show(problem);
    return;
  }
  const own = document.querySelector(`[${mark}]`);
  const name = page.querySelector(`[${mark}]`)?.getAttribute(mark);
  // it leads elsewhere now, or this is the page of a problem
  if (!answer.ok || answer.redirected || !own || !name || problemIn(document)) {
    location.reload();
    return;
  }
  if (own.getAttribute(mark) === name && !hasLost()) return;
  own.setAttribute(mark, name);
  morph(document.documentElement, page.documentElement);
}

/**
 * The server may go just now, since the next edit has come: the next one is waited for.
 *
 * @throws what fetch throws, of a page that leads to another site.
 */
async function askFor(address: string, isThere: () => Promise<boolean>): Promise<readonly [Response, string]> {
  for (let failures = 0; ; ) {
    try {
      const answer = await fetch(address, { headers: { accept: 'text/html' }, cache: 'no-store' });
      return [answer, await answer.text()];
    } catch (error) {
      if ((await isThere()) && ++failures === maxFailures) throw error;
      await new Promise((resolve) => setTimeout(resolve, retryMs));
    }
  }
}

/** Reads the page that a server answers with in place of one that it could not make. */
function problemIn(page: Document): Problem | undefined {
  const root = page.querySelector('main[data-islet-problem]');
  if (!root) return undefined;
  const names = [...root.querySelectorAll('dt')].map((each) => each.textContent);
  const values = [...root.querySelectorAll('dd')].map((each) => each.textContent);
  return {
    title: root.querySelector('h1')?.textContent ?? '',
    facts: names.map((name, index) => [name, values[index] ?? '']),
    text: root.querySelector('pre')?.textContent ?? '',
  };
}
