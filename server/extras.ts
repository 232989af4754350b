/*
 * What the plugin does for pages besides their islands: scripts, what `islet build` made, what development shows, and a
 * word about what was forgotten. Input: the settings. Output: routes, and pages that are complete.
 */

import type { FastifyInstance } from 'fastify';
import { unreported } from '../shared/language/attributes.ts';
import { type AnyComponent, isComponent } from '../shared/language/component.ts';
import { Template } from '../shared/language/html.ts';
import { IsletError } from '../shared/language/islet-error.ts';
import type { Inspector } from '../shared/runtime/inspect.ts';
import type { DeclaredOptions } from './actors/route-options.ts';
import { Assets } from './assets.ts';
import { checkedComponent } from './checked-component.ts';
import { Development } from './development.ts';
import type { Log } from './inspect/log.ts';
import type { Settings } from './options.ts';
import { type DeclaredIsland, listRoutes } from './route-list.ts';
import { serveScripts } from './scripts.ts';

export interface Extras {
  /** A route of islands is declared; returns the component as it is to be run. */
  declare(path: string, component: AnyComponent, options: DeclaredOptions): AnyComponent;
  /** Adds the routes. */
  serve(): void;
  asset(name: string): string;
  /** Says what is hardly meant: in the log, and in the pages of development. */
  warn(text: string, facts?: object): void;
  /** A log whose errors and warnings are also said in the pages of development. */
  watchLog(log: Log): Log;
  /** Adds to a page what it needs. @param url Of the page, for the log. @param nonce Of its scripts. */
  complete(html: string, url: string, nonce: string | undefined): string;
  /** What a developer sees in place of a page that threw; undefined for everybody else. */
  errorPage(error: unknown, url: string): string | undefined;
  end(): void;
}

interface Parts {
  readonly inspector: Inspector;
  readonly log: Log;
  /** Whether the app writes a log of its own. */
  readonly hasLogger: boolean;
  /** The attributes that count in an island of a route; undefined: no component has it. */
  readonly attributesOf: (route: string) => readonly string[] | undefined;
}

export function addExtras(
  app: FastifyInstance,
  settings: Settings,
  { inspector, log, hasLogger, attributesOf }: Parts,
): Extras {
  const { path, assets: folder } = settings;
  const address = `${app.prefix.replace(/\/$/, '')}${path}`;
  const below = `${path}/assets`;
  const isProduction = process.env.NODE_ENV === 'production';
  const assets = folder === undefined ? undefined : new Assets(folder, `${address}/assets`, !isProduction);
  const islands: DeclaredIsland[] = [];
  const development = settings.development.showsErrors ? new Development(address, islands) : undefined;
  const componentOf = (route: string) => islands.find((each) => each.path === route)?.component;
  const unwatch = development?.watch(inspector, componentOf);
  const warn = (text: string, facts: object = {}): void => {
    log.warn(facts, text);
    development?.warn(text);
  };
  listRoutes(app, path, islands);
  app.addHook('preSerialization', (request, _reply, payload: unknown, done) => {
    if (!(payload instanceof Template)) {
      done(null, payload);
      return;
    }
    const problem = `${request.url} answers a template: return reply.html(template) for a page`;
    if (!hasLogger) log.error({ url: request.url }, problem);
    done(new IsletError('ISLET_ERR_RENDER', problem));
  });
  return {
    declare(path, component, { shared = false, predict = false }) {
      islands.push({ path, component: component?.name, isShared: shared, isPredicted: predict !== false });
      return development && isComponent(component)
        ? checkedComponent(component, predict ? path : undefined)
        : component;
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
    warn,
    watchLog: (watched) => development?.watchLog(watched, componentOf) ?? watched,
    complete(html, url, nonce) {
      for (const text of development ? problemsOfIslands(html, attributesOf) : []) warn(text, { url });
      const whole = assets?.complete(html, nonce) ?? html;
      if (whole.includes('<server-component') && !mayHaveElement(whole)) {
        if (assets && !assets.isBuilt) {
          // a test that listens to nobody needs no scripts
          if (app.server.listening)
            warn(`${folder} is not made yet, so that islands are dead: npx islet build`, { url });
          return development?.complete(whole, nonce) ?? whole;
        }
        const cure = `write <script type="module" src="${address}/element.js"></script> into its head`;
        warn(`a page with islands has no script for them, so that they are dead: ${cure}`, { url });
      }
      return development?.complete(whole, nonce) ?? whole;
    },
    errorPage(error, url) {
      // an app's logger has it from Fastify
      if (development || !hasLogger) log.error({ err: error, url }, 'a page could not be rendered');
      return development?.errorPage(error, url);
    },
    end: () => unwatch?.(),
  };
}

/** What a page says of islands, and nobody declared: of what it may hold of raw markup, too. */
function problemsOfIslands(html: string, attributesOf: Parts['attributesOf']): ReadonlySet<string> {
  const problems = new Set<string>();
  for (const [, tag = ''] of html.matchAll(/<server-component(?=\s)((?:"[^"]*"|[^">])*)>/g)) {
    const [, route] = /\sroute="([^"]*)"/.exec(tag) ?? [];
    if (route === undefined) continue;
    const known = attributesOf(route.replaceAll('&amp;', '&'));
    if (known === undefined) {
      problems.add(`no component has the route '${route}', which a page names: its island stays empty`);
      continue;
    }
    for (const [, name = ''] of tag.matchAll(/\s([a-z][\w.-]*)(?:="[^"]*")?/g)) {
      if (known.includes(name) || unreported.test(name) || ofEveryElement.test(name)) continue;
      const cure = "declare it in the component's attributes, or name it in the route's option attributes";
      problems.add(`nobody reads the attribute '${name}' of the island '${route}': ${cure}`);
    }
  }
  return problems;
}

/** What any element may have, for styles, scripts and people. */
const ofEveryElement =
  /^(data|aria)-|^(on\w+|role|title|lang|dir|hidden|slot|part|exportparts|inert|tabindex|translate|nonce|popover|item\w+)$/;

/** Any module may be a bundle with the element in it. */
function mayHaveElement(html: string): boolean {
  return /<script[^>]*\stype="?module/i.test(html) || /<script[^>]*\ssrc=/i.test(html);
}
