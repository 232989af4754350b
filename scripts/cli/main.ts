#!/usr/bin/env node
// `islet`: the command that comes with the package. `islet new` makes an app, `islet dev` runs it while it is written,
// `islet build` makes what production serves, `islet routes` lists what it answers.

import '../../server/node-version.ts';
import { parseArgs } from 'node:util';

const help = `islet new FOLDER [--minimal]   makes an app: pages, components, login, database, tests, Dockerfile
islet dev [SERVER] [--latency MS]
                               runs it (server.ts) and follows each change: models stay, errors show in the page
islet build                    makes build/: scripts of client components and style sheets, named by their content
islet routes [SERVER]          lists pages, API and islands
`;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    minimal: { type: 'boolean', default: false },
    latency: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
  strict: false,
});
const [command, argument] = positionals;

if (command === 'new' && argument !== undefined) {
  const { createStarter } = await import('./new.ts');
  await createStarter(argument, { isMinimal: values.minimal === true });
} else if (command === 'dev') {
  const { developApp } = await import('./dev.ts');
  const latencyMs = values.latency === undefined ? undefined : Number(values.latency);
  if (Number.isNaN(latencyMs) || Number(latencyMs) < 0) throw new Error('--latency takes milliseconds, such as 300');
  await developApp(process.cwd(), argument ?? 'server.ts', latencyMs);
} else if (command === 'build') {
  const { buildClient } = await import('./build.ts');
  for (const line of await buildClient(process.cwd(), { isDevelopment: false })) console.log(line);
} else if (command === 'routes') {
  const { printRoutes } = await import('./routes.ts');
  process.exitCode = await printRoutes(process.cwd(), argument ?? 'server.ts');
} else {
  const isAsked = values.help === true || command === 'help';
  (isAsked ? process.stdout : process.stderr).write(help);
  process.exitCode = isAsked ? 0 : 2;
}
