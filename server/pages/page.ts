/*
 * Server rendering: documents with what runs in them. Input: a template with `serverComponent(...)`,
 * `clientComponent(...)` and `clientApp(...)` parts. Output: HTML that shows everything without JavaScript, and that
 * the browser adopts.
 */

import { type Attributes, isAttributeName } from '../../shared/language/attributes.ts';
import type { AnyComponent } from '../../shared/language/component.ts';
import { Embedded, type Template } from '../../shared/language/html.ts';
import { IsletError } from '../../shared/language/islet-error.ts';
import { escapeAttribute, scriptJson } from '../../shared/template/escape.ts';
import { renderChunks, renderDocument } from '../../shared/tree/html.ts';
import { renderFirst } from '../actors/first-rendering.ts';
import { compile } from '../html-parser.ts';
import { joinTexts } from '../when-ready.ts';
import { fill, type PageContext, renderElementContent, renderIslandContent } from './island-html.ts';

/** For whom a page is rendered, and how. */
export interface PageOptions {
  /**
   * Who asked for the page: islands of one's own are rendered for this user, as `props` of their routes get it. Default:
   * what `authenticate` says of the request, asked when an island needs it; null for whom it throws. Give it where the
   * request does not say it yet, such as for a visitor who gets a cookie with this page; and give what `authenticate`
   * will give when the page's islands join, or they change then.
   */
  readonly user?: unknown;
  /**
   * The nonce of this page's Content-Security-Policy. The styles of shadow roots get it: `style-src 'self' 'nonce-...'`.
   * Without one such a policy keeps them from those who have no scripts; scripts bring them all the same.
   */
  readonly nonce?: string;
}

/** Which server component an island shows. */
export interface ServerComponentOptions {
  /** The path of a route that was declared with `app.islet.route`, with its parameters filled in. */
  readonly route: string;
  /** Attributes of the element. Those that count (the component declares them, or the route) say how it starts. */
  readonly attributes?: Attributes;
}

/** What the element of a client component has. */
export interface ClientComponentOptions {
  /** Attributes of the element. Those that the component declares say how it starts. */
  readonly attributes?: Attributes;
  /** The element's own children, for the slots of a component with a shadow root. */
  readonly content?: Template;
}

/** How an app stands in its page. */
export interface ClientAppOptions {
  /** The element's id, for `start(component, '#app')`. Default `app`. */
  readonly id?: string;
}

/**
 * Puts a server component into a document, rendered as it is now. `authorize` is asked as it is when a browser joins:
 * who may not see the island gets a word in its place.
 *
 * @example html`<main>${serverComponent({ route: '/ws/rate', attributes: { value: '5' } })}</main>`
 * @throws IsletError ISLET_ERR_ROUTE (when rendered) if no component has this route.
 */
export function serverComponent(options: ServerComponentOptions): Embedded {
  return new ServerComponent(options);
}

/**
 * Puts a client component's element into a document, rendered in its first state, for `register` to adopt.
 *
 * @example html`<main>${clientComponent(rating, { attributes: { value: '7' } })}</main>`
 * @throws IsletError ISLET_ERR_REGISTER if the component has no name.
 */
export function clientComponent(component: AnyComponent, options: ClientComponentOptions = {}): Embedded {
  if (component.name === undefined) throw new IsletError('ISLET_ERR_REGISTER', 'clientComponent: it has no name');
  return new ClientComponent(component, component.name, options);
}

/**
 * Puts an app into a document, for `start` to adopt. It is rendered in its first state, as `init(props)` says, effects
 * left out; the props go along as JSON, so that the browser starts from the same.
 *
 * @param props Plain JSON. Everybody who gets the page can read it.
 * @example html`<body>${clientApp(tracker, { path: request.url, anime })}</body>`
 */
export function clientApp<Props>(
  component: AnyComponent & { readonly init?: (props: Props) => unknown },
  props: Props,
  options: ClientAppOptions = {},
): Embedded {
  return new ClientApp(component, props, options);
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
    const { route, attributes = {} } = this.options;
    const content = renderIslandContent(route, attributes, context as PageContext);
    return joinTexts([openTag('server-component', { route, ...attributes }), content, '</server-component>']);
  }
}

class ClientComponent extends Embedded {
  private readonly component: AnyComponent;
  private readonly name: string;
  private readonly options: ClientComponentOptions;

  constructor(component: AnyComponent, name: string, options: ClientComponentOptions) {
    super();
    this.component = component;
    this.name = name;
    this.options = options;
  }

  override renderHtml(context: unknown): string | Promise<string> {
    const { attributes = {}, content } = this.options;
    return joinTexts([
      openTag(this.name, attributes),
      renderElementContent(this.component, attributes, context as PageContext),
      content ? renderDocument(content, compile, context) : '',
      `</${this.name}>`,
    ]);
  }
}

class ClientApp extends Embedded {
  private readonly component: AnyComponent;
  private readonly props: unknown;
  private readonly options: ClientAppOptions;

  constructor(component: AnyComponent, props: unknown, options: ClientAppOptions) {
    super();
    this.component = component;
    this.props = props;
    this.options = options;
  }

  override renderHtml(context: unknown): string | Promise<string> {
    // as the browser will read them: what JSON cannot say must not be seen here either
    const json = scriptJson(this.props);
    const { content } = renderFirst(this.component, JSON.parse(json), {});
    const html = fill(renderChunks(content), context as PageContext);
    const open = `<div id="${escapeAttribute(this.options.id ?? 'app')}">`;
    const close = `<script type="application/json" data-islet>${json}</script></div>`;
    return joinTexts([open, html, close]);
  }
}

function openTag(element: string, attributes: Attributes): string {
  let tag = `<${element}`;
  for (const [name, value] of Object.entries(attributes)) {
    if (!isAttributeName(name) || name.startsWith('on')) {
      const problem = `'${name}' cannot be an attribute's name: it is in lower case, and no listener`;
      throw new IsletError('ISLET_ERR_ROUTE', `${element}: ${problem}`);
    }
    tag += ` ${name}="${escapeAttribute(value)}"`;
  }
  return `${tag}>`;
}
