/*
 * What the plugin does for pages besides their islands: scripts, what `islet build` made, what development shows, and a word
 * about what was forgotten. Input: the settings. Output: routes, and pages that are complete.
 */

import type { FastifyInstance } from 'fastify';
import type { AnyComponent } from '../shared/language/component.ts';
import { IsletError } from '../shared/language/islet-error.ts';
import type { Inspector } from '../shared/runtime/inspect.ts';
import { Assets } from './assets.ts';
import { Development } from './development.ts';
import type { Log } from './inspect/log.ts';
import type { Settings } from './options.ts';
import { type DeclaredIsland, listRoutes } from './route-list.ts';
import { serveScripts } from './scripts.ts';

export interface Extras {
  /** A route of islands was declared. */
  declare(path: string, component: AnyComponent, isShared: boolean): void;
  /** Adds the routes. */
  serve(): void;
  asset(name: string): string;
  /** Adds to a page what it needs. @param url Of the page, for the log. */
  complete(html: string, url: string): string;
  /** What a developer sees in place of a page that threw; undefined for everybody else. */
  errorPage(error: unknown, url: string): string | undefined;
  end(): void;
}

interface Parts {
  readonly inspector: Inspector;
  readonly log: Log;
}

export function addExtras(app: FastifyInstance, settings: Settings, { inspector, log }: Parts): Extras {
  const { path, isDevelopment, assets: folder } = settings;
  const address = `${app.prefix.replace(/\/$/, '')}${path}`;
  const below = `${path}/assets`;
  const isProduction = process.env.NODE_ENV === 'production';
  const assets = folder === undefined ? undefined : new Assets(folder, `${address}/assets`, !isProduction);
  const development = isDevelopment ? new Development(address) : undefined;
  const islands: DeclaredIsland[] = [];
  const componentOf = (route: string) => islands.find((each) => each.path === route)?.component;
  const unwatch = development?.watch(inspector, componentOf);
  listRoutes(app, path, islands);
  return {
    declare(path, { name: component }, isShared) {
      islands.push({ path, component, isShared });
    },
    serve() {
      serveScripts(app, path);
      assets?.serve(app, below);
      development?.serve(app, path);
    },
    asset(name) {
      if (assets) return assets.url(name);
      throw new IsletError('ISLET_ERR_OPTIONS', "asset: give the plugin its option assets, such as 'build'");
    },
    complete(html, url) {
      const whole = assets?.complete(html) ?? html;
      if (whole.includes('<server-component') && !mayHaveElement(whole)) {
        const cure = `write <script type="module" src="${address}/element.js"></script> into its head`;
        log.warn({ url }, `a page with islands has no script for them, so that they are dead: ${cure}`);
      }
      return development?.complete(whole) ?? whole;
    },
    errorPage(error, url) {
      if (!development) return undefined;
      log.error({ err: error, url }, 'a page could not be rendered');
      return development.errorPage(error, url);
    },
    end: () => unwatch?.(),
  };
}

/** Any module may be a bundle with the element in it. */
function mayHaveElement(html: string): boolean {
  return /<script[^>]*\stype="?module/i.test(html) || /<script[^>]*\ssrc=/i.test(html);
}
