#!/usr/bin/env node
// `islet`: the command that comes with the package. `islet new` makes an app, `islet dev` runs it while it is written,
// `islet build` makes what production serves, `islet routes` lists what it answers; `islet state`, `backup` and `restore`
// look after what it keeps.

import '../../server/node-version.ts';
import { parseArgs } from 'node:util';
import { Complaint, complaintOf } from './complaint.ts';

const help = `islet new FOLDER [--minimal]   makes an app: pages, components, login, database, tests, Dockerfile
islet dev [SERVER] [--latency MS]
                               runs it (server.ts) and follows each change: models stay, errors show in the page
islet build                    makes build/: scripts of client components and style sheets, named by their content
islet routes [SERVER]          lists pages, API and islands
islet state [--store STORE]    lists, shows, exports, brings back and removes what is kept of components: islet state --help
islet backup FILE [--store STORE] [--force]
                               copies the store, and what else is in its database, while the server runs
islet restore FILE [--store STORE]
                               puts such a copy back; no server may run

STORE is a file of SQLite or postgres://user:password@host/name; else DATABASE_URL, DATA_FILE or data/app.db say which.
`;

const [command, ...rest] = process.argv.slice(2);

if (command === 'state') {
  const { runState } = await import('../../server/upkeep/state-program.ts');
  const { openStore, placeOf, whereStoresAre } = await import('../../server/upkeep/store-place.ts');
  const open = (store: string | undefined) => openStore(placeOf(store, process.env));
  process.exitCode = await runState(rest, { name: 'npx islet state', where: whereStoresAre, open });
} else if (command === 'backup' || command === 'restore') {
  const { databaseOf, runBackup } = await import('../../server/upkeep/backup-program.ts');
  const program = { name: `npx islet ${command}`, isRestore: command === 'restore', find: databaseOf };
  process.exitCode = await runBackup(rest, program);
} else {
  await runAppCommand().catch((error: unknown) => {
    const complaint = complaintOf(error);
    if (complaint === undefined) throw error;
    console.error(complaint);
    process.exitCode = 1;
  });
}

/** What is done with an app's files. */
async function runAppCommand(): Promise<void> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      minimal: { type: 'boolean', default: false },
      latency: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
    strict: false,
  });
  const [, argument] = positionals;
  if (command === 'new' && argument !== undefined) {
    const { createStarter } = await import('./new.ts');
    await createStarter(argument, { isMinimal: values.minimal === true });
  } else if (command === 'dev') {
    const { developApp } = await import('./dev.ts');
    const latencyMs = values.latency === undefined ? undefined : Number(values.latency);
    if (Number.isNaN(latencyMs) || Number(latencyMs) < 0)
      throw new Complaint('--latency takes milliseconds, such as 300');
    await developApp(process.cwd(), argument ?? 'server.ts', latencyMs);
  } else if (command === 'build') {
    const { buildClient } = await import('./build.ts');
    for (const line of await buildClient(process.cwd(), { isDevelopment: false })) console.log(line);
  } else if (command === 'routes') {
    const { printRoutes } = await import('./routes.ts');
    process.exitCode = await printRoutes(process.cwd(), argument ?? 'server.ts');
  } else {
    const isAsked = values.help === true || command === 'help';
    if (!isAsked && command === 'new') console.error('islet new needs the name of a folder.\n');
    else if (!isAsked && command !== undefined) console.error(`There is no command '${command}'.\n`);
    (isAsked ? process.stdout : process.stderr).write(help);
    process.exitCode = isAsked ? 0 : 2;
  }
}
