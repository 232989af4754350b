/*
 * Where pages find their scripts and style sheets. Input: in production the manifest of `npm run build`, else nothing.
 * Output: addresses for documents, and the routes behind them. Built files are named by their content and kept by
 * browsers for ever; plain ones are asked for each time, so that a change shows at the next load.
 */

import { hash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

export interface Assets {
  /** The address of an asset, by its plain name: `app.js`, `app.css`. @throws Error for one that was not built. */
  url(name: string): string;
  /** Adds the routes behind the addresses. */
  serve(app: FastifyInstance): Promise<void>;
}

/** What `npm run build` writes beside the files: plain name to the name with the hash. */
export type Manifest = { readonly [name: string]: string };

const prefix = '/assets/';
const root = fileURLToPath(new URL('../../', import.meta.url));
/** Where `npm run build` puts what production needs. */
export const buildFolder = join(root, 'build');
const hashed = /-[\da-f]{10}(?=\.\w+$)/;

/** Files as they lie in `public/`, and below it the bundles. */
export const plainAssets: Assets = {
  url(name) {
    const path = name.endsWith('.js') ? `build/${name}` : name;
    return prefix + path + versionOf(join(root, 'public', path));
  },
  async serve(app) {
    await app.register(fastifyStatic, {
      root: join(root, 'public'),
      prefix,
      decorateReply: false,
      preCompressed: true,
    });
  },
};

/** While the app is written, a page that is open sees by the address that a file has changed. */
function versionOf(file: string): string {
  if (process.env.NODE_ENV !== 'development' || !existsSync(file)) return '';
  return `?${hash('sha1', readFileSync(file)).slice(0, 10)}`;
}

/** Files as `npm run build` made them. @throws Error, with a message for a person, where it has not. */
export function builtAssets(folder = buildFolder): Assets {
  const manifest = readManifest(folder);
  /** A page from before a deploy may still ask for what it knew, and anybody for the plain name. */
  const redirect = (request: FastifyRequest<{ Params: { file: string } }>, reply: FastifyReply): unknown => {
    const { file } = request.params;
    const current = manifest.get(file.replace(hashed, ''));
    if (current === undefined || current === file) return reply.callNotFound();
    return reply.header('cache-control', 'no-cache').redirect(prefix + current);
  };
  return {
    url(name) {
      const file = manifest.get(name);
      if (file === undefined) throw new Error(`'${name}' is not among the built assets; run: npm run build`);
      return prefix + file;
    },
    async serve(app) {
      await app.register(fastifyStatic, {
        root: join(folder, 'assets'),
        prefix,
        decorateReply: false,
        // each file is a route, found once: what is not among them is redirected, not searched
        wildcard: false,
        globIgnore: ['**/*.br', '**/*.gz'],
        preCompressed: true,
        maxAge: '365d',
        immutable: true,
        setHeaders: (reply, path) => {
          if (!hashed.test(path.replace(/\.(br|gz)$/, ''))) reply.header('cache-control', 'public, max-age=3600');
        },
      });
      app.get(`${prefix}:file`, redirect);
    },
  };
}

function readManifest(folder: string): ReadonlyMap<string, string> {
  try {
    const manifest: Manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'));
    return new Map(Object.entries(manifest));
  } catch (cause) {
    const message = `The scripts and style sheets for production are not in ${folder}. Make them first: npm run build`;
    throw new Error(message, { cause });
  }
}
