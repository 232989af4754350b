/*
 * The HTML of what runs inside a page: islands, client components, and those that a view of one of them holds in turn.
 * Input: who it is, and its attributes. Output: content that can be read without JavaScript and that a browser adopts.
 */

import type { AnyComponent } from '../../shared/language/component.ts';
import { errorCatalogue } from '../../shared/language/errors.ts';
import { IsletError } from '../../shared/language/islet-error.ts';
import { preview } from '../../shared/runtime/preview.ts';
import { nestedMark } from '../../shared/template/definition.ts';
import { escapeStyle } from '../../shared/template/escape.ts';
import { decodeReferences } from '../../shared/template/references.ts';
import { TemplateTable } from '../../shared/tree/encode.ts';
import { renderMarked } from '../../shared/tree/html.ts';
import { Rendering } from '../../shared/tree/rendering.ts';
import { renderIsland } from '../actors/adoption.ts';
import type { LiveActor } from '../actors/live-actor.ts';
import { type Match, type Registry, toMessages } from '../actors/registry.ts';
import { compile } from '../html-parser.ts';
import type { Log } from '../inspect/log.ts';
import { whenReady } from '../when-ready.ts';

/** What rendering a page needs. */
export interface PageContext {
  readonly registry: Registry;
  readonly log: Log;
  readonly settings: { readonly components: readonly AnyComponent[] };
  /** For whom islands of one's own are rendered; null: for nobody in particular. */
  readonly user: unknown;
}

export type Attributes = { readonly [name: string]: string };

/**
 * Renders what stands in a `<server-component>`.
 *
 * @param outer The routes around it: an island in itself stays empty.
 * @throws IsletError ISLET_ERR_ROUTE if no component has this route.
 */
export function renderIslandContent(
  path: string,
  attributes: Attributes,
  context: PageContext,
  outer: readonly string[] = [],
): string | Promise<string> {
  const { registry } = context;
  const match = registry.match(path);
  if (!match) throw new IsletError('ISLET_ERR_ROUTE', `serverComponent: no component has the route '${path}'`);
  const inner = [...outer, path];
  if (!match.route.options.shared) {
    return whenReady(renderOwn(match, attributes, context), (html) => fillNested(html, context, inner));
  }
  const show = (actor: LiveActor): string | Promise<string> => fillNested(renderShared(actor), context, inner);
  const fail = (err: unknown): string => {
    context.log.error({ err, route: path }, 'an island could not be rendered');
    return failure();
  };
  try {
    const actor = registry.acquire(match, attributes, null);
    return actor instanceof Promise ? actor.then(show).catch(fail) : show(actor);
  } catch (err) {
    return fail(err);
  }
}

/** Renders a component's first state, with the marks that adoption needs. What its view throws is thrown. */
export function renderFirst(
  component: AnyComponent,
  props: unknown,
  attributes: Attributes,
  table = new TemplateTable(),
): Rendering {
  const rendering = new Rendering(compile, table);
  const messages = toMessages(component, attributes).map((make) => make());
  rendering.render(component.logic.render(preview(component, props, messages)));
  return rendering;
}

/**
 * Fills islands and client components that a view left empty, as it has to: their content is their own. Only what a
 * template holds is one of them: the mark before its name can come from no text, and not from raw markup either, in
 * which somebody might name an island that they may not join.
 */
export function fillNested(html: string, context: PageContext, outer: readonly string[]): string | Promise<string> {
  if (!html.includes(nestedMark)) return html;
  const plain = (text: string): string => text.replaceAll(nestedMark, '');
  const chunks: (string | Promise<string>)[] = [];
  let isLater = false;
  let end = 0;
  for (const match of html.matchAll(elementPattern(context))) {
    const [tag, name, text = ''] = match as unknown as [string, string, string | undefined];
    const content = renderNested(
      name,
      readAttributes(text),
      html.startsWith('</', match.index + tag.length),
      context,
      outer,
    );
    isLater ||= content instanceof Promise;
    chunks.push(plain(html.slice(end, match.index + tag.length)), content);
    end = match.index + tag.length;
  }
  if (end === 0) return plain(html);
  chunks.push(plain(html.slice(end)));
  return isLater ? Promise.all(chunks).then((texts) => texts.join('')) : chunks.join('');
}

function renderNested(
  name: string,
  attributes: Attributes,
  isEmpty: boolean,
  context: PageContext,
  outer: readonly string[],
): string | Promise<string> {
  if (name === 'server-component') {
    const { route = '' } = attributes;
    if (!isEmpty || outer.includes(route) || !context.registry.match(route)) return '';
    return renderIslandContent(route, withoutOwn(attributes), context, outer);
  }
  const component = context.settings.components.find((each) => each.name === name);
  if (!component || outer.includes(name) || (!isEmpty && !component.shadow)) return '';
  return renderElementContent(component, attributes, context, outer);
}

/** Renders what stands in a client component's element: its first view, in its shadow root if it has one. */
export function renderElementContent(
  component: AnyComponent,
  attributes: Attributes,
  context: PageContext,
  outer: readonly string[] = [],
): string | Promise<string> {
  const { name = '', shadow } = component;
  try {
    const html = fillNested(renderMarked(renderFirst(component, attributes, attributes).content), context, [
      ...outer,
      name,
    ]);
    if (!shadow) return html;
    const { mode, styles = 'page', delegatesFocus = false } = typeof shadow === 'object' ? shadow : { mode: shadow };
    const open = `<template shadowrootmode="${mode}"${delegatesFocus ? ' shadowrootdelegatesfocus' : ''}>`;
    const own = [styles].flat().filter((css) => css !== 'page');
    const close = `${own.length > 0 ? `<style data-islet>${escapeStyle(own.join('\n'))}</style>` : ''}</template>`;
    return html instanceof Promise ? html.then((text) => open + text + close) : open + html + close;
  } catch (err) {
    // the browser will show it, or its error
    context.log.error({ err, component: name }, 'a client component could not be rendered');
    return '';
  }
}

/** Finds start tags of elements that can be filled, as `shared/tree/html.ts` writes them. */
function elementPattern({ settings }: PageContext): RegExp {
  const names = ['server-component', ...settings.components.map(({ name }) => name)];
  return new RegExp(`<${nestedMark}(${names.join('|')})((?:\\s+[^\\s"=<>]+(?:="[^"]*")?)*)\\s*>`, 'g');
}

function readAttributes(text: string): Attributes {
  const attributes: Record<string, string> = {};
  for (const [, name = '', value = ''] of text.matchAll(/([^\s"=]+)(?:="([^"]*)")?/g)) {
    attributes[name] = decodeReferences(value, (reference) => {
      throw new IsletError(
        'ISLET_ERR_RENDER',
        `${reference} cannot stand in ${name} of an element that is rendered here`,
      );
    });
  }
  return attributes;
}

/** What the element in the browser does not report either. */
function withoutOwn(attributes: Attributes): Attributes {
  const own = /^(route|socket|class|style|id|slot|part|hidden)$/;
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => !own.test(name)));
}

function renderShared(actor: LiveActor): string {
  actor.settle();
  try {
    return actor.isRendered ? actor.toHtml() : failure();
  } catch (error) {
    actor.fail(error);
    return failure();
  }
}

// An island's own actor starts when the browser joins; until then only its first state is needed, and no effects.
function renderOwn(match: Match, attributes: Attributes, context: PageContext): string | Promise<string> {
  const { registry, log, user } = context;
  const { component, path, table } = match.route;
  const show = (props: unknown): string => renderIsland(renderFirst(component, props, attributes, table), '', 0);
  const fail = (err: unknown): string => {
    log.error({ err, route: path }, 'an island could not be rendered');
    return failure();
  };
  try {
    const html = whenReady(registry.toProps(match, attributes, user), show);
    return html instanceof Promise ? html.catch(fail) : html;
  } catch (err) {
    return fail(err);
  }
}

function failure(): string {
  return `<p role="alert">${errorCatalogue.ISLET_ERR_ACTOR_FAILED.message}</p>`;
}
