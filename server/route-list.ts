/*
 * `islet routes`: what an app answers, said when it is ready and before it listens. Input: routes as Fastify hears of
 * them, and those of islands. Output: a list on the standard output, and the end of the process, where the command
 * asked for it.
 */

import type { FastifyInstance } from 'fastify';

/** The environment variable by which the command asks. */
export const listVariable = 'ISLET_LIST_ROUTES';

export interface DeclaredIsland {
  readonly path: string;
  /** The component's name, if it has one. */
  readonly component: string | undefined;
  readonly isShared: boolean;
  readonly isPredicted: boolean;
}

interface Listed {
  readonly method: string;
  readonly url: string;
}

/** @param path Where the plugin's own routes are. @param declared Grows while routes are declared. */
export function listRoutes(app: FastifyInstance, path: string, declared: readonly DeclaredIsland[]): void {
  if (process.env[listVariable] !== '1') return;
  const routes: Listed[] = [];
  app.addHook('onRoute', ({ method, url, wsHandler }) => {
    if (wsHandler) return;
    for (const each of [method].flat()) if (each !== 'HEAD' && each !== 'OPTIONS') routes.push({ method: each, url });
  });
  app.addHook('onReady', async () => {
    const own = (url: string): boolean => url.startsWith(`${app.prefix}${path}/`);
    const isApi = ({ method, url }: Listed): boolean => method !== 'GET' || url.startsWith('/api');
    const others = routes.filter(({ url }) => !own(url));
    const islands = declared.map(
      (each) => `  ${each.isShared ? 'shared' : 'own   '} ${each.path}${each.component ? `  ${each.component}` : ''}`,
    );
    const parts = [
      ['Pages', linesOf(others.filter((each) => !isApi(each)))],
      ['API', linesOf(others.filter(isApi))],
      ['Islands', islands],
    ] as const;
    const text = parts
      .map(([title, lines]) => [title, ...(lines.length > 0 ? lines : ['  none'])].join('\n'))
      .join('\n\n');
    process.stdout.write(`${text}\n`, () => process.exit(0));
  });
}

/** A line for each address, with all its methods. */
function linesOf(routes: readonly Listed[]): string[] {
  const byUrl = Map.groupBy(routes, ({ url }) => url);
  return [...byUrl].map(
    ([url, all]) =>
      `  ${all
        .map(({ method }) => method)
        .join(' ')
        .padEnd(6)} ${url}`,
  );
}
