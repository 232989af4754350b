/*
 * Brings the page up to date with its server after a change of the code, without loading it anew. Input: the page's
 * address. Output: the page as the server makes it now, except for what is inside of its islands, which follow by
 * themselves; or the problem that keeps the server from making it.
 */

import { morph } from './morph.ts';
import { type Problem, show } from './panel.ts';
import { trustedHtml } from './trusted.ts';

/** Names what of the page is not inside of islands, as the server counts it. */
const mark = 'data-islet-page';

/** Resolves when it is done. One after the other: the last one that was asked for counts. */
export function refresh(): Promise<void> {
  last = last.then(bringUpToDate).catch(() => location.reload());
  return last;
}

let last = Promise.resolve();

async function bringUpToDate(): Promise<void> {
  const answer = await fetch(location.href, { headers: { accept: 'text/html' }, cache: 'no-store' });
  const page = new DOMParser().parseFromString(trustedHtml(await answer.text()), 'text/html');
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
  if (own.getAttribute(mark) === name) return;
  own.setAttribute(mark, name);
  morph(document.documentElement, page.documentElement);
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
