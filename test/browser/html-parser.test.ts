// Two parsers read templates: parse5 on the server, the browser's own in development. They must see the same in all
// literals, and refuse the same for the same reason.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as browser from '../../client-runtime/dom/html-parser.ts';
import * as server from '../../server/html-parser.ts';
import { html, mathml, svg } from '../../shared/index.ts';
import { type Namespace, Template } from '../../shared/language/html.ts';
import { encodeDefinition } from '../../shared/wire/definition.ts';
import { part, views } from '../support/arbitrary-views.ts';
import { changes } from '../support/literals.ts';
import { templateOf } from '../support/render.ts';

/** All templates of a view, those in its holes too. */
function templatesIn(value: unknown): Template[] {
  if (value instanceof Template) return [value, ...value.values.flatMap(templatesIn)];
  return Array.isArray(value) ? value.flatMap(templatesIn) : [];
}

/** What a compiler makes of a literal, or why it makes nothing of it. */
function outcome(compile: typeof server.compile, { strings, namespace }: Template): unknown {
  try {
    return encodeDefinition(compile(strings, namespace));
  } catch (error) {
    return String(error);
  }
}

describe.each(changes)('$name', ({ before, after }) => {
  test('is compiled to the same', () => {
    for (const template of [...templatesIn(before), ...templatesIn(after)]) {
      expect(outcome(browser.compile, template)).toEqual(outcome(server.compile, template));
    }
  });
});

test('random views are compiled to the same', () => {
  fc.assert(
    fc.property(part, (random) => {
      for (const template of templatesIn(views()(random))) {
        expect(outcome(browser.compile, template)).toEqual(outcome(server.compile, template));
      }
    }),
  );
});

describe('refused alike', () => {
  test.each<[string, Template]>([
    ['a block in a paragraph', html`<p><div></div></p>`],
    ['a row without <tbody>', html`<table><tr><td>${1}</td></tr></table>`],
    ['text in a table', html`<table>text</table>`],
    ['a link in a link', html`<a href="/"><b><a href="/">x</a></b></a>`],
    ['a button in a button', html`<button><i><button></button></i></button>`],
    ['a form in a form', html`<form><div><form></form></div></form>`],
    ['a paragraph in SVG', svg`<g><p></p></g>`],
    ['a heading in a heading', html`<h1><h2></h2></h1>`],
    ['a cell outside of a table', html`<div><td></td></div>`],
    ['an element that is not closed', html`<div><p></div>`],
    ['HTML in MathML', mathml`<mrow><div></div></mrow>`],
    ['a <frameset>', html`<div><frameset></frameset></div>`],
  ])('%s', (_, template) => {
    const refusal = outcome(server.compile, template);
    expect(outcome(browser.compile, template)).toEqual(refusal);
  });
});

test('the server knows what browsers have come to allow in a <select>', () => {
  const template = html`<select><div><option>${1}</option></div></select>`;
  expect(outcome(server.compile, template)).not.toContain('ISLET_ERR_TEMPLATE');
  expect(outcome(browser.compile, template)).toEqual(outcome(server.compile, template));
});

const name = fc.constantFrom(
  ...['a', 'b', 'p', 'div', 'li', 'ul', 'table', 'tbody', 'tr', 'td', 'option', 'button', 'form', 'h1', 'svg'],
  ...['g', 'foreignObject', 'math', 'mi', 'annotation-xml', 'pre', 'textarea', 'template', 'x-y', 'caption'],
);
const markup = fc.letrec<{ node: string; content: string }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom('text', ' ', '\n', '&amp;', '&copy', '<br>', '<input>', '<!-- c -->', '<hr/>', '\r\n', '\u00a0'),
    fc.tuple(name, tie('content')).map(([each, content]) => `<${each}>${content}</${each}>`),
  ),
  content: fc.array(tie('node'), { maxLength: 4 }).map((nodes) => nodes.join('')),
})).content;

test('any elements in any elements are seen, or refused, alike', () => {
  const namespace = fc.constantFrom<Namespace>('html', 'svg', 'mathml');
  fc.assert(
    fc.property(markup, namespace, (text, space) => {
      expect(browser.outline(text, space, false)).toEqual(server.outline(text, space, false));
      const { strings, values } = templateOf([text]);
      const template = new Template(strings, values, space);
      expect(outcome(browser.compile, template)).toEqual(outcome(server.compile, template));
    }),
    { numRuns: 1_000 },
  );
});

test('whole documents are seen alike', () => {
  for (const text of [
    '<!doctype html><html lang="en"><head><title>a</title></head><body><p>b</p></body></html>',
    '<title>a</title><p>b',
    '<!doctype html><body class="a"><table><tr><td>x</table>',
    '<html><head></head><frameset><frame></frameset></html>',
  ]) {
    expect(browser.outline(text, 'html', true)).toEqual(server.outline(text, 'html', true));
  }
});
