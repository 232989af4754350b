// Where a hole may stand: each position works alike on the server and in the browser, or is refused with the same
// words.

import { describe, expect, test } from 'vitest';
import { type BrowserDefinition, compile } from '../../client-runtime/dom/compile.ts';
import * as browser from '../../client-runtime/dom/html-parser.ts';
import * as server from '../../server/html-parser.ts';
import { html, svg, type Template } from '../../shared/index.ts';
import type { Compile } from '../../shared/template/compile.ts';

const x = 'x';

const positions: readonly [string, Template, problem?: string][] = [
  ['content', html`<p>${x}</p>`],
  ['content among siblings', html`<p>a ${x} b</p>`],
  ['the root', html`${x}`],
  ['an attribute', html`<p title=${x}></p>`],
  ['an attribute in quotes, in part', html`<p title="a ${x} b"></p>`],
  ['an attribute in single quotes', html`<p title='a "${x}"'></p>`],
  ['an attribute without quotes, in part', html`<p title=a${x}b></p>`],
  ['an attribute of a <template>', html`<template id=${x}></template>`],
  ['an attribute of an <iframe>', html`<iframe title=${x}></iframe>`],
  ['attributes of an object', html`<p ...=${{}}></p>`],
  ['a <title>', html`<title>a ${x}</title>`],
  ['a <textarea>', html`<textarea>${x}</textarea>`],
  ['a <style>', html`<style>p { color: ${x} }</style>`],
  ['a <style> in SVG', html`<svg><style>p { color: ${x} }</style></svg>`],
  ['a whole <style> in SVG', svg`<style>${x}</style>`],
  ['data in a <script>', html`<script type="application/json">${x}</script>`],
  ['a <foreignObject>', html`<svg><foreignObject>${x}</foreignObject></svg>`],
  ['an <annotation-xml>', html`<math><annotation-xml encoding="text/html"><p>${x}</p></annotation-xml></math>`],
  ['an <annotation-xml> of MathML', html`<math><annotation-xml>${x}</annotation-xml></math>`],
  ['an option', html`<select><option value=${x}>${x}</option></select>`],
  ['the button of a choice', html`<select><button><selectedcontent></selectedcontent></button>${x}</select>`],
  ['an svg in an option', html`<select><option><svg><path d=${x} /></svg>${x}</option></select>`],
  ['a legend in an optgroup', html`<select><optgroup><legend>${x}</legend></optgroup></select>`],
  ['<search> and <hgroup>', html`<search><hgroup><h1>${x}</h1></hgroup></search>`],
  [
    'popovers and commands',
    html`<button popovertarget=${x} commandfor=${x} command=${x}></button><p popover=${x}></p>`,
  ],
  ['interest', html`<a interestfor=${x}></a>`],
  ['a slot', html`<slot name=${x}>${x}</slot>`],
  ['a dialog', html`<dialog open=${true} closedby=${x}>${x}</dialog>`],
  ['a static shadow root', html`<x-a><template shadowrootmode="open"><slot></slot></template>${x}</x-a>`],
  ['<hr> in a choice', html`<select><option>a</option><hr>${x}</select>`],

  ['an attribute in a <template>', html`<template><p class=${x}></p></template>`, '<template> cannot hold a hole'],
  ['a property in a <template>', html`<template><p .title=${x}></p></template>`, '<template> cannot hold a hole'],
  ['an event in a <template>', html`<template><p @click=${{ type: 'X' }}></p></template>`, 'cannot hold a hole'],
  ['content in a <template>', html`<template><p class=${x}>${x}</p></template>`, '<template> cannot hold a hole'],
  ['text in a <template>', html`<template><title>${x}</title></template>`, '<template> cannot hold a hole'],
  ['the content of a <template>', html`<template>${x}</template>`, '<template> cannot hold a hole'],
  [
    'a <template> in it',
    html`<div><template><template><b>${x}</b></template></template></div>`,
    '<template> cannot hold',
  ],
  ['a shadow root', html`<x-a><template shadowrootmode="open"><p>${x}</p></template></x-a>`, '<template> cannot hold'],
  ['a <noscript>', html`<noscript>${x}</noscript>`, '<noscript> cannot hold a hole'],
  ['an attribute in a <noscript>', html`<noscript><img src=${x}></noscript>`, '<noscript> cannot hold a hole'],
  ['an <iframe>', html`<iframe>${x}</iframe>`, '<iframe> cannot hold a hole'],
  ['an <xmp>', html`<xmp>${x}</xmp>`, '<xmp> cannot hold a hole'],
  ['a <noembed>', html`<noembed>${x}</noembed>`, '<noembed> cannot hold a hole'],
  ['a <noframes>', html`<noframes>${x}</noframes>`, '<noframes> cannot hold a hole'],
  ['a <plaintext>', html`<plaintext>${x}</plaintext>`, 'a browser'],
  ['a comment', html`<!-- ${x} -->`, 'a comment cannot hold a hole'],
  ['a tag name', html`<p${x}></p>`, 'a tag name cannot hold a hole'],
  ['a whole tag name', html`<${x}></${x}>`, 'a tag name cannot hold a hole'],
  ['attributes', html`<p ${x}></p>`, 'a hole cannot stand for attributes: write name=${}, or ...=${}'],
  ['an attribute name', html`<p data-${x}="a"></p>`, 'an attribute name cannot hold a hole'],
  ['an attribute twice', html`<p class=${x} CLASS=${x}></p>`, 'the attribute CLASS stands here twice'],
  ['objects twice', html`<p ...=${{}} ...=${{}}></p>`, 'the attribute ... stands here twice'],
  ['objects beside text', html`<p ...="a ${{}}"></p>`, '... needs one hole as its value'],
  ['objects without a hole', html`<p ...="a"></p>`, '... needs one hole as its value'],
  ['an object for a <script>', html`<script ...=${{}}></script>`, '<script> cannot have ...'],
  ['CDATA', html`<svg><![CDATA[${x}]]></svg>`, 'start nothing that a template can hold'],
  ['an instruction', html`<?xml ${x}?>`, 'start nothing that a template can hold'],
  ['<image>', html`<image title=${x}>${x}</image>`, 'a browser'],
  ['a <frameset>', html`<frameset>${x}</frameset>`, 'a browser'],
  ['a <script> in SVG', html`<svg><script>${x}</script></svg>`, '<script> cannot hold a hole'],
  ['a <script> in SVG, deeper', html`<svg><script><g>${x}</g></script></svg>`, '<script> cannot hold a hole'],
  ['an attribute of the document', html`<body class=${x}></body>`, 'a browser'],
  ['a field in a choice', html`<select><input value=${x}></select>`, 'a browser closes <select> before this <input>'],
  ['an item of an open item', html`<ul><li><p><li>${x}</li></p></li></ul>`, 'a browser closes'],
  ['a form in a table', html`<table><form>${x}</form></table>`, 'a browser'],
  ['text in a table', html`<table> a ${x}</table>`, 'a browser'],
];

/** The holes, or the words of the refusal. */
function outcome(by: Compile, { strings, namespace }: Template): unknown {
  try {
    return by(strings, namespace).holes.map(({ kind, name, path }) => [kind, name, ...path]);
  } catch (error) {
    return (error as Error).message;
  }
}

describe.each(positions)('a hole in %s', (_, template, problem) => {
  test(problem ? 'is refused' : 'may stand there', () => {
    const ofServer = outcome(server.compile, template);
    if (problem) expect(ofServer).toContain(`${problem}`);
    else expect(ofServer).toBeInstanceOf(Array);
    expect(outcome(browser.compile, template)).toEqual(ofServer);

    const ofProduction = outcome(compile, template);
    if (!problem) expect(ofProduction).toEqual(ofServer);
    // it knows less of what is wrong, and says no more than that, or reads it as the browser does
    else if (!Array.isArray(ofProduction)) expect(ofProduction).toMatch(/^ISLET_ERR_TEMPLATE: /);
  });
});

test('no hole gets lost where the browser alone compiles', () => {
  for (const [, template] of positions) {
    const holes = outcome(compile, template);
    if (!Array.isArray(holes)) continue;
    const definition = compile(template.strings, template.namespace) as BrowserDefinition;
    for (const { path } of definition.holes) {
      const node = path.reduce<Node | undefined>((at, index) => at?.childNodes[index], definition.content);
      expect(node).toBeInstanceOf(Node);
    }
  }
});
