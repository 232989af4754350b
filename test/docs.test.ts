// Holds the pages to the tree: what they name as a file or folder, and what they link to, is there.

import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { toSettings } from '../server/options.ts';

const root = resolve(import.meta.dirname, '..');
const folders = 'shared|components|server|client-runtime|public|test|bench|docs|scripts';

const pages = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...globSync('docs/*.md', { cwd: root })];

test.each(pages)('what %s names is there', (page) => {
  const text = readFileSync(resolve(root, page), 'utf8');
  const paths = [...text.matchAll(new RegExp(`\`((?:${folders})/[\\w./-]*)\``, 'g'))].map(([, path]) => path as string);
  // the reader of these pages writes files: whether they can, other tests try
  const isOurs = !['docs/guide.md', 'docs/recipes.md'].includes(page);
  const named = isOurs ? paths.map((path) => resolve(root, path)) : [];
  const linked = [...text.matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map(([, path]) =>
    resolve(root, dirname(page), path as string),
  );
  // what is made by building and measuring need not be there
  const missing = [...named, ...linked].filter((path) => !existsSync(path) && !/public.build|bench.results/.test(path));
  expect(missing.map((path) => path.slice(root.length + 1))).toEqual([]);
});

/** The names by which a page's headings are linked to. */
function anchorsOf(page: string): Set<string> {
  const text = readFileSync(resolve(root, page), 'utf8').replace(/^```.*?^```$/gms, '');
  const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading.replace(/\[(.*?)\]\(.*?\)/g, '$1'),
  );
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N}_ -]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

test.each(pages)('the headings that %s links to are there', (page) => {
  const text = readFileSync(resolve(root, page), 'utf8').replace(/^```.*?^```$/gms, '');
  const links = [...text.matchAll(/\]\(([\w./-]*\.md)?#([^)\s]+)\)/g)];
  const dead = links.filter(([, path, anchor = '']) => {
    const target = path === undefined ? page : relative(root, resolve(root, dirname(page), path));
    return !anchorsOf(target).has(anchor);
  });
  expect(dead.map(([link]) => link)).toEqual([]);
});

test('the defaults that docs/server.md names are those of the code, and all limits are named', () => {
  const page = readFileSync(resolve(root, 'docs/server.md'), 'utf8');
  const rows = [...page.matchAll(/^\| `(?:limits\.)?(\w+)` \| ([\d,]+) \|/gm)];
  const named = Object.fromEntries(rows.map(([, name, value = '']) => [name, Number(value.replaceAll(',', ''))]));
  const settings = toSettings({});
  const all = Object.entries({ ...settings, ...settings.limits }).filter(([, value]) => typeof value === 'number');
  expect(named).toEqual(Object.fromEntries(all));
});
