// `islet routes`: starts the app as far as being ready, has it say what it answers, and ends it before it listens.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { listVariable } from '../../server/route-list.ts';

/** Resolves to the exit code. */
export async function printRoutes(folder: string, server: string): Promise<number> {
  const env = { NODE_ENV: 'development', ...process.env, [listVariable]: '1' };
  const child = spawn(process.execPath, [server], { cwd: folder, env, stdio: 'inherit' });
  const [code] = await once(child, 'exit');
  return code ?? 1;
}
