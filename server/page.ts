/*
 * Server rendering: documents with live islands in them. Input: a template with `serverComponent(...)` parts.
 * Output: HTML that shows everything without JavaScript, and that the browser adopts when the script runs.
 */

import { errorCatalogue, IsletError } from '../shared/errors.ts';
import { escapeAttribute } from '../shared/escape.ts';
import { Embedded } from '../shared/html.ts';
import { renderDocument } from '../shared/tree/html.ts';
import { Rendering } from '../shared/tree/rendering.ts';
import { renderIsland } from './adoption.ts';
import { compile } from './html-parser.ts';
import type { LiveActor, Log } from './live-actor.ts';
import { type Match, type Registry, toMessages } from './registry.ts';

export interface ServerComponentOptions {
  /** The path of a route that was declared with `app.islet.route`, with its parameters filled in. */
  readonly route: string;
  /** Attributes of the element; those that the component declares become messages. */
  readonly attributes?: { readonly [name: string]: string };
}

/** What rendering a page needs. */
export interface PageContext {
  readonly registry: Registry;
  readonly log: Log;
}

/**
 * Puts a server component into a document, rendered as it is now.
 *
 * @example html`<main>${serverComponent({ route: '/ws/rate', attributes: { value: '5' } })}</main>`
 * @throws IsletError ISLET_ERR_ROUTE (when rendered) if no component has this route.
 */
export function serverComponent(options: ServerComponentOptions): Embedded {
  return new ServerComponent(options);
}

/** Renders a document; see `reply.html`. */
export async function renderPage(page: unknown, context: PageContext): Promise<string> {
  return renderDocument(page, compile, context);
}

class ServerComponent extends Embedded {
  private readonly options: ServerComponentOptions;

  constructor(options: ServerComponentOptions) {
    super();
    this.options = options;
  }

  override renderHtml(context: unknown): string | Promise<string> {
    const { registry, log } = context as PageContext;
    const { route: path, attributes = {} } = this.options;
    const match = registry.match(path);
    if (!match) throw new IsletError('ISLET_ERR_ROUTE', `serverComponent: no component has the route '${path}'`);
    const open = openTag(path, attributes);
    if (!match.route.options.shared) return `${open}${renderOwn(match, attributes, registry, log)}</server-component>`;
    const actor = registry.acquire(match, attributes);
    if (actor instanceof Promise) return actor.then((ready) => `${open}${renderShared(ready)}</server-component>`);
    return `${open}${renderShared(actor)}</server-component>`;
  }
}

function renderShared(actor: LiveActor): string {
  actor.settle();
  if (!actor.isRendered) return failure();
  return actor.toHtml();
}

// An island's own actor starts when the browser joins; until then only its first state is needed, and no effects.
function renderOwn(match: Match, attributes: { readonly [name: string]: string }, registry: Registry, log: Log): string {
  const { component, table } = match.route;
  try {
    const rendering = new Rendering(compile, table);
    const props = registry.toProps(match, attributes);
    const snapshot = component.logic.preview(props, toMessages(component, attributes).map((make) => make()));
    rendering.render(component.logic.render(snapshot));
    return renderIsland(rendering, '', 0);
  } catch (err) {
    log.error({ err, route: match.route.path }, 'an island could not be rendered');
    return failure();
  }
}

function failure(): string {
  return `<p role="alert">${errorCatalogue.ISLET_ERR_ACTOR_FAILED.message}</p>`;
}

function openTag(route: string, attributes: { readonly [name: string]: string }): string {
  let tag = `<server-component route="${escapeAttribute(route)}"`;
  for (const [name, value] of Object.entries(attributes)) {
    if (!/^[a-z][\w.-]*$/i.test(name) || /^on/i.test(name)) {
      throw new IsletError('ISLET_ERR_ROUTE', `serverComponent: '${name}' cannot be an attribute's name`);
    }
    tag += ` ${name}="${escapeAttribute(value)}"`;
  }
  return `${tag}>`;
}
