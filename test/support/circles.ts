// Circles of modules that have to be evaluated before each other: one of them sees the others half made. Input: the
// texts of files by path. Output: each circle as a phrase. Imports of types are erased, and may go in circles.

import { posix } from 'node:path';
import { readImports } from './imports.ts';

/** The shortest circle through each file that is in one, each circle once. */
export function valueCircles(files: ReadonlyMap<string, string>): string[] {
  const targets = new Map<string, readonly string[]>();
  for (const [path, source] of files) {
    const specifiers = [...readImports(path, source).evaluated].filter((specifier) => specifier.startsWith('.'));
    targets.set(
      path,
      specifiers.map((specifier) => posix.join(posix.dirname(path), specifier)),
    );
  }
  const circles = new Map<string, string>();
  for (const path of files.keys()) {
    const circle = wayBack(path, targets);
    if (circle) circles.set([...circle].sort().join(), [...circle, path].join(' -> '));
  }
  return [...circles.values()];
}

/** The files on the shortest way from a file back to itself. */
function wayBack(start: string, targets: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const cameFrom = new Map<string, string>();
  const queue = [start];
  for (let at = 0; at < queue.length; at++) {
    const path = queue[at] as string;
    for (const target of targets.get(path) ?? []) {
      if (target === start) return trace(path, cameFrom);
      if (cameFrom.has(target)) continue;
      cameFrom.set(target, path);
      queue.push(target);
    }
  }
  return undefined;
}

function trace(end: string, cameFrom: ReadonlyMap<string, string>): string[] {
  const way: string[] = [];
  for (let path: string | undefined = end; path !== undefined; path = cameFrom.get(path)) way.unshift(path);
  return way;
}
