/*
 * Has a specification parser confirm what a template means: it must see the tree that the author wrote. What a browser
 * would silently repair (a `<div>` in a `<p>`, a row without `<tbody>`) would be a page that differs from its tree.
 */

import type { Namespace } from '../language/html.ts';
import type { Definition } from './definition.ts';
import type { OpenElement, Place } from './place.ts';
import { holdsTextOnly, type SourceElement, type SourceNode, templateError } from './scan.ts';
import { surroundingsOf } from './surroundings.ts';

/**
 * Reads markup as a browser does and returns what it saw, flat and in document order: `<name attr attr` for each
 * element (lower-case names, attributes sorted), its children, `>`; `#` for text, `!` for a comment.
 * The content of `<template>`, `<noscript>` and of HTML elements that hold only text is left out.
 */
export type Outline = (markup: string, namespace: Namespace, isDocument: boolean) => string[];

/** The comment that marks where a hole's content starts or ends among its siblings. */
export const mark = '<!---->';

interface Token {
  readonly token: string;
  readonly offset: number;
}

/**
 * Compares the author's tree with what a parser sees in the definition's markup.
 *
 * @throws IsletError ISLET_ERR_TEMPLATE at the first difference.
 */
export function confirmTree(children: readonly SourceNode[], definition: Definition, outline: Outline): void {
  const { strings, namespace, isDocument, filled } = definition;
  const wanted: Token[] = [];
  expect(children, wanted, undefined);
  if (filled === mark) wanted.push({ token: '!', offset: 0 });
  // one more mark at the end: what swallows it is not closed as far as a browser is concerned
  wanted.push({ token: '!', offset: 0 });
  const seen = outline(filled + mark, namespace, isDocument);
  const found = isDocument ? withoutFrame(seen, (token) => token) : seen;
  const problem = compare(isDocument ? withoutFrame(wanted, ({ token }) => token) : wanted, found);
  if (problem) throw templateError(strings, problem.offset, problem.text);
}

/**
 * Confirms that a template's nodes stay where they are put in a hole, whatever stands around that. Server-rendered HTML
 * of a row in a `<table>` without `<tbody>`, or of a block somewhere in a `<p>`, would become another tree in the
 * browser.
 *
 * @throws IsletError ISLET_ERR_TEMPLATE when a browser would move or drop them.
 */
export function confirmPlace(definition: Definition, place: Place, outline: Outline): void {
  const { hole } = place;
  const surroundings = surroundingsOf(place);
  const { key, open } = surroundings;
  const { strings, filled, namespace } = definition;
  const parent = open.at(-1);
  if (surroundings.namespace && namespace !== surroundings.namespace && /<[a-z]/.test(filled)) {
    const where = parent ? `inside <${parent.name}>` : 'here';
    throw templateError(strings, 0, `${where} this must be declared with the ${surroundings.namespace} tag`);
  }
  // a document's head is put together by other rules, and what these hold is no part of the outline
  if (parent && !open.some(({ name }) => unseen.has(name))) {
    const around = [...open.slice(0, -1).map(({ name }) => name), ...(needed(parent) ?? []), parent.name];
    const inside = outline(filled, namespace, false);
    const wanted = [...around.map((name) => `<${name}`), ...inside, ...around.map(() => '>')];
    const start = around.map((name) => `<${name}>`).join('');
    const end = around.toReversed().map((name) => `</${name}>`);
    const seen = outline(`${start}${filled}${end.join('')}`, 'html', false);
    const problem = compare(
      wanted.map((token) => ({ token, offset: 0 })),
      seen,
    );
    if (problem) {
      const names = open.map(({ name }) => `<${name}>`).toReversed();
      const of = hole.literal ? ` (the hole is in the template \`${hole.literal}\`)` : '';
      throw templateError(strings, 0, `this cannot stand in a hole of ${names.join(' in ')}: ${problem.text}${of}`);
    }
  }
  definition.places.add(key);
}

// Text that stands in `<annotation-xml>` is of a namespace that its attributes say.
const unseen = new Set(['head', 'template', 'noscript', 'annotation-xml']);

/** What has to stand around an element for a parser to see it at all. */
function needed({ name, namespace }: OpenElement): readonly string[] | undefined {
  if (namespace === 'svg') return name === 'svg' ? undefined : ['svg'];
  if (namespace === 'mathml') return name === 'math' ? undefined : ['math'];
  return Object.hasOwn(tableParts, name) ? tableParts[name] : undefined;
}

const tableParts: { readonly [name: string]: readonly string[] } = {
  caption: ['table'],
  colgroup: ['table'],
  tbody: ['table'],
  thead: ['table'],
  tfoot: ['table'],
  tr: ['table', 'tbody'],
  td: ['table', 'tbody', 'tr'],
  th: ['table', 'tbody', 'tr'],
};

function expect(children: readonly SourceNode[], tokens: Token[], parent: SourceElement | undefined): void {
  if (parent && children.length === 1 && children[0]?.kind === 'hole') {
    tokens.push({ token: '!', offset: parent.offset });
    return;
  }
  children.forEach((child, position) => {
    const offset = parent?.offset ?? 0;
    if (child.kind === 'text') {
      if (!parent && position === 0) tokens.push({ token: '!', offset });
      tokens.push({ token: '#', offset });
      if (!parent && position === children.length - 1) tokens.push({ token: '!', offset });
    } else if (child.kind === 'hole') {
      const previous = children[position - 1];
      if (previous?.kind === 'text' || (!parent && !previous)) tokens.push({ token: '!', offset });
      tokens.push({ token: '!', offset });
    } else {
      const names = child.attributes.filter(({ values }) => values.length === 0).map(({ name }) => name.toLowerCase());
      tokens.push({ token: [`<${child.name}`, ...names.sort()].join(' '), offset: child.offset });
      const isOpaque = child.namespace === 'html' && (child.name === 'template' || child.name === 'noscript');
      if (!isOpaque && !holdsTextOnly(child)) expect(child.children, tokens, child);
      tokens.push({ token: '>', offset: child.offset });
    }
  });
}

/**
 * Leaves out what a document need not write (`<html>`, `<head>`, `<body>`), and its texts and comments, which a parser
 * moves between these. A document is never patched, so their places do not matter.
 */
function withoutFrame<T>(tokens: readonly T[], read: (item: T) => string): T[] {
  const isInner: boolean[] = [];
  return tokens.filter((item) => {
    const token = read(item);
    if (token === '>') return isInner.pop();
    if (!token.startsWith('<')) return false;
    isInner.push(!/^<(html|head|body)\b/.test(token));
    return isInner.at(-1);
  });
}

/** Finds the first difference and says what a browser does there. */
function compare(wanted: readonly Token[], found: readonly string[]): { text: string; offset: number } | undefined {
  const open: Token[] = [];
  for (let index = 0; index < Math.max(wanted.length, found.length); index++) {
    const want = wanted[index];
    const saw = found[index] ?? '';
    const parent = open.at(-1);
    if (want?.token === saw) {
      if (saw.startsWith('<')) open.push(want);
      else if (saw === '>') open.pop();
      continue;
    }
    const element = want?.token.startsWith('<') ? nameOf(want.token) : undefined;
    const outer = parent && nameOf(parent.token);
    const offset = (element ? want?.offset : parent?.offset) ?? 0;
    if (element && !found.slice(index).includes(want?.token ?? '')) {
      return { text: `a browser drops this ${element}, which cannot stand ${outer ? `in ${outer}` : 'here'}`, offset };
    }
    if (element && saw === '>' && outer) return { text: `a browser closes ${outer} before this ${element}`, offset };
    if (element && saw === '#')
      return { text: `a browser moves text that stands in this ${element} before it`, offset };
    if (element && saw.startsWith('<') && nameOf(saw) !== element) {
      return {
        text: `a browser puts ${nameOf(saw)} before this ${element}: write it out, or correct the nesting`,
        offset,
      };
    }
    if (element) return { text: `a browser moves this ${element}, or reads it in another way`, offset };
    const what = want?.token === '#' || saw === '#' ? 'text' : 'content';
    return {
      text: `a browser reads the ${what} ${outer ? `of ${outer}` : 'here'} otherwise than it is written`,
      offset,
    };
  }
  return undefined;
}

function nameOf(token: string): string {
  return `${token.split(' ')[0]}>`;
}
