/*
 * Starts the anime tracker: `npm start`. The environment says how (`settings.ts`, and the table in docs/deploy-tracker.md);
 * what cannot be meant ends the start with a message and an exit code. SIGTERM and SIGINT stop it in order.
 */

import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Bus, natsBus } from '../index.ts';

// Halves the time to start from the second time on. Modules are cached from here on, so they are imported below; the app,
// which takes longest, only when nothing is wrong with what it needs.
enableCompileCache(fileURLToPath(new URL('../../node_modules/.cache/compile', import.meta.url)));
const { builtAssets, plainAssets } = await import('./assets.ts');
const { exitWithAdvice, openDatabaseOrExit } = await import('./data/start.ts');
const { readSettings } = await import('./settings.ts');

const { isProduction, host, port, logLevel, corsOrigins, trustProxy, nats, accounts } = orExit(2, () =>
  readSettings(process.env),
);
const assets = orExit(66, () => (isProduction ? builtAssets() : plainAssets));
const bus = nats && (await openBusOrExit(nats));
const database = await openDatabaseOrExit(process.env);
const { createApp } = await import('./app.ts');
const { stopOnSignals } = await import('./stop.ts');
const app = await createApp({
  logger: { level: logLevel },
  trustProxy,
  assets,
  database,
  api: { corsOrigins },
  admin: { accounts },
  ...(bus && { islet: { bus } }),
}).catch(exitWithAdvice);
stopOnSignals(app);

try {
  await app.listen({ host, port });
} catch (error) {
  const { code } = error as { code?: string };
  if (code === 'EADDRINUSE') console.error(`Port ${port} of ${host} is in use. Choose another: PORT=3001 npm start`);
  else if (code === 'EACCES') console.error(`Port ${port} of ${host} needs rights that this user does not have.`);
  else if (code === 'ENOTFOUND' || code === 'EADDRNOTAVAIL') console.error(`HOST: '${host}' is not of this machine.`);
  else console.error(error);
  process.exit(1);
}

/** Exit codes are those of sysexits.h, but for 2, which stands for a wrong setting. */
function orExit<Value>(code: number, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(code);
  }
}

/** A wrong address is a wrong setting; that nobody is there is for whoever starts this to try again. */
async function openBusOrExit(options: Parameters<typeof natsBus>[0]): Promise<Bus> {
  const { BusError, natsBus: open } = await import('../index.ts');
  return open(options).catch((error: unknown) => {
    console.error(`NATS_URL: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(error instanceof BusError ? 69 : 2);
  });
}
