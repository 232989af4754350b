// `islet dev`: the development loop of an app. Input: an app's folder, and the module that starts its server. What pages
// load is built by `build.ts`.

import { buildClient } from './build.ts';
import { develop } from './develop.ts';

/** Runs until a signal ends it. */
export async function developApp(folder: string, server: string, latencyMs: number | undefined): Promise<void> {
  let isFirst = true;
  await develop({
    folder,
    server,
    latencyMs,
    async build() {
      await buildClient(folder, { isDevelopment: true, keepsOld: !isFirst });
      isFirst = false;
    },
    isForPages: (name) => name.startsWith('public/'),
    isIgnored: (name) => /^test\/|\.(db|db-\w+|part|log|md|tgz)$|~$/.test(name),
  });
}
