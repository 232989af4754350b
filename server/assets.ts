/*
 * What `islet build` made for browsers: scripts of client components, style sheets, pictures, each under a name with a
 * hash of its content. Input: the folder that it wrote. Output: their addresses, the routes behind them, and the tags
 * that a page needs for what it shows.
 */

import { existsSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { IsletError } from '../shared/language/islet-error.ts';
import { addScripts, readFiles, sendFile } from './scripts.ts';

/** `build/manifest.json`. Each file is named as it lies in `build/assets/`. */
export interface Manifest {
  /** The script of `<server-component>`. */
  element: string;
  /** The script that loads components which a page shows only later; empty: there are none. */
  later: string;
  /** Page scripts: of every page that shows an island of the server. */
  readonly scripts: string[];
  /** By the name of the element. */
  readonly components: { [name: string]: string };
  /** By the path below `public/`. */
  readonly files: { [name: string]: string };
}

const types: { readonly [extension: string]: string } = {
  '.css': 'text/css; charset=utf-8',
  '.gif': 'image/gif',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
};

export class Assets {
  private readonly folder: string;
  private readonly path: string;
  private readonly isDevelopment: boolean;
  private known: Manifest | undefined;

  /**
   * @param path Where they are served.
   * @throws IsletError ISLET_ERR_OPTIONS in production, where they were not made.
   */
  constructor(folder: string, path: string, isDevelopment: boolean) {
    this.folder = folder;
    this.path = path;
    this.isDevelopment = isDevelopment;
    if (this.manifest === undefined && !isDevelopment) {
      const problem = `assets: there is no manifest.json in ${folder}. Make it first: npx islet build`;
      throw new IsletError('ISLET_ERR_OPTIONS', problem);
    }
  }

  /** The address of a file of `public/`. @throws IsletError ISLET_ERR_OPTIONS for one that is not there. */
  url(name: string): string {
    const { manifest } = this;
    // before the first build, as in tests, a page has its style sheet under its own name
    if (manifest === undefined) return `${this.path}/${name}`;
    const file = manifest.files[name];
    if (file === undefined)
      throw new IsletError('ISLET_ERR_OPTIONS', `'${name}' is not in public/, or was not built yet`);
    return `${this.path}/${file}`;
  }

  /** Whether `islet build`, or `islet dev`, has made them. */
  get isBuilt(): boolean {
    return this.manifest !== undefined;
  }

  /** Adds the tags that a page needs for what it shows, in its head. */
  complete(html: string, nonce: string | undefined): string {
    const { manifest } = this;
    if (manifest === undefined) return html;
    const components = Object.entries(manifest.components);
    const shown = components.filter(([name]) => new RegExp(`<${name}[\\s/>]`).test(html)).map(([, file]) => file);
    const hasIslands = html.includes('<server-component');
    const scripts = hasIslands ? [manifest.element, ...shown, ...manifest.scripts] : shown;
    // it hears of what the others parse
    const isAll = hasIslands && shown.length === components.length;
    if (scripts.length > 0 && !isAll) scripts.unshift(manifest.later);
    return addScripts(
      html,
      scripts.map((file) => `${this.path}/${file}`),
      nonce,
    );
  }

  /** Adds the route of the files. */
  serve(app: FastifyInstance, below: string): void {
    app.get<{ Params: { file: string } }>(`${below}/:file`, (request, reply) => {
      const { file } = request.params;
      const found =
        /^[\w.-]+$/.test(file) && !/\.(br|gz|part)$/.test(file)
          ? readFiles(join(this.folder, 'assets', file))
          : undefined;
      if (!found) return reply.callNotFound();
      return sendFile(found, request, reply, {
        type: types[extname(file)] ?? 'application/octet-stream',
        cache: this.isDevelopment ? 'no-cache' : 'public, max-age=31536000, immutable',
      });
    });
  }

  /** In development it is read anew: it is made anew while the server runs. */
  private get manifest(): Manifest | undefined {
    if (this.known) return this.known;
    const file = join(this.folder, 'manifest.json');
    if (!existsSync(file)) return undefined;
    const manifest: Manifest = JSON.parse(readFileSync(file, 'utf8'));
    if (!this.isDevelopment) this.known = manifest;
    return manifest;
  }
}
