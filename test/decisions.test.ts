// Holds the list of dependencies in docs/decisions.md equal to package.json: nothing is installed without a reason, and no
// reason outlives what it was for.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
const page = read('docs/decisions.md');

describe.each([
  ['package.json', 'dependencies', 'At run time'],
  ['package.json', 'devDependencies', 'For development'],
  ['server/anime/package.json', 'dependencies', 'Of the reference app'],
])('of %s the %s', (path, kind, heading) => {
  test('are those that the page gives a reason for', () => {
    const section = page.split(`### ${heading}\n`)[1]?.split(/^##/m)[0] ?? '';
    const entries = section.split(/^- /m).slice(1);
    const named = entries.flatMap((entry) => [...(entry.split(':')[0] ?? '').matchAll(/\*\*(.+?)\*\*/g)]);
    const manifest: Record<string, object> = JSON.parse(read(path));
    expect(named.map(([, name]) => name).sort()).toEqual(Object.keys(manifest[kind] ?? {}).sort());
  });
});
