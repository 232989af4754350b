/*
 * Templates as the browser holds them. Input: definitions, as they come over the wire. Output: nodes to copy, and where
 * the holes are in a copy.
 */

import { type BrowserHole, decodeDefinition, type WireDefinition } from '../../shared/wire/definition.ts';
import { announce } from './announce.ts';
import { read } from './native.ts';
import { trusted } from './trusted.ts';

export interface DomTemplate {
  /** Instances are copies of its children. It is an element where these are SVG or MathML. */
  readonly content: ParentNode & Node;
  readonly holes: readonly BrowserHole[];
  /** What it was made of, if that came from a server. */
  readonly text?: string;
  /** For adoption, made when it is first needed. */
  plan?: Map<Node, number[]>;
}

/** @param old The one that had its number so far: it stays if it is the same. */
export function templateFrom(definition: WireDefinition, old?: DomTemplate): DomTemplate {
  const text = JSON.stringify(definition);
  if (old?.text === text) return old;
  const { wrapper, markup, holes } = decodeDefinition(definition);
  const parsed = parse(wrapper ? `<${wrapper}>${markup}</${wrapper}>` : markup);
  return { content: wrapper ? (parsed.firstChild as Element) : parsed, holes, text };
}

/** Parses markup as it would be inside `parent`; no script in it will run. */
export function parse(markup: string, parent?: Node): ParentNode & Node {
  if (parent instanceof Element) {
    const context = read<Node['cloneNode']>(parent, 'cloneNode').call(parent) as Element;
    context.innerHTML = trusted(markup);
    announce(context);
    return context;
  }
  const template = document.createElement('template');
  template.innerHTML = trusted(markup);
  announce(template.content);
  return template.content;
}
