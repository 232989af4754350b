// `npm run test:container`: the image of the starter, as its Dockerfile makes it, built and run once without Docker. It
// needs root, `buildah` and `mmdebstrap` (apt), and says so where they are missing. The base image is a stand-in: Debian
// with the Node and npm of this machine, under the name that the Dockerfile asks for. Output: what was checked, exit code.

import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { freePort } from '../support/free-port.ts';

const root = resolve(import.meta.dirname, '../..');
const missing = ['buildah', 'mmdebstrap'].filter((tool) => spawnSync(tool, ['--version']).status !== 0);
if (missing.length > 0 || process.getuid?.() !== 0) {
  console.error(
    `This needs root and ${['buildah', 'mmdebstrap'].join(' and ')}; missing: ${missing.join(', ') || 'root'}`,
  );
  process.exit(77);
}

const folder = await mkdtemp(join(tmpdir(), 'islet-container-'));
const storage = ['--storage-driver', 'vfs', '--root', join(folder, 'storage'), '--runroot', join(folder, 'run')];
const buildah = (...args: readonly string[]): string =>
  execFileSync('buildah', [...storage, ...args], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  }).trim();
const check = (what: string, isSo: boolean): void => {
  console.log(`${isSo ? 'yes' : 'NO '} ${what}`);
  if (!isSo) process.exitCode = 1;
};

try {
  execFileSync(process.execPath, [join(root, 'scripts/cli/main.ts'), 'new', 'my-board'], {
    cwd: folder,
    stdio: 'inherit',
  });
  const app = join(folder, 'my-board');
  execFileSync('npm', ['install', '--package-lock-only'], { cwd: app, stdio: 'inherit' });
  makeBase(await npmSettings());
  buildah('bud', '--isolation', 'chroot', '--pull-never', '-t', 'my-board', app);
  const container = buildah('from', '--pull-never', 'localhost/my-board');
  const config = JSON.parse(buildah('inspect', container)).OCIv1.config;
  check('it runs as somebody who is not root', config.User === 'node');
  check('it is stopped by SIGTERM', config.StopSignal === 'SIGTERM');
  await tryOut(container);
} finally {
  spawnSync('buildah', [...storage, 'rm', '--all']);
  await rm(folder, { recursive: true, force: true });
}

/** Makes what the Dockerfile calls `node:24-slim`. */
function makeBase(settings: string): void {
  const archive = join(folder, 'base.tar');
  execFileSync('mmdebstrap', ['--variant=minbase', '--include=ca-certificates', 'bookworm', archive], {
    stdio: 'inherit',
  });
  const base = buildah('from', 'scratch');
  // npm says where it is: Node's own folder need not have one
  const npm = resolve(process.env.npm_execpath ?? '/usr/lib/node_modules/npm/bin/npm-cli.js', '../..');
  buildah('add', '-q', base, archive, '/');
  buildah('copy', '-q', base, process.execPath, '/usr/local/bin/node');
  buildah('copy', '-q', base, npm, '/usr/local/lib/node_modules/npm');
  buildah('copy', '-q', base, settings, '/usr/local/etc/npmrc');
  buildah('copy', '-q', base, '/etc/ssl/certs/ca-certificates.crt', '/etc/ssl/certs/ca-certificates.crt');
  const link = 'ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm';
  const user = 'groupadd -g 1000 node && useradd -u 1000 -g node -m node';
  buildah('run', '--isolation', 'chroot', base, '--', 'sh', '-c', `${link} && ${user}`);
  buildah('commit', '-q', base, 'docker.io/library/node:24-slim');
}

/** What this machine's npm needs to get anything, for the npm in the image. */
async function npmSettings(): Promise<string> {
  const path = join(folder, 'npmrc');
  await copyFile('/etc/npmrc', path).catch(() => writeFile(path, ''));
  return path;
}

/** Runs the image, asks for its page, and stops it. */
async function tryOut(container: string): Promise<void> {
  const port = await freePort();
  const command = `HOST=127.0.0.1 PORT=${port} exec node server.ts`;
  const args = [...storage, 'run', '--isolation', 'chroot', container, '--', 'sh', '-c', command];
  const server = spawn('buildah', args, { stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  let said = '';
  server.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const url = `http://127.0.0.1:${port}`;
  let page: Response | undefined;
  for (let tries = 0; tries < 100 && !page; tries++) {
    page = await fetch(url).catch(() => undefined);
    if (!page) await setTimeout(200);
  }
  const html = (await page?.text()) ?? '';
  check('its page is there, with the board', page?.status === 200 && html.includes('0 cards'));
  const scripts = [...html.matchAll(/src="(\/islet\/assets\/[^"]+)"/g)].map(([, path]) => path);
  const answers = await Promise.all(scripts.map((path) => fetch(url + path).then(({ status }) => status)));
  check('its scripts are there', answers.length === 2 && answers.every((status) => status === 200));
  check('it is healthy', (await fetch(`${url}/healthz`)).status === 200);
  check('it logs for production', said.includes('"level":30'));
  const ended = once(server, 'exit');
  process.kill(-(server.pid as number), 'SIGTERM');
  const how = await Promise.race([ended, setTimeout(15_000)]);
  check('SIGTERM ends it', how !== undefined);
}
