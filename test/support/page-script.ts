// Serves a page's script as its bundle is made: the script, and beside it those that it loads later. Without these an
// island whose page others have changed waits for seconds.

import { basename, dirname, join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { buildBundles } from '../../scripts/build.ts';

/**
 * @param path Where the page asks for it.
 * @param entry The file that it is made from, relative to the repository.
 */
export async function servePageScript(app: FastifyInstance, path: string, entry: string): Promise<void> {
  const [script, ...later] = await buildBundles({ entries: [entry], write: false });
  const serve = (at: string, code?: string): void => {
    app.get(at, (_, reply) => reply.type('text/javascript').send(code));
  };
  serve(path, script?.code);
  for (const { path: file, code } of later) serve(join(dirname(path), basename(file)), code);
}
