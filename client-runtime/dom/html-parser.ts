/*
 * What the browser makes of markup: the `<template>` counterpart of `server/html-parser.ts`.
 * Input: the markup of a template. Output: its outline, for the compiler to compare with what was written.
 */

import type { Namespace } from '../../shared/language/html.ts';
import { createCompiler } from '../../shared/template/compile.ts';
import type { Outline } from '../../shared/template/confirm.ts';
import { trusted } from './trusted.ts';

const opaque = /^(title|textarea|style|script|xmp|iframe|noembed|noframes|template|noscript)$/;
const htmlNamespace = 'http://www.w3.org/1999/xhtml';

export const outline: Outline = (markup, namespace, isDocument) => {
  const tokens: string[] = [];
  const nodes = isDocument
    ? new DOMParser().parseFromString(trusted(markup), 'text/html').childNodes
    : parseFragment(markup, namespace);
  for (const node of nodes) describe(node, tokens);
  return tokens;
};

/** Compiles templates in the browser. */
export const compile = createCompiler(outline);

function parseFragment(markup: string, namespace: Namespace): readonly Node[] {
  const template = document.createElement('template');
  const tag = { html: '', svg: 'svg', mathml: 'math' }[namespace];
  template.innerHTML = trusted(tag ? `<${tag}>${markup}</${tag}>` : markup);
  const nodes = [...template.content.childNodes];
  return tag ? [...(nodes[0]?.childNodes ?? []), ...nodes.slice(1)] : nodes;
}

function describe(node: Node, tokens: string[]): void {
  if (node instanceof Text) tokens.push('#');
  else if (node instanceof Comment) tokens.push('!');
  else if (node instanceof Element) {
    const names = Array.from(node.attributes, ({ name }) => name.toLowerCase());
    tokens.push([`<${node.localName.toLowerCase()}`, ...names.sort()].join(' '));
    const isOpaque = node.namespaceURI === htmlNamespace && opaque.test(node.localName);
    if (!isOpaque) for (const child of node.childNodes) describe(child, tokens);
    tokens.push('>');
  }
}
