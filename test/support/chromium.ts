// Finds the Chromium that browser and e2e tests run in: one installed on this machine (or named by CHROMIUM_PATH),
// else the one inside the npm package @sparticuz/chromium, unpacked once into node_modules/.cache. Needs no root.
// Input: the file system and PATH. Output: the path of an executable, for Playwright and for Vitest's browser mode.

import { execFile } from 'node:child_process';
import { access, constants, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

/** What every launch adds to Playwright's own arguments: works as root, and stays off the network. */
export const chromiumArgs: string[] = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const modules = resolve(import.meta.dirname, '../../node_modules');

/**
 * The path of a Chromium or Chrome that can be launched; throws if this machine has none and none is bundled for it.
 */
export async function chromiumPath(): Promise<string> {
  return process.env.CHROMIUM_PATH || (await installedChromium()) || (await unpackedChromium());
}

async function installedChromium(): Promise<string | undefined> {
  const names = ['google-chrome-stable', 'google-chrome', 'chromium', 'chromium-browser', 'chrome'];
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  const candidates = [
    ...folders.flatMap((folder) => names.map((name) => join(folder, name))),
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  ];
  for (const candidate of candidates) if (await isExecutable(candidate)) return candidate;
  return undefined;
}

/**
 * Unpacks into a fresh folder and then renames it, so that of two processes doing this at once one wins and
 * both find a whole folder. The package needs libraries and fonts of its own; a wrapper script names them, so nothing
 * leaks into the environment of the tests.
 */
async function unpackedChromium(): Promise<string> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error('No Chrome or Chromium was found: install one, or name one in CHROMIUM_PATH');
  }
  const { version } = JSON.parse(await readFile(join(modules, '@sparticuz/chromium/package.json'), 'utf8'));
  const home = join(modules, '.cache', `chromium-${version}`);
  const executable = join(home, 'launch');
  if (await isExecutable(executable)) return executable;

  await mkdir(dirname(home), { recursive: true });
  const draft = await mkdtemp(`${home}.`);
  const unpack = "(await import('@sparticuz/chromium')).default.executablePath()";
  await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', `await ${unpack}`], {
    cwd: modules,
    env: { ...process.env, TMPDIR: draft, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x' },
  });
  await writeFile(join(draft, 'fonts/fonts.conf'), fontsConf);
  await writeFile(join(draft, 'launch'), launchScript, { mode: 0o755 });
  await rename(draft, home).catch(async (error) => {
    await rm(draft, { recursive: true });
    if (!(await isExecutable(executable))) throw error;
  });
  return executable;
}

const fontsConf = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir prefix="relative">fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
`;

const launchScript = `#!/bin/sh
here=\${0%/*}
export FONTCONFIG_PATH="$here/fonts"
export XDG_CACHE_HOME="$here/cache"
export LD_LIBRARY_PATH="$here/al2023/lib\${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
exec "$here/chromium" "$@"
`;

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
