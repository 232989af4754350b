// Every block of code in the pages that readers get is tried by somebody, or says why it cannot be: none escapes. The
// commands among them, and those in running text, name what is there.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createApp } from '../server/anime/app.ts';
import { blocksOf, pages, readBlocks, trialOf } from './support/doc-blocks.ts';
import { commandsIn, complaintsAbout, homeOf } from './support/doc-commands.ts';

test.each(pages)('%s has no block that nobody tries', (page) => {
  for (const block of readBlocks(page)) expect(() => trialOf(block)).not.toThrow();
});

describe('of a new block somebody is told', () => {
  const block = (text: string, page = 'docs/state.md') => blocksOf(page, `## Some\n\n${text}\n`).map(trialOf);

  test.each([
    ['in a language that nothing here runs', '```nginx\nlocation /\n```', /nobody tries this block \(nginx\)/],
    ['without a language', '```\nls\n```', /nobody tries this block \(no language\)/],
    ['with a mark that says no reason', '<!-- not run:  -->\n```css\np {}\n```', /nobody tries/],
    ['whose test does not name its page', '<!-- checked by: test/diff.test.ts -->\n```css\np {}\n```', /nobody tries/],
    [
      'that is quoted otherwise',
      '<!-- quoted from: test/journey.test.ts -->\n```ts\nlet nothing;\n```',
      /nobody tries/,
    ],
    ['of markup that no example is run in', '```html\n<p></p>\n```', /nobody tries/],
    ['that is indented', '    ls', /write code between fences/],
    ['in a list', '* so:\n\n  ```sh\n  ls\n  ```', /a fence stands at the beginning/],
    ['that has no end', '```sh\nls', /does not end/],
  ])('%s', (_, text, message) => {
    expect(() => block(text)).toThrow(message);
  });

  test('and TypeScript and commands are tried without a mark, on any page', () => {
    expect(block('```ts\nlet count = 1;\n```')).toEqual(['compiled']);
    expect(block('```sh\nnpm ci\n```', 'docs/comparison.md')).toEqual(['commands']);
    expect(block('<!-- not run: there is no nginx here -->\n```nginx\nlocation /\n```')).toEqual(['not run']);
  });
});

describe('commands', () => {
  test.each(pages)('of %s name scripts, files, options and variables that are there', (page) => {
    const home = homeOf(page);
    const ofBlocks = readBlocks(page).filter(({ info }) => info.startsWith('sh'));
    const text = readFileSync(new URL(`../${page}`, import.meta.url), 'utf8').replace(/^```.*?^```$/gms, '');
    const inText = [...text.matchAll(/`((?:npm|npx|node|islet|fly|docker) [^`]+)`/g)].map(([, code = '']) =>
      code.replace(/\s+/g, ' '),
    );
    const commands = [...ofBlocks.map(({ code }) => code), ...inText].flatMap(commandsIn);
    // what is said of the repository stands in pages of the apps that it makes, too
    const repository = homeOf('README.md');
    const wrong = commands.filter(
      (command) => complaintsAbout(command, home).length > 0 && complaintsAbout(command, repository).length > 0,
    );
    expect(wrong.map((command) => [command, ...complaintsAbout(command, home)])).toEqual([]);
  });

  test.each([
    ['npm run deply', "there is no script 'deply'"],
    ['npm run state -- lst', "'lst' is no command"],
    ['npm run state -- list --usr ann', '--usr'],
    ['npm run bench -- --rnds 9', 'knows no --rnds'],
    ['npm run bench -- --only contuer', "no workload 'contuer'"],
    ['npm run chaos -- --disconects 9', 'knows no --disconects'],
    ['npm run chaos --seed 9', 'write -- before it'],
    ['npx islet make my-app', "no command 'make'"],
    ['npx islet dev --latancy 300', 'knows no --latancy'],
    ['node scripts/backups.ts a.db', 'there is no scripts/backups.ts'],
    ['docker exec anime node scripts/backup.ts /data/a.db --frce', 'knows no --frce'],
    ["fly ssh console -C 'env DATA=/data node /app/scripts/backup.ts a.db'", 'nobody reads DATA'],
    ['fly deploy --config fly.clster.toml', 'there is no fly.clster.toml'],
    ['TRUST_PROXI=2 npm start', 'nobody reads TRUST_PROXI'],
    ['nmp start', "the program 'nmp'"],
  ])('%s: %s', (command, complaint) => {
    expect(complaintsAbout(command, homeOf('README.md')).join('\n')).toContain(complaint);
  });
});

test('paths that the pages about deploying name are answered by the anime tracker', async () => {
  await using app = await createApp();
  await app.ready();
  for (const page of ['docs/deploy-tracker.md', 'docs/cluster.md', 'docs/data.md', 'docs/admin.md']) {
    const text = readFileSync(new URL(`../${page}`, import.meta.url), 'utf8');
    const named = [...text.matchAll(/`(?:GET )?(\/(?:healthz|readyz|islet|admin|api)[\w/.]*)`/g)].map(
      ([, path]) => path,
    );
    const answers = await Promise.all(named.map(async (path) => [path, (await app.inject(String(path))).statusCode]));
    // a socket's path wants a socket; there is no admin page without admins
    expect(answers.filter(([path, code]) => code === 404 && path !== '/islet' && path !== '/admin')).toEqual([]);
  }
});

test('the unit of systemd starts what is there, with variables that are read, and gives up where it says', () => {
  const [unit] = readBlocks('docs/deploy-tracker.md').filter(({ info }) => info === 'ini');
  const settingOf = (name: string): string => new RegExp(`^${name}=(.*)$`, 'm').exec(unit?.code ?? '')?.[1] ?? '';
  const command = `${settingOf('Environment')} ${settingOf('ExecStart').replace('/usr/bin/', '')}`;
  expect(command).toMatch(/^NODE_ENV=production \S.* node server\/anime\/main\.ts$/);
  expect(complaintsAbout(command, homeOf('docs/deploy-tracker.md'))).toEqual([]);
  const text = readFileSync(new URL('../docs/deploy-tracker.md', import.meta.url), 'utf8');
  const [, table = ''] = /^\| exit code \|(.*?)\n\n/ms.exec(text) ?? [];
  const codes = settingOf('RestartPreventExitStatus').split(' ');
  expect(codes).toHaveLength(3);
  for (const code of codes) expect(table).toMatch(new RegExp(`^\\|[^|]*\\b${code}\\b`, 'm'));
});
