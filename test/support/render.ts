// Renders templates in tests: as a document, as an island over time, and read back by a parser as a browser would.

import { type DefaultTreeAdapterTypes, parseFragment } from 'parse5';
import { compile } from '../../server/html-parser.ts';
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

type Node = DefaultTreeAdapterTypes.ChildNode;
export type ParsedElement = DefaultTreeAdapterTypes.Element;

/** Parses HTML and gives the first element of a name. */
export function firstElement(markup: string, name: string): ParsedElement {
  const find = (nodes: readonly Node[]): ParsedElement | undefined => {
    for (const node of nodes) {
      if ('tagName' in node && node.tagName === name) return node;
      const found = 'childNodes' in node ? find(node.childNodes) : undefined;
      if (found) return found;
    }
    return undefined;
  };
  const element = find(parseFragment(markup).childNodes);
  if (!element) throw new Error(`no <${name}> in ${markup}`);
  return element;
}

/** The text of an element's own text nodes, as a browser has it. */
export function textOf(element: ParsedElement): string {
  return element.childNodes.map((node) => ('value' in node ? node.value : '')).join('');
}

/** An attribute's value, as a browser has it; null: there is none. */
export function attributeOf(element: ParsedElement, name: string): string | null {
  return element.attrs.find((attribute) => attribute.name === name)?.value ?? null;
}
