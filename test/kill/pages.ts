// Pages in a real browser whose server is killed and replaced while somebody types, ticks and presses. What they hear is
// counted; what their person did and sees is compared with what they must show.
// `const report = await runKillPages({ rounds: 8, seed: 1, pages: 2 })`

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Random, randomOf } from '../chaos/random.ts';
import { linesOf } from '../chaos/report.ts';
import { launchBrowser } from '../support/browser.ts';
import { freePort } from '../support/free-port.ts';
import type { Program } from '../support/program.ts';
import { type Desk, deskRoutes, desks } from './desk.ts';
import { type KillPage, openKillPage } from './kill-page.ts';
import { type Code, type KilledServer, startServer } from './server-process.ts';

export interface KillPagesOptions {
  /** How many servers are ended. */
  readonly rounds: number;
  readonly seed: number;
  readonly pages: number;
  onProgress?(round: number, end: string): void;
}

export interface KillPagesReport {
  readonly ends: Readonly<Record<string, number>>;
  /** What their persons did: letters, ticks, presses. */
  readonly acts: number;
  /** Frames that came after a server was ended, and their characters. */
  readonly frames: number;
  readonly characters: number;
  /** Trees that were sent: where the view had changed, where a model was lost that is promised for a deploy alone, and else. */
  readonly treesOfOtherViews: number;
  readonly treesOfLostModels: number;
  readonly treesInVain: number;
  /** After a crash, where more than one version was lost that was written and that the page had not read yet. */
  readonly treesOfLateReaders: number;
  /** What a page did not show as its person had left it. */
  readonly differences: readonly string[];
  readonly errors: readonly string[];
  readonly seconds: number;
}

const endings = [
  'SIGTERM',
  'SIGKILL',
  'SIGKILL and another view',
  'SIGTERM twice',
  'SIGTERM and another view',
] as const;

export async function runKillPages({
  rounds,
  seed,
  pages: count,
  onProgress,
}: KillPagesOptions): Promise<KillPagesReport> {
  const startedAt = performance.now();
  const random = randomOf(seed);
  const folder = mkdtempSync(join(tmpdir(), 'islet-kill-pages-'));
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rmSync(folder, { recursive: true }));
  const place: KilledServer = { port: await freePort(), store: join(folder, 'state.db'), folder };
  let code: Code = { variant: 'first', schema: 0 };
  let program = await startServer(place, code);
  stack.defer(async () => {
    program.process.kill('SIGKILL');
    await program.ended;
  });
  const browser = await launchBrowser();
  stack.defer(() => browser.close());
  const pages: KillPage[] = [];
  for (let index = 0; index < count; index++) {
    const page = await (await browser.newContext()).newPage();
    pages.push(await openKillPage(page, `http://127.0.0.1:${place.port}/desk/p${index}`));
  }
  const ends: Record<string, number> = {};
  const differences: string[] = [];
  const errors: string[] = [];
  const trees = { otherViews: 0, lostModels: 0, lateReaders: 0, inVain: 0 };
  let [frames, characters] = [0, 0];
  for (let round = 0; round < rounds; round++) {
    const end = endings[round % endings.length] as (typeof endings)[number];
    for (const page of pages) await page.settleDown(random.oneOf(desks));
    const isCrash = end.startsWith('SIGKILL');
    const isAnew = end.endsWith('view');
    for (const page of pages) page.forgetFrames();
    const isOver = new AbortController();
    const acting = pages.map((page) => keepActing(page, random, isOver.signal));
    await pause(random.between(150, 500));
    program.process.kill(isCrash ? 'SIGKILL' : 'SIGTERM');
    if (end === 'SIGTERM twice') program.process.kill('SIGTERM');
    errors.push(...(await problemsOf(program, isCrash)));
    await pause(random.between(50, 300));
    isOver.abort();
    await Promise.all(acting);
    if (isAnew) code = { ...code, variant: code.variant === 'view' ? 'first' : 'view' };
    program = await startServer(place, code);
    for (const [index, page] of pages.entries()) {
      const lost: readonly Desk[] = isCrash ? ['deploy'] : [];
      differences.push(...(await page.compare(lost)).map((each) => `p${index}, ${end}: ${each}`));
      for (const { route, text, missed } of page.frames) {
        frames++;
        characters += text.length;
        if (!text.includes('"mount"')) continue;
        if (isAnew) trees.otherViews++;
        else if (lost.some((desk) => deskRoutes[desk] === route)) trees.lostModels++;
        else if (isCrash && missed > 1) trees.lateReaders++;
        else trees.inVain++;
      }
    }
    ends[end] = (ends[end] ?? 0) + 1;
    onProgress?.(round + 1, end);
  }
  for (const page of pages) errors.push(...page.errors);
  return {
    ends,
    acts: pages.reduce((sum, { acts }) => sum + acts, 0),
    ...{ frames, characters, differences, errors },
    treesOfOtherViews: trees.otherViews,
    treesOfLostModels: trees.lostModels,
    treesOfLateReaders: trees.lateReaders,
    treesInVain: trees.inVain,
    seconds: (performance.now() - startedAt) / 1_000,
  };
}

async function keepActing(page: KillPage, random: Random, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await page.act(random);
    await pause(random.between(5, 40));
  }
}

async function problemsOf(program: Program, isKilled: boolean): Promise<string[]> {
  const { code, signal, stdout, stderr } = await program.ended;
  const isAsMeant = isKilled ? signal === 'SIGKILL' : code === 0 || code === 143;
  const lines = stdout.split('\n').filter((line) => line.startsWith('{'));
  return isAsMeant ? lines : [...lines, `a server ended with ${code ?? signal}: ${stderr.slice(-500)}`];
}

export function isGood({ treesInVain, differences, errors }: KillPagesReport): boolean {
  return treesInVain + differences.length + errors.length === 0;
}

/** A line for each count. */
export function toText(report: KillPagesReport): string {
  const { ends, seconds, differences, errors } = report;
  const lines: [string, string | number][] = [
    ['servers ended', `${Object.values(ends).reduce((sum, each) => sum + each, 0)} in ${seconds.toFixed(1)} s`],
    ...Object.entries(ends).map(([end, count]): [string, number] => [`  ${end}`, count]),
    ['acts of persons', report.acts],
    ['frames afterwards', `${report.frames} of ${report.characters} characters`],
    ['trees of other views', report.treesOfOtherViews],
    ['trees of lost models', report.treesOfLostModels],
    ['trees of late readers', report.treesOfLateReaders],
    ['trees in vain', report.treesInVain],
    ['differences', differences.length],
    ['errors', errors.length],
  ];
  return linesOf(lines, [...differences, ...errors.map((error) => `error: ${error}`)], isGood(report));
}
