// `npm run dev`: the app server under `tsx watch`, which starts it again when anything it imports changes (server/,
// components/, shared/), beside an esbuild watch that keeps the browser bundles fresh. Ctrl-C stops both.

import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { describeBundles, watchBundles } from './build.ts';

const root = resolve(import.meta.dirname, '..');
const tsx = resolve(root, 'node_modules/tsx/dist/cli.mjs');
// Named besides what is imported: a changed file may be one that the last, failed start did not reach.
const watched = ['server', 'components', 'shared'].flatMap((folder) => ['--include', `${folder}/**/*.ts`]);

const stopBundles = await watchBundles((bundles) => console.log(describeBundles(bundles)), { isDevelopment: true });
const server = spawn(process.execPath, [tsx, 'watch', '--clear-screen=false', ...watched, 'server/anime/main.ts'], {
  cwd: root,
  stdio: 'inherit',
});
process.on('SIGTERM', () => server.kill('SIGTERM'));
process.on('SIGINT', () => {}); // Ctrl-C reaches the server too, and this process ends when the server has.
server.on('exit', async (code) => {
  await stopBundles();
  process.exitCode = code ?? 0;
});
