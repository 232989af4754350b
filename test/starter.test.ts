// The starter as its user meets it: made by the command, installed, tested by its own commands, built, served, and
// looked at in a real browser while it is changed, broken and mended.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Browser, Page } from 'playwright';
import { parse } from 'smol-toml';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser } from './support/browser.ts';
import { commandOf, environmentOf, named, readDockerfile, type Stage } from './support/dockerfile.ts';
import { freePort } from './support/free-port.ts';
import { environment, root, run, runPacking } from './support/installed.ts';

const longMs = 180_000;
const cli = join(root, 'scripts/cli/main.ts');
let parent: string;
let app: string;
let browser: Browser;

const npm = (...args: readonly string[]): Promise<string> => run('npm', args, app);

beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'islet-starter-'));
  app = join(parent, 'my-board');
  await runPacking(process.execPath, [cli, 'new', 'my-board'], parent);
  await npm('install');
  browser = await launchBrowser();
}, longMs);

afterAll(async () => {
  await browser?.close();
  await rm(parent, { recursive: true, force: true });
});

test('has its own name, and says what to do', async () => {
  const manifest = JSON.parse(await readFile(join(app, 'package.json'), 'utf8'));
  expect(manifest.name).toBe('my-board');
  expect(await readFile(join(app, 'fly.toml'), 'utf8')).toContain('app = "my-board"');
  expect(await readFile(join(app, '.gitignore'), 'utf8')).toContain('node_modules/');
  const again = await run(process.execPath, [cli, 'new', 'my-board'], parent).catch((error: Error) => error.message);
  expect(again).toContain('my-board is not empty');
});

test('its own tests and its type check pass, before anything was built', { timeout: longMs }, async () => {
  expect(await npm('test')).toMatch(/pass 5\n.*fail 0\n/);
  expect(await npm('run', 'typecheck')).not.toContain('error');
});

test('lists what it answers', { timeout: longMs }, async () => {
  const said = await npm('run', 'routes');
  expect(said).toContain('Pages\n  GET    /\n  GET    /healthz\n  GET    /login\n');
  expect(said).toContain('API\n  POST   /login\n  POST   /logout\n');
  expect(said).toContain('Islands\n  shared /ws/board\n  own    /ws/card-form\n');
});

test('minimal, it is a page, a component and its test', { timeout: longMs }, async () => {
  await runPacking(process.execPath, [cli, 'new', 'small', '--minimal'], parent);
  const small = join(parent, 'small');
  // what it asks for is what is installed already
  const asked = async (folder: string) => {
    const { dependencies, devDependencies } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
    return { dependencies, devDependencies };
  };
  expect(await asked(small)).toEqual(await asked(app));
  await symlink(join(app, 'node_modules'), join(small, 'node_modules'));
  expect(await run('npm', ['test'], small)).toMatch(/pass 1\n.*fail 0\n/);
  expect(await run('npm', ['run', 'typecheck'], small)).not.toContain('error');
});

// who does not have them is not told that it works
describe.each(['pnpm', 'yarn'])('with %s', (manager) => {
  test.skipIf(!isInstalled(manager))('its tests and its build pass', { timeout: longMs }, async () => {
    const folder = join(parent, `by-${manager}`);
    await cp(app, folder, {
      recursive: true,
      filter: (path) => !/node_modules|package-lock|\/build$/.test(path.slice(app.length)),
    });
    await run(manager, ['install'], folder);
    expect(await run(manager, ['run', 'test'], folder)).toMatch(/pass 5\n.*fail 0\n/);
    expect(await run(manager, ['run', 'build'], folder)).toMatch(/theme-button-\w+\.js: \d+ bytes/);
    expect(await run(manager, ['run', 'routes'], folder)).toContain('shared /ws/board');
  });
});

describe('in production', () => {
  test('its build names files by their content; without it, it does not start', { timeout: longMs }, async () => {
    const env = { ...environment, NODE_ENV: 'production', PORT: '0' };
    const child = spawn(process.execPath, ['server.ts'], { cwd: app, env });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    expect(await once(child, 'exit')).toEqual([1, null]);
    expect(said).toContain('there is no manifest.json in');
    expect(said).toContain('Make it first: npx islet build');

    expect(await npm('run', 'build')).toMatch(/theme-button-\w+\.js: \d+ bytes/);
    const manifest = JSON.parse(await readFile(join(app, 'build/manifest.json'), 'utf8'));
    expect(manifest.files['app.css']).toMatch(/^app-[\da-f]{10}\.css$/);
    expect(Object.keys(manifest.components).sort()).toEqual(['refusal-note', 'theme-button']);
  });

  test('it works in a browser: login, own form, shared board, client component', { timeout: longMs }, async () => {
    await using server = await startApp(['server.ts'], { NODE_ENV: 'production' });
    const anns = await browser.newContext();
    const [ann, stranger] = [await anns.newPage(), await browser.newPage()];
    const problems: string[] = [];
    for (const page of [ann, stranger]) page.on('pageerror', (error) => problems.push(error.message));
    await stranger.goto(server.url);
    await ann.goto(`${server.url}/login`);
    // no island is there: only the scripts of what the page shows, and what loads others that come later
    const shown = ['later', 'refusal-note', 'theme-button'].map((name) =>
      expect.stringMatching(new RegExp(`^/islet/assets/${name}-\\w+\\.js$`)),
    );
    expect((await scriptsOf(ann)).sort()).toEqual(shown);
    expect(await scriptsOf(stranger)).toHaveLength(3);
    await ann.getByLabel('Name').fill('ann');
    await ann.getByLabel('Password').fill('secret');
    await ann.getByRole('button', { name: 'Log in' }).click();
    await ann.getByLabel('Title').fill('Milk');
    await ann.getByRole('button', { name: 'Add' }).click();
    await stranger.getByText('Milk by ann').waitFor();
    await ann.getByRole('button', { name: 'Dark' }).click();
    await ann.getByRole('button', { name: 'Light' }).waitFor();
    // what was not done is said
    await stranger.getByRole('button', { name: 'Remove' }).click();
    await stranger.getByRole('status').getByText('Doing this is not allowed. Nothing was changed.').waitFor();
    // a tab beside it is nobody's either after the logout
    const tab = await anns.newPage();
    await tab.goto(server.url);
    await tab.getByLabel('Title').fill('typed here');
    // one that has yet to join is only refused
    await tab.locator('server-component[route="/ws/card-form"]:state(live)').waitFor();
    await ann.getByRole('button', { name: 'Log out' }).click();
    await tab.getByText('Log in to add a card.').waitFor();
    await ann.getByRole('link', { name: 'Log in' }).waitFor();
    const answer = await fetch(new URL((await scriptsOf(stranger))[0] ?? '', server.url));
    expect(answer.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(problems).toEqual([]);
  });
});

describe('fly.toml and the Dockerfile', () => {
  interface FlyConfig {
    readonly kill_signal: NodeJS.Signals;
    readonly build: { readonly dockerfile: string };
    readonly env: { readonly [name: string]: string };
    readonly mounts: readonly { readonly destination: string }[];
    readonly http_service: {
      readonly internal_port: number;
      readonly auto_stop_machines: string;
      readonly min_machines_running: number;
      readonly concurrency: { readonly type: string; readonly soft_limit: number; readonly hard_limit: number };
      readonly checks: readonly { readonly method: string; readonly path: string }[];
    };
  }
  const readApp = async () => {
    const fly = parse(await readFile(join(app, 'fly.toml'), 'utf8')) as unknown as FlyConfig;
    const image = readDockerfile(await readFile(join(app, fly.build.dockerfile), 'utf8')).stages.at(-1) as Stage;
    return { fly, service: fly.http_service, image, environment: environmentOf(image) };
  };

  test('agree on port, folder, signal and user, and name variables that the server reads', async () => {
    const { fly, service, image, environment: env } = await readApp();
    expect(String(service.internal_port)).toBe(env.PORT);
    expect(named(image, 'EXPOSE').map(({ text }) => text)).toEqual([env.PORT]);
    expect(env).toMatchObject({ HOST: '0.0.0.0', NODE_ENV: 'production' });
    expect(fly.mounts.map(({ destination }) => destination)).toEqual([dirname(env.DATA_FILE ?? '')]);
    expect(named(image, 'VOLUME').map(({ text }) => text)).toEqual([dirname(env.DATA_FILE ?? '')]);
    expect(named(image, 'STOPSIGNAL').map(({ text }) => text)).toEqual([fly.kill_signal]);
    expect(named(image, 'USER').map(({ text }) => text)).toEqual(['node']);
    const [command] = named(image, 'CMD');
    const [program, file = ''] = command ? commandOf(command) : [];
    expect(program).toBe('node');
    const source = await readFile(join(app, file), 'utf8');
    for (const name of Object.keys({ ...env, ...fly.env })) expect(source).toContain(name);
  });

  test('keep connections, on one machine, and count them', async () => {
    const { service } = await readApp();
    expect([service.auto_stop_machines, service.min_machines_running]).toEqual(['off', 1]);
    expect(service.concurrency.type).toBe('connections');
    expect(service.concurrency.soft_limit).toBeLessThan(service.concurrency.hard_limit);
  });

  test('ask for a health that is answered, believe the proxy alone, and stop the server', {
    timeout: longMs,
  }, async () => {
    const { fly, service, environment: env } = await readApp();
    const server = await startApp(['server.ts'], { ...env, ...fly.env });
    for (const { method, path } of service.checks) {
      // what a visitor says comes first, then the address that Fly saw, and Fly's own last
      const headers = { 'x-forwarded-for': '198.51.100.1, 203.0.113.7, 66.241.125.1', 'x-forwarded-proto': 'https' };
      expect((await fetch(server.url + path, { method, headers })).status).toBe(200);
    }
    expect(
      (await fetch(`${server.url}/login`, { headers: { 'x-forwarded-proto': 'https' } })).headers.get('set-cookie'),
    ).toContain('; Secure');
    // what the server writes may come after its answer
    await expect.poll(() => server.output()).toContain('203.0.113.7');
    expect(server.output()).not.toContain('198.51.100.1');
    expect(await server.end(fly.kill_signal)).toEqual([0, null]);
    // nobody is before it: nobody is believed
    await using alone = await startApp(['server.ts'], env);
    await fetch(alone.url, { headers: { 'x-forwarded-for': '198.51.100.1' } });
    expect(alone.output()).not.toContain('198.51.100.1');
  });
});

describe('in development', () => {
  test('pages show changes, and what is broken until it is mended', { timeout: longMs }, async () => {
    await using server = await startApp([join(app, 'node_modules/islet/dist/scripts/cli/main.js'), 'dev'], {});
    const page = await browser.newPage();
    const said: string[] = [];
    page.on('console', (message) => said.push(`${message.type()} ${message.text()}`));
    await page.goto(server.url);
    await page.getByText('0 cards').or(page.getByText('1 card')).waitFor();

    const board = join(app, 'components/board.ts');
    const source = await readFile(board, 'utf8');
    await writeFile(board, source.replaceAll(' cards`', ' notes`').replace("'1 card'", "'1 note'"));
    await page.getByText(/\d notes?$/).waitFor();

    await writeFile(board, source.replace('import {', 'import { {'));
    const overlay = page.locator('islet-problem');
    await overlay.getByRole('heading', { name: 'The code does not compile' }).waitFor();
    expect(await overlay.locator('pre').textContent()).toContain('components/board.ts');
    // the server of before goes on, and tells who comes now as well
    const other = await browser.newPage();
    await other.goto(server.url);
    await other.getByRole('heading', { name: 'The code does not compile' }).waitFor();
    await writeFile(board, source);
    await overlay.waitFor({ state: 'detached' });
    await page.getByText(/\d cards?$/).waitFor();
    await other.getByText(/\d cards?$/).waitFor();

    const button = join(app, 'client/theme-button.ts');
    const client = await readFile(button, 'utf8');
    await writeFile(button, `${client}const ;`);
    await page.getByRole('heading', { name: 'The code does not compile' }).waitFor();
    await writeFile(button, client.replace("'Dark'", "'Night'"));
    await page.getByRole('button', { name: 'Night' }).waitFor();
  });

  test('what a component throws is shown with its message, file and line', { timeout: longMs }, async () => {
    const form = join(app, 'components/card-form.ts');
    const source = await readFile(form, 'utf8');
    await writeFile(
      form,
      source.replace(
        "if (title === '') return",
        "if (title === 'boom') throw new Error('It went off.');\n      if (title === '') return",
      ),
    );
    await using server = await startApp([join(app, 'node_modules/islet/dist/scripts/cli/main.js'), 'dev'], {});
    const page = await browser.newPage();
    const errors: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text());
    });
    await page.goto(`${server.url}/login`);
    await page.getByLabel('Name').fill('ann');
    await page.getByLabel('Password').fill('secret');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.locator('server-component:state(live)').first().waitFor();
    await page.getByLabel('Title').fill('boom');
    await page.getByRole('button', { name: 'Add' }).click();
    const overlay = page.locator('islet-problem');
    await overlay.getByRole('heading', { name: 'The message UserSent was refused' }).waitFor();
    const shown = (await overlay.evaluate((element) => element.shadowRoot?.textContent)) ?? '';
    const line = (await readFile(form, 'utf8')).split('\n').findIndex((each) => each.includes('It went off.')) + 1;
    expect(shown).toContain('/ws/card-form');
    expect(shown).toContain('"type":"UserSent","title":"boom"');
    expect(shown).toContain(`components/card-form.ts:${line}:`);
    expect(shown).toContain('It went off.');
    await expect.poll(() => errors.join('\n')).toContain(`components/card-form.ts:${line}:`);
    expect(server.output()).toContain('It went off.');
    await overlay.getByRole('button', { name: 'Close' }).click();
    await overlay.waitFor({ state: 'detached' });
    await writeFile(form, source);
  });
});

function isInstalled(program: string): boolean {
  return spawnSync(program, ['--version']).status === 0;
}

interface StartedApp extends AsyncDisposable {
  readonly url: string;
  readonly output: () => string;
  /** Resolves to its exit code and signal. */
  end(signal: NodeJS.Signals): Promise<unknown[]>;
}

async function startApp(args: readonly string[], settings: Record<string, string>): Promise<StartedApp> {
  const port = await freePort();
  const env = { ...environment, ...settings, PORT: String(port), HOST: '127.0.0.1', DATA_FILE: join(parent, 'app.db') };
  const child = spawn(process.execPath, args, { cwd: app, env });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const url = `http://127.0.0.1:${port}`;
  await expect
    .poll(
      () =>
        fetch(url).then(
          ({ status }) => status,
          () => output,
        ),
      { timeout: 30_000 },
    )
    .toBe(200);
  const end = (signal: NodeJS.Signals): Promise<unknown[]> => {
    const exited = once(child, 'exit');
    child.kill(signal);
    return exited;
  };
  return {
    url,
    output: () => output,
    end,
    async [Symbol.asyncDispose]() {
      await end('SIGTERM');
    },
  };
}

async function scriptsOf(page: Page): Promise<string[]> {
  return page.locator('script[src]').evaluateAll((all) => all.map((each) => each.getAttribute('src') ?? ''));
}
