// Follows docs/guide.md as its reader would, in an empty folder: runs its commands, writes and edits its files, and
// does in a browser what it says can be done. Input: the steps of the page. Output: a line for each, or an error.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Browser, Page } from 'playwright';
import { launchBrowser } from '../support/browser.ts';
import { freePort } from '../support/free-port.ts';
import { environment, root, run, runPacking } from '../support/installed.ts';
import { type Act, type Change, readSteps, type Step } from './steps.ts';

/** How long something may take to be seen, on a machine that is busy. */
const patienceMs = 30_000;

/** @param onStep Is told what is about to be done. @throws Error where the page says what is not so. */
export async function followGuide(onStep: (line: string) => void = () => {}): Promise<void> {
  const page = await readFile(join(root, 'docs/guide.md'), 'utf8');
  const parent = await mkdtemp(join(tmpdir(), 'islet-guide-'));
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rm(parent, { recursive: true, force: true, maxRetries: 3 }));
  const browser = stack.use(await launchBrowser());
  const reader = new Reader(parent, browser, await freePort());
  stack.defer(() => reader.endServer());
  for (const step of readSteps(page)) {
    onStep(describe(step));
    await reader.take(step).catch(async (cause: unknown) => {
      throw new Error(`${describe(step)}: ${cause}\n${await reader.scene()}`, { cause });
    });
  }
}

class Reader {
  private folder: string;
  private readonly browser: Browser;
  private readonly port: number;
  private page: Page | undefined;
  private server: { readonly command: string; readonly child: ChildProcess; output: string } | undefined;
  /** The file that was written last while `npm run dev` watches, and how much had been said by then. */
  private written: { readonly path: string; readonly said: number } | undefined;

  constructor(folder: string, browser: Browser, port: number) {
    this.folder = folder;
    this.browser = browser;
    this.port = port;
  }

  async take(step: Step): Promise<void> {
    if (step.kind === 'run') for (const command of step.commands) await this.run(command);
    else if (step.kind === 'serve') await this.serve(step.command);
    else if (step.kind === 'write') await this.write(step.path, step.text);
    else if (step.kind === 'edit') await this.edit(step.path, step.changes);
    else for (const act of step.acts) await this.act(act);
  }

  /** What the reader would look at when something is not as the page says. */
  async scene(): Promise<string> {
    const shown = await this.page
      ?.evaluate(
        () => document.body.outerHTML + (document.querySelector('islet-problem')?.shadowRoot?.textContent ?? ''),
      )
      .catch(String);
    return `The page shows\n${shown}\nThe server says\n${this.server?.output}`;
  }

  async endServer(): Promise<void> {
    const { child } = this.server ?? {};
    this.server = undefined;
    if (!child?.pid || child.exitCode !== null) return;
    const exited = once(child, 'exit');
    // npm and what it runs are one group
    process.kill(-child.pid, 'SIGTERM');
    await exited;
  }

  private async run(command: string): Promise<void> {
    const [, moved] = /^cd (\S+)$/.exec(command) ?? [];
    const [, made] = /^npx islet new (.*)$/.exec(command) ?? [];
    if (moved !== undefined) this.folder = join(this.folder, moved);
    // the package that is not published yet is the one of this checkout
    else if (made !== undefined)
      await runPacking('node', [join(root, 'scripts/cli/main.ts'), 'new', ...made.split(' ')], this.folder);
    else await run('sh', ['-c', command], this.folder);
  }

  private async serve(command: string): Promise<void> {
    await this.endServer();
    const env = { ...environment, PORT: String(this.port), HOST: '127.0.0.1' };
    const child = spawn('sh', ['-c', command], { cwd: this.folder, env, detached: true });
    const server = { command, child, output: '' };
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (server.output += text));
    this.server = server;
    this.written = undefined;
  }

  private async write(path: string, text: string): Promise<void> {
    const file = join(this.folder, path);
    await mkdir(dirname(file), { recursive: true });
    this.remember(path);
    await writeFile(file, text);
  }

  private remember(path: string): void {
    const { command, output = '' } = this.server ?? {};
    if (command === 'npm run dev' && /^(?!test\/).*\.ts$/.test(path)) this.written = { path, said: output.length };
  }

  private async edit(path: string, changes: readonly Change[]): Promise<void> {
    const file = join(this.folder, path);
    let text = await readFile(file, 'utf8');
    for (const { before, after } of changes) {
      if (!text.includes(before)) throw new Error(`${path} has no lines\n${before}`);
      text = text.replace(before, () => after);
    }
    this.remember(path);
    await writeFile(file, text);
  }

  private async act({ verb, texts: [text = '', value = ''] }: Act): Promise<void> {
    const { page } = this;
    if (verb === 'open') await this.open(text);
    else if (verb === 'restart') await this.restart();
    else if (!page) throw new Error('no page is open');
    else if (verb === 'click') await page.getByRole('button', { name: text }).click({ timeout: patienceMs });
    else if (verb === 'type') await page.getByLabel(text).fill(value, { timeout: patienceMs });
    else if (verb === 'check') await page.getByLabel(text).check({ timeout: patienceMs });
    else if (verb === 'see') await page.getByText(text).first().waitFor({ timeout: patienceMs });
    else if (verb === 'gone') await page.getByText(text).first().waitFor({ state: 'hidden', timeout: patienceMs });
    else throw new Error(`nobody knows how to ${verb}`);
  }

  /** Opens a page as it is after the last change: of a server that is about to start anew, too. */
  private async open(path: string): Promise<void> {
    await this.page?.close();
    const page = await this.browser.newPage();
    this.page = page;
    await this.untilShown();
    const end = Date.now() + patienceMs;
    for (;;) {
      const answer = await page.goto(`http://127.0.0.1:${this.port}${path}`).catch(() => null);
      if (answer?.ok()) break;
      if (Date.now() > end) throw new Error(`${path} cannot be opened:\n${this.server?.output}`);
      await page.waitForTimeout(200);
    }
    await page.locator('server-component:state(live)').first().waitFor({ timeout: patienceMs });
  }

  /** Waits for what `npm run dev` says when it has shown the file that was written last. */
  private async untilShown(): Promise<void> {
    const { written, server } = this;
    if (!written) return;
    const end = Date.now() + patienceMs;
    for (;;) {
      const [, shown] = server?.output.slice(written.said).split(`${written.path} has changed.`) ?? [];
      if (shown?.includes('Up to date.')) return;
      if (Date.now() > end) throw new Error(`${written.path} is not shown:\n${server?.output}`);
      await pause(100);
    }
  }

  private async restart(): Promise<void> {
    const { command = '' } = this.server ?? {};
    await this.serve(command);
  }
}

function describe(step: Step): string {
  if (step.kind === 'run') return `runs ${step.commands.join('; ')}`;
  if (step.kind === 'serve') return `starts ${step.command}`;
  if (step.kind === 'look')
    return `looks: ${step.acts.map(({ verb, texts }) => [verb, ...texts].join(' ')).join(', ')}`;
  return `${step.kind}s ${step.path}`;
}
