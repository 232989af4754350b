// `npm run test:laws`: the laws of turns, trees, restarts, stores, owners, of the page and of the way to prediction, tried
// ten times as often as in `npm test`, or as often as TEST_TIMES says. Further arguments are Vitest's.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const files = [
  ...['laws', 'turns-laws', 'restore-laws', 'store-histories', 'owners-laws', 'e2e/predicted-moments'],
  ...['laws', 'hear', 'fields-laws', 'foreign', 'nesting', 'take-over'].map((name) => `browser/${name}`),
].map((name) => `test/${name}.test.ts`);
const vitest = resolve(root, 'node_modules/vitest/vitest.mjs');
const args = [vitest, 'run', '--testTimeout', '1200000', ...files, ...process.argv.slice(2)];
// cases that nobody has tried, also in CI
const env = { TEST_TIMES: '10', ...process.env, CI: '' };
const [code] = await once(spawn(process.execPath, args, { cwd: root, stdio: 'inherit', env }), 'exit');
process.exit(code ?? 1);
