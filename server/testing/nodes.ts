/*
 * What the rest of `server/testing/` needs of parse5's nodes: a document, without a browser. Pure functions over trees.
 */

import { type DefaultTreeAdapterTypes, serializeOuter } from 'parse5';

export type Node = DefaultTreeAdapterTypes.ChildNode;
export type Parent = DefaultTreeAdapterTypes.ParentNode;
export type Element = DefaultTreeAdapterTypes.Element;

export function isElement(node: Node | Parent | null | undefined): node is Element {
  return node !== null && node !== undefined && 'tagName' in node;
}

export function attributeOf(element: Element, name: string): string | undefined {
  return element.attrs.find((each) => each.name === name)?.value;
}

export function setAttribute(element: Element, name: string, value: string | null): void {
  const rest = element.attrs.filter((each) => each.name !== name);
  element.attrs = value === null ? rest : [...rest, { name, value }];
}

export function hasAttribute(element: Element, name: string): boolean {
  return attributeOf(element, name) !== undefined;
}

/** All elements below a node, in document order; the content of `<template>` is none of them. */
export function* elementsIn(parent: Parent): Generator<Element> {
  for (const child of parent.childNodes) {
    if (!isElement(child)) continue;
    yield child;
    yield* elementsIn(child);
  }
}

/** The elements around a node, from the innermost on. */
export function* elementsAround(node: Node): Generator<Element> {
  for (let parent = node.parentNode; isElement(parent); parent = parent.parentNode) yield parent;
}

/** Makes `children` all that stands in a node. */
export function setChildren(parent: Parent, children: readonly Node[]): void {
  for (const child of parent.childNodes) if (!children.includes(child)) child.parentNode = null;
  parent.childNodes = [...children];
  for (const child of children) child.parentNode = parent;
}

export function createText(text: string, parent: Parent | null): Node {
  return { nodeName: '#text', value: text, parentNode: parent };
}

/** A copy of a node and all in it. */
export function clone(node: Node, parent: Parent): Node {
  if (!isElement(node)) return { ...node, parentNode: parent } as Node;
  const copy: Element = { ...node, attrs: node.attrs.map((each) => ({ ...each })), childNodes: [], parentNode: parent };
  copy.childNodes = node.childNodes.map((child) => clone(child, copy));
  return copy;
}

const unread = new Set(['script', 'style', 'template', 'noscript', 'head', 'title']);
const blocks = new Set(
  'address article aside blockquote br dd div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol option p pre section table tbody td tfoot th thead tr ul'.split(
    ' ',
  ),
);

/** What a person can read in a node, with single spaces. Hidden parts are left out. */
export function textOf(node: Node | Parent): string {
  return rawTextOf(node).replaceAll(/\s+/g, ' ').trim();
}

function rawTextOf(node: Node | Parent): string {
  if (node.nodeName === '#text' && 'value' in node) return node.value;
  if (!('childNodes' in node)) return '';
  if (isElement(node) && (unread.has(node.tagName) || hasAttribute(node, 'hidden'))) return '';
  const inner = node.childNodes.map(rawTextOf).join('');
  return isElement(node) && blocks.has(node.tagName) ? ` ${inner} ` : inner;
}

/** The texts that stand in an element itself, as they are written: of a `<textarea>` or a `<script>` all there is. */
export function ownTextOf(element: Element): string {
  return element.childNodes.map((child) => ('value' in child ? child.value : '')).join('');
}

/** An element's start tag, as errors name it. */
export function describe(element: Element): string {
  const start = serializeOuter({ ...element, childNodes: [] });
  return start.replace(/<\/[^>]*>$/, '');
}

/** The markup of a node, without comments: those of templates only mark places. */
export function markupOf<Given extends Parent>(node: Given, write: (node: Given) => string): string {
  return write(withoutComments(node));
}

function withoutComments<Given extends Node | Parent>(node: Given): Given {
  if (!('childNodes' in node)) return node;
  const children = node.childNodes
    .filter(({ nodeName }) => nodeName !== '#comment')
    .map((each) => withoutComments(each));
  return { ...node, childNodes: children };
}
