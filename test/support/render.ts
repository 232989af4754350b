// Renders templates in tests: as a document, as an island over time, and read back by a parser as a browser would.

import { parseFragment } from 'parse5';
import { compile } from '../../server/html-parser.ts';
import { attributeOf as attributeIn, type Element, elementsIn } from '../../server/testing/nodes.ts';
import { html, type Template } from '../../shared/index.ts';
import { TemplateTable } from '../../shared/tree/encode.ts';
import { renderContent, renderDocument } from '../../shared/tree/html.ts';
import { Rendering } from '../../shared/tree/rendering.ts';
import type { Patch } from '../../shared/wire/patch.ts';
import { ReferenceTree } from './reference-tree.ts';

/** The tree of a page that was sent all of a rendering. */
export function mounted(rendering: Rendering): ReferenceTree {
  const tree = new ReferenceTree();
  const [, , ...definitions] = rendering.define(0) ?? [];
  tree.define(definitions);
  tree.mount(rendering.toMount(), rendering.toIds(), rendering.nextId);
  return tree;
}

/** Renders a document, or a part of one, whose parts are all there at once. */
export function toHtml(value: unknown): string {
  const text = renderDocument(value, compile, undefined);
  if (typeof text !== 'string') throw new Error('a part of this document comes later');
  return text;
}

/** Makes a tag of the `html` function itself, so that a test can name a literal's statics as data. */
export function templateOf(strings: readonly string[], ...values: unknown[]): Template {
  return html(Object.assign([...strings], { raw: strings }) as TemplateStringsArray, ...(values as string[]));
}

/** An island's rendering, and the patches that lead from one view to the next. */
export class TestIsland {
  readonly rendering = new Rendering(compile, new TemplateTable());

  constructor(view: unknown) {
    this.rendering.render(view);
  }

  /** The patch to the next view. */
  render(view: unknown): Patch {
    return this.rendering.render(view);
  }

  get html(): string {
    return renderContent(this.rendering.content);
  }
}

/** Parses HTML and gives the first element of a name. */
export function firstElement(markup: string, name: string): Element {
  const element = [...elementsIn(parseFragment(markup))].find(({ tagName }) => tagName === name);
  if (!element) throw new Error(`no <${name}> in ${markup}`);
  return element;
}

/** An attribute's value, as a browser has it; null: there is none. */
export function attributeOf(element: Element, name: string): string | null {
  return attributeIn(element, name) ?? null;
}
