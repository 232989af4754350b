// `npm run dev` of this repository: the anime tracker follows its files as an app's `islet dev` does (loop.test.ts). A
// copy of the sources is changed, broken and mended; the open page follows, and what its components know stays.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { environment } from '../support/installed.ts';
import { openPages } from '../support/pages.ts';

const root = resolve(import.meta.dirname, '../..');
const patienceMs = 60_000;
const newPage = openPages();

test('a page of the anime tracker follows its files: models stay, what is broken is shown until it is mended', {
  timeout: 240_000,
}, async () => {
  await using tracker = await startCopy();
  const page = await newPage();
  page.setDefaultTimeout(patienceMs);
  await page.goto(`${tracker.url}/anime/1`);
  await page.locator('server-component:state(live)').nth(1).waitFor();
  await page.evaluate(() => Object.assign(window, { isFirst: true }));
  // known to the browser's component alone
  await page.getByRole('button', { name: 'Rate higher' }).click();
  const score = page.locator('.rating-score');
  const first = Number(await score.textContent());
  await page.getByText('Only you are looking').waitFor();

  // of a shared component, on the server
  await tracker.change('components/average.ts', "'Only you are looking'", "'Nobody but you is looking'");
  await page.getByText('Nobody but you is looking').waitFor();
  expect(Number(await score.textContent())).toBe(first);

  // of one that runs in the browser
  await tracker.change('components/rating.ts', 'aria-label="Rate higher"', 'aria-label="Rate better"');
  await page.getByRole('button', { name: 'Rate better' }).click();
  await expect.poll(async () => Number(await score.textContent())).toBe(first + 1);

  const overlay = page.locator('islet-problem');
  await tracker.change('components/average.ts', 'init: (props)', 'init: (props');
  await overlay.getByRole('heading', { name: 'The code does not compile' }).waitFor();
  expect(await overlay.evaluate((element) => element.shadowRoot?.textContent)).toMatch(/components\/average\.ts:\d+/);
  expect(Number(await score.textContent())).toBe(first + 1);
  await tracker.change('components/average.ts', 'init: (props', 'init: (props)');
  await overlay.waitFor({ state: 'detached' });
  await page.getByText('Nobody but you is looking').waitFor();
  expect(Number(await score.textContent())).toBe(first + 1);
  expect(await page.evaluate(() => 'isFirst' in window)).toBe(true);
});

/** Runs what the script `dev` says in a copy of the sources. */
async function startCopy() {
  const folder = await mkdtemp(join(tmpdir(), 'islet-repository-'));
  const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  for (const name of ['shared', 'components', 'client-runtime', 'server', 'public', 'scripts', 'package.json'])
    await cp(join(root, name), join(folder, name), { recursive: true, filter: (path) => !/public\/build/.test(path) });
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  const port = await freePort();
  const [program, ...args] = String(scripts.dev).split(' ');
  expect(program).toBe('node');
  const env = { ...environment, HOST: '127.0.0.1', PORT: String(port), DATA_DIR: folder };
  const child = spawn(process.execPath, args, { cwd: folder, env });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const url = `http://127.0.0.1:${port}`;
  const status = () =>
    fetch(url).then(
      (answer) => answer.status,
      () => output,
    );
  await expect.poll(status, { timeout: patienceMs }).toBe(200);
  return {
    url,
    async change(name: string, from: string, to: string): Promise<void> {
      const text = await readFile(join(folder, name), 'utf8');
      expect(text).toContain(from);
      await writeFile(
        join(folder, name),
        text.replace(from, () => to),
      );
    },
    async [Symbol.asyncDispose](): Promise<void> {
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}
