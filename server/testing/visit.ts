/*
 * `visit(app, '/path')`: a page without a browser. Its HTML is what the app answers, its islands are joined over a
 * socket with all that a real one passes, and what a person would do is done by what a person would see. Input: an app
 * of Fastify, which need not listen. Output: a page to act on and to look at.
 */

import type { FastifyInstance } from 'fastify';
import { parse } from 'parse5';
import { host, toPath } from './addresses.ts';
import type { FormEntries } from './controls.ts';
import { type CookieJar, createCookieJar } from './cookies.ts';
import { Islands } from './islands.ts';
import { attributeOf, type Element, elementsIn } from './nodes.ts';
import { type PageSource, VisitedPage } from './page.ts';
import { openSocket } from './socket.ts';

/** What a visitor's browser says of itself. */
export interface VisitorOptions {
  /** Headers of each request, such as `{ 'x-user': 'ann' }`. */
  readonly headers?: { readonly [name: string]: string };
  /** Cookies that the visitor has already. */
  readonly cookies?: { readonly [name: string]: string };
}

/** One person with one browser: pages that it visits have the same cookies. */
export interface Visitor {
  /** Its cookies as they are now. */
  readonly cookies: { readonly [name: string]: string };
  /** Opens a page. Resolves when its islands are joined. */
  visit(path: string): Promise<VisitedPage>;
}

const maxRedirects = 10;

/**
 * Opens a page as somebody new. Resolves when its islands are joined; `await using` closes it.
 *
 * @example
 * await using page = await visit(app, '/');
 * await page.click('Add');
 * expect(page.text()).toContain('1 card');
 */
export async function visit(app: FastifyInstance, path: string, options: VisitorOptions = {}): Promise<VisitedPage> {
  return createVisitor(app, options).visit(path);
}

/** Makes a visitor: several pages of one have the same cookies, those of two do not. */
export function createVisitor(app: FastifyInstance, { headers = {}, cookies = {} }: VisitorOptions = {}): Visitor {
  const jar = createCookieJar(cookies);
  const source: PageSource = {
    request: (method, path, fields) => request(app, jar, headers, { method, path, fields }),
    islandsOf(document) {
      const path = socketPathOf(elementsIn(document));
      return new Islands(document, (listener) => {
        const cookie = jar.header();
        const own = { ...headers, host, origin: `http://${host}`, ...(cookie === '' ? {} : { cookie }) };
        return openSocket(app, { path, headers: own }, listener);
      });
    },
  };
  return {
    get cookies() {
      return jar.all();
    },
    async visit(path) {
      await app.ready();
      const page = new VisitedPage(source);
      await page.goto(path);
      return page;
    },
  };
}

interface Asked {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly fields: FormEntries | undefined;
}

/** Asks the app as a browser would: with cookies, and following redirects. */
async function request(app: FastifyInstance, jar: CookieJar, headers: VisitorOptions['headers'], asked: Asked) {
  let { method, path, fields } = asked;
  for (let redirects = 0; redirects <= maxRedirects; redirects++) {
    const cookie = jar.header();
    const answer = await app.inject({
      method,
      url: path,
      headers: {
        accept: 'text/html',
        ...headers,
        host,
        ...(method === 'POST' && { origin: `http://${host}`, 'content-type': 'application/x-www-form-urlencoded' }),
        ...(cookie !== '' && { cookie }),
      },
      ...(fields && { payload: new URLSearchParams(fields).toString() }),
    });
    jar.take(answer.headers['set-cookie']);
    const { location } = answer.headers;
    if (answer.statusCode < 300 || answer.statusCode > 399 || typeof location !== 'string') {
      return { path, status: answer.statusCode, document: parse(answer.body) };
    }
    path = toPath(location, path);
    if (answer.statusCode !== 307 && answer.statusCode !== 308) {
      method = 'GET';
      fields = undefined;
    }
  }
  throw new Error(`${asked.path} redirects more than ${maxRedirects} times`);
}

/** Where the page's socket is: what `<meta name="islet">` says, else beside the element's script. */
function socketPathOf(elements: Iterable<Element>): string {
  let path = '/islet';
  for (const element of elements) {
    if (element.tagName === 'meta' && attributeOf(element, 'name') === 'islet')
      return attributeOf(element, 'content') ?? path;
    const source = element.tagName === 'script' ? attributeOf(element, 'src') : undefined;
    const [, found] = /^(.*)\/element\.js$/.exec(source ?? '') ?? [];
    if (found !== undefined) path = found.startsWith('/') ? found : `/${found}`;
  }
  return path;
}
