// Whatever templates are put into each other: either they are refused, or a browser reads what they are written as.
// Refused by both compilers or by none, with the same words.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as browser from '../../client-runtime/dom/html-parser.ts';
import * as server from '../../server/html-parser.ts';
import { html, svg, type Template } from '../../shared/index.ts';
import type { Compile } from '../../shared/template/compile.ts';
import { TemplateTable } from '../../shared/tree/encode.ts';
import { renderContent, renderDocument } from '../../shared/tree/html.ts';
import { Rendering } from '../../shared/tree/rendering.ts';
import { timesOf } from './times.ts';

/** An element, or a template that begins here: what stands in it is another literal's. */
interface Nested {
  readonly name: string;
  /** It is the root of a literal of its own. */
  readonly isTemplate: boolean;
  readonly children: readonly Nested[];
}

const names = (
  'p a b span div section ul ol li dl dd dt form button nobr h1 h2 table tbody thead tr td th caption colgroup select option ' +
  'optgroup hr input label fieldset legend ruby rt rp object marquee pre details summary address svg foreignObject g dialog'
).split(' ');

const nested: fc.Arbitrary<Nested> = fc.letrec<{ node: Nested }>((tie) => ({
  node: fc.record({
    name: fc.constantFrom(...names),
    isTemplate: fc.boolean(),
    children: fc.oneof({ maxDepth: 7 }, fc.constant([]), fc.array(tie('node'), { minLength: 1, maxLength: 2 })),
  }),
})).node;

/** Nestings in which more is allowed than in most. */
const likely: fc.Arbitrary<Nested> = fc
  .array(fc.tuple(fc.constantFrom(...names), fc.boolean()), { minLength: 2, maxLength: 7 })
  .map((chain) =>
    chain.reduceRight<readonly Nested[]>((children, [name, isTemplate]) => [{ name, isTemplate, children }], []),
  )
  .map(([root]) => root as Nested);

const isVoid = (name: string): boolean => name === 'hr' || name === 'input';

/** @param isSvg It stands in SVG. */
function toTemplate(node: Nested, isSvg: boolean): Template<unknown> {
  const strings = [''];
  const values: unknown[] = [];
  const write = (text: string): void => {
    strings[strings.length - 1] += text;
  };
  const writeNode = (each: Nested, isSvg: boolean): void => {
    const isInside = each.name !== 'foreignObject' && (isSvg || each.name === 'svg');
    write(`<${each.name}>`);
    if (isVoid(each.name)) return;
    for (const child of each.children) {
      if (!child.isTemplate) writeNode(child, isInside);
      else {
        values.push(toTemplate(child, isInside));
        strings.push('');
      }
    }
    write(`</${each.name}>`);
  };
  writeNode(node, isSvg);
  const tag = isSvg ? svg : html;
  return tag(Object.assign([...strings], { raw: strings }) as TemplateStringsArray, ...(values as Template[]));
}

function written(node: Nested): string {
  return `<${node.name}>${isVoid(node.name) ? '' : `${node.children.map(written).join('')}</${node.name}>`}`;
}

/** The HTML of an island, or the words of its refusal. */
function render(compile: Compile, template: Template<unknown>): { readonly html?: string; readonly problem?: string } {
  try {
    const rendering = new Rendering(compile, new TemplateTable());
    rendering.render(template);
    return { html: renderContent(rendering.content) };
  } catch (error) {
    return { problem: (error as Error).message };
  }
}

function parse(markup: string): string {
  const template = document.createElement('template');
  template.innerHTML = markup;
  return template.innerHTML.replaceAll('<!---->', '');
}

function expectSound(node: Nested): void {
  const template = toTemplate(node, false);
  const ofServer = render(server.compile, template);
  const ofBrowser = render(browser.compile, template);
  expect(ofServer.problem === undefined).toBe(ofBrowser.problem === undefined);
  if (ofServer.html === undefined) return;
  // what HTML does not know has no capitals
  expect(parse(ofServer.html).toLowerCase()).toBe(written(node).toLowerCase());
}

test('random trees of templates', () => {
  fc.assert(fc.property(nested, expectSound), { numRuns: timesOf(400) });
});

test('random chains of templates', () => {
  fc.assert(fc.property(likely, expectSound), { numRuns: timesOf(800) });
});

describe('with an element in between', () => {
  test.each<[string, string, Template]>([
    [
      'a block in a paragraph',
      'in a hole of <span> in <p>: a browser closes',
      html`<p><span>${html`<div></div>`}</span></p>`,
    ],
    ['a link in a link', 'in a hole of <b> in <a>', html`<a href="/"><i><b>${html`<a href="/b"></a>`}</b></i></a>`],
    ['a form in a form', 'in a hole of <div> in <form>', html`<form><div>${html`<p></p><form></form>`}</div></form>`],
    ['a button in a button', 'in a hole of <b> in <button>', html`<button><b>${html`<button></button>`}</b></button>`],
    ['an item in an item', 'in a hole of <span> in <li>', html`<ul><li><span>${html`<li></li>`}</span></li></ul>`],
    [
      'a choice in a choice',
      'in a hole of <div> in <select>',
      html`<select><div>${html`<select></select>`}</div></select>`,
    ],
    ['a field in a choice', 'in a hole of <div> in <select>', html`<select><div>${html`<input>`}</div></select>`],
    [
      'more templates',
      'in a hole of <i> in <p>',
      html`<p>${html`<b>${html`<i>${[html`${html`<ul></ul>`}`]}</i>`}</b>`}</p>`,
    ],
    [
      'a form in SVG',
      'in a hole of <foreignObject> in <form>',
      html`<form><svg><foreignObject>${html`<form></form>`}</foreignObject></svg></form>`,
    ],
  ])('%s', (_, problem, template) => {
    for (const { compile } of [server, browser]) {
      expect(render(compile, template).problem?.toLowerCase()).toContain(problem.toLowerCase());
      expect(() => renderDocument(template, compile, undefined)).toThrow('ISLET_ERR_TEMPLATE');
    }
    expect(render(server.compile, template)).toEqual(render(browser.compile, template));
  });

  test.each<[string, Template]>([
    ['a block in a button in a paragraph', html`<div><button><span>${html`<i></i>`}</span></button></div>`],
    ['a link in a cell in a link', html`<a><table><tbody><tr><td>${html`<a></a>`}</td></tr></tbody></table></a>`],
    ['a list in an item', html`<ul><li><b>${html`<ul><li></li></ul>`}</b></li></ul>`],
    [
      'what a choice may hold',
      html`<select><button><selectedcontent></selectedcontent></button>${html`<option><svg></svg><b>a</b></option>`}<optgroup>${html`<legend>b</legend>`}</optgroup></select>`,
    ],
  ])('but not %s', (_, template) => {
    for (const { compile } of [server, browser]) expect(render(compile, template).problem).toBeUndefined();
  });

  test('what comes by a patch is refused as well, and what was there stays', () => {
    for (const { compile } of [server, browser]) {
      const view = (inner: unknown): Template => html`<p><span>${html`<b>${inner as string}</b>`}</span></p>`;
      const rendering = new Rendering(compile, new TemplateTable());
      rendering.render(view('a'));
      expect(() => rendering.render(view(html`<div></div>`))).toThrow('in a hole of <b> in <p>');
      expect(() => rendering.render(view([html`<div></div>`]))).toThrow('in a hole of <b> in <p>');
      expect(rendering.render(view('b'))).toEqual([[3, 0, 'b']].map(() => expect.anything()));
      const list = html`<ul><li>${html`<b></b>`}</li></ul>`;
      expect(rendering.render(list)).toHaveLength(2);
    }
  });
});
