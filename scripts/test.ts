// `npm test`: the checks (type check, lint, format) and all Vitest projects, run side by side; a failed step stops none
// of the others. TEST_ENGINES=1 adds the tests in further browsers (`npm run test:engines`) to them. The last line
// totals Vitest's tests and the checks, each of which counts as one: `N passed, N failed`, and `, N skipped` if some
// were. What failed stands above it once more, since logs are often cut at their beginning. The exit code is 0 only if
// nothing failed and at least one test ran.

import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join, relative, resolve } from 'node:path';

interface Outcome {
  passed: number;
  failed: number;
  skipped: number;
  /** What failed, each with its reason. */
  failures: string[];
}

/** The part of Vitest's JSON report that is read here. */
interface VitestReport {
  numPassedTests: number;
  numPendingTests: number;
  testResults: {
    name: string;
    status: string;
    message?: string;
    assertionResults: { status: string; fullName: string; failureMessages?: string[] | null }[];
  }[];
}

const root = resolve(import.meta.dirname, '..');
const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));

const checks = ['typecheck', 'lint', 'format:check'].map(startCheck);
const args = process.argv.slice(2);
const outcomes = [await runVitest(args)];
for (const check of checks) outcomes.push(await check());

const total = (kind: 'passed' | 'failed' | 'skipped'): number =>
  outcomes.reduce((sum, outcome) => sum + outcome[kind], 0);
const skipped = total('skipped');
process.exitCode = total('failed') === 0 ? 0 : 1;
for (const failure of outcomes.flatMap((outcome) => outcome.failures)) console.log(failure);
console.log(`${total('passed')} passed, ${total('failed')} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);

/** Starts a package script. The returned function waits for its end and prints what it said, after Vitest's output. */
function startCheck(name: string): () => Promise<Outcome> {
  const check = start(scripts[name], [], { shell: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [check.stdout, check.stderr]) stream?.setEncoding('utf8').on('data', (text) => (output += text));
  const exit = exitCodeOf(check);
  return async () => {
    const isPassed = (await exit) === 0;
    console.log(isPassed ? `✓ ${name}` : `✗ ${name}\n${output}`);
    return { passed: isPassed ? 1 : 0, failed: isPassed ? 0 : 1, skipped: 0, failures: isPassed ? [] : [`✗ ${name}`] };
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
  const files = report?.testResults ?? [];
  const failures = files.flatMap((file) => {
    const tests = file.assertionResults.filter((test) => test.status === 'failed');
    const path = relative(root, file.name);
    if (tests.length === 0) return file.status === 'failed' ? [`✗ ${path}\n${file.message ?? ''}`] : [];
    return tests.map((test) => `✗ ${path}: ${test.fullName}\n${test.failureMessages?.join('\n') ?? ''}`);
  });
  const passed = report?.numPassedTests ?? 0;
  if (failures.length === 0 && (exitCode !== 0 || passed === 0)) {
    failures.push(`✗ vitest: exit code ${exitCode}, ${passed} tests passed (an error outside tests is printed above)`);
  }
  return { passed, failed: failures.length, skipped: report?.numPendingTests ?? 0, failures };
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
