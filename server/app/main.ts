/*
 * Starts the anime tracker: `npm start`. HOST and PORT say where it listens (localhost:3000 unless told), LOG_LEVEL
 * how much it logs, DATA_DIR or DATABASE_URL where the data lies, CORS_ORIGINS which other origins may read the API,
 * TRUST_PROXY which proxies' addresses to believe (`loopback`, `uniquelocal`, ...). SIGTERM and SIGINT stop it in
 * order: no new connections, clients told to come back.
 */

import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

// Halves the time to start from the second time on. Modules are cached from here on, so they are imported below.
enableCompileCache(fileURLToPath(new URL('../../node_modules/.cache/compile', import.meta.url)));
const { createApp } = await import('./app.ts');
const { openDatabaseOrExit } = await import('./data/start.ts');

const host = process.env.HOST ?? 'localhost';
const port = Number(process.env.PORT ?? 3000);
if (!Number.isInteger(port) || port < 0 || port > 65_535) {
  console.error(`PORT must be a number from 0 to 65535; got '${process.env.PORT}'`);
  process.exit(2);
}

const { LOG_LEVEL = 'info', CORS_ORIGINS = '', TRUST_PROXY = '' } = process.env;
const app = await createApp({
  logger: { level: LOG_LEVEL },
  trustProxy: TRUST_PROXY || false,
  database: await openDatabaseOrExit(process.env),
  api: { corsOrigins: CORS_ORIGINS.split(/[\s,]+/).filter((origin) => origin !== '') },
});

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    app.log.info(`${signal}: stopping`);
    app.close().then(
      () => process.exit(0),
      (error: unknown) => {
        app.log.error(error, 'stopping failed');
        process.exit(1);
      },
    );
  });
}

try {
  await app.listen({ host, port });
} catch (error) {
  const { code } = error as { code?: string };
  if (code === 'EADDRINUSE') console.error(`Port ${port} of ${host} is in use. Choose another: PORT=3001 npm start`);
  else if (code === 'EACCES') console.error(`Port ${port} of ${host} needs rights that this user does not have.`);
  else console.error(error);
  process.exit(1);
}
