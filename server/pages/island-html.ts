/*
 * The HTML of what runs inside a page: islands, client components, and those that a view of one of them holds in turn.
 * Input: who it is, and its attributes. Output: content that can be read without JavaScript and that a browser adopts.
 */

import { type Attributes, attributesThatCount, pickAttributes } from '../../shared/language/attributes.ts';
import type { AnyComponent } from '../../shared/language/component.ts';
import { type ErrorCode, errorCatalogue, toError } from '../../shared/language/errors.ts';
import { IsletError } from '../../shared/language/islet-error.ts';
import { escapeAttribute, escapeStyle } from '../../shared/template/escape.ts';
import { type Chunk, type NestedElement, renderChunks } from '../../shared/tree/html.ts';
import type { ActorPort } from '../actors/actor-port.ts';
import { adoptionStart, renderIsland } from '../actors/adoption.ts';
import { renderFirst, showFirst } from '../actors/first-rendering.ts';
import type { Registry } from '../actors/registry.ts';
import type { Match } from '../actors/routes.ts';
import type { Log } from '../inspect/log.ts';
import { mayBeParams } from '../limits/lengths.ts';
import type { Settings } from '../options.ts';
import { isLeave } from '../waits.ts';
import { joinTexts, whenReady } from '../when-ready.ts';
import type { Visitor } from './visitor.ts';

/** What rendering a page needs. */
export interface PageContext {
  readonly registry: Registry;
  readonly log: Log;
  readonly settings: Pick<Settings, 'components' | 'limits'>;
  /** For whom it is rendered. */
  readonly visitor: Visitor;
  /** What its Content-Security-Policy knows its own styles by. */
  readonly nonce?: string | undefined;
}

const failure = alert('ISLET_ERR_ACTOR_FAILED');
const refusal = alert('ISLET_ERR_JOIN_FORBIDDEN');

/**
 * Renders what stands in a `<server-component>`.
 *
 * @param given The element's attributes.
 * @param outer The routes around it: an island in itself stays empty.
 * @throws IsletError ISLET_ERR_ROUTE if no component has this route, ISLET_ERR_LIMIT_ROUTE if a parameter is too long.
 */
export function renderIslandContent(
  path: string,
  given: Attributes,
  context: PageContext,
  outer: readonly string[] = [],
): string | Promise<string> {
  const { registry } = context;
  const match = registry.match(path);
  if (!match) throw new IsletError('ISLET_ERR_ROUTE', `serverComponent: no component has the route '${path}'`);
  if (!mayBeParams(match.params, context.settings.limits)) throw toError('ISLET_ERR_LIMIT_ROUTE');
  const attributes = pickAttributes(given, match.route.attributes);
  const inner = [...outer, path];
  const fail = (err: unknown): string => {
    if (!isLeave(err)) context.log.error({ err, route: path }, 'an island could not be rendered');
    // what a join would be told
    return err instanceof IsletError ? alert(err.code) : failure;
  };
  const show = (isAllowed: boolean): string | Promise<string> => {
    if (!isAllowed) return refusal;
    const render = match.route.options.shared ? renderShared : renderOwn;
    return whenReady(render(match, attributes, context), (chunks) =>
      whenReady(withPerson(chunks, match, context), (marked) => fill(marked, context, inner)),
    );
  };
  try {
    const html = whenReady(context.visitor.maySee(match), show);
    return html instanceof Promise ? html.catch(fail) : html;
  } catch (err) {
    return fail(err);
  }
}

/** Says for whom the page is, where it may have something kept for that person. */
function withPerson(
  chunks: readonly Chunk[],
  { route }: Match,
  { visitor }: PageContext,
): readonly Chunk[] | Promise<readonly Chunk[]> {
  const last = chunks.at(-1);
  if (!route.predicted?.isOffline || typeof last !== 'string' || !last.startsWith(adoptionStart)) return chunks;
  return whenReady(visitor.person, (person) => {
    if (person === undefined) return chunks;
    return [...chunks.slice(0, -1), `<script data-person="${person}"${last.slice('<script'.length)}`];
  });
}

function alert(code: ErrorCode): string {
  return `<p role="alert">${errorCatalogue[code].message}</p>`;
}

/**
 * Fills islands and client components that a view left empty, as it has to: their content is their own. Only what a
 * template holds is one of them, not what raw markup says, in which somebody might name an island that they may not join.
 */
export function fill(
  chunks: readonly Chunk[],
  context: PageContext,
  outer: readonly string[] = [],
): string | Promise<string> {
  return joinTexts(chunks.map((chunk) => (typeof chunk === 'string' ? chunk : renderNested(chunk, context, outer))));
}

function renderNested(
  element: NestedElement,
  context: PageContext,
  outer: readonly string[],
): string | Promise<string> {
  const { name, isEmpty } = element;
  try {
    if (name === 'server-component') {
      const { route = '' } = element.attributes;
      if (!isEmpty || outer.includes(route) || !context.registry.match(route)) return '';
      return renderIslandContent(route, readAttributes(element), context, outer);
    }
    const component = context.settings.components.find((each) => each.name === name);
    if (!component || outer.includes(name) || (!isEmpty && !component.shadow)) return '';
    return renderElementContent(component, readAttributes(element), context, outer);
  } catch (err) {
    // the browser will show it
    context.log.error({ err, element: name }, 'an element in a view could not be rendered');
    return '';
  }
}

/**
 * Renders what stands in a client component's element: its first view, in its shadow root if it has one.
 *
 * @param given The element's attributes.
 */
export function renderElementContent(
  component: AnyComponent,
  given: Attributes,
  context: PageContext,
  outer: readonly string[] = [],
): string | Promise<string> {
  const { name = '', shadow } = component;
  try {
    const attributes = pickAttributes(given, attributesThatCount(component));
    const { content } = renderFirst(component, attributes, attributes);
    const html = fill(renderChunks(content), context, [...outer, name]);
    if (!shadow) return html;
    const { mode, styles = 'page', delegatesFocus = false } = typeof shadow === 'object' ? shadow : { mode: shadow };
    const open = `<template shadowrootmode="${mode}"${delegatesFocus ? ' shadowrootdelegatesfocus' : ''}>`;
    const own = [styles].flat().filter((css) => css !== 'page');
    const nonce = context.nonce ? ` nonce="${escapeAttribute(context.nonce)}"` : '';
    const close = `${own.length > 0 ? `<style data-islet${nonce}>${escapeStyle(own.join('\n'))}</style>` : ''}</template>`;
    return joinTexts([open, html, close]);
  } catch (err) {
    // the browser will show it, or its error
    context.log.error({ err, component: name }, 'a client component could not be rendered');
    return '';
  }
}

/** @throws IsletError ISLET_ERR_RENDER for a text that only a browser can read. */
function readAttributes({ name, attributes }: NestedElement): Attributes {
  const texts: { [name: string]: string } = {};
  for (const [attribute, text] of Object.entries(attributes)) {
    if (text === undefined) {
      const problem = `${attribute} of <${name}>, which is rendered here, holds a named reference: write the character`;
      throw new IsletError('ISLET_ERR_RENDER', problem);
    }
    texts[attribute] = text;
  }
  return texts;
}

function renderShared(
  match: Match,
  attributes: Attributes,
  { registry, visitor }: PageContext,
): readonly Chunk[] | Promise<readonly Chunk[]> {
  const { waits } = visitor;
  const { sharedActors } = registry;
  if (sharedActors) return waits.follow(sharedActors.html(match, waits), (chunks) => chunks ?? [failure]);
  const show = (actor: ActorPort): readonly Chunk[] | Promise<readonly Chunk[]> => {
    let chunks: readonly Chunk[] | undefined;
    const late = Promise.withResolvers<readonly Chunk[]>();
    actor.html((found) => {
      chunks = found ?? [failure];
      late.resolve(chunks);
    });
    return chunks ?? late.promise;
  };
  const acquire = (account: string) => registry.acquire(match, attributes, null, waits, account);
  return waits.follow(whenReady(visitor.account, acquire), show);
}

// An island's own actor starts when the browser joins; until then only its first state is needed, and no effects.
function renderOwn(
  match: Match,
  attributes: Attributes,
  { registry, visitor }: PageContext,
): readonly Chunk[] | Promise<readonly Chunk[]> {
  const { component, predicted } = match.route;
  const show = (props: unknown): readonly Chunk[] => {
    const { rendering, model } = showFirst(component, props, attributes);
    const from = { epoch: '', version: 0, attributes: match.route.attributes };
    return renderIsland(rendering, from, predicted?.toPublic(model));
  };
  return whenReady(visitor.user, (user) => registry.toProps(match, attributes, user, visitor.waits, show));
}
