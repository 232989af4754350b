// `npm run dev`: the development loop (`scripts/cli/develop.ts`) of the anime tracker. A change of anything it imports
// starts the server again; what pages load is built first, as for `npm run build`, but so that it says what is wrong.

import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { buildBundles } from './build.ts';
import { develop } from './cli/develop.ts';

const { values } = parseArgs({ options: { latency: { type: 'string' } } });

await develop({
  folder: resolve(import.meta.dirname, '..'),
  server: 'server/anime/main.ts',
  latencyMs: values.latency === undefined ? undefined : Number(values.latency),
  build: async () => void (await buildBundles({ isDevelopment: true })),
  isForPages: (name) => /^(public|client-runtime)\//.test(name),
  // bundles are built, not written
  isIgnored: (name) =>
    !/^(server|components|shared|client-runtime|public)\//.test(name) || name.startsWith('public/build/'),
});
