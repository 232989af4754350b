// `islet routes`: starts the app as far as being ready, has it say what it answers, and ends it before it listens.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { listVariable } from '../../server/route-list.ts';
import { Complaint } from './complaint.ts';

/** Resolves to the exit code. @throws Complaint where there is no such module. */
export async function printRoutes(folder: string, server: string): Promise<number> {
  if (!existsSync(resolve(folder, server)))
    throw new Complaint(`${server} is not there: name the module that starts the server, npx islet routes SERVER`);
  const env = { NODE_ENV: 'development', ...process.env, [listVariable]: '1' };
  const child = spawn(process.execPath, [server], { cwd: folder, env, stdio: 'inherit' });
  const [code] = await once(child, 'exit');
  return code ?? 1;
}
