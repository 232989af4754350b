/*
 * What is said in development about views: where a literal stands, events that nobody fires, values that are hardly
 * meant. Input: literals and holes, by the hooks of `shared/language/development.ts`. Output: warnings, each once.
 */

import { development } from '../language/development.ts';
import type { Instance } from '../tree/tree.ts';
import { knownEvents, nearest } from './events.ts';
import { findStale } from './stale.ts';

/** Starts to say what is wrong. @param warn Where it is said. @returns What ends it. */
export function startDevelopment(warn: (text: string) => void): () => void {
  const sites = new WeakMap<readonly string[], string>();
  const said = new Set<string>();
  const sayOnce = (problem: string, where: string): void => {
    const text = `${problem}${where}`;
    // a view is shown again and again
    if (said.size > 1_000 || said.has(text)) return;
    said.add(text);
    warn(text);
  };
  let turn = 0;
  Object.assign(development, {
    literal(strings: readonly string[]): void {
      if (!sites.has(strings)) sites.set(strings, siteIn(new Error().stack ?? ''));
    },
    site: (strings: readonly string[]): string => sites.get(strings) ?? '',
    events(holes) {
      for (const { name, element, where } of holes) {
        if (/[-:]/.test(name + element) || knownEvents.has(name)) continue;
        const near = nearest(name);
        const cure = near ? `did you mean @${near}?` : 'give an event of your own a name with a dash or a colon';
        sayOnce(`no browser fires an event '${name}': ${cure}`, where);
      }
    },
    warn: sayOnce,
    list(old, oldItems, { items, view, deps }, where) {
      const count = Math.min(old.length, items.length);
      // now and then, and another one each time
      if (turn++ % 4 !== 0 || count === 0) return;
      const index = (turn >> 2) % count;
      if (!Object.is(oldItems[index], items[index])) return;
      let stale: string | undefined;
      try {
        stale = findStale(old[index] as Instance, view(items[index] as never, deps as never));
      } catch {
        stale = 'it throws now';
      }
      const cure = 'give it by name in deps: keyed(items, key, view, { selected })';
      if (stale)
        sayOnce(`a keyed list's view reads more than its item, which stays as it was: ${stale}; ${cure}`, where());
    },
  } satisfies typeof development);
  return () => {
    for (const name of Object.keys(development)) delete development[name as keyof typeof development];
  };
}

/** Finds the place of the tag's caller: the first behind the tag itself. */
function siteIn(stack: string): string {
  const lines = stack.split('\n').filter((line) => /:\d+:\d+\)?$/.test(line));
  // this function's caller, the hook, and the tag
  const line = lines[2] ?? '';
  const found = /(?:\(|at |@)?((?:file|https?):\/\/[^\s()]+|\/[^\s()]+|[A-Z]:\\[^\s()]+):(\d+):(\d+)\)?$/.exec(line);
  if (!found) return '';
  const [, file = '', row, column] = found;
  return ` at ${file.replace(/^file:\/\//, '').replace(/\?.*$/, '')}:${row}:${column}`;
}
