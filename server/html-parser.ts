/*
 * What a browser would make of markup, on the server: parse5 is the specification's parser.
 * Input: the markup of a template. Output: its outline, for the compiler to compare with what was written.
 */

import { type DefaultTreeAdapterTypes, parse, parseFragment } from 'parse5';
import type { Namespace } from '../shared/language/html.ts';
import { createCompiler } from '../shared/template/compile.ts';
import type { Outline } from '../shared/template/confirm.ts';

type Node = DefaultTreeAdapterTypes.Node;

const opaque = new Set('title textarea style script xmp iframe noembed noframes template noscript'.split(' '));
const htmlNamespace = 'http://www.w3.org/1999/xhtml';

export const outline: Outline = (markup, namespace, isDocument) => {
  const tokens: string[] = [];
  for (const node of parseMarkup(markup, namespace, isDocument)) describe(node, tokens);
  return tokens;
};

/** Compiles templates on the server. */
export const compile = createCompiler(outline);

function parseMarkup(markup: string, namespace: Namespace, isDocument: boolean): readonly Node[] {
  if (isDocument) return parse(markup).childNodes;
  if (namespace === 'html') return parseFragment(markup).childNodes;
  const tag = namespace === 'svg' ? 'svg' : 'math';
  const [wrapper, ...strays] = parseFragment(`<${tag}>${markup}</${tag}>`).childNodes;
  return [...(wrapper && 'childNodes' in wrapper ? wrapper.childNodes : []), ...strays];
}

function describe(node: Node, tokens: string[]): void {
  if (node.nodeName === '#text') tokens.push('#');
  else if (node.nodeName === '#comment') tokens.push('!');
  else if ('tagName' in node) {
    const names = node.attrs.map(({ prefix, name }) => (prefix ? `${prefix}:${name}` : name).toLowerCase());
    tokens.push([`<${node.tagName.toLowerCase()}`, ...names.sort()].join(' '));
    const isOpaque = node.namespaceURI === htmlNamespace && opaque.has(node.tagName);
    if (!isOpaque) for (const child of node.childNodes) describe(child, tokens);
    tokens.push('>');
  }
}
