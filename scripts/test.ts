// `npm test`: the checks (type check, lint, format) and all Vitest projects, run side by side; a failed step stops none
// of the others. The last line totals Vitest's tests and the checks, each of which counts as one:
// `N passed, N failed`. The exit code is 0 only if nothing failed and at least one test ran.

import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';

interface Outcome {
  passed: number;
  failed: number;
}

/** The part of Vitest's JSON report that is read here. */
interface VitestReport {
  numPassedTests: number;
  numFailedTests: number;
  testResults: { status: string; assertionResults: { status: string }[] }[];
}

const root = resolve(import.meta.dirname, '..');
const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));

const checks = ['typecheck', 'lint', 'format:check'].map(startCheck);
const outcomes = [await runVitest(process.argv.slice(2))];
for (const check of checks) outcomes.push(await check());

const passed = outcomes.reduce((sum, outcome) => sum + outcome.passed, 0);
const failed = outcomes.reduce((sum, outcome) => sum + outcome.failed, 0);
process.exitCode = failed === 0 ? 0 : 1;
console.log(`${passed} passed, ${failed} failed`);

/** Starts a package script. The returned function waits for its end and prints what it said, after Vitest's output. */
function startCheck(name: string): () => Promise<Outcome> {
  const check = start(scripts[name], [], { shell: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [check.stdout, check.stderr]) stream?.setEncoding('utf8').on('data', (text) => (output += text));
  const exit = exitCodeOf(check);
  return async () => {
    const isPassed = (await exit) === 0;
    console.log(isPassed ? `✓ ${name}` : `✗ ${name}\n${output}`);
    return { passed: isPassed ? 1 : 0, failed: isPassed ? 0 : 1 };
  };
}

async function runVitest(args: string[]): Promise<Outcome> {
  const folder = await mkdtemp(join(tmpdir(), 'islet-test-'));
  const file = join(folder, 'report.json');
  const vitest = [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--reporter=default', '--reporter=json'];
  const exitCode = await exitCodeOf(start(process.execPath, [...vitest, `--outputFile.json=${file}`, ...args], {}));
  const report = await readFile(file, 'utf8').then(JSON.parse, () => undefined);
  await rm(folder, { recursive: true });
  return countTests(report, exitCode);
}

/** Counts a file that failed outside its tests (it did not load, a hook threw) as one failure, as anything else is. */
function countTests(report: VitestReport | undefined, exitCode: number): Outcome {
  const passed = report?.numPassedTests ?? 0;
  const brokenFiles = (report?.testResults ?? []).filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  );
  const failed = (report?.numFailedTests ?? 0) + brokenFiles.length;
  const isUnexplained = failed === 0 && (exitCode !== 0 || passed === 0);
  return { passed, failed: isUnexplained ? 1 : failed };
}

function start(command: string, args: string[], options: SpawnOptions): ChildProcess {
  const path = join(root, 'node_modules/.bin') + delimiter + process.env.PATH;
  return spawn(command, args, {
    cwd: root,
    env: { ...process.env, PATH: path },
    stdio: ['ignore', 'inherit', 'inherit'],
    ...options,
  });
}

/** A process that a signal ended counts as failed. */
function exitCodeOf(child: ChildProcess): Promise<number> {
  return new Promise((settle) => {
    child.on('error', () => settle(1));
    child.on('close', (code) => settle(code ?? 1));
  });
}
