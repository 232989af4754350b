/*
 * The page's URL as effects: to change it without loading a page, to hear when it has changed, and to have links of
 * the page do the one instead of the other. URLs are handled as text, `/anime/1?q=x#top`; `route.ts` reads them.
 */

import { type Effect, type EffectHost, fromBrowserRun } from '../language/effect.ts';
import type { AnyMessage } from '../language/html.ts';
import { browser } from './globals.ts';

const changed = 'islet:url';

/** Changes the URL; `onUrlChange` tells the app about it. */
export const navigate = {
  /** Goes on to a URL of the app, from which one can go back. The page is shown from its top, or from its `#part`. */
  push: (url: string): Effect => fromBrowserRun('navigate', () => push(url)),
  /** Puts another URL in the place of the present one. */
  replace: (url: string): Effect =>
    fromBrowserRun('navigate', () => {
      browser.history.replaceState(null, '', url);
      browser.dispatchEvent(new browser.Event(changed));
    }),
  /** Goes back, as the browser's button does. */
  back: (): Effect => fromBrowserRun('navigate', () => browser.history.back()),
};

/**
 * Tells when the URL has changed and the page has not: after a link or `navigate`, by the back and forward buttons, or
 * to another `#part`.
 *
 * @example onUrlChange((url) => ({ type: 'UrlChanged', url }))
 */
export function onUrlChange<const Message extends AnyMessage>(toMessage: (url: string) => Message): Effect<Message> {
  return fromBrowserRun('onUrlChange', (host) => {
    const tell = (): void => {
      const { pathname, search, hash } = browser.location;
      host.dispatch(toMessage(pathname + search + hash));
    };
    for (const name of ['popstate', changed]) browser.addEventListener(name, tell, { signal: host.signal });
  });
}

/**
 * Has the page's ordinary links change the URL instead of loading a page, where the app has a view for it. Links that
 * ask for more stay what they are: with a modifier key or another button, with `target`, `download` or
 * `data-islet-reload`, to another origin, to a part of the same page, or to what `isOwn` says no to.
 *
 * @param isOwn Whether the app shows this URL itself.
 * @example followLinks((url) => routes.match(url) !== null)
 */
export function followLinks(isOwn: (url: string) => boolean): Effect {
  return fromBrowserRun('followLinks', (host: EffectHost) => {
    browser.document.addEventListener('click', (event: Click) => follow(event, isOwn), { signal: host.signal });
  });
}

function push(url: string): void {
  const { location, history } = browser;
  const to = new URL(url, location.href);
  // a link to where one is does not make the way back longer
  if (to.href === location.href) history.replaceState(null, '', url);
  else history.pushState(null, '', url);
  browser.dispatchEvent(new browser.Event(changed));
  // the new view is there by then, unless one has gone elsewhere in the meantime
  browser.requestAnimationFrame(() => {
    if (location.href !== to.href) return;
    const part = browser.document.getElementById(to.hash.slice(1));
    if (part) part.scrollIntoView();
    else browser.scrollTo({ top: 0, left: 0, behavior: 'instant' });
  });
}

interface Click {
  readonly defaultPrevented: boolean;
  readonly button: number;
  readonly altKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
  composedPath(): readonly Partial<Link>[];
  preventDefault(): void;
}

interface Link {
  readonly localName: string;
  readonly href: string;
  readonly origin: string;
  readonly pathname: string;
  readonly search: string;
  readonly hash: string;
  readonly target: string;
  hasAttribute(name: string): boolean;
}

function follow(click: Click, isOwn: (url: string) => boolean): void {
  // a link in a shadow root is not the target that is seen from here
  const link = click.composedPath().find(({ localName, href }) => localName === 'a' && href) as Link | undefined;
  if (!link || click.defaultPrevented || click.button > 0) return;
  if (click.altKey || click.ctrlKey || click.metaKey || click.shiftKey) return;
  if (!/^(_self)?$/.test(link.target) || ['download', 'data-islet-reload'].some((name) => link.hasAttribute(name)))
    return;
  const { origin, pathname, search, hash } = link;
  const { location } = browser;
  const url = pathname + search + hash;
  const isPart = hash !== '' && pathname === location.pathname && search === location.search;
  if (origin !== location.origin || isPart || !isOwn(url)) return;
  click.preventDefault();
  push(url);
}
